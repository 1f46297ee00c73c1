"""The query language: everything a program may ask about a scene.

A program is Python source that defines ``answer(scene)`` and returns a bool,
int, float, string, list or dict. ``scene`` is a `Scene`; the functions of
``vectors.py`` are global names. Only the standard library's ``math`` is needed.

World frame: metres, Z up. Directions are degrees, counter-clockwise seen from
above. Where several objects tie, the smallest id wins, so that no answer hangs
on the order in which objects are listed. Helpers that can't answer raise
``ValueError`` with a sentence that says why.

The three files of the language run in two interpreters: CPython, which tests
them, and the isolated one, which knows neither inheritance nor decorated
methods. They are also the stubs that programs are type-checked against.
"""

import math
from typing import Any

from spatialgen.programs.things import Frame, Object, Room
from spatialgen.programs.vectors import Vec, dot, norm, signed_deg, sub, turn_deg, unit

VERSION = "2.0"

#: How many characters of ``Scene.gaps`` one distance takes.
GAP_CHARS = 16


class Scene:
    """A furnished room: ``objects``, ``room`` and, where there is a video, ``frames``."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.objects: list[Object] = [Object(i, d) for i, d in enumerate(data["objects"])]
        self.counts: dict[str, int] = data["counts"]
        self.room: Room = Room(data["room"])
        self.frames: list[Frame] = [Frame(d) for d in data["frames"]]
        self.gaps: str = data["gaps"]

    # -- finding things ------------------------------------------------------

    def labels(self) -> list[str]:
        """Return the names of all categories in the room, sorted."""
        return sorted(set([o.label for o in self.objects]))

    def all(self, label: str) -> list[Object]:
        """Return every object of a category (perhaps none), ordered by id."""
        return sorted([o for o in self.objects if o.label == label], key=lambda o: o.id)

    def one(self, label: str) -> Object:
        """Return the only object of a category; raise where there is none or several."""
        found = self.all(label)
        if not found:
            raise ValueError(f"no {label!r} here; categories: {', '.join(self.labels())}")
        if len(found) > 1 or self.count(label) > 1:
            raise ValueError(f"{max(len(found), self.count(label))} objects are called {label!r}")
        return found[0]

    def object(self, id: str) -> Object:
        """Return the object with this id."""
        for o in self.objects:
            if o.id == id:
                return o
        raise ValueError(f"no object has the id {id!r}")

    def count(self, label: str) -> int:
        """Return how many objects of a category are annotated, 0 if none."""
        return self.counts.get(label, 0)

    def room_area(self) -> float:
        """Return the floor area in square metres; raise where it is not known."""
        if self.room.area is None:
            raise ValueError("the area of this room is not known")
        return self.room.area

    # -- distance ------------------------------------------------------------

    def distance(self, a: Object, b: Object) -> float:
        """Return the smallest distance between two boxes; 0 where they touch."""
        row, column = max(a.index, b.index), min(a.index, b.index)
        start = GAP_CHARS * (row * (row + 1) // 2 + column)
        return float(self.gaps[start : start + GAP_CHARS])

    def center_distance(self, a: Object, b: Object) -> float:
        """Return the distance between two centres."""
        return norm(sub(a.center, b.center))

    def floor_distance(self, a: Object, b: Object) -> float:
        """Return the distance between two centres as seen from above."""
        return math.hypot(a.center[0] - b.center[0], a.center[1] - b.center[1])

    def label_distance(self, a: Object, label: str) -> float:
        """Return the smallest distance from ``a`` to any object of a category."""
        return self.distance(a, self.nearest(a, self.all(label)))

    def by_distance(self, to: Object, among: list[Object] | None = None) -> list[Object]:
        """Return objects (all others, or ``among``) from nearest to farthest."""
        pool = self.objects if among is None else among
        others = [o for o in pool if o.id != to.id]
        return sorted(others, key=lambda o: (self.distance(to, o), o.id))

    def nearest(self, to: Object, among: list[Object] | None = None) -> Object:
        """Return the object nearest to ``to``, of all others or of ``among``."""
        order = self.by_distance(to, among)
        if not order:
            raise ValueError(f"nothing to compare with {to.id}")
        return order[0]

    def farthest(self, to: Object, among: list[Object] | None = None) -> Object:
        """Return the object farthest from ``to``, of all others or of ``among``."""
        order = self.by_distance(to, among)
        if not order:
            raise ValueError(f"nothing to compare with {to.id}")
        return min(order, key=lambda o: (-self.distance(to, o), o.id))

    def within(self, to: Object, radius: float, among: list[Object] | None = None) -> list[Object]:
        """Return objects at most ``radius`` metres away, nearest first."""
        return [o for o in self.by_distance(to, among) if self.distance(to, o) <= radius]

    # -- direction -----------------------------------------------------------

    def turn_deg(self, stand: Object, face: Object, target: Object) -> float:
        """Return how far to turn left at ``stand``, facing ``face``, to face ``target``.

        Degrees in [0, 360) between centres seen from above: 90 is left, 270 right.
        """
        return turn_deg(sub(face.center, stand.center), sub(target.center, stand.center))

    def left_or_right(self, stand: Object, face: Object, target: Object) -> str:
        """Return "left" or "right": the side of the target seen from ``stand``."""
        return "left" if self.turn_deg(stand, face, target) < 180 else "right"

    def left_right_back(self, stand: Object, face: Object, target: Object) -> str:
        """Return "left", "right" or "back" (at least 135 degrees away)."""
        turn = self.turn_deg(stand, face, target)
        if turn < 135:
            return "left"
        return "back" if turn < 225 else "right"

    def quadrant(self, stand: Object, face: Object, target: Object) -> str:
        """Return "front-left", "back-left", "back-right" or "front-right"."""
        names = ["front-left", "back-left", "back-right", "front-right"]
        return names[int(self.turn_deg(stand, face, target) // 90)]

    def bearing_deg(self, a: Object, b: Object) -> float:
        """Return the direction from ``a`` to ``b`` seen from above, from +X, in [0, 360)."""
        return turn_deg((1.0, 0.0, 0.0), sub(b.center, a.center))

    # -- relations -----------------------------------------------------------

    def between(self, middle: Object, a: Object, b: Object) -> bool:
        """Tell whether ``middle`` stands between ``a`` and ``b`` seen from above.

        Its centre must be nearer than 0.5 m to the line that joins their centres,
        and fall on it between them.
        """
        way = sub(b.center, a.center)
        offset = sub(middle.center, a.center)
        length = math.hypot(way[0], way[1])
        if length < 1e-9:
            return False
        along = (offset[0] * way[0] + offset[1] * way[1]) / length
        aside = (way[0] * offset[1] - way[1] * offset[0]) / length
        return 0 < along < length and abs(aside) < 0.5

    def over(self, a: Object, b: Object) -> bool:
        """Tell whether the centre of ``a`` lies above the footprint of ``b``."""
        x, y = a.center[0], a.center[1]
        outline = b.footprint()
        for i in range(len(outline)):
            x0, y0 = outline[i - 1]
            x1, y1 = outline[i]
            # The outline can have edges of rounding only, whose side means nothing.
            if (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) < -1e-9:
                return False
        return True

    def above(self, a: Object, b: Object) -> bool:
        """Tell whether ``a`` is over ``b`` and no lower than its top (5 cm allowed)."""
        return a.id != b.id and a.bottom >= b.top - 0.05 and self.over(a, b)

    def under(self, a: Object, b: Object) -> bool:
        """Tell whether ``b`` is above ``a``."""
        return self.above(b, a)

    def on(self, a: Object, b: Object) -> bool:
        """Tell whether ``a`` rests on ``b``: over it, its bottom within 10 cm of b's top."""
        return a.id != b.id and abs(a.bottom - b.top) <= 0.10 and self.over(a, b)

    def resting_on(self, base: Object) -> list[Object]:
        """Return what rests on ``base``, ordered by id."""
        return sorted([o for o in self.objects if self.on(o, base)], key=lambda o: o.id)

    def support_of(self, a: Object) -> Object:
        """Return what ``a`` rests on; raise where it rests on nothing annotated."""
        bases = [o for o in self.objects if self.on(a, o)]
        if not bases:
            raise ValueError(f"{a.id} rests on nothing that is annotated")
        return min(bases, key=lambda o: (abs(a.bottom - o.top), o.id))

    def inside(self, a: Object, b: Object) -> bool:
        """Tell whether every corner of ``a`` lies in the box of ``b`` (2 cm allowed)."""
        if a.id == b.id:
            return False
        for corner in a.corners():
            offset = sub(corner, b.center)
            for i in range(3):
                if abs(dot(offset, b.axes[i])) > b.size[i] / 2 + 0.02:
                    return False
        return True

    def seen_from(self, stand: Object, face: Object, target: Object) -> tuple[float, float]:
        """Return how far to the (right, front) ``target`` is at ``stand``, facing ``face``.

        Metres between centres seen from above; to the left and behind is negative.
        """
        way = sub(target.center, stand.center)
        ahead = unit((face.center[0] - stand.center[0], face.center[1] - stand.center[1], 0.0))
        return (way[0] * ahead[1] - way[1] * ahead[0], dot(way, ahead))

    # -- the video: what is seen ---------------------------------------------

    def frame(self, index: int) -> Frame:
        """Return the frame with this index."""
        for f in self.frames:
            if f.index == index:
                return f
        if not self.frames:
            raise ValueError("this scene has no video frames")
        raise ValueError(f"no frame {index}; the last one is {self.frames[-1].index}")

    def frame_at(self, time_s: float) -> Frame:
        """Return the frame whose time is nearest."""
        if not self.frames:
            raise ValueError("this scene has no video frames")
        return min(self.frames, key=lambda f: (abs(f.time_s - time_s), f.index))

    def first_seen(self, a: Object) -> float:
        """Return the time in seconds at which the video first shows ``a``."""
        if a.first_seen is None:
            raise ValueError(f"the video never shows {a.id}")
        return a.first_seen

    def label_first_seen(self, label: str) -> float:
        """Return the time in seconds at which the video first shows any object of a category."""
        times = [o.first_seen for o in self.all(label) if o.first_seen is not None]
        if not times:
            raise ValueError(f"the video never shows {label!r}")
        return min(times)

    def visible(self, a: Object, frame: Frame) -> bool:
        """Tell whether a frame shows enough of ``a``: a tenth of it, more than a few pixels."""
        numbers = frame._sighting(a)
        return numbers is not None and numbers[7] > 0

    def visible_objects(self, frame: Frame) -> list[Object]:
        """Return what a frame shows, ordered by id."""
        return sorted([o for o in self.objects if self.visible(o, frame)], key=lambda o: o.id)

    def frames_showing(self, a: Object) -> list[Frame]:
        """Return the frames that show ``a``, in the order of time."""
        return [f for f in self.frames if self.visible(a, f)]

    def visible_fraction(self, a: Object, frame: Frame) -> float:
        """Return the visible share of ``a``; hidden and cut off parts are missing.

        Even the smallest glimpse counts, and 0 is nothing at all.
        """
        numbers = frame._sighting(a)
        return numbers[4] if numbers else 0.0

    def pixels(self, a: Object, frame: Frame) -> int:
        """Return how many pixels of a frame show ``a``."""
        numbers = frame._sighting(a)
        return int(numbers[5]) if numbers else 0

    def truncated(self, a: Object, frame: Frame) -> bool:
        """Tell whether the edge of the picture cuts ``a``."""
        return self._sighting(a, frame)[6] > 0

    def box_2d(self, a: Object, frame: Frame) -> tuple[float, float, float, float]:
        """Return the box of what is visible: pixels (x0, y0, x1, y1), y0 the upper edge."""
        numbers = self._sighting(a, frame)
        return (numbers[0], numbers[1], numbers[2], numbers[3])

    def image_position(self, a: Object, frame: Frame) -> tuple[float, float]:
        """Return where the picture shows ``a``: shares of (width, height) from its upper left.

        The middle of what is visible; (0.5, 0.5) is the middle of the picture.
        """
        x0, y0, x1, y1 = self.box_2d(a, frame)
        width, height = frame.image_size()
        return ((x0 + x1 + 1.0) / 2 / width, (y0 + y1 + 1.0) / 2 / height)

    def _sighting(self, a: Object, frame: Frame) -> list[float]:
        numbers = frame._sighting(a)
        if numbers is None:
            raise ValueError(f"frame {frame.index} does not show {a.id}")
        return numbers

    # -- the video: where the camera is --------------------------------------

    def camera_distance(self, a: Object, frame: Frame) -> float:
        """Return the distance from the camera of a frame to the centre of ``a``."""
        return norm(sub(a.center, frame.position()))

    def from_camera(self, a: Object, frame: Frame) -> Vec:
        """Return how far to the (right, up, front) of the camera the centre of ``a`` is.

        Metres; up is the world's, so that the front is level where a camera looks down.
        """
        return _level(sub(a.center, frame.position()), frame)

    def camera_bearing_deg(self, a: Object, frame: Frame) -> float:
        """Return how far to turn left from where the camera looks to face ``a``, in [0, 360)."""
        return turn_deg(frame.forward(), sub(a.center, frame.position()))

    def camera_turn_deg(self, first: Frame, last: Frame) -> float:
        """Return how far the camera turned left between two frames, in (-180, 180]."""
        return signed_deg(turn_deg(first.forward(), last.forward()))

    def camera_moved(self, first: Frame, last: Frame) -> float:
        """Return the straight distance between the camera's places in two frames."""
        return norm(sub(last.position(), first.position()))

    def camera_way_deg(self, first: Frame, last: Frame) -> float:
        """Return which way the camera moved: degrees to the left of where it looked in ``first``.

        In [0, 360): 0 is forward, 180 backward.
        """
        return turn_deg(first.forward(), sub(last.position(), first.position()))

    def camera_motion(self, first: Frame, last: Frame) -> Vec:
        """Return how far to the (right, up, front) of the first frame the camera moved.

        Metres; up is the world's, front is level.
        """
        return _level(sub(last.position(), first.position()), first)


def _level(way: Vec, frame: Frame) -> Vec:
    ahead = frame.forward()
    length = math.hypot(ahead[0], ahead[1])
    if length < 1e-9:
        raise ValueError(f"in frame {frame.index} the camera looks straight up or down")
    x, y = ahead[0] / length, ahead[1] / length
    return (way[0] * y - way[1] * x, way[2], way[0] * x + way[1] * y)
