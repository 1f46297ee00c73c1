"""How well projection, depth and visibility agree with what Aria Digital Twin publishes.

    python benchmarks/aria_agreement.py FOLDER [--json]

FOLDER is a recording with frames exported beside its tables. Its published 2D boxes and
visibility ratios are of the fisheye pictures (lens FISHEYE624, written here after the
description of Project Aria Tools). Our camera has four coefficients; the nearest to
that lens is fitted, and its error told. Compared are

- the corners of the 3D boxes through the exact lens with the published 2D boxes,
- what ``observe`` says of the fisheye frames: 2D boxes and visible fractions,
- what it says of the pinhole copies that the ``aria`` format reads; the published boxes
  are carried over through the rays of their edges,
- the measured depth with where the boxes are.

Exits with 1 where a floor does not hold.
"""

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from spatialgen import scenes
from spatialgen.cameras import inside, project, rays, to_camera, to_world
from spatialgen.errors import SpatialgenError
from spatialgen.graph.boxes import corners, stack
from spatialgen.graph.observe import observe
from spatialgen.graph.visibility_occluders import box_crossing
from spatialgen.media.images import DepthFiles
from spatialgen.records import Camera, Scene, Sighting
from spatialgen.scan import Floats, Recording, Scan

STREAM = "214-1"
#: Objects that the figures are about: seen this much, and larger than this both ways.
VISIBLE, LEAST_PX = 0.9, 20.0
FLOORS = {"centre error, px": 5.0, "share of IoU over 0.5": 0.90}
#: From the recording's world, Y up, to ours.
Z_UP = np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])

PxBox = tuple[float, float, float, float]


@dataclass(frozen=True)
class Published:
    """A 2D box (x0, y0, x1, y1) and how much of the object shows."""

    box: PxBox
    visible: float

    @property
    def counts(self) -> bool:
        """Whether the figures are about it."""
        x0, y0, x1, y1 = self.box
        return self.visible >= VISIBLE and min(x1 - x0, y1 - y0) > LEAST_PX


@dataclass(frozen=True)
class Lens:
    """FISHEYE624: focal length, centre, six radial, two tangential, four prism coefficients."""

    numbers: tuple[float, ...]

    def project(self, points: Floats) -> Floats:
        """Return the pixels (n, 2) of points (n, 3) before the camera."""
        focal, cu, cv = self.numbers[:3]
        radial, (p0, p1), (s0, s1, s2, s3) = (
            self.numbers[3:9],
            self.numbers[9:11],
            self.numbers[11:],
        )
        aside = np.hypot(points[:, 0], points[:, 1])
        angle = np.arctan2(aside, points[:, 2])
        bent = angle * (1 + sum(k * angle ** (2 * i + 2) for i, k in enumerate(radial)))
        x, y = (points[:, :2] * (bent / np.maximum(aside, 1e-12))[:, None]).T
        square = x * x + y * y
        slant = 2 * (x * p0 + y * p1)
        u = x + slant * x + square * p0 + square * (s0 + s1 * square)
        v = y + slant * y + square * p1 + square * (s2 + s3 * square)
        return np.stack([focal * u + cu, focal * v + cv], axis=1)


@dataclass(frozen=True)
class Aria:
    """A recording: our scene, the lens, and per timestamp what is published of which object."""

    folder: Path
    scan: Scan
    lens: Lens
    size: tuple[int, int]
    frames: Sequence[Mapping[str, Any]]
    published: Mapping[int, Mapping[str, Published]]


