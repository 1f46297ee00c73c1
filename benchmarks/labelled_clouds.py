"""From real labelled point clouds to questions that verify.

    python benchmarks/labelled_clouds.py FILE.npy... [--json]

FILE.npy is an array of records with x, y, z, objectId and NYU40, as published for
3RScan by the authors of SGAligner. Each instance gets the box of its points, the
room comes from the points of floor, walls and ceiling. Then everything goes the usual
way: scene, graph, built-in families, checks, a dataset folder, and every stored
program is run again. Exits with 1 where a scene yields no question or one differs.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spatialgen.dataset.files import QUESTIONS, REJECTED, read_rows
from spatialgen.dataset.replay import replay
from spatialgen.errors import SpatialgenError
from spatialgen.fitting.box import fit_box
from spatialgen.fitting.floor import fit_room, lacking
from spatialgen.progress import Progress
from spatialgen.records import Note, Scene
from spatialgen.run import ProposeConfig, propose
from spatialgen.scenes._faults import Faults
from spatialgen.scenes._things import Things
from spatialgen.scenes.vsi_meta import write

#: The names of NYU40, in order of their numbers; 0 is unannotated. What only says
#: "something else" there is an object that no question names.
NYU40 = (
    *("", "wall", "floor", "cabinet", "bed", "chair", "sofa", "table", "door", "window"),
    *("bookshelf", "picture", "counter", "blinds", "desk", "shelf", "curtain", "dresser"),
    *("pillow", "mirror", "floor mat", "clothes", "ceiling", "books", "refrigerator"),
    *("television", "paper", "towel", "shower curtain", "box", "whiteboard", "person"),
    *("nightstand", "toilet", "sink", "lamp", "bathtub", "bag", "object", "object", "object"),
)
PARTS_OF_THE_ROOM = ("", "wall", "floor", "ceiling")


def scene_of(path: Path) -> tuple[Scene, float]:
    """Return the scene of one cloud, and how many seconds its boxes and room took."""
    cloud = np.load(path, allow_pickle=False)
    points = np.stack([cloud["x"], cloud["y"], cloud["z"]], axis=1).astype(np.float64)
    started = time.perf_counter()
    labels = np.array(NYU40)[cloud["NYU40"]]
    boxes = []
    for instance in np.unique(cloud["objectId"]):
        own = cloud["objectId"] == instance
        names, votes = np.unique(labels[own], return_counts=True)
        label = str(names[np.argmax(votes)])
        if label not in PARTS_OF_THE_ROOM:
            few = Note("no_box", "too few points for a box")
            boxes.append((label, fit_box(points[own]) or few))
    faults = Faults()
    things = Things(faults)
    for label, box in sorted(boxes, key=lambda each: each[0]):
        things.add(label, box)
    part = {name: points[labels == name] for name in PARTS_OF_THE_ROOM}
    inside = points[~np.isin(labels, PARTS_OF_THE_ROOM)]
    room = fit_room(part["floor"], inside, part["wall"], part["ceiling"])
    name = path.parent.name
    notes = faults.notes() + lacking(room)
    scene = Scene("3rscan", name, name, things.objects, things.counts, room, notes=notes)
    return scene, time.perf_counter() - started


def measure(paths: Sequence[Path]) -> dict[str, Any]:
    """Return per scene what was found, and for all what was asked."""
    scenes = [scene_of(path) for path in paths]
    with tempfile.TemporaryDirectory() as folder, Progress("scenes") as progress:
        meta, out = Path(folder) / "clouds.json", Path(folder) / "dataset"
        write(meta, (scene for scene, _ in scenes))
        propose([meta], out, ProposeConfig(), [], 1, progress)
        questions, rejected = (list(read_rows(out, name)) for name in (QUESTIONS, REJECTED))
        again = replay(out, progress)
    found = []
    for scene, seconds in scenes:
        asked = [row for row in questions if row["scene_name"] == scene.name]
        found.append(
            {
                "scene": scene.name,
                "seconds": round(seconds, 3),
                "objects": len(scene.objects),
                "floor_m2": scene.room.area and round(scene.room.area, 2),
                "height_m": scene.room.height and round(scene.room.height, 2),
                "corners": len(scene.room.polygon or ()),
                "questions": dict(sorted(Counter(row["question_type"] for row in asked).items())),
                "examples": [f"{row['question']} -> {row['answer']}" for row in asked[:3]],
            }
        )
    return {
        "scenes": found,
        "accepted": len(questions),
        "rejected": dict(Counter(row["reason"] for row in rejected).most_common()),
        "run again": again.questions,
        "differences": len(again.differences),
    }


def show(report: dict[str, Any]) -> None:
    """Print the report as text."""
    for scene in report["scenes"]:
        size = f"floor {scene['floor_m2']} m2, height {scene['height_m']} m"
        print(f"{scene['scene']}: {scene['objects']} boxes, {size}, {scene['seconds']} s")
        for kind, count in scene["questions"].items():
            print(f"    {kind:32}{count:4}")
        for example in scene["examples"]:
            print(f"    {example}")
    print(f"accepted {report['accepted']}, run again {report['run again']}, ", end="")
    print(f"differences {report['differences']}")
    print("rejected: " + ", ".join(f"{why} {count}" for why, count in report["rejected"].items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("clouds", type=Path, nargs="+", help="arrays of labelled points, .npy")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        report = measure(options.clouds)
    except (SpatialgenError, OSError, ValueError, KeyError) as error:
        print(f"labelled_clouds: {error}", file=sys.stderr)
        return 2
    print(json.dumps(report)) if options.json else show(report)
    empty = [scene["scene"] for scene in report["scenes"] if not scene["questions"]]
    return 1 if empty or report["differences"] else 0


if __name__ == "__main__":
    sys.exit(main())
