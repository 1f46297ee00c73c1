"""Figures about answers, the prior, and grey pictures."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Picture

from evalkit.errors import EvalkitError
from evalkit.prompt import Image, Prompt, Text, Video
from recipes.asking import answer_of, choices_of, options_of
from recipes.evaluate import figures, greyed, prior


def answered(family: str, scene: str, free: float, argmax: float | None) -> dict[str, Any]:
    said = {"free": free, "argmax": argmax, "chance": 0.5, "no_answer": None}
    return {"family": family, "scene": scene, **said}


def test_accuracies_are_by_family_and_the_mean_of_families() -> None:
    rows = [answered("a", f"s{i % 4}", i % 2, 1.0) for i in range(8)]
    rows += [answered("b", "s0", 1.0, None)]
    found = figures([*rows[:-1], {**rows[-1], "no_answer": "busy"}])
    assert (found["n"], found["no_answer"]) == (9, 1)
    assert found["families"]["a"]["free"] == 0.5
    assert found["families"]["a"]["argmax"] == 1.0
    assert found["families"]["b"]["argmax"] is None
    assert found["families"]["b"]["low"] is None  # one scene gives no interval
    assert found["overall"]["free"] == 0.75
    assert found["families"]["a"]["low"] <= 0.5 <= found["families"]["a"]["high"]


def row(kind: str, options: list[str] | None, truth: str) -> dict[str, Any]:
    return {"question_type": kind, "options": options, "ground_truth": truth}


BED = row("which", ["A. bed", "B. lamp"], "A")


@pytest.mark.parametrize(
    ("asked", "answers", "right", "choices"),
    [
        pytest.param(BED, "letter", "A", ("A", "B"), id="letter"),
        pytest.param(BED, "text", "bed", ("bed", "lamp"), id="text"),
        pytest.param(row("count", None, "3"), "letter", "3", (), id="number"),
        pytest.param(row("count", None, "3"), "text", "3", (), id="number as text"),
    ],
)
def test_answers(asked: dict[str, Any], answers: Any, right: str, choices: tuple[str]) -> None:
    assert answer_of(asked, answers) == right
    assert choices_of(asked, answers) == choices


def test_the_prior_is_the_most_frequent_text_that_is_offered() -> None:
    trained = [BED, BED, row("which", ["A. sofa", "B. lamp"], "A"), row("count", None, "2")]
    asked = [
        row("which", ["A. lamp", "B. bed"], "B"),
        row("which", ["A. lamp", "B. sofa"], "A"),
        row("count", None, "2"),
        row("count", None, "4"),
        row("never trained", ["A. x", "B. y"], "B"),
    ]
    found = prior(asked, trained)
    # Two for four is off by half: at most the widest of ten tolerances takes it.
    assert found["count"] == pytest.approx(0.5, abs=0.06)
    assert (found["never trained"], found["which"]) == (0.0, 0.5)
    exact = prior(asked, trained, exact=True)
    assert exact == {**found, "count": 0.5}
    near = [row("count", None, "100")]
    assert prior(near, [row("count", None, "99")])["count"] > 0.8
    assert prior(near, [row("count", None, "99")], exact=True)["count"] == 0.0
    assert options_of(asked[0]) == ("lamp", "bed")


def test_grey_pictures_keep_size_and_times(tmp_path: Path) -> None:
    paths = []
    for i, size in enumerate([(40, 30), (40, 30), (16, 16)]):
        paths.append(tmp_path / f"{i}.png")
        Picture.new("RGB", size, (200, 10, 10)).save(paths[-1])
    video = Video("v", tuple(paths[:2]), (3, 9), 2.0, 10)
    prompt = Prompt("q", (video, Text("What?"), Image("i", paths[2])), 16)
    found = greyed(prompt, tmp_path / "grey")
    moving, said, still = found.parts
    assert isinstance(moving, Video)
    assert isinstance(still, Image)
    assert said == Text("What?")
    assert (moving.indices, moving.fps) == ((3, 9), 2.0)
    for path, size in ((moving.frames[0], (40, 30)), (still.path, (16, 16))):
        with Picture.open(path) as picture:
            assert picture.size == size
            assert picture.getcolors() == [(size[0] * size[1], (128, 128, 128))]


def pictured(folder: Path) -> Prompt:
    path = folder / "seen.png"
    Picture.new("RGB", (40, 30), (200, 10, 10)).save(path)
    return Prompt("q", (Image("i", path),), 16)


def grey_file(prompt: Prompt, folder: Path) -> Path:
    (still,) = greyed(prompt, folder).parts
    assert isinstance(still, Image)
    return still.path


@pytest.mark.parametrize("left", [0, 60], ids=["empty", "cut"])
def test_a_torn_grey_picture_is_written_anew(tmp_path: Path, left: int) -> None:
    prompt = pictured(tmp_path)
    place = grey_file(prompt, tmp_path / "grey")
    whole = place.read_bytes()
    place.write_bytes(whole[:left])
    assert grey_file(prompt, tmp_path / "grey") == place
    assert place.read_bytes() == whole


def test_a_full_disk_leaves_no_part_of_a_grey_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    prompt = pictured(tmp_path)
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(EvalkitError, match="grey: the disk is full"):
        greyed(prompt, tmp_path / "grey")
    assert not list((tmp_path / "grey").iterdir())


def test_a_grey_picture_of_what_can_t_be_opened_is_refused(tmp_path: Path) -> None:
    prompt = pictured(tmp_path)
    (tmp_path / "seen.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"seen\.png: can't be read as an image"):
        greyed(prompt, tmp_path / "grey")
