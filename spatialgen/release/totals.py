"""What the parts of a release have together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce

from spatialgen.tables.record import Part, Release, Source, Type


def in_order(release: Release) -> list[tuple[str, Part]]:
    """Return the parts, round by round."""
    return sorted(release.parts.items(), key=lambda item: (item[1].round, item[0]))


def types(release: Release) -> dict[str, Type]:
    """Return the types by name; quantiles of all parts are not known, only the range."""
    names = {name for part in release.parts.values() for name in part.types}
    return {
        name: reduce(
            _both, (part.types[name] for part in release.parts.values() if name in part.types)
        )
        for name in names
    }


def _both(one: Type, other: Type) -> Type:
    return Type(
        accepted=one.accepted + other.accepted,
        rejected=one.rejected + other.rejected,
        letters=dict(sorted((Counter(one.letters) + Counter(other.letters)).items())),
        answers={
            unit: _ranges([each.answers[unit] for each in (one, other) if unit in each.answers])
            for unit in sorted({*one.answers, *other.answers})
        },
        most_frequent=dict(
            (Counter(one.most_frequent) + Counter(other.most_frequent)).most_common()
        ),
    )


def _ranges(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    told = [each for each in found if each]
    if not told:
        return {}
    return {"min": min(each["min"] for each in told), "max": max(each["max"] for each in told)}


def sources(release: Release) -> dict[str, Source]:
    """Return the sources by name; a scene that several parts hold is counted in each."""
    found: dict[str, Source] = {}
    for _, part in in_order(release):
        for name, each in part.sources.items():
            before = found.get(name)
            if before is not None:
                scenes, questions = each.scenes + before.scenes, each.questions + before.questions
                each = each.model_copy(update={"scenes": scenes, "questions": questions})
            found[name] = each
    return dict(sorted(found.items()))
