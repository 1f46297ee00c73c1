"""The page as text: whole in itself, the same every time, safe whatever a label says."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from typing import Any

import numpy as np
import pytest

from spatialgen import inspection
from spatialgen.page import _data
from spatialgen.page._surface import Points
from spatialgen.page.scene_page import SCRIPTS, embedded, page
from spatialgen.records import Box, Camera, Frame, Note, Room, Scene, SceneObject, Sighting
from spatialgen.scan import Scan
from tests.page.made_scan import made_scan

UPRIGHT = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>--><img src=x onerror=alert(1)>",
    "a\u2028b\u2029c",
    "\u202egnirts\u202c \u200f\u0007",
    "\ud800 lone",
    "&lt;b&gt; &amp; ' \" ` $name ${title}",
    "x" * 10_000,
    "\u6905\u5b50 \U0001fa91",
)


class Parsed(HTMLParser):
    """The elements of a page, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._at = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._at = f"{tag}#{dict(attrs).get('id', '')}"

    def handle_endtag(self, tag: str) -> None:
        self._at = ""

    def handle_data(self, data: str) -> None:
        self.texts[self._at] = self.texts.get(self._at, "") + data


@pytest.fixture(scope="module")
def made() -> tuple[Scan, Scene]:
    return made_scan(objects=8, frames=3, width=48)


def page_of(scan: Scan, scene: Scene) -> str:
    return page(scan, scene, inspection.describe(scan, scene), points=2_000)


def data_of(text: str) -> Any:
    return json.loads(Parsed(text).texts["script#scene"])


def hostile_scene() -> Scene:
    things = tuple(
        SceneObject(f"{text}_1", text, Box((float(k), 0.0, 0.5), (0.5, 0.5, 1.0), UPRIGHT))
        for k, text in enumerate(HOSTILE)
    )
    notes = tuple(Note(text, text) for text in HOSTILE)
    counts = dict.fromkeys(HOSTILE, 1)
    return Scene(HOSTILE[0], HOSTILE[2], HOSTILE[4], things, counts, notes=notes)


def test_the_same_scan_gives_the_same_bytes(made: tuple[Scan, Scene]) -> None:
    assert page_of(*made) == page_of(*made)


def test_nothing_is_fetched_and_only_its_own_script_runs(made: tuple[Scan, Scene]) -> None:
    parsed = Parsed(page_of(*made))
    policy = next(a["content"] for tag, a in parsed.tags if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    for kind, text in (
        ("script", parsed.texts["script#"]),
        ("style", parsed.texts["style#"]),
    ):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    addresses = [v for _, a in parsed.tags for k, v in a.items() if k in ("src", "href", "srcset")]
    assert addresses == ["data:,"]
    assert [a for tag, a in parsed.tags if any(name.startswith("on") for name in a)] == []


def test_the_parts_name_no_address() -> None:
    parts = resources.files("spatialgen.page")
    for name in ("page.html", "page.css", *SCRIPTS):
        text = parts.joinpath(name).read_text(encoding="utf-8")
        found = re.findall(r"https?:|//\w|@import|\burl\(|innerHTML|eval\(|document\.write", text)
        assert found == [], name


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_embedded_text_comes_back_and_ends_nothing(text: str) -> None:
    shown = embedded({"label": text})
    assert json.loads(shown) == {"label": text}
    assert shown.isascii()
    assert not set("<>&\n\u2028") & set(shown)


def test_no_number_that_json_lacks() -> None:
    with pytest.raises(ValueError, match="JSON"):
        embedded({"x": float("nan")})


def test_a_hostile_scene_adds_no_element(made: tuple[Scan, Scene]) -> None:
    scene = hostile_scene()
    text = page_of(Scan(scene), scene)
    text.encode("utf-8")
    tags = [tag for tag, _ in Parsed(text).tags]
    assert tags == [tag for tag, _ in Parsed(page_of(*made)).tags]
    data = data_of(text)
    assert [thing["label"] for thing in data["objects"]] == [_data.clean(text) for text in HOSTILE]
    assert max(len(thing["label"]) for thing in data["objects"]) == _data.CHARACTERS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("chair", "chair"),
        ("a\nb\tc", "a\ufffdb\ufffdc"),
        ("\u202egnirts", "\ufffdgnirts"),
        ("\ud800", "\ufffd"),
        (
            "\u0645\u06cc\u0632 \u6905\u5b50 \U0001fa91",
            "\u0645\u06cc\u0632 \u6905\u5b50 \U0001fa91",
        ),
        ("x" * 201, "x" * 199 + "\u2026"),
    ],
)
def test_clean(text: str, shown: str) -> None:
    assert _data.clean(text) == shown


