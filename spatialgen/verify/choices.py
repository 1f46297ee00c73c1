"""Options that somebody wrote: may two of them be right?"""

import re
import unicodedata
from itertools import combinations

from spatialgen.labels import canonical, confusable, plural
from spatialgen.verify.draft import Check, Draft
from spatialgen.verify.options import GAP, smallest_gap

_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

# Words that change nothing in what an option says.
_IDLE = frozenset(
    ("a", "an", "the", "about", "approximately", "around", "to", "it", "its", "is", "on", "of")
)

# Words that mean the same where sides are the options.
_SAME = {"yeah": "yes", "true": "yes", "false": "no", "behind": "back", "rear": "back"}

# Options about the other options.
_ABOUT_OTHERS = re.compile(
    r"\b(?:(?:none|all|both|neither|any|some) of|the same|both|neither|equal|unknown|not sure)\b"
)

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

# A letter before an option, as those get that are asked.
_OWN_LETTER = re.compile(r"\(?[A-Ja-j][.):] ?\w")


def check_choices(draft: Draft) -> Check:
    """Check that no two options of a question say the same; reason ``bad_options``.

    They may differ in case, articles and number words, be one category by two names, or be
    numbers nearer to each other than `GAP`; and none may speak of the others. Letters of
    their own would contradict those that options get, and what is written in two alphabets
    may look the same.
    """
    if draft.choices and all(map(_OWN_LETTER.match, draft.choices)):
        return _bad("options get their letters later; write them without")
    if _mixes_alphabets("".join(draft.choices)):
        return _bad("the options are written in several alphabets")
    said = [_plain(text) for text in draft.choices]
    for text in draft.choices:
        if _ABOUT_OTHERS.search(text.casefold()):
            return _bad(f"{text!r} speaks of other options, or of none")
    for i, j in combinations(range(len(said)), 2):
        if _mean_the_same(said[i], said[j]):
            return _bad(f"{draft.choices[i]!r} and {draft.choices[j]!r} may both be right")
    numbers = [_NUMBER.findall(text) for text in said]
    around = {_NUMBER.sub("", text) for text in said}
    if len(around) == 1 and all(len(found) == 1 for found in numbers):
        gap = smallest_gap([float(found[0]) for found in numbers])
        if gap < GAP - 1e-9:
            return _bad(f"two options differ by {gap:.0%} only, {GAP:.0%} are needed")
    return Check("choices", figures={"options": len(said)} if said else {})


def _plain(text: str) -> str:
    words = re.findall(r"[\w.²-]+", unicodedata.normalize("NFKC", text).casefold())
    kept = [word.strip(".-") if not _NUMBER.fullmatch(word) else word for word in words]
    kept = [_SAME.get(word, word) for word in kept if word and word not in _IDLE]
    return " ".join(
        str(_NUMBER_WORDS.index(word)) if word in _NUMBER_WORDS else word for word in kept
    )


def _mixes_alphabets(text: str) -> bool:
    names = [unicodedata.name(char, "") for char in unicodedata.normalize("NFKC", text)]
    letters = [name.startswith("LATIN") for name in names if " LETTER " in name]
    return any(letters) and not all(letters)


def _mean_the_same(a: str, b: str) -> bool:
    one, other = canonical(a), canonical(b)
    return a == b or one == other or plural(one) == plural(other) or confusable(one, other)


def _bad(detail: str) -> Check:
    return Check("choices", "bad_options", detail)
