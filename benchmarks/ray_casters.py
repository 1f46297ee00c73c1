"""Embree through embreex, next to Embree through Open3D: speed, agreement, size on disk.

    python benchmarks/ray_casters.py [--json]

Both send the same rays at the same made room: one ray per pixel of 640 x 480 pictures, and
thousands of rays between scattered points, as visibility does. Which package is
installed decides what is measured; the one that is absent is skipped with a line.
Open3D is no dependency: to measure it, install it in an environment of its own
(``pip install open3d embreex numpy``; it needs libusb-1.0).
"""

import argparse
import importlib.metadata
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spatialgen.cameras import pixel_grid, rays
from spatialgen.raycast import RayCaster
from spatialgen.rng import generator
from spatialgen.scan import Floats
from spatialgen.synth.scans import make_room
from spatialgen.synth.settings import settings

REPEATS = 5
SCATTERED = 100_000

#: From origins and directions (n, 3) to distances (n,), inf for none.
Cast = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, eq=False)
class Task:
    """A room's triangles, and bundles of rays: name, origins (n, 3), directions (n, 3)."""

    vertices: Floats
    faces: npt.NDArray[np.int32]
    bundles: Sequence[tuple[str, Floats, Floats]]


def task() -> Task:
    """Return the same room and rays every time."""
    room = make_room(
        0, 0, settings(objects=40, width=640, height=480, seconds=2.0, fps=2.0, spacing=0.0565)
    )
    mesh, recording = room.scan.mesh, room.scan.recording
    assert mesh is not None
    assert recording is not None
    ways = rays(recording.cameras[0], pixel_grid(recording.cameras[0]))
    pose = recording.poses[0]
    pictures = ways @ pose[:3, :3].T
    rng = generator(0, "ray_casters")
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    starts, ends = rng.uniform(low, high, (2, SCATTERED, 3))
    between = (ends - starts) / np.linalg.norm(ends - starts, axis=1, keepdims=True)
    return Task(
        mesh.vertices,
        mesh.faces,
        [
            ("picture", np.broadcast_to(pose[:3, 3], pictures.shape), pictures),
            ("scattered", starts, between),
        ],
    )


def with_embreex(given: Task) -> tuple[float, Cast]:
    """Return how long building took, and how to cast rays: the way this package does."""
    started = time.perf_counter()
    caster = RayCaster(given.vertices, given.faces)
    caster.first_hits(np.zeros(3), np.array([[0.0, 0.0, 1.0]]))
    seconds = time.perf_counter() - started
    return seconds, lambda origins, ways: caster.first_hits(origins, ways).distances


def with_open3d(given: Task) -> tuple[float, Cast]:
    """Return the same for Open3D's RaycastingScene."""
    o3d: Any = importlib.import_module("open3d")
    tensor = o3d.core.Tensor
    started = time.perf_counter()
    scene = o3d.t.geometry.RaycastingScene()
    scene.add_triangles(
        tensor(given.vertices.astype(np.float32)), tensor(given.faces.astype(np.uint32))
    )
    scene.cast_rays(tensor(np.array([[0, 0, 0, 0, 0, 1]], dtype=np.float32)))
    seconds = time.perf_counter() - started

    def cast(origins: Floats, ways: Floats) -> Floats:
        bundle = np.concatenate([origins, ways], axis=1).astype(np.float32)
        return np.asarray(scene.cast_rays(tensor(bundle))["t_hit"].numpy(), dtype=np.float64)

    return seconds, cast


CASTERS = {"embreex": with_embreex, "open3d": with_open3d}


def disk_mb(package: str) -> float:
    """Return the size of a package and of all that it needs, in megabytes."""
    waiting, counted, size = [package], set[str](), 0
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in counted:
            continue
        counted.add(name)
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        paths = [Path(str(path.locate())) for path in found.files or ()]
        size += sum(path.stat().st_size for path in paths if path.is_file())
        needed = [need for need in found.requires or () if "extra ==" not in need]
        waiting += [_name(need) for need in needed]
    return size / 1e6


def _name(requirement: str) -> str:
    """Return the package that a requirement is about."""
    end = next((i for i, c in enumerate(requirement) if not (c.isalnum() or c in "-_.")), None)
    return requirement[:end]


def measure() -> dict[str, dict[str, float]]:
    """Return the figures of each package that is installed."""
    given, report, reference = task(), dict[str, dict[str, float]](), dict[str, Floats]()
    for package, prepare in CASTERS.items():
        if importlib.util.find_spec(package) is None:
            print(f"ray_casters: {package} is not installed, so it is skipped", file=sys.stderr)
            continue
        seconds, cast = prepare(given)
        figures = {"build_ms": 1000 * seconds, "disk_mb": disk_mb(package)}
        for name, origins, ways in given.bundles:
            wall, cpu = [], []
            for _ in range(REPEATS):
                before = time.perf_counter(), time.process_time()
                distances = cast(origins, ways)
                wall.append(time.perf_counter() - before[0])
                cpu.append(time.process_time() - before[1])
            figures[f"{name}, million rays/s"] = len(ways) / min(wall) / 1e6
            figures[f"{name}, million rays/s of CPU"] = len(ways) / min(cpu) / 1e6
            other = reference.setdefault(name, distances)
            met = np.isfinite(distances) & np.isfinite(other)
            figures[f"{name}, hit by one only"] = float(
                (np.isfinite(distances) != np.isfinite(other)).sum()
            )
            figures[f"{name}, difference of 999 in 1,000, mm"] = float(
                1000 * np.quantile(np.abs(distances[met] - other[met]), 0.999)
            )
        report[package] = figures
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    report = measure()
    if options.json:
        print(json.dumps(report))
    else:
        for package, figures in report.items():
            print(package)
            for name, value in figures.items():
                print(f"    {name:36}{value:12.3f}")
    return 0 if report else 1


if __name__ == "__main__":
    sys.exit(main())