def test_what_frames_show(made: tuple[Scan, Scene]) -> None:
    scan, scene = made
    data = data_of(page_of(scan, scene))
    assert [frame["index"] for frame in data["frames"]] == [0, 4, 8]
    names = [thing.id for thing in scene.objects]
    for frame, shown in zip(scene.frames, data["frames"], strict=True):
        assert shown["picture"].startswith("data:image/jpeg;base64,")
        assert {names[each["object"]] for each in shown["seen"]} == set(frame.seen)
        for each in shown["seen"]:
            x0, y0, x1, y1 = each["box"]
            assert 0 <= x0 <= x1 <= 1
            assert 0 <= y0 <= y1 <= 1
    first = [thing["firstSeen"] for thing in data["objects"]]
    assert first == [scene.first_seen.get(name) for name in names]
    assert len(data["path"]) == 12
    assert 1_000 < data["points"]["count"] <= 2_000


def test_without_a_video_and_a_mesh(made: tuple[Scan, Scene]) -> None:
    bare = replace(made[0].scene, notes=())
    data = data_of(page_of(Scan(bare), bare))
    assert data["frames"] == data["path"] == data["notes"] == []
    assert data["points"] == {"count": 0}
    assert data["lacks"] == ["anything about the video: there are no frames"]


def test_pictures_that_are_not_there(made: tuple[Scan, Scene]) -> None:
    scan, scene = made_scan(objects=8, frames=3, width=48, broken=(4,))
    data = data_of(page_of(scan, scene))
    assert [frame["missing"] for frame in data["frames"]] == [None, "bad_image", None]
    blind = replace(scan, recording=replace(scan.recording, colors=None))
    data = data_of(page_of(blind, scene))
    assert {frame["missing"] for frame in data["frames"]} == {"no_images"}
    assert data["points"]["colors"] is None


def test_a_fisheye_is_outlined_as_far_as_it_sees() -> None:
    lens = (-0.02, 0.0, 0.0, 0.0)
    camera = Camera(30.0, 30.0, 39.5, 39.5, 80, 80, lens)
    frame = Frame(0, 0.0, ((1.0, 0, 0, 0), (0, 1.0, 0, 0), (0, 0, 1.0, 0)), camera)
    scene = replace(hostile_scene(), frames=(frame,))
    (shown,) = _data.frames(scene, {})
    assert shown["lens"] is None
    assert len(shown["outline"]) == 24
    ways = np.array(shown["outline"])
    assert np.allclose(np.linalg.norm(ways, axis=1), 1, atol=1e-4)
    assert np.ptp(ways[:, 2]) < 0.15


def test_large_scenes_are_cut_and_say_so() -> None:
    box = Box((0.0, 0.0, 0.5), (0.5, 0.5, 1.0), UPRIGHT)
    count = _data.OBJECTS + 7
    things = tuple(SceneObject(f"chair_{k}", "chair", box) for k in range(count))
    camera = Camera(20.0, 20.0, 19.5, 14.5, 40, 30)
    seen = {things[k].id: Sighting((0.0, 0.0, 5.0, 5.0), 1.0, 9, False) for k in (0, count - 1)}
    pose = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))
    frames = (Frame(0, 0.0, pose, camera, seen),)
    scene = Scene("d", "s", "s", things, {"chair": count}, Room(), frames)
    data = data_of(page_of(Scan(scene), scene))
    assert (len(data["objects"]), data["left_out"]) == (_data.OBJECTS, 7)
    assert [each["object"] for each in data["frames"][0]["seen"]] == [0]


def test_points_come_back_within_a_millimetre() -> None:
    rng = np.random.default_rng(0)
    places = rng.uniform([-3.0, 100.0, 0.0], [5.0, 104.0, 2.5], (500, 3))
    owners = rng.integers(-1, 4, 500).astype(np.int32)
    cloud = Points(places, np.tile([0.0, 0.0, 1.0], (500, 1)), owners, 0.05)
    told = _data.points(cloud, np.zeros((500, 3), dtype=np.uint8))
    whole = np.frombuffer(base64.b64decode(told["places"]), dtype="<i2").reshape(-1, 3)
    assert np.abs(told["origin"] + whole * told["step"] - places).max() < 1e-3
    assert np.array_equal(np.frombuffer(base64.b64decode(told["owners"]), dtype="<i2"), owners)
    assert told["colors"] is None
