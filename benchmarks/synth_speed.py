"""How fast ``spatialgen synth`` is: rendering alone, whole rooms on disk, next to trimesh.

    python benchmarks/synth_speed.py [--rooms 6] [--size 96] [--workers 2] [--seed 0] [--json]

Rendered frames have colour with patterns and shadows, depth, and what each pixel
shows. Written rooms have mesh, labels, images, video and the truth too. What a
user would try first is timed on the same rooms in the same run: a camera of
trimesh that sends its rays through the pixels of the same frames, by the same
Embree, and gets only the triangle that each meets. The exit status is 1 if
whole rooms come out slower than the goal.
"""

import argparse
import functools
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import trimesh

from spatialgen.cameras import pixel_grid, rays
from spatialgen.parallel import ordered_map
from spatialgen.progress import Progress
from spatialgen.synth.render import triangles
from spatialgen.synth.scans import make_room
from spatialgen.synth.settings import RoomSettings, settings
from spatialgen.synth.writing import write_rooms

#: Frames per second of whole rooms on disk, at 96 pixels on 2 cores.
GOAL = 100.0


@dataclass(frozen=True)
class Result:
    """What one run measured; all but counts are per second, or seconds per room."""

    rooms: int
    frames: int
    size: int
    workers: int
    make_s: float
    rendered: float
    render_cpu_ms: float
    rendered_in_parallel: float
    written: float
    write_cpu_ms: float
    trimesh_first_hits: float
    trimesh_cpu_ms: float
    megabytes_per_room: float

    @property
    def good(self) -> bool:
        """Whether whole rooms are as fast as promised."""
        return self.written >= GOAL


def _render(seed: int, chosen: RoomSettings) -> Callable[[int], int]:
    return functools.partial(_render_room, seed, chosen)


def _render_room(seed: int, chosen: RoomSettings, index: int) -> int:
    film = make_room(seed, index, chosen).film
    for frame in range(len(film.poses)):
        film.shot(frame)
    return len(film.poses)


def _first_hits(seed: int, chosen: RoomSettings, index: int) -> tuple[float, float]:
    """Return the seconds, and those of one core, in which trimesh finds what pixels show."""
    room = make_room(seed, index, chosen)
    quads = room.model.quads
    mesh = trimesh.Trimesh(quads.reshape(-1, 3), triangles(len(quads)), process=False)
    ways = rays(room.film.camera, pixel_grid(room.film.camera))
    started, cpu = time.perf_counter(), time.process_time()
    for pose in room.film.poses:
        turned = ways @ pose[:3, :3].T
        mesh.ray.intersects_first(np.broadcast_to(pose[:3, 3], turned.shape), turned)
    return time.perf_counter() - started, time.process_time() - cpu


def measure(rooms: int, size: int, workers: int, seed: int) -> Result:
    """Time every way on the same rooms."""
    chosen = settings(width=size, height=size)
    frames = rooms * chosen.frames
    make_room(seed, 0, chosen).film.shot(0)  # imports, and Embree's own start
    started = time.perf_counter()
    films = [make_room(seed, index, chosen).film for index in range(rooms)]
    made = time.perf_counter() - started
    started, cpu = time.perf_counter(), time.process_time()
    for film in films:
        for frame in range(len(film.poses)):
            film.shot(frame)
    alone, alone_cpu = time.perf_counter() - started, time.process_time() - cpu
    del films
    starting = ordered_map(functools.partial(_render, seed, chosen), range(rooms), workers)
    started = time.perf_counter()
    together = sum(starting)
    rendered_in_parallel = together / (time.perf_counter() - started)
    with tempfile.TemporaryDirectory() as folder, Progress("rooms") as progress:
        started, cpu = time.perf_counter(), _cpu_s()
        write_rooms(Path(folder), seed, rooms, chosen, workers, progress)
        written = frames / (time.perf_counter() - started)
        write_cpu = _cpu_s() - cpu
        size_mb = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file()) / 1e6
    hits = np.sum([_first_hits(seed, chosen, index) for index in range(rooms)], axis=0)
    return Result(
        rooms=rooms,
        frames=frames,
        size=size,
        workers=workers,
        make_s=made / rooms,
        rendered=frames / alone,
        render_cpu_ms=1e3 * alone_cpu / frames,
        rendered_in_parallel=rendered_in_parallel,
        written=written,
        write_cpu_ms=1e3 * write_cpu / frames,
        trimesh_first_hits=float(frames / hits[0]),
        trimesh_cpu_ms=float(1e3 * hits[1] / frames),
        megabytes_per_room=size_mb / rooms,
    )


def _cpu_s() -> float:
    """Return the seconds of all cores that this process and its finished workers have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _table(result: Result) -> str:
    r = result
    return "\n".join(
        [
            f"{r.rooms} rooms, {r.frames} frames of {r.size} x {r.size} pixels",
            f"furnish, build, mesh, path         {1e3 * r.make_s:8.0f} ms a room",
            f"render, one process                {r.rendered:8.0f} frames/s"
            f"   ({r.render_cpu_ms:.1f} ms of one core a frame)",
            f"furnish and render, {r.workers} processes    {r.rendered_in_parallel:8.0f} frames/s",
            f"write whole rooms, {r.workers} processes     {r.written:8.0f} frames/s"
            f"   ({r.write_cpu_ms:.1f} ms of one core a frame; goal: at least {GOAL:.0f})",
            f"size on disk                       {r.megabytes_per_room:8.1f} MB a room",
            f"trimesh, first triangles only      {r.trimesh_first_hits:8.0f} frames/s, one process"
            f"   ({r.trimesh_cpu_ms:.1f} ms of one core a frame)",
        ]
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rooms", type=int, default=6, help="how many rooms")
    parser.add_argument("--size", type=int, default=96, help="pixels of a side")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--seed", type=int, default=0, help="which rooms")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    result = measure(options.rooms, options.size, options.workers, options.seed)
    print(json.dumps(asdict(result)) if options.json else _table(result))
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
