"""How fast a scan becomes a scene graph: per stage, next to its bytes, next to a plain loop.

    python benchmarks/scan_speed.py [--frames 2000] [--distinct 200] [--growth] [--json]

Makes a scan of ScanNet's size in a temporary folder: 40 objects, about 150,000
vertices, depth images of 640 x 480 with a sensor's noise, no colour. The camera walks
to and fro along ``--distinct`` places, so that making the files does not take longer than
what is measured; every frame is a file of its own to read and decode.

Timed in a process of its own, whose peak memory is told: reading the bytes of all
files that are used, which nothing can be faster than; mesh, objects, boxes and graph without
frames; what every frame shows and when each object is first seen (``observe``);
every single frame in full. On a machine that has other work, look at the processor's seconds:
two free cores do nearly two of them in one. A plain loop is run for comparison on some frames: it
projects the vertices of each object and looks them up in the depth image.
Exits with 1 where a goal is not reached.
"""

import argparse
import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from spatialgen import scenes
from spatialgen.cameras import inside, pixel_grid, project, rays, to_camera
from spatialgen.graph.boxes import corners
from spatialgen.graph.build import build
from spatialgen.graph.observe import THREADS, observe, surroundings
from spatialgen.graph.visibility import look
from spatialgen.raycast import RayCaster
from spatialgen.rng import generator
from spatialgen.scan import Depth, Depths, Floats, Recording, Scan
from spatialgen.synth.rooms import room_name
from spatialgen.synth.scannet_files import write
from spatialgen.synth.scans import make_room
from spatialgen.synth.settings import settings

ROOM, FPS = 3, 30.0
#: Seconds without frames, frames a second, and bytes of memory.
GOALS = {"without_frames_s": 1.0, "frames_per_s": 100.0, "peak_mb": 1500.0}
#: Noise of a depth sensor, as a share of the depth.
NOISE = 0.002


@dataclass(frozen=True)
class Size:
    """How large a scan to make."""

    objects: int = 40
    spacing: float = 0.0565
    frames: int = 2000
    distinct: int = 200


@dataclass(frozen=True)
class Result:
    """What one run measured."""

    vertices: int
    objects: int
    frames: int
    bytes_mb: float
    bytes_s: float
    load_s: float
    graph_s: float
    without_frames_s: float
    without_frames_cpu_s: float
    observe_s: float
    observe_cpu_s: float
    looked_at: int
    frames_per_s: float
    every_frame_per_s: float
    every_frame_per_cpu_s: float
    plain_loop_per_s: float
    plain_loop_per_cpu_s: float
    first_seen: int
    peak_mb: float

    @property
    def good(self) -> bool:
        """Whether all goals are reached."""
        return (
            self.without_frames_s <= GOALS["without_frames_s"]
            and self.frames_per_s >= GOALS["frames_per_s"]
            and self.peak_mb <= GOALS["peak_mb"]
        )


class CountedDepths:
    """Depth images that remember how many were read."""

    def __init__(self, depths: Depths) -> None:
        self.camera, self.from_color = depths.camera, depths.from_color
        self.count = 0
        self._depths = depths

    def read(self, index: int) -> Depth:
        """Return one depth image."""
        self.count += 1
        return self._depths.read(index)


