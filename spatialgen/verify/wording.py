"""Does a wording that nobody made from a template ask what its program computes?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from spatialgen.graph.build import SceneGraph, build
from spatialgen.labels import canonical, is_ambiguous, plural
from spatialgen.programs.executor import Executor
from spatialgen.programs.results import same
from spatialgen.programs.world import world
from spatialgen.records import Scene, Value
from spatialgen.verify.answers import spoken
from spatialgen.verify.draft import Check, Draft
from spatialgen.verify.uses import Uses

#: Units that a number may have, and the words that name each.
UNITS: Mapping[str, tuple[str, ...]] = {
    "meters": ("meter", "meters", "metre", "metres", "m"),
    "centimeters": ("centimeter", "centimeters", "centimetre", "centimetres", "cm"),
    "feet": ("foot", "feet", "ft"),
    "inches": ("inch", "inches"),
    "square meters": ("square meter", "square meters", "square metres", "m2", "m²"),
    "degrees": ("degree", "degrees"),
    "seconds": ("second", "seconds", "s"),
}

# What a question says of the video and means no object by, where its program names none so.
_OF_THE_VIDEO = frozenset(("frame", "picture", "image", "video", "camera", "view", "scene"))

# "the chair nearest to the door" is one of several chairs.
_TOLD_APART = frozenset(
    (
        *("above", "behind", "below", "beside", "in", "near", "next", "on", "standing", "under"),
        *("that", "which", "whose", "with"),
    )
)
_DEFINITE = frozenset(("the", "this", "that"))
_SUPERLATIVE = re.compile(r"\w{3,}est|only|first|last|second|other")

_MOST_WORDS = 5
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NAMED_TIME = re.compile(r"\bat (?P<time>\d+(?:\.\d+)?) ?s\b")


@dataclass(frozen=True, slots=True)
class Named:
    """The categories that a text names, and those of them that it treats as one thing each."""

    labels: frozenset[str] = frozenset()
    single: frozenset[str] = frozenset()


def named_in(text: str, graph: SceneGraph) -> Named:
    """Return the scene's categories that stand in a text, in the singular or plural.

    The longest name counts: "coffee table" names no table. Plain synonyms count too.
    """
    known = {*graph.by_label, *graph.scene.counts}
    plurals = {plural(label): label for label in sorted(known)}
    words = re.findall(r"[\w'/&-]+", text.casefold())
    labels: set[str] = set()
    single: set[str] = set()
    i = 0
    while i < len(words):
        label, size, is_one = _name_at(words, i, known, plurals)
        if label is not None:
            labels.add(label)
            before, after = words[max(i - 1, 0) : i], words[i + size : i + size + 1]
            if is_one and _is_definite(before, after):
                single.add(label)
        i += size
    return Named(frozenset(labels), frozenset(single))


def _name_at(
    words: list[str], i: int, known: set[str], plurals: Mapping[str, str]
) -> tuple[str | None, int, bool]:
    for size in range(min(_MOST_WORDS, len(words) - i), 0, -1):
        text = " ".join(words[i : i + size])
        label = canonical(text)
        if label in known:
            return label, size, plural(label) != label
        if text in plurals:
            return plurals[text], size, False
    return None, 1, False


def _is_definite(before: list[str], after: list[str]) -> bool:
    return (
        bool(before)
        and before[0] in _DEFINITE
        and not (after and (after[0] in _TOLD_APART or _SUPERLATIVE.fullmatch(after[0])))
    )


def grounded(draft: Draft, graph: SceneGraph, uses: Uses) -> Draft:
    """Return a draft with the categories that it names: as one thing each, or as such.

    Of the names in the question those are left out that mean no object: the room's own
    parts, and what is said of the video, unless the program looks them up.
    """
    named = named_in(draft.question, graph)
    offered = named_in(" ; ".join(draft.choices), graph)
    labels = {label for label in named.labels if label in uses.labels or _is_thing(label)}
    unique = (named.single & labels) | uses.only
    mentions = (labels | (offered.labels & uses.labels)) - unique
    boxed = graph.by_label.keys()
    return replace(
        draft,
        unique=tuple(sorted(unique & boxed)),
        mentions=tuple(sorted(mentions & boxed)),
    )


def _is_thing(label: str) -> bool:
    return not is_ambiguous(label) and label not in _OF_THE_VIDEO


def check_wording(
    draft: Draft, graph: SceneGraph, uses: Uses, value: Value, executor: Executor
) -> Check:
    """Check that names, frames and unit of a question are those that its program works with.

    Reasons: ``unnamed_object`` (the program looks up what neither question nor options
    name), ``unused_name`` (the question names what the program neither looks up nor depends
    on: without it in the room the answer is the same), ``unlisted_frame`` (a frame that is
    named or asked for is not listed), ``unit_not_named``, ``answer_in_question`` (a measure
    stands in the question as it is printed).
    """
    named = named_in(draft.question, graph).labels
    offered = named_in(" ; ".join(draft.choices), graph).labels
    unnamed = sorted(uses.labels - named - offered - {text for text in draft.choices})
    if unnamed:
        detail = f"the program looks up {unnamed[0]!r}, which the question does not name"
        return Check("wording", "unnamed_object", detail)
    for label in sorted(label for label in named - uses.labels if _is_thing(label)):
        if _answers_without(label, draft, graph, value, executor):
            detail = f"the question names {label!r}, and the program does not look at it"
            return Check("wording", "unused_name", detail)
    why = _unlisted(draft, graph, uses)
    if why:
        return Check("wording", "unlisted_frame", why)
    if draft.unit is not None and not _names_unit(draft.question, draft.unit):
        return Check("wording", "unit_not_named", f"the question does not ask for {draft.unit}")
    if draft.unit is not None and _tells(draft, value):
        return Check("wording", "answer_in_question", "the answer stands in the question")
    return Check("wording", figures={"names": len(named), "looked_up": len(uses.labels)})


def _answers_without(
    label: str, draft: Draft, graph: SceneGraph, value: Value, executor: Executor
) -> bool:
    again = executor.run(draft.program, executor.stage(world(build(without(graph.scene, label)))))
    return again.ok and same(again.value, value)


def without(scene: Scene, label: str) -> Scene:
    """Return a scene from which everything of a category is gone."""
    gone = {thing.id for thing in scene.objects if thing.label == label}
    return replace(
        scene,
        objects=tuple(thing for thing in scene.objects if thing.id not in gone),
        counts={name: count for name, count in scene.counts.items() if name != label},
        frames=tuple(
            replace(frame, seen={id: each for id, each in frame.seen.items() if id not in gone})
            for frame in scene.frames
        ),
        first_seen={id: t for id, t in scene.first_seen.items() if id not in gone},
    )


def _unlisted(draft: Draft, graph: SceneGraph, uses: Uses) -> str | None:
    listed = set(draft.frames or ())
    for index in sorted(uses.frames - listed):
        return f"the program looks at frame {index}, which is not among the question's frames"
    times = {f"{frame.time_s:.1f}": frame.index for frame in reversed(graph.scene.frames)}
    for found in _NAMED_TIME.finditer(draft.question):
        named = times.get(f"{float(found['time']):.1f}")
        if named is None or named not in listed:
            return f"the question names a time, {found['time']} s, of none of its frames"
    return None


def _tells(draft: Draft, value: Value) -> bool:
    numbers = _NUMBER.findall(_NAMED_TIME.sub("", draft.question))
    return any(float(number) == float(spoken(draft, value)) for number in numbers)


def _names_unit(question: str, unit: str) -> bool:
    words = "|".join(re.escape(word) for word in UNITS[unit])
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", question, re.IGNORECASE) is not None
