"""One filmed room in every layout: what its video shows is the same whichever was read.

The room is made, filmed and written as ScanNet, and from that as ScanNet++ and
ARKitScenes. So conventions are checked together: axes, changes of frame, inverted
poses, half pixels, pictures that lie on their side, and depth that does not.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from spatialgen import scenes
from spatialgen.cameras import pixel_grid, rays, to_world
from spatialgen.graph.observe import observe
from spatialgen.progress import Progress
from spatialgen.raycast import RayCaster
from spatialgen.records import Camera, Scene, SceneObject
from spatialgen.scan import Mesh, Recording, Scan
from spatialgen.scenes._upright import turned
from spatialgen.synth.settings import settings
from spatialgen.synth.writing import write_rooms
from tests.media.made_pictures import save_depth, save_picture
from tests.scenes import made_scannet
from tests.scenes.made_scannetpp import as_written, save_json, transforms

#: The size of the phone's depth in ScanNet++.
SIZE = (256, 192)
FRAMES = 6


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    out = tmp_path_factory.mktemp("room")
    chosen = settings(width=SIZE[0], height=SIZE[1], seconds=3, fps=2, objects=8)
    with Progress("rooms") as progress:
        write_rooms(out, 3, 1, chosen, 1, progress)
    return scenes.load(scenes.open_scenes([out]).refs[0])


def parts(scan: Scan) -> tuple[Mesh, Recording]:
    assert scan.mesh is not None
    assert scan.recording is not None
    return scan.mesh, scan.recording


def as_scannetpp(scan: Scan, parent: Path) -> Path:
    folder = parent / "room"
    mesh, film = parts(scan)
    (folder / "scans").mkdir(parents=True)
    save_mesh(folder / "scans" / "mesh_aligned_0.05.ply", mesh)
    segments = list(range(len(mesh.vertices)))
    save_json(folder / "scans" / "segments.json", {"segIndices": segments})
    groups = [
        {
            "label": thing.label,
            "segments": np.unique(mesh.faces[mesh.owners == number]).tolist(),
            "obb": obb(thing),
        }
        for number, thing in enumerate(scan.scene.objects)
    ]
    save_json(folder / "scans" / "segments_anno.json", {"segGroups": groups})
    poses = {}
    for index, picture, depth_mm in pictures(film):
        name = f"frame_{index:06d}"
        save_picture(folder / "iphone" / "rgb" / f"{name}.png", picture)
        save_depth(folder / "iphone" / "depth" / f"{name}.png", depth_mm)
        poses[f"{name}.png"] = as_written(film.poses[index])
    times = {f"frame_{i:06d}": {"timestamp": 9.0 + time} for i, time in enumerate(film.times_s)}
    save_json(folder / "iphone" / "pose_intrinsic_imu.json", times)
    camera = film.camera(0)
    lens = {
        "fl_x": camera.fx, "fl_y": camera.fy, "cx": camera.cx + 0.5, "cy": camera.cy + 0.5,
        "w": camera.width, "h": camera.height, "camera_model": "PINHOLE",
    }  # fmt: skip
    save_json(folder / "iphone" / "nerfstudio" / "transforms.json", transforms(poses, lens))
    return folder


def as_arkitscenes(scan: Scan, parent: Path) -> Path:
    folder = parent / "41000000"
    mesh, film = parts(scan)
    folder.mkdir(parents=True)
    save_mesh(folder / "41000000_3dod_mesh.ply", mesh)
    data = [
        {"uid": thing.id, "label": thing.label, "segments": {"obbAligned": obb(thing)}}
        for thing in scan.scene.objects
    ]
    save_json(folder / "41000000_3dod_annotation.json", {"data": data, "skipped": False})
    lying = turned(film, 1)
    lines = []
    for index, picture, depth_mm in pictures(film):
        time = f"{100 + film.times_s[index]:.3f}"
        save_picture(
            folder / "vga_wide" / f"41000000_{time}.png", np.ascontiguousarray(np.rot90(picture))
        )
        save_depth(folder / "lowres_depth" / f"41000000_{time}.png", np.rot90(depth_mm))
        camera = lying.camera(0)
        numbers = (camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy)
        pincam = folder / "vga_wide_intrinsics" / f"41000000_{time}.pincam"
        pincam.parent.mkdir(exist_ok=True)
        pincam.write_text(" ".join(map(repr, numbers)))
        back = np.linalg.inv(lying.poses[index])
        turn = Rotation.from_matrix(back[:3, :3]).as_rotvec()
        lines.append(" ".join([time, *(f"{value:.9f}" for value in (*turn, *back[:3, 3]))]))
    (folder / "lowres_wide.traj").write_text("\n".join(lines))
    return folder


def save_mesh(path: Path, mesh: Mesh) -> None:
    path.write_bytes(made_scannet.ply(mesh.vertices, mesh.faces))


def obb(thing: SceneObject) -> dict[str, Any]:
    axes = [value for axis in thing.box.axes for value in axis]
    return {"centroid": thing.box.center, "axesLengths": thing.box.size, "normalizedAxes": axes}


def pictures(film: Recording) -> list[tuple[int, Any, Any]]:
    assert film.colors is not None
    assert film.depths is not None
    indices: Sequence[int] = film.indices.tolist()
    return [
        (index, picture, np.rint(film.depths.read(index) * 1000))
        for index, picture in film.colors.read(indices)
    ]


LAYOUTS = [
    pytest.param(as_scannetpp, "scannetpp", 0.02, id="scannetpp"),
    # Only boxes are annotated, so parts of other things inside a box count as its own.
    pytest.param(as_arkitscenes, "arkitscenes", 0.15, id="arkitscenes"),
]


@pytest.mark.parametrize(("write", "name", "tolerance"), LAYOUTS)
def test_every_layout_shows_the_same(
    write: Any, name: str, tolerance: float, room: Scan, tmp_path: Path
) -> None:
    scan = scenes.load(scenes.open_scenes([write(room, tmp_path)], name).refs[0])
    assert [thing.label for thing in scan.scene.objects] == [
        thing.label for thing in room.scene.objects
    ]
    for thing, expected in zip(scan.scene.objects, room.scene.objects, strict=True):
        assert thing.box.center == pytest.approx(expected.box.center)
        assert thing.box.size == pytest.approx(expected.box.size)
    _, film = parts(scan)
    _, before = parts(room)
    assert np.allclose(film.poses, before.poses, atol=1e-5)
    _same_camera(film.camera(0), before.camera(0))
    assert film.colors is not None
    assert before.colors is not None
    indices = before.indices.tolist()
    for (_, picture), (_, expected) in zip(
        film.colors.read(indices), before.colors.read(indices), strict=True
    ):
        assert np.array_equal(picture, expected)
    _same_sightings(observe(scan, FRAMES), observe(room, FRAMES), tolerance)


@pytest.mark.parametrize(
    ("write", "name"),
    [(as_scannetpp, "scannetpp"), (as_arkitscenes, "arkitscenes")],
    ids=["scannetpp", "arkitscenes"],
)
def test_depth_lies_on_the_mesh(write: Any, name: str, room: Scan, tmp_path: Path) -> None:
    """Rays through the pixels of the depth image end where it says, to a few millimetres."""
    mesh, film = parts(scenes.load(scenes.open_scenes([write(room, tmp_path)], name).refs[0]))
    assert film.depths is not None
    caster = RayCaster(mesh.vertices, mesh.faces)
    for place, index in enumerate(film.indices.tolist()):
        camera = film.depths.camera
        ways = rays(camera, pixel_grid(camera))
        pose = film.poses[place] @ np.linalg.inv(film.depths.from_color)
        origin = pose[:3, 3]
        hits = caster.first_hits(origin, to_world(pose, ways) - origin)
        depth = film.depths.read(index).ravel()
        met = np.isfinite(hits.distances) & (depth > 0)
        off = np.abs(depth[met] - hits.distances[met] * ways[met, 2])
        assert met.mean() > 0.9
        assert np.quantile(off, 0.98) < 0.003


def _same_camera(found: Camera, expected: Camera) -> None:
    for key in ("fx", "fy", "cx", "cy", "width", "height"):
        assert getattr(found, key) == pytest.approx(getattr(expected, key)), key


def _same_sightings(found: Scene, expected: Scene, tolerance: float) -> None:
    names = {
        thing.id: other.id for thing, other in zip(found.objects, expected.objects, strict=True)
    }
    assert len(found.frames) == len(expected.frames) == FRAMES
    differences = []
    for frame, other in zip(found.frames, expected.frames, strict=True):
        seen = {names[id]: sighting for id, sighting in frame.seen.items()}
        clear = {id for id, sighting in other.seen.items() if sighting.fraction > 0.2}
        assert clear <= seen.keys()
        differences += [abs(seen[id].fraction - other.seen[id].fraction) for id in clear]
    assert len(differences) > FRAMES
    assert float(np.median(differences)) <= 0.02
    assert float(np.max(differences)) <= tolerance
    assert {names[id]: time for id, time in found.first_seen.items()} == pytest.approx(
        expected.first_seen, abs=1e-3
    )