def make(folder: Path, size: Size) -> Path:
    """Write a scan; return its folder."""
    chosen = settings(
        objects=size.objects, spacing=size.spacing, width=640, height=480, fov_deg=58, seconds=0.1
    )
    scan = folder / room_name(0, ROOM)
    scan.mkdir(parents=True)
    write(scan, make_room(0, ROOM, chosen), 0, ROOM, FPS)
    for part in ("color", "depth", "pose"):
        shutil.rmtree(scan / part)
        if part != "color":
            (scan / part).mkdir()
    (scan / f"{scan.name}.mp4").unlink()
    longer = chosen.model_copy(update={"fps": size.distinct / 40, "seconds": 40.0})
    room = make_room(0, ROOM, longer)
    text = (scan / f"{scan.name}.txt").read_text()
    text = re.sub(r"num(Color|Depth)Frames = \d+", rf"num\1Frames = {size.frames}", text)
    (scan / f"{scan.name}.txt").write_text(text)
    alignment = np.array(re.search(r"axisAlignment = (.*)", text)[1].split(), dtype=float)  # type: ignore[index]
    to_raw = np.linalg.inv(alignment.reshape(4, 4))
    mesh = room.scan.mesh
    assert mesh is not None
    caster, camera = RayCaster(mesh.vertices, mesh.faces), room.film.camera
    ways = rays(camera, pixel_grid(camera))
    walk = [*range(size.distinct), *range(size.distinct - 2, 0, -1)]
    for frame in range(size.frames):
        place = walk[frame % len(walk)]
        pose, image = scan / "pose" / f"{frame}.txt", scan / "depth" / f"{frame}.png"
        if frame >= size.distinct:
            os.link(scan / "pose" / f"{place}.txt", pose)
            os.link(scan / "depth" / f"{place}.png", image)
            continue
        at = room.film.poses[place]
        np.savetxt(pose, to_raw @ at, fmt="%.6f")
        far = caster.first_hits(at[:3, 3], ways @ at[:3, :3].T).distances * ways[:, 2]
        noisy = far * generator(0, "noise", place).normal(1.0, NOISE, len(far))
        depth = np.where(np.isfinite(noisy), np.rint(1000 * noisy), 0).astype(np.uint16)
        cv2.imwrite(str(image), depth.reshape(camera.height, camera.width))
    return scan


def measure(scan: Path) -> Result:
    """Time every stage on a scan's files."""
    started = time.perf_counter()
    total = sum(len(path.read_bytes()) for path in scan.rglob("*") if path.is_file())
    bytes_s = time.perf_counter() - started
    (ref,) = scenes.open_scenes([scan]).refs
    started, cpu = time.perf_counter(), time.process_time()
    loaded = scenes.load(ref)
    load_s = time.perf_counter() - started
    started = time.perf_counter()
    graph = build(loaded.scene)
    found = corners(graph.boxes), graph.gaps, graph.by_label
    graph_s, without_frames_cpu_s = time.perf_counter() - started, time.process_time() - cpu
    recording = loaded.recording
    assert len(found) == 3 and recording is not None and loaded.mesh is not None  # noqa: PT018
    assert recording.depths is not None
    counted = CountedDepths(recording.depths)
    started, cpu = time.perf_counter(), time.process_time()
    scene = observe(replace(loaded, recording=replace(recording, depths=counted)))
    observe_s, observe_cpu_s = time.perf_counter() - started, time.process_time() - cpu
    every, every_cpu = every_frame(loaded, recording)
    # Linux's figure for this program alone; that of getrusage also knows who started it.
    status = Path("/proc/self/status").read_text()
    peak_mb = float(status.split("VmHWM:")[1].split()[0]) / 1024
    plain, plain_cpu = plain_loop(loaded, recording)
    return Result(
        vertices=len(loaded.mesh.vertices),
        objects=len(scene.objects),
        frames=len(recording.indices),
        bytes_mb=total / 1e6,
        bytes_s=bytes_s,
        load_s=load_s,
        graph_s=graph_s,
        without_frames_s=load_s + graph_s,
        without_frames_cpu_s=without_frames_cpu_s,
        observe_s=observe_s,
        observe_cpu_s=observe_cpu_s,
        looked_at=counted.count,
        frames_per_s=len(recording.indices) / observe_s,
        every_frame_per_s=every,
        every_frame_per_cpu_s=every_cpu,
        plain_loop_per_s=plain,
        plain_loop_per_cpu_s=plain_cpu,
        first_seen=len(scene.first_seen),
        peak_mb=peak_mb,
    )


