"""What a person sees of scenes and datasets."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from spatialgen.dataset.files import QUESTIONS, read_rows

#: Questions shown after a run, each of another type.
SHOWN = 5

#: Answers shown of a type.
FREQUENT = 3

#: Characters shown of a setting.
MOST_TEXT = 60


def show_run(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Print the counts of a finished run and a few of its questions."""
    screen = _Screen()
    counts = manifest["counts"]
    by_type = [(name, str(count)) for name, count in counts["by_type"].items()]
    screen.table(("question type", "accepted"), by_type, numeric=(1,))
    screen.counter("drafts rejected", counts["by_reason"])
    screen.counter("scenes rejected", counts["scenes_rejected"])
    screen.counter("warnings about scenes", counts["scene_notes"])
    screen.counter("asked of the model", counts.get("attempts", {}))
    _show_questions(screen, folder)
    screen.line()
    screen.line(
        f"{_number(counts['accepted'], 'question')} about "
        f"{_number(counts['scenes_with_questions'], 'scene')} "
        f"({_number(counts['rejected'], 'draft')} rejected) in {folder}"
    )


def _show_questions(screen: "_Screen", folder: Path) -> None:
    # One of a type, and not all from the first scene: scenes take turns.
    types: set[str] = set()
    scenes: set[str] = set()
    for row in read_rows(folder, QUESTIONS):
        if len(types) == SHOWN:
            break
        if row["question_type"] in types or row["scene_name"] in scenes:
            continue
        types.add(row["question_type"])
        scenes.add(row["scene_name"])
        screen.line()
        screen.line(f"{row['scene_name']}: {row['question']}")
        if row["options"]:
            screen.line(f"  {'   '.join(row['options'])}")
        screen.line(f"  answer: {row['ground_truth']}")


def show_stats(counted: Mapping[str, Any]) -> None:
    """Print what `spatialgen.dataset.stats.stats` counted."""
    screen = _Screen()
    if not counted["complete"]:
        screen.line("unfinished: the command that began it goes on with it")
        screen.line()
    rows = [
        (name, str(kind["accepted"]), str(kind["rejected"]), _letters(kind), _answers(kind))
        for name, kind in counted["types"].items()
    ]
    screen.table(("question type", "accepted", "rejected", "letters", "answers"), rows, (1, 2))
    screen.counter("drafts rejected", counted["reasons"])
    screen.counter("scenes rejected", counted["scenes"]["rejected"])
    each = counted["scenes"]["questions_each"]
    if each:
        screen.line()
        screen.line(
            f"{_number(counted['accepted'], 'question')} about "
            f"{_number(counted['scenes']['with_questions'], 'scene')}: "
            f"{each['min']:g} to {each['max']:g} a scene, median {each['median']:g}"
        )


def _letters(kind: Mapping[str, Any]) -> str:
    return " ".join(f"{letter}:{count}" for letter, count in kind.get("letters", {}).items())


def _answers(kind: Mapping[str, Any]) -> str:
    if "answers" in kind:
        return "; ".join(_range(unit, numbers) for unit, numbers in kind["answers"].items())
    frequent = list(kind.get("most_frequent", {}).items())[:FREQUENT]
    return "; ".join(f"{text} {count}" for text, count in frequent)


def _range(unit: str, numbers: Mapping[str, float]) -> str:
    between = f"{numbers['min']:g} to {numbers['max']:g} {unit}".rstrip()
    return f"{between}, median {numbers['median']:g}"


def show_changes(found: Mapping[str, Any]) -> None:
    """Print what `spatialgen.release.compare.compare` found."""
    screen = _Screen()
    kinds = ("same", "added", "removed", "changed")
    rows = [
        (name, *(str(counts.get(kind, 0)) for kind in kinds))
        for name, counts in found["families"].items()
        if set(counts) != {"same"}
    ]
    screen.table(("question type", *kinds), rows, range(1, 5))
    for what in ("questions", "scenes"):
        screen.counter(f"fields of {what} that changed", found[what]["changed_fields"])
    for kind in kinds[1:]:
        named = found["scenes"][kind]
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        if named:
            screen.line()
            screen.line(f"scenes {kind}: {', '.join(named[:SHOWN])}{more}")
    if found["settings"]:
        screen.line()
    for name, (before, after) in found["settings"].items():
        screen.line(f"{name}: {_shortened(before)} -> {_shortened(after)}")
    screen.line()
    told = ", ".join(f"{found['questions'][kind]} {kind}" for kind in kinds)
    screen.line(f"questions: {told}")


def _shortened(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 3]}..."