def load(folder: Path) -> Aria:
    """Read the recording by its format, and what the format leaves out by hand."""
    (ref,) = scenes.open_scenes([folder]).refs
    scan = scenes.load(ref)
    exported = json.loads((folder / "exported/camera_rgb.json").read_text())
    width, height = exported["image_size"]
    ids = _ids(folder, scan.scene)
    published: dict[int, dict[str, Published]] = {}
    for row in _rows(folder / "2d_bounding_box.csv"):
        id = ids.get(row["object_uid"])
        if row["stream_id"] != STREAM or id is None:
            continue
        box = tuple(float(row[f"{k}[pixel]"]) for k in ("x_min", "y_min", "x_max", "y_max"))
        found = Published(box, float(row["visibility_ratio[%]"]))  # type: ignore[arg-type]
        published.setdefault(int(row["timestamp[ns]"]), {})[id] = found
    lens = Lens(tuple(exported["projection_params"]))
    return Aria(folder, scan, lens, (width, height), exported["frames"], published)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def _ids(folder: Path, scene: Scene) -> dict[str, str]:
    """Return our ids by the recording's: things of the same box in the same place."""
    local = {row["object_uid"]: row for row in _rows(folder / "3d_bounding_box.csv")}
    centers = np.array([thing.box.center for thing in scene.objects])
    sizes = np.array([thing.box.size for thing in scene.objects])
    found: dict[str, str] = {}
    for row in _rows(folder / "scene_objects.csv"):
        box = local.get(row["object_uid"])
        if box is None:
            continue
        low, high = (
            np.array([float(box[f"p_local_obj_{axis}{end}[m]"]) for axis in "xyz"])
            for end in ("min", "max")
        )
        w, *v = (float(row[f"q_wo_{k}"]) for k in "wxyz")
        middle = 0.5 * (low + high)
        turned = middle + 2 * np.cross(v, np.cross(v, middle) + w * middle)
        place = np.array([float(row[f"t_wo_{axis}[m]"]) for axis in "xyz"])
        center = Z_UP[:3, :3] @ (turned + place)
        off = np.linalg.norm(centers - center, axis=1) + np.linalg.norm(
            sizes - (high - low), axis=1
        )
        if off.min() < 1e-6:
            found[row["object_uid"]] = scene.objects[int(np.argmin(off))].id
    return found


def nearest_camera(lens: Lens, size: tuple[int, int]) -> tuple[Camera, float]:
    """Return our camera that comes nearest to a lens, and its largest error in pixels."""
    focal, cu, cv = lens.numbers[:3]
    width, height = size
    angle = np.linspace(0.01, 1.5, 1500)
    flat = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
    radial = replace(lens, numbers=(*lens.numbers[:9], *([0.0] * 6)))
    bent = (radial.project(flat)[:, 0] - cu) / focal
    # The round image ends about where it meets the sides; beyond, the lens means nothing.
    angle, bent = (values[: np.argmax(bent > width / 2 / focal)] for values in (angle, bent))
    powers = np.stack([angle ** (2 * k + 3) for k in range(4)], axis=1)
    k1, k2, k3, k4 = np.linalg.lstsq(powers, bent - angle, rcond=None)[0]
    fitted = (float(k1), float(k2), float(k3), float(k4))
    camera = Camera(focal, focal, cu, cv, width, height, fisheye=fitted)
    u, v = np.meshgrid(np.linspace(0, width - 1, 40), np.linspace(0, height - 1, 40))
    pixels = np.stack([u.ravel(), v.ravel()], axis=1)
    pixels = pixels[np.hypot(*(pixels - (cu, cv)).T) < width / 2]
    ways = rays(camera, pixels)
    return camera, float(np.linalg.norm(lens.project(ways) - pixels, axis=1).max())


def fisheye_scan(aria: Aria, camera: Camera) -> tuple[Scan, list[int]]:
    """Return the scan with the fisheye frames that have depth, and their timestamps."""
    frames = [f for f in aria.frames if (aria.folder / _depth_name(f)).is_file()]
    poses = np.array([Z_UP @ np.array(f["T_world_camera"]) for f in frames])
    times = [int(f["timestamp_ns"]) for f in frames]
    files = {i: aria.folder / _depth_name(f) for i, f in enumerate(frames)}
    recording = Recording(
        total=len(frames),
        indices=np.arange(len(frames)),
        times_s=1e-9 * (np.array(times) - times[0]),
        poses=poses,
        cameras=(camera,),
        depths=DepthFiles(files, camera, np.eye(4)),
    )
    return replace(aria.scan, recording=recording), times