def every_frame(scan: Scan, recording: Recording, most: int = 400) -> tuple[float, float]:
    """Return how many frames are described in full a second, and a second of the processor."""
    around, _ = surroundings(scan, recording)
    positions = range(0, len(recording.indices), max(1, len(recording.indices) // most))
    started, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        done = list(
            pool.map(lambda p: look(around, p, recording.poses[p], recording.camera(p)), positions)
        )
    return len(done) / (time.perf_counter() - started), len(done) / (time.process_time() - cpu)


def plain_loop(scan: Scan, recording: Recording, most: int = 20) -> tuple[float, float]:
    """Return the same two figures of a loop over frames and objects, without rays or weights.

    It is what one writes first: the vertices of an object that fall into the image
    and are no more than 5 cm behind the measured depth, over all of its vertices.
    """
    mesh, depths = scan.mesh, recording.depths
    assert mesh is not None
    assert depths is not None
    owned: list[Floats] = [
        mesh.vertices[np.unique(mesh.faces[mesh.owners == i])]
        for i in range(len(scan.scene.objects))
    ]
    positions = range(0, len(recording.indices), max(1, len(recording.indices) // most))
    started, cpu = time.perf_counter(), time.process_time()
    for position in positions:
        image, camera = depths.read(int(recording.indices[position])), recording.camera(position)
        for vertices in owned:
            local = to_camera(recording.poses[position], vertices)
            pixels = project(camera, local)
            shown = inside(camera, pixels)
            columns, rows = np.rint(pixels[shown]).astype(int).T
            near = local[shown, 2] <= image[rows, columns] + 0.05
            if near.any():
                seen = pixels[shown][near]
                near.sum() / len(vertices), seen.min(axis=0), seen.max(axis=0)
    count = len(positions)
    return count / (time.perf_counter() - started), count / (time.process_time() - cpu)


def in_own_process(size: Size) -> Result:
    """Make a scan and measure it in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        scan = make(Path(folder), size)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.apply(measure, (scan,))


def show(result: Result) -> None:
    """Print one result as text."""
    print(f"{result.vertices:,} vertices, {result.objects} objects, {result.frames} frames")
    looked = f"frames, {result.looked_at} of them looked at"
    rows = (
        (f"bytes of all files, {result.bytes_mb:.0f} MB", "s", result.bytes_s, None),
        ("graph without frames", "s", result.without_frames_s, result.without_frames_cpu_s),
        (looked, "s", result.observe_s, result.observe_cpu_s),
        ("which is", "frames/s", result.frames_per_s, result.frames / result.observe_cpu_s),
        ("every frame", "frames/s", result.every_frame_per_s, result.every_frame_per_cpu_s),
        ("a plain loop", "frames/s", result.plain_loop_per_s, result.plain_loop_per_cpu_s),
    )
    for what, unit, wall, cpu in rows:
        of_cpu = "" if cpu is None else f"{cpu:10.2f} by the processor's seconds"
        print(f"  {what:36}{wall:10.2f} {unit:10}{of_cpu}")
    print(f"  objects seen                         {result.first_seen:8}")
    print(f"  peak memory                          {result.peak_mb:8.0f} MB")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=2000, help="frames of the video")
    parser.add_argument("--distinct", type=int, default=200, help="places of the camera")
    parser.add_argument("--growth", action="store_true", help="vary vertices, objects and frames")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    usual = Size(frames=options.frames, distinct=min(options.distinct, options.frames))
    sizes = [usual]
    if options.growth:
        sizes += [replace(usual, spacing=usual.spacing * k) for k in (0.7, 1.42)]
        sizes += [replace(usual, objects=k) for k in (10, 80)]
        sizes += [replace(usual, frames=max(2, int(usual.frames * k))) for k in (0.25, 2)]
    results = []
    for size in sizes:
        results.append(in_own_process(size))
        if not options.json:
            show(results[-1])
    if options.json:
        report: dict[str, Any] = {"results": [asdict(result) for result in results]}
        print(json.dumps(report))
    return 0 if results[0].good else 1


if __name__ == "__main__":
    sys.exit(main())
