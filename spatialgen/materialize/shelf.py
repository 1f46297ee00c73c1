"""Where a scene's pictures lie, and the note of what was written, so that a run can go on.

frames/DATASET/SCENE/frame_000012.jpg     pictures
frames/DATASET/SCENE/frames.json          what is there: written when the pictures are
DATASET/SCENE.mp4                         the frames of the whole video as a clip
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import write_json
from spatialgen.errors import DatasetError
from spatialgen.tables.soundness import Key

FOLDER = "frames"
LISTING = "frames.json"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The pictures of one scene.

    ``checked`` are digests of the published scenes that the scan agreed with, ``times_s``
    the frames whose pictures are there, with their times, ``lost`` those without a
    picture and why; ``whole`` are the frames that stand for the whole video, and ``clip``
    says whether they are there as a video too.
    """

    key: Key
    checked: tuple[str, ...] = ()
    times_s: dict[int, float] = field(default_factory=dict)
    lost: dict[int, str] = field(default_factory=dict)
    whole: tuple[int, ...] = ()
    clip: bool = False

    def picture(self, index: int) -> str:
        """Return the path of a picture below the output folder."""
        return f"{FOLDER}/{self.key[0]}/{self.key[1]}/frame_{index:06d}.jpg"

    @property
    def video(self) -> str:
        """The path of the clip below the output folder."""
        return f"{self.key[0]}/{self.key[1]}.mp4"

    @property
    def shown(self) -> tuple[int, ...]:
        """The frames of the whole video that have pictures."""
        return tuple(index for index in self.whole if index in self.times_s)


def read(out: Path, key: Key) -> Shelf:
    """Return what an earlier run wrote of a scene, an empty shelf where that is nothing."""
    path = _listing(out, key)
    try:
        told = json.loads(path.read_bytes())
        return Shelf(
            key,
            tuple(told["checked"]),
            {int(index): float(time_s) for index, time_s in told["times_s"].items()},
            {int(index): str(why) for index, why in told["lost"].items()},
            tuple(int(index) for index in told["whole"]),
            bool(told["clip"]),
        )
    except FileNotFoundError:
        return Shelf(key)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{path}: damaged ({error}); remove it and run the same command again"
        raise DatasetError(message) from error


def write(out: Path, shelf: Shelf) -> Shelf:
    """Note what is on a shelf; return it, in the order in which it is noted."""
    kept = replace(
        shelf,
        checked=tuple(sorted(shelf.checked)),
        times_s=dict(sorted(shelf.times_s.items())),
        lost=dict(sorted(shelf.lost.items())),
    )
    told: dict[str, Any] = {
        "dataset": kept.key[0],
        "scene_name": kept.key[1],
        "checked": list(kept.checked),
        "whole": list(kept.whole),
        "clip": kept.clip,
        "times_s": {str(index): time_s for index, time_s in kept.times_s.items()},
        "lost": {str(index): why for index, why in kept.lost.items()},
    }
    write_json(_listing(out, kept.key), told)
    return kept


def _listing(out: Path, key: Key) -> Path:
    return out / FOLDER / key[0] / key[1] / LISTING
