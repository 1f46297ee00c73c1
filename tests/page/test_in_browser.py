"""The page in a real browser: it draws, it answers, and no label runs."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from spatialgen import inspection
from spatialgen.page.scene_page import page
from spatialgen.records import Note, Scene
from spatialgen.scan import Scan
from tests.page.browser import Browser, find, started
from tests.page.made_scan import made_scan

PROGRAM = find()
pytestmark = pytest.mark.skipif(
    PROGRAM is None,
    reason="no browser: install chromium-headless-shell, or name one in CHROMIUM",
)

#: Would tell on itself by a mark on the window, an element, or a request.
HOSTILE = (
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg/onload=window.ran=1>",
    "javascript:window.ran=1",
    "\u202e\u2067gnirts\u2028",
    "<b>" + "x" * 10_000,
)

CANVAS_ONLY = """
const own = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind === "webgl2" ? null : own.call(this, kind, ...rest);
};
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert PROGRAM is not None
    with started(PROGRAM, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def made() -> tuple[Scan, Scene]:
    return made_scan(objects=8, frames=4, width=64)


def written(folder: Path, scan: Scan, scene: Scene) -> Path:
    path = folder / "scene.html"
    text = page(scan, scene, inspection.describe(scan, scene), points=10_000)
    path.write_bytes(text.encode("utf-8"))
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, made: tuple[Scan, Scene]) -> Path:
    return written(tmp_path_factory.mktemp("page"), *made)


@pytest.fixture
def opened(browser: Browser, path: Path) -> Browser:
    browser.requests.clear()
    browser.complaints.clear()
    browser.open(path)
    browser.run("goTo(0)")
    browser.settle()
    return browser


def drawn(browser: Browser, id: str) -> str:
    """Return a hash of what a canvas shows."""
    text = browser.run(f"document.getElementById('{id}').toDataURL()")
    return hashlib.sha256(text.encode()).hexdigest()


def names(browser: Browser) -> list[str]:
    """Return the labels in the list, in its order."""
    return list(
        browser.run(
            "[...document.querySelectorAll('.row .name')].map((e) => e.firstChild.textContent)"
        )
    )


def classed(browser: Browser, name: str) -> list[int]:
    """Return which objects' rows have a class."""
    return list(
        browser.run(
            f"rows.flatMap((row, k) => row.classList.contains('{name}') ? [k] : [])",
        )
    )


def colours(browser: Browser) -> int:
    """Return how many colours the 3D view shows, coarsely."""
    image = cv2.imdecode(np.frombuffer(browser.picture(), dtype=np.uint8), cv2.IMREAD_COLOR)
    view = image[120:840, 20:900] // 16
    return len(np.unique(view.reshape(-1, 3), axis=0))


@pytest.mark.parametrize(
    ("width", "height", "dark"), [(1400, 900, False), (400, 800, True)], ids=["wide", "phone"]
)
def test_it_opens_without_a_complaint(
    width: int, height: int, dark: bool, browser: Browser, path: Path
) -> None:
    browser.requests.clear()
    browser.complaints.clear()
    browser.open(path, width, height, dark)
    assert browser.complaints == []
    assert [each for each in browser.requests if not each.startswith("data:")] == [path.as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") is not dark


def test_the_room_is_drawn(opened: Browser) -> None:
    assert opened.run("part('solid').dataset.renderer") in ("webgl2", "canvas")
    assert colours(opened) > 40
    before = drawn(opened, "solid")
    opened.run("room.turn(0.4, 0.1)")
    opened.settle()
    assert drawn(opened, "solid") != before


def test_it_is_drawn_without_webgl(opened: Browser, path: Path) -> None:
    added = opened.call("Page.addScriptToEvaluateOnNewDocument", source=CANVAS_ONLY)
    try:
        opened.open(path)
        assert opened.run("part('solid').dataset.renderer") == "canvas"
        assert colours(opened) > 40
        opened.run("room.lookThrough()")
        opened.settle()
        assert opened.complaints == []
    finally:
        opened.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])


def test_the_slider_and_the_keys_change_the_picture(opened: Browser) -> None:
    shown = [drawn(opened, "picture")]
    assert opened.run("part('when').textContent").startswith("frame 0 ")
    opened.press("ArrowRight")
    shown.append(drawn(opened, "picture"))
    assert opened.run("part('when').textContent").startswith("frame 4 ")
    assert opened.run("room.frame.index") == 4
    opened.run("part('slider').value = 3; part('slider').dispatchEvent(new Event('input'))")
    opened.settle()
    shown.append(drawn(opened, "picture"))
    assert opened.run("part('picture').dataset.frame") == "12"
    assert len(set(shown)) == 3
    opened.press("ArrowRight")
    assert opened.run("part('picture').dataset.frame") == "12"
    opened.press("ArrowLeft")
    assert opened.run("part('picture').dataset.frame") == "8"


