"""How much of what a round asks of a model's server got no reply.

A request for questions stands for as many as a reply holds, so requests are compared with
requests, kind by kind: what is lost is lost for good once a round is trained on.
"""

from collections.abc import Mapping

#: What share of a kind's requests may be lost.
TOO_MUCH = 0.2

#: Kinds of requests: the outcome of a lost one, and the counts of those that were made.
_KINDS = {
    "questions": ("no_reply", ("question_replies", "repair_replies")),
    "reviews": ("no_review", ("reviews",)),
    # Of the guesses about one question the first that is lost counts, and no other.
    "guesses": ("no_blind_reply", ("blind_guesses",)),
}


def too_much(refused: Mapping[str, int], attempts: Mapping[str, int]) -> list[str]:
    """Return what to tell of each kind of requests of which too many were lost.

    ``refused`` counts outcomes, ``attempts`` what was asked, see `spatialgen.asking.talk`.
    """
    found = []
    for kind, (outcome, made) in _KINDS.items():
        lost, asked = refused.get(outcome, 0), sum(attempts.get(name, 0) for name in made)
        if lost > TOO_MUCH * asked:
            found.append(f"{lost} of {asked} requests for {kind}")
    return found
