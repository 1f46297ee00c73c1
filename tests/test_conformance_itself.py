"""The conformance checks find what they are there to find."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spatialgen.families import camera_object_distance as about_frames
from spatialgen.families import object_size_estimation as sound
from spatialgen.family import Family
from spatialgen.graph.build import SceneGraph
from spatialgen.records import Box, Scene
from spatialgen.scan import Scan
from spatialgen.scenes import vsi_meta
from spatialgen.verify.draft import Draft, Margin
from tests.conformance import Workshop, check_family, check_format, check_frames, workshop
from tests.filmed_rooms import filmed
from tests.scenes_by_hand import SIGHTING


@pytest.fixture(scope="module")
def shop() -> Iterator[Workshop]:
    with workshop() as ready:
        yield ready


def program(body: str) -> str:
    return f"def answer(scene: Scene) -> float:\n    return {body}\n"


def changed(change: Callable[[Draft], Draft]) -> Family:
    """Return a sound family with a fault put into each of its drafts."""

    def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
        return map(change, sound.ask(graph, rng))

    return Family(sound.FAMILY.name, "with a fault", ask)


def along_x(draft: Draft) -> Draft:
    (label,) = draft.unique
    body = f"round(abs(scene.one({label!r}).center[0]) * 100)"
    return replace(
        draft,
        program=program(body),
        decimals=0,
        unit="centimeters",
        question=f"The {label}, in centimeters?",
        derive=lambda graph: 100 * abs(graph.only(label).box.center[0]),
    )


def unrounded(draft: Draft) -> Draft:
    (label,) = draft.unique
    return replace(
        draft,
        program=program(f"scene.one({label!r}).longest"),
        unit="meters",
        decimals=2,
        question=f"The {label}, in meters?",
        derive=lambda graph: max(graph.only(label).box.size),
    )


CALLS = count()

FAULTS: list[tuple[str, Callable[[Draft], Draft], str]] = [
    ("chance", lambda d: replace(d, question=f"{next(CALLS)}?"), "gives other drafts"),
    ("brace", lambda d: replace(d, question=f"How long is the {{label}} {d.unique}?"), "label"),
    ("lower case", lambda d: replace(d, question=d.question.lower()), "without a capital"),
    ("no unit", lambda d: replace(d, unit="bananas"), "unit is not told"),
    ("no name", lambda d: replace(d, question=f"How long, in {d.unit}?"), "is not named"),
    ("a stranger", lambda d: replace(d, mentions=("unicorn",)), "no 'unicorn'"),
    ("other type", lambda d: replace(d, question_type="other"), "called other"),
    ("one program", lambda d: replace(d, program=program("1.0")), "asked twice"),
    ("bad program", lambda d: replace(d, program=d.program.replace(".one(", ".uno(")), "uno"),
    ("wrong", lambda d: replace(d, derive=lambda graph: 1e6), "second_derivation"),
    ("no derivation", lambda d: replace(d, derive=None), "no second derivation"),
    ("never accepted", lambda d: replace(d, margins=(Margin("m", 0, 1),)), "was accepted"),
    ("hangs on the axes", along_x, "by turning"),
    ("too many decimals", unrounded, "more decimals than are printed"),
]


@pytest.mark.parametrize(("change", "told"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_faulty_family_is_found(
    change: Callable[[Draft], Draft], told: str, shop: Workshop
) -> None:
    with pytest.raises(AssertionError, match=told):
        check_family(changed(change), shop)


def of_frames(change: Callable[[Draft], Draft]) -> Family:
    """Return a sound family about frames with a fault put into each of its drafts."""

    def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
        return map(change, about_frames.ask(graph, rng))

    return Family(about_frames.FAMILY.name, "with a fault", ask)


FRAME_FAULTS: list[tuple[str, Callable[[Draft], Draft], str]] = [
    ("no such frame", lambda d: replace(d, frames=(7,)), r"there is no frame \{7\}"),
    ("another frame", lambda d: replace(d, frames=(*(d.frames or ()), 930)), "does not name"),
    (
        "no time",
        lambda d: replace(d, question=re.sub(r" at [\d.]+ s", "", d.question)),
        "does not name",
    ),
]


@pytest.mark.parametrize(
    ("change", "told"), [f[1:] for f in FRAME_FAULTS], ids=[f[0] for f in FRAME_FAULTS]
)
def test_a_family_that_is_wrong_about_frames_is_found(
    change: Callable[[Draft], Draft], told: str, shop: Workshop
) -> None:
    with pytest.raises(AssertionError, match=told):
        check_family(of_frames(change), shop)


def test_a_family_that_asks_about_frames_without_a_video_is_found(shop: Workshop) -> None:
    def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
        drafts = sound.ask(graph, rng)
        return drafts if graph.scene.frames else (replace(d, frames=(0,)) for d in drafts)

    with pytest.raises(AssertionError, match="about a frame, where there is none"):
        check_family(Family(sound.FAMILY.name, "with a fault", ask), shop)


def test_a_family_that_asks_otherwise_by_turning_is_found(shop: Workshop) -> None:
    def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
        drafts = list(sound.ask(graph, rng))
        return iter(drafts if graph.scene.objects[0].box.center[0] > 5 else drafts[:-1])

    with pytest.raises(AssertionError, match="asks otherwise by turning"):
        check_family(Family(sound.FAMILY.name, "with a fault", ask), shop)


def test_a_family_that_calls_two_things_the_thing_is_found(shop: Workshop) -> None:
    def ask(graph: SceneGraph, rng: np.random.Generator) -> Iterator[Draft]:
        label = max(graph.scene.counts, key=lambda name: graph.scene.counts[name])
        text = f"How many legs has the {label}?"
        yield Draft("legs", text, program("4.0"), "number", mentions=(label,))

    with pytest.raises(AssertionError, match="of them"):
        check_family(Family("legs", "made for this test", ask), shop)


META = {
    "room 1": {
        "dataset": "made",
        "room_size": 12.5,
        "object_counts": {"chair": 2},
        "object_bbox": {
            "chair": [
                {
                    "centroid": [x, 0, 0.5],
                    "axesLengths": [0.5, 0.5, 1],
                    "normalizedAxes": [1, 0, 0, 0, 1, 0, 0, 0, 1],
                }
                for x in (0, 2)
            ]
        },
    }
}


def with_box(scene: Scene, **changes: Any) -> Scene:
    first, *others = scene.objects
    fields = {"center": first.box.center, "size": first.box.size, "axes": first.box.axes}
    return replace(scene, objects=(replace(first, box=Box(**{**fields, **changes})), *others))


def with_count(scene: Scene, count: Any) -> Scene:
    return replace(scene, counts={"chair": count})


SCENE_FAULTS: list[tuple[str, Callable[[Scene], Scene], str]] = [
    ("one id", lambda s: replace(s, objects=s.objects[:1] * 2), "ids used twice"),
    ("label", lambda s: replace(s, counts={**s.counts, "Trash_Can": 1}), "is not how"),
    ("no count", lambda s: replace(s, counts={}), "nobody counted"),
    ("silent count", lambda s: replace(s, counts={"chair": 3}), "no note says so"),
    ("float count", lambda s: with_count(s, 2.0), "whole number"),
    ("empty", lambda s: replace(s, objects=()), "without objects"),
    ("flat", lambda s: with_box(s, size=(0.5, 0.0, 1.0)), "no volume"),
    ("millimetres", lambda s: with_box(s, size=(5e4, 5e4, 1e5)), "metres"),
    ("nan", lambda s: with_box(s, center=(float("inf"), 0.0, 0.0)), "inf"),
    ("mirrored", lambda s: with_box(s, axes=((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))),
     "left-handed"),
    ("skewed", lambda s: with_box(s, axes=((1.0, 0.0, 0.0), (0.1, 1.0, 0.0), (0.0, 0.0, 1.0))),
     "right angles"),
    ("other name", lambda s: replace(s, name="another"), "another name"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"), [f[1:] for f in SCENE_FAULTS], ids=[f[0] for f in SCENE_FAULTS]
)
def test_a_faulty_scene_is_found(
    change: Callable[[Scene], Scene], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "meta.json"
    path.write_text(json.dumps(META))
    faulty = replace(
        vsi_meta.FORMAT, load=lambda ref: Scan(change(vsi_meta.FORMAT.load(ref).scene))
    )
    with pytest.raises(AssertionError, match=told):
        check_format(faulty, path)
    check_format(vsi_meta.FORMAT, path)


def with_frame(scene: Scene, **changes: Any) -> Scene:
    first, *others = scene.frames
    return replace(scene, frames=(replace(first, **changes), *others))


def with_sighting(scene: Scene, **changes: Any) -> Scene:
    seen = dict(scene.frames[0].seen)
    id = min(seen)
    return with_frame(scene, seen={**seen, id: replace(seen[id], **changes)})


MIRRORED = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, -1.0, 0.0))
STRETCHED = ((2.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))

VIDEO_FAULTS: list[tuple[str, Callable[[Scene], Scene], str]] = [
    ("times", lambda s: with_frame(s, time_s=1e3), "order of time"),
    ("indices", lambda s: with_frame(s, index=1000), "order of their indices"),
    ("an index twice", lambda s: with_frame(s, index=30), "order of their indices"),
    ("stranger", lambda s: with_frame(s, seen={"x": SIGHTING}), "a frame shows strangers"),
    ("first stranger", lambda s: replace(s, first_seen={"x": 0.0}), "strangers are seen"),
    ("mirrored", lambda s: with_frame(s, pose=MIRRORED), "left-handed"),
    ("stretched", lambda s: with_frame(s, pose=STRETCHED), "no rotation"),
    ("nan", lambda s: with_frame(s, pose=((float("nan"),) * 4,) * 3), "not finite"),
    ("outside", lambda s: with_sighting(s, box_px=(0.0, 0.0, 700.0, 9.0)), "of 640 pixels"),
    ("inside out", lambda s: with_sighting(s, box_px=(9.0, 0.0, 7.0, 9.0)), "of 640 pixels"),
    ("all and more", lambda s: with_sighting(s, fraction=1.1), "is visible"),
    ("no pixel", lambda s: with_sighting(s, pixels=0), "0 pixels"),
]


@pytest.mark.parametrize(
    ("change", "told"), [f[1:] for f in VIDEO_FAULTS], ids=[f[0] for f in VIDEO_FAULTS]
)
def test_a_faulty_video_is_found(change: Callable[[Scene], Scene], told: str) -> None:
    check_frames(filmed(17, 0))
    with pytest.raises(AssertionError, match=told):
        check_frames(change(filmed(17, 0)))


def test_a_format_that_changes_its_mind_is_found(tmp_path: Path) -> None:
    path = tmp_path / "meta.json"
    path.write_text(json.dumps(META))
    calls = count()

    def load(ref: Any) -> Scan:
        return Scan(replace(vsi_meta.FORMAT.load(ref).scene, space=f"space {next(calls)}"))

    with pytest.raises(AssertionError, match="loading twice"):
        check_format(replace(vsi_meta.FORMAT, load=load), path)
    with pytest.raises(AssertionError, match="recognise"):
        check_format(replace(vsi_meta.FORMAT, recognises=lambda path: False), path)
    with pytest.raises(AssertionError, match="Python file"):
        check_format(replace(vsi_meta.FORMAT, recognises=lambda path: True), path)