def test_boxes_lie_on_the_picture(opened: Browser, made: tuple[Scan, Scene]) -> None:
    # Hovering the middle of the largest 2D box marks its object, or one before it.
    frame = made[1].frames[0]
    places = {thing.id: k for k, thing in enumerate(made[1].objects)}
    id, sighting = max(frame.seen.items(), key=lambda each: each[1].pixels)
    x0, y0, x1, y1 = sighting.box_px
    area = opened.run("(({x, y, width, height}) => [x, y, width, height])"
                      "(part('picture').getBoundingClientRect())")  # fmt: skip
    for share in (0.5, 0.2, 0.8):
        x = area[0] + (x0 + (x1 - x0) * share + 0.5) / frame.camera.width * area[2]
        y = area[1] + (y0 + (y1 - y0) * share + 0.5) / frame.camera.height * area[3]
        opened.point("mouseMoved", x, y)
        opened.settle()
        (lit,) = classed(opened, "lit")
        if lit == places[id]:
            return
    pytest.fail("the object of the largest box was never marked")


def test_pointing_in_the_room_marks_and_a_click_chooses(opened: Browser) -> None:
    spot = opened.run(
        "(() => { const [x, y, w] = toClip(room.view.matrix, ...scene.objects[0].center);"
        " const box = part('solid').getBoundingClientRect();"
        " return [box.x + (x / w + 1) * box.width / 2, box.y + (1 - y / w) * box.height / 2]; })()"
    )
    opened.point("mouseMoved", *spot)
    opened.settle()
    lit = classed(opened, "lit")
    assert len(lit) == 1
    told = opened.run("part('told').textContent")
    assert told.startswith(opened.run(f"scene.objects[{lit[0]}].label"))
    opened.click(*spot)
    assert classed(opened, "chosen") == lit
    marked = drawn(opened, "solid")
    opened.press("Escape")
    assert classed(opened, "chosen") == []
    opened.point("mouseMoved", 1399, 5)
    opened.settle()
    assert classed(opened, "lit") == []
    assert drawn(opened, "solid") != marked


def test_choosing_goes_to_where_it_is_seen_best(opened: Browser, made: tuple[Scan, Scene]) -> None:
    _, scene = made
    shares = np.zeros((len(scene.objects), len(scene.frames)), dtype=np.float32)
    for row, thing in zip(shares, scene.objects, strict=True):
        seen = [frame.seen.get(thing.id) for frame in scene.frames]
        row[:] = [0 if sighting is None else sighting.fraction for sighting in seen]
    place = int(np.flatnonzero((shares[:, 0] == 0) & (shares.max(axis=1) > 0))[0])
    opened.run(f"rows[{place}].click()")
    opened.settle()
    assert opened.run("state.frame") == int(np.argmax(shares[place]))
    assert classed(opened, "chosen") == [place]


def test_dragging_turns_and_the_wheel_comes_nearer(opened: Browser) -> None:
    begun = opened.run("[room.yaw, room.distance]")
    opened.point("mouseMoved", 400, 500)
    opened.point("mousePressed", 400, 500, button="left", buttons=1, clickCount=1)
    opened.point("mouseMoved", 440, 500, button="left", buttons=1)
    opened.point("mouseMoved", 500, 500, button="left", buttons=1)
    opened.point("mouseReleased", 500, 500, button="left", clickCount=1)
    opened.point("mouseWheel", 400, 500, deltaX=0, deltaY=-120)
    opened.settle()
    ended = opened.run("[room.yaw, room.distance]")
    assert ended[0] < begun[0] - 0.3
    assert ended[1] < begun[1] * 0.9
    assert classed(opened, "chosen") == []


def test_fingers_turn_and_pinch(opened: Browser) -> None:
    def touch(kind: str, *spots: tuple[int, int]) -> None:
        points = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(spots)]
        opened.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    begun = opened.run("[room.yaw, room.distance]")
    touch("touchStart", (300, 400))
    touch("touchMove", (330, 400))
    touch("touchMove", (380, 400))
    touch("touchEnd")
    turned = opened.run("[room.yaw, room.distance]")
    assert turned[0] < begun[0] - 0.2
    assert turned[1] == begun[1]
    touch("touchStart", (300, 400), (400, 400))
    touch("touchMove", (280, 400), (420, 400))
    touch("touchMove", (240, 400), (460, 400))
    touch("touchEnd")
    pinched = opened.run("[room.yaw, room.distance]")
    assert pinched[0] == turned[0]
    assert pinched[1] < turned[1] * 0.8
    assert classed(opened, "chosen") == []