def show_scene(report: Mapping[str, Any]) -> None:
    """Print what `spatialgen.inspection.inspect` returned."""
    screen = _Screen()
    if "scenes" in report:
        _show_list(screen, report)
        return
    area = report["room"]["area"]
    floor = "unknown" if area is None else f"{area:.1f} m2"
    things = _number(len(report["objects"]), "object")
    screen.line(f"{report['dataset']}/{report['scene_name']}: {things}, floor {floor}")
    if report["video"] is not None:
        screen.line(_video(report))
    filmed = bool(report["frames"])
    headings = ["object", "x (m)", "y (m)", "z (m)", "longest side (m)", "height (m)"]
    if filmed:
        headings += ["first seen (s)", "in frames"]
    rows = [(each["id"], *_measures(each), *_sightings(each, filmed)) for each in _order(report)]
    screen.table(headings, rows, numeric=range(1, len(headings)))
    for note in report["notes"]:
        screen.line(f"warning {note['code']}: {note['detail']}")
    for lack in report["not_askable"]:
        screen.line(f"can't be asked: {lack}")


def _video(report: Mapping[str, Any]) -> str:
    video = report["video"]
    parts = [_number(video["frames"], "frame"), f"{video['usable_poses']} with a usable pose"]
    if video["size"] is not None:
        lens = " fisheye" if video["fisheye"] else ""
        parts.append("{}x{}{}".format(*video["size"], lens))
    if video["first_s"] is not None:
        parts.append(f"{video['first_s']:.1f} to {video['last_s']:.1f} s")
    for kind in ("pictures", "depth"):
        if not video[kind]:
            parts.append(f"no {kind}")
    parts.append(f"{report['seen']} of {_number(len(report['objects']), 'object')} seen")
    return f"video: {', '.join(parts)}; {report['frames']} taken"


def _order(report: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    # As they come into view; those that never do last, in the file's order.
    return sorted(report["objects"], key=lambda thing: _never_last(thing["first_seen_s"]))


def _never_last(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds


def _measures(thing: Mapping[str, Any]) -> tuple[str, ...]:
    values = (*thing["center"], thing["longest_side"], thing["height"])
    return tuple(f"{value:.2f}" for value in values)


def _sightings(thing: Mapping[str, Any], filmed: bool) -> tuple[str, ...]:
    if not filmed:
        return ()
    seconds = thing["first_seen_s"]
    return ("never" if seconds is None else f"{seconds:.1f}", str(thing["frames_seen"]))


def _show_list(screen: "_Screen", report: Mapping[str, Any]) -> None:
    usable = [entry for entry in report["scenes"] if "rejected" not in entry]
    rows = [
        (
            f"{entry['dataset']}/{entry['scene_name']}",
            str(entry["objects"]),
            "unknown" if entry["room_area"] is None else f"{entry['room_area']:.1f}",
            str(entry["frames"]),
            str(entry["notes"]),
        )
        for entry in usable
    ]
    headings = ("scene", "objects", "floor (m2)", "frames", "warnings")
    screen.table(headings, rows, numeric=range(1, 5))
    for entry in report["scenes"]:
        if "rejected" in entry:
            place = f"{entry['dataset']}/{entry['scene_name']}"
            screen.line(f"{place}: rejected, {entry['rejected']}: {entry['detail']}")
    for name in report["skipped"]:
        screen.line(f"{name}: no scene, skipped")
    screen.line(f"{_number(len(usable), 'scene')}; --name NAME shows one")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class _Screen:
    """Prints text as it is: nothing in a label is taken for markup or an emoji's name.

    A line is cut to the width of a terminal; elsewhere it is left whole.
    """

    def __init__(self) -> None:
        self._console = Console(markup=False, emoji=False, highlight=False)

    def line(self, text: str = "") -> None:
        self._console.print(text, soft_wrap=True)

    def counter(self, title: str, counts: Mapping[str, int]) -> None:
        if counts:
            ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            self.line()
            self.line(f"{title}: {', '.join(f'{name} {count}' for name, count in ranked)}")

    def table(
        self, headings: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[int]
    ) -> None:
        lines = [headings, *rows]
        if len(lines) == 1:
            return
        widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
        for cells in lines:
            padded = [self._padded(cell, widths[i], i in numeric) for i, cell in enumerate(cells)]
            text = "  ".join(padded).rstrip()
            if self._console.is_terminal:
                self._console.print(text, no_wrap=True, overflow="ellipsis")
            else:
                self.line(text)

    @staticmethod
    def _padded(text: str, width: int, numeric: bool) -> str:
        space = " " * (width - cell_len(text))
        return space + text if numeric else text + space
