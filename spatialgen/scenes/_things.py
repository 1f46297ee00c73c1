"""Annotated things with their boxes, gathered into the objects of a scene."""

from collections import Counter

from spatialgen.errors import SceneError
from spatialgen.labels import canonical
from spatialgen.records import Box, Note, Room, SceneObject
from spatialgen.scan import Recording
from spatialgen.scenes._annotated_box import right_handed, turned_right_handed
from spatialgen.scenes._base import one_line
from spatialgen.scenes._faults import Faults

#: More things than this are no annotation of a room.
MOST = 2_000


class Things:
    """Gathers labelled boxes; what is wrong with them goes to ``faults``.

    ``counts`` is how many were marked per label, unusable ones included and exact
    copies not. Objects are numbered per label in the order of adding: ``trash_bin_1``.
    """

    def __init__(self, faults: Faults) -> None:
        self.counts: dict[str, int] = {}
        self._faults = faults
        self._objects: dict[tuple[str, Box], SceneObject] = {}
        self._places: dict[tuple[str, Box], int] = {}
        self._renamed: set[str] = set()
        self._used: Counter[str] = Counter()

    @property
    def objects(self) -> tuple[SceneObject, ...]:
        """The objects that have a box, in the order of adding."""
        return tuple(self._objects.values())

    def add(self, raw_label: str, box: Box | Note) -> int | None:
        """Take one thing; a note instead of a box says why it has none.

        Returns its index in ``objects``, that of the first where it is an exact copy, or
        None where it has no box. Raises SceneError ``too_many_objects``.
        """
        label = self._label(raw_label)
        if isinstance(box, Box) and not right_handed(box):
            self._faults.add("mirrored_axes", label, "left-handed axes; the third was turned round")
            box = turned_right_handed(box)
        if isinstance(box, Box) and (label, box) in self._objects:
            self._faults.add("duplicate_box", label, "exact copy of an earlier box, dropped")
            return self._places[label, box]
        if sum(self.counts.values()) == MOST:
            raise SceneError("too_many_objects", f"more than {MOST:,} annotated things")
        self.counts[label] = self.counts.get(label, 0) + 1
        if isinstance(box, Note):
            self._faults.add(box.code, label, f"{box.detail}, dropped")
            return None
        self._used[label] += 1
        identity = f"{label.replace(' ', '_')}_{self._used[label]}"
        self._places[label, box] = len(self._objects)
        self._objects[label, box] = SceneObject(identity, label, box)
        return self._places[label, box]

    def _label(self, raw: str) -> str:
        label = canonical(raw)
        if label != raw and raw not in self._renamed:
            self._renamed.add(raw)
            self._faults.add("label_renamed", label, f"written {one_line(raw)}")
        return label


def check_used(things: Things, room: Room, video: Recording | None, annotated: bool) -> None:
    """Raise SceneError ``no_objects`` for a scene that nothing can be asked about.

    One that nobody ``annotated`` may still have a floor to measure, or a camera's way.
    """
    if things.objects or (not annotated and (room.area is not None or video is not None)):
        return
    lacking = "" if annotated else ", and neither floor nor video to ask about"
    raise SceneError("no_objects", f"no object with a usable box{lacking}")