def test_the_list_is_searched_and_sorted(opened: Browser, made: tuple[Scan, Scene]) -> None:
    labels = [thing.label for thing in made[1].objects]
    assert sorted(names(opened)) == sorted(labels)
    wanted = labels[-1]
    opened.run(f"part('search').value = {wanted.upper()!r};"
               "part('search').dispatchEvent(new Event('input'))")  # fmt: skip
    assert set(names(opened)) == {label for label in labels if wanted in label}
    assert opened.run("part('count').textContent").endswith(f"of {len(labels)} objects")
    opened.run("part('search').value = ''; part('order').value = 'label';"
               "part('order').dispatchEvent(new Event('change'))")  # fmt: skip
    assert names(opened) == sorted(labels)


def test_the_cameras_view_fits_the_picture(opened: Browser, made: tuple[Scan, Scene]) -> None:
    # The corners of the picture are where the outline of what the camera sees is drawn.
    opened.run("room.lookThrough()")
    opened.settle()
    corners = opened.run(
        "room.outline(room.frame, 1).map((place) => {"
        " const [x, y, w] = toClip(room.view.matrix, ...place); return [x / w, y / w]; })"
    )
    wide, high = opened.run("[part('solid').width, part('solid').height]")
    camera = made[1].frames[0].camera
    scale = min(wide / camera.width, high / camera.height)
    across, up = scale * camera.width / wide, scale * camera.height / high
    expected = [[-across, up], [across, up], [across, -up], [-across, -up]]
    assert np.allclose(corners, expected, atol=2e-3)


def test_everything_has_a_name(opened: Browser) -> None:
    nameless = opened.run(
        "[...document.querySelectorAll('button, input, select, canvas')]"
        ".filter((e) => e.getAttribute('aria-hidden') !== 'true')"
        ".filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim()))"
        ".map((e) => e.outerHTML)"
    )
    assert nameless == []
    assert opened.run("document.documentElement.lang") == "en"


def test_no_label_runs(browser: Browser, made: tuple[Scan, Scene], tmp_path: Path) -> None:
    scan, scene = made
    texts = [HOSTILE[k % len(HOSTILE)] for k in range(len(scene.objects))]
    things = tuple(
        replace(thing, label=text) for thing, text in zip(scene.objects, texts, strict=True)
    )
    notes = tuple(Note("hostile", text) for text in HOSTILE)
    hostile = replace(scene, name=HOSTILE[0], space=HOSTILE[1], objects=things, notes=notes)
    browser.requests.clear()
    browser.complaints.clear()
    browser.open(written(tmp_path, replace(scan, scene=hostile), hostile))
    browser.run("choose(1)")
    browser.settle()
    assert browser.run("window.ran") is None
    assert browser.complaints == []
    others = [each for each in browser.requests if not each.startswith("data:")]
    assert others == [(tmp_path / "scene.html").as_uri()]
    assert browser.run("document.querySelectorAll('img, svg, body b b, iframe').length") == 0
    assert browser.run("document.scripts.length") == 2
    shown = names(browser)
    assert HOSTILE[0] in shown
    assert HOSTILE[1] in shown
    assert "\ufffd\ufffdgnirts\ufffd" in shown
    assert HOSTILE[0] in browser.run("document.querySelector('h1').textContent")
    assert browser.run("part('told').textContent").startswith(HOSTILE[1])
    assert browser.run("document.documentElement.scrollWidth") <= 1400


def test_a_scene_without_video_and_mesh(
    browser: Browser, made: tuple[Scan, Scene], tmp_path: Path
) -> None:
    bare = replace(made[0].scene, notes=())
    browser.complaints.clear()
    browser.open(written(tmp_path, Scan(bare), bare))
    browser.press("ArrowRight")
    browser.run("choose(0)")
    browser.settle()
    assert browser.complaints == []
    assert browser.run("part('video').hidden") is True
    assert colours(browser) > 10
    assert "there are no frames" in browser.run("part('about').textContent")


@pytest.mark.parametrize("kind", ["empty", "fisheye", "broken picture"])
def test_odd_scenes(kind: str, browser: Browser, tmp_path: Path) -> None:
    scan, scene = made_scan(
        objects=4,
        frames=3,
        width=48,
        fisheye=kind == "fisheye",
        broken=(0,) if kind == "broken picture" else (),
    )
    if kind == "empty":
        scene = replace(scene, objects=(), counts={}, frames=(), first_seen={})
        scan = Scan(scene)
    browser.complaints.clear()
    browser.open(written(tmp_path, scan, scene))
    browser.run("room.lookThrough()")
    browser.settle()
    assert browser.complaints == []