def _depth_name(frame: Mapping[str, Any]) -> str:
    return f"exported/depth_{frame['timestamp_ns']}.png"


def overlap(a: PxBox, b: PxBox) -> float:
    """Return the intersection of two 2D boxes over their union."""
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(across, 0.0) * max(down, 0.0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return shared / max(areas - shared, 1e-9)


def compare_boxes(pairs: Sequence[tuple[PxBox, PxBox]]) -> dict[str, float]:
    """Return the figures of (ours, published)."""
    ours, theirs = (np.array([pair[k] for pair in pairs]) for k in (0, 1))
    middles = 0.5 * (ours[:, :2] + ours[:, 2:] - theirs[:, :2] - theirs[:, 2:])
    overlaps = np.array([overlap(a, b) for a, b in pairs])
    return {
        "objects": len(pairs),
        "centre error, px": float(np.median(np.hypot(*middles.T))),
        "median IoU": float(np.median(overlaps)),
        "share of IoU over 0.5": float((overlaps > 0.5).mean()),
    }


def corner_boxes(aria: Aria) -> dict[str, float]:
    """Compare boxes around the corners, through the exact lens, with the published ones."""
    pairs = []
    boxes = stack([thing.box for thing in aria.scan.scene.objects])
    points = corners(boxes)
    index = {thing.id: i for i, thing in enumerate(aria.scan.scene.objects)}
    last = np.array(aria.size) - 1.0
    for frame in aria.frames:
        pose = Z_UP @ np.array(frame["T_world_camera"])
        for id, published in aria.published[int(frame["timestamp_ns"])].items():
            if published.counts:
                pixels = aria.lens.project(to_camera(pose, points[index[id]]))
                low, high = (np.clip(p, 0, last) for p in (pixels.min(axis=0), pixels.max(axis=0)))
                pairs.append(((low[0], low[1], high[0], high[1]), published.box))
    return compare_boxes(pairs)


def sightings(
    found: Sequence[Mapping[str, Sighting]], published: Sequence[Mapping[str, Published]]
) -> dict[str, float]:
    """Compare what frames show with what is published of them."""
    boxes, fractions, unseen = [], [], 0
    for ours, theirs in zip(found, published, strict=True):
        for id, each in theirs.items():
            x0, y0, x1, y1 = each.box
            if min(x1 - x0, y1 - y0) <= LEAST_PX:
                continue
            sighting = ours.get(id)
            unseen += sighting is None
            fractions.append((sighting.fraction if sighting else 0.0, each.visible))
            if sighting and each.counts:
                boxes.append((sighting.box_px, each.box))
    ours_f, theirs_f = np.array(fractions).T
    off = ours_f - theirs_f
    return {
        **compare_boxes(boxes),
        "fractions": len(off),
        "correlation": float(np.corrcoef(ours_f, theirs_f)[0, 1]),
        "mean error": float(off.mean()),
        "mean absolute error": float(np.abs(off).mean()),
        "share within 0.1": float((np.abs(off) <= 0.1).mean()),
        "not seen by us": unseen,
    }


def carried(aria: Aria, camera: Camera, time: int, recording: Recording, position: int) -> Any:
    """Return what is published of a fisheye frame as boxes in its pinhole copy."""
    (frame,) = (f for f in aria.frames if int(f["timestamp_ns"]) == time)
    pose = Z_UP @ np.array(frame["T_world_camera"])
    pinhole = recording.camera(position)
    found = {}
    for id, each in aria.published[time].items():
        x0, y0, x1, y1 = each.box
        across, down = np.linspace(x0, x1, 20), np.linspace(y0, y1, 20)
        edges = [np.stack([across, np.full(20, v)], 1) for v in (y0, y1)]
        edges += [np.stack([np.full(20, u), down], 1) for u in (x0, x1)]
        ways = rays(camera, np.concatenate(edges))
        local = to_camera(recording.poses[position], to_world(pose, ways))
        pixels = project(pinhole, local)
        if inside(pinhole, pixels).all():
            low, high = pixels.min(axis=0), pixels.max(axis=0)
            found[id] = Published((low[0], low[1], high[0], high[1]), each.visible)
    return found


def depth_agreement(aria: Aria, recording: Recording, times: Sequence[int]) -> dict[str, float]:
    """Compare measured depth in the middle of things with where their boxes are."""
    objects = aria.scan.scene.objects
    boxes = stack([thing.box for thing in objects])
    index = {thing.id: i for i, thing in enumerate(objects)}
    offs, held = [], []
    assert recording.depths is not None
    for position, time in enumerate(times):
        image, pose = recording.depths.read(position), recording.poses[position]
        for id, each in aria.published[time].items():
            if not each.counts:
                continue
            i = np.array([index[id]])
            local = to_camera(pose, boxes.centers[i])
            pixel = project(recording.camera(position), local)
            if not inside(recording.camera(position), pixel).all():
                continue
            column, row = np.rint(pixel[0]).astype(int)
            far = float(np.linalg.norm(local))
            way = (boxes.centers[i] - pose[:3, 3]) / far
            enter, leave = box_crossing(boxes, i, pose[:3, 3], way)
            measured = float(image[row, column]) * far / local[0, 2]
            held.append(bool(enter[0] - 0.02 <= measured <= leave[0] + 0.02))
            if leave[0] - enter[0] < 0.15:
                offs.append(1000 * (float(image[row, column]) - local[0, 2]))
    middle = float(np.median(offs))
    return {
        "small things": len(offs),
        "depth minus centre, median mm": middle,
        "median absolute deviation, mm": float(np.median(np.abs(np.array(offs) - middle))),
        "things": len(held),
        "share with depth inside the box": float(np.mean(held)),
    }


def agreement(folder: Path) -> dict[str, dict[str, float]]:
    """Return all figures."""
    aria = load(folder)
    camera, error = nearest_camera(aria.lens, aria.size)
    scan, times = fisheye_scan(aria, camera)
    assert scan.recording is not None
    assert aria.scan.recording is not None
    scene = observe(scan, frames=len(times))
    published = [aria.published[time] for time in times]
    copies = observe(aria.scan, frames=aria.scan.recording.total)
    own = [carried(aria, camera, t, aria.scan.recording, k) for k, t in enumerate(times)]
    return {
        "our camera for that lens": {"largest error, px": error},
        "corners through the exact lens": corner_boxes(aria),
        "seen in the fisheye frames": sightings([f.seen for f in scene.frames], published),
        "seen in the pinhole copies": sightings([f.seen for f in copies.frames[: len(times)]], own),
        "depth": depth_agreement(aria, scan.recording, times),
    }


def held(figures: Mapping[str, Mapping[str, float]]) -> bool:
    """Tell whether the floors hold, for the corners and for what is seen in fisheye frames."""
    return all(
        part["centre error, px"] <= FLOORS["centre error, px"]
        and part["share of IoU over 0.5"] >= FLOORS["share of IoU over 0.5"]
        for name, part in figures.items()
        if name in ("corners through the exact lens", "seen in the fisheye frames")
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, help="an Aria Digital Twin recording")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        figures = agreement(options.folder)
    except (SpatialgenError, OSError, ValueError, KeyError) as error:
        print(f"aria_agreement: {options.folder}: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(figures | {"held": held(figures)}))
    else:
        for name, part in figures.items():
            print(name)
            for what, value in part.items():
                print(f"    {what:36}{value:10.3f}" if value % 1 else f"    {what:36}{value:10.0f}")
        print("all floors hold" if held(figures) else "below a floor")
    return 0 if held(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
