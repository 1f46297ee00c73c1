"""Long work tells how far it is, how fast it goes, and what is left."""

import re

import pytest

from spatialgen import progress
from spatialgen.progress import Progress


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    said = capsys.readouterr()
    assert said.out == ""  # results alone go there
    return said.err.splitlines()


def test_lines_tell_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "EVERY_S", 0.0)
    with Progress("rooms") as running:
        running.begin(4, done=2)
        running.advance("7 questions,")
        running.advance()
    resumed, third, last = lines(capsys)
    assert resumed == "going on after 2 of 4 rooms"
    assert re.fullmatch(r"3 of 4 rooms, 7 questions, [\d.]+ rooms/s, \d+ s left", third)
    assert re.fullmatch(r"4 of 4 rooms, [\d.]+ rooms/s, 0 s left", last)


def test_quick_work_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "EVERY_S", 3600.0)
    with Progress("rooms") as running:
        running.begin(1)
        running.advance()
    assert lines(capsys) == []
