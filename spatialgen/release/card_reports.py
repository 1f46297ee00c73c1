"""What a card tells of the audit: shared with benchmarks, answerable without looking."""

from collections.abc import Mapping
from typing import Any

from spatialgen.release.markdown import cell, row, term
from spatialgen.release.totals import in_order
from spatialgen.tables.record import Overlap, Release, Shortcut

# Of a contamination report, what is told.
_SHARED = (
    *("questions_in_shared_spaces", "questions_with_same_text_and_answer"),
    "scenes_excluded",
)


def contamination(release: Release) -> str:
    """Return what each part shares with benchmarks."""
    lines = []
    for name, part in in_order(release):
        found = part.contamination
        lines += [f"- `{name}`, against {_overlap(each)}" for each in part.overlaps]
        against = found.get("checked_against")
        if not isinstance(against, Mapping) or not against:
            if not part.overlaps:
                lines.append(f"- `{name}`: not checked against any benchmark.")
            continue
        names = ", ".join(cell(each) for each in sorted(against))
        spaces, same, excluded = (_figure(found, key) for key in _SHARED)
        lines.append(
            f"- `{name}`, when made, against {names}: {spaces} questions in physical spaces that "
            f"these ask about, {same} with the same text and answer; {excluded} scenes were left "
            "out for it."
        )
    return "\n".join(lines)


def _overlap(found: Overlap) -> str:
    texts = ""
    if found.same is not None and found.near is not None:
        texts = (
            f", {found.same:,} with the same text and answer, {found.near:,} with nearly the same"
        )
    spaces = f"{found.in_shared_spaces:,} questions in physical spaces that it uses"
    return f"{cell(found.name)} (SHA-256 {found.sha256[:12]}): {spaces}{texts}."


def _figure(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return f"{value:,}" if isinstance(value, int) else "unknown"


def shortcuts(release: Release) -> str:
    """Return how far each part can be answered by who sees nothing."""
    lines = []
    for name, part in in_order(release):
        if part.shortcuts is None:
            lines.append(f"`{name}` was not audited.\n")
            continue
        lines.append(f"`{name}`: the best guess of who sees neither frames nor scene, by type.\n")
        lines.append(
            "| type | questions | guess | score | without it | shortcut | sure and right |"
        )
        lines.append("|---|---|---|---|---|---|---|")
        lines += [_shortcut(each, found) for each, found in sorted(part.shortcuts.items())]
        lines.append("")
    return "\n".join(lines).rstrip()


def _shortcut(name: str, found: Shortcut) -> str:
    figures = ("-" if each is None else f"{each:.1%}" for each in (found.score, found.base))
    told = "yes" if found.shortcut else "no"
    guess = "one place only" if found.guess is None else cell(found.guess)
    return row(term(name), f"{found.questions:,}", guess, *figures, told, f"{found.flagged:,}")
