"""What a frame shows of things whose visible part is known, by mesh, by depth and by boxes."""

import dataclasses
import math

import numpy as np
import pytest

from spatialgen.cameras import pixel_grid, rays
from spatialgen.errors import SceneError
from spatialgen.graph.boxes import stack
from spatialgen.graph.observe import surroundings
from spatialgen.graph.visibility import is_seen, look
from spatialgen.graph.visibility_samples import COUNT, box_triangles, sample
from spatialgen.raycast import RayCaster
from spatialgen.records import Box, Camera, Scene, SceneObject, Sighting
from spatialgen.scan import Mesh, Recording, Scan

UPRIGHT = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
LEFT_HANDED = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
PINHOLE = Camera(500.0, 500.0, 319.5, 239.5, 640, 480)
FISHEYE = Camera(180.0, 180.0, 319.5, 319.5, 640, 640, fisheye=(0.02, -0.005, 0.001, 0.0))
#: At the origin, looking along +Y with Z up.
AHEAD = np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1]])


def block(id, center, size, axes=UPRIGHT):
    return SceneObject(id, id, Box(center, size, axes))


def mesh_of(*things):
    """Return the faces of blocks as a mesh, and the objects; ids starting with _ are no objects."""
    objects = tuple(thing for thing in things if not thing.id.startswith("_"))
    index = {thing.id: i for i, thing in enumerate(objects)}
    triangles = [box_triangles(thing.box) for thing in things]
    owners = np.repeat([index.get(thing.id, -1) for thing in things], 12)
    vertices = np.concatenate(triangles).reshape(-1, 3)
    faces = np.arange(len(vertices)).reshape(-1, 3)
    return objects, Mesh(vertices, faces.astype(np.int32), owners.astype(np.int32))


class Rendered:
    """Depth images of a mesh; blank where ``blank`` (h, w) is set, broken where told."""

    def __init__(self, mesh, pose, camera, blank=None, broken=False):
        self.camera, self.from_color = camera, np.eye(4)
        self._mesh, self._pose, self._blank, self._broken = mesh, pose, blank, broken

    def read(self, index):
        if self._broken:
            raise SceneError("bad_depth", "made so")
        ways = rays(self.camera, pixel_grid(self.camera))
        hits = RayCaster(self._mesh.vertices, self._mesh.faces).first_hits(
            self._pose[:3, 3], ways @ self._pose[:3, :3].T
        )
        depth = np.where(np.isfinite(hits.distances), hits.distances * ways[:, 2], 0.0)
        image = depth.reshape(self.camera.height, self.camera.width).astype(np.float32)
        if self._blank is not None:
            image[self._blank] = 0.0
        return image


def seen_by(how, objects, mesh, camera=PINHOLE, pose=AHEAD, depths=None):
    """Return what one frame shows, by id; ``depths`` instead of those of the mesh itself."""
    left = np.zeros((camera.height, camera.width), dtype=bool)
    left[:, : camera.width // 2 + 20] = True
    depths = depths or {
        "depth": Rendered(mesh, pose, camera),
        "depth and boxes": Rendered(mesh, pose, camera),
        "half blank depth": Rendered(mesh, pose, camera, blank=left),
        "broken depth": Rendered(mesh, pose, camera, broken=True),
    }.get(how)
    recording = Recording(1, np.array([0]), np.array([0.0]), pose[None], (camera,), depths=depths)
    scene = Scene("hand", "made", "made", objects, {})
    boxed = how in ("boxes", "depth and boxes")
    scan = Scan(scene, None if boxed else mesh, recording)
    around, _ = surroundings(scan, recording)
    return {objects[i].id: each for i, each in look(around, 0, pose, camera).items()}


EVERY = ["mesh", "depth", "half blank depth", "broken depth", "boxes", "depth and boxes"]
PLATE = block("plate", (0.0, 5.0, 0.0), (1.0, 0.02, 1.0))
#: Covers the right half of the plate, as seen from the origin.
COVER = block("cover", (0.5, 2.5, 0.0), (1.0, 0.02, 2.0))


@pytest.mark.parametrize("how", EVERY)
def test_a_plate_in_full_view(how):
    (sighting,) = seen_by(how, *mesh_of(PLATE)).values()
    assert sighting.fraction == pytest.approx(1.0, abs=0.01)
    assert sighting.pixels == pytest.approx(100.2**2, rel=0.02)
    assert sighting.box_px == pytest.approx((270, 190, 369, 289), abs=2.0)
    assert not sighting.truncated


@pytest.mark.parametrize("how", EVERY)
def test_a_plate_half_covered(how):
    found = seen_by(how, *mesh_of(PLATE, COVER))
    assert found["plate"].fraction == pytest.approx(0.5, abs=0.015)
    assert found["plate"].pixels == pytest.approx(5020, rel=0.03)
    assert found["plate"].box_px == pytest.approx((270, 190, 319, 289), abs=2.5)
    assert not found["plate"].truncated
    assert found["cover"].fraction == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("how", EVERY)
@pytest.mark.parametrize(
    ("center", "size"),
    [
        pytest.param((0.0, -5.0, 0.0), (1.0, 1.0, 1.0), id="behind the camera"),
        pytest.param((20.0, 5.0, 0.0), (1.0, 1.0, 1.0), id="beside the view"),
        pytest.param((0.5, 8.0, 0.0), (0.2, 0.2, 0.2), id="all covered"),
    ],
)
def test_what_is_not_shown_is_not_there(how, center, size):
    assert "thing" not in seen_by(how, *mesh_of(COVER, block("thing", center, size)))


@pytest.mark.parametrize("how", EVERY)
def test_the_edge_of_the_image_cuts(how):
    wide = block("wide", (3.2, 5.0, 0.0), (2.0, 0.02, 1.0))
    (sighting,) = seen_by(how, *mesh_of(wide)).values()
    assert sighting.truncated
    assert sighting.box_px[2] == pytest.approx(639, abs=2)
    # The exact share of the solid angle, by summing small patches.
    x, z = np.meshgrid(np.linspace(2.2, 4.2, 801), np.linspace(-0.5, 0.5, 201))
    solid = (x * x + 25 + z * z) ** -1.5
    assert sighting.fraction == pytest.approx(solid[x < 3.2].sum() / solid.sum(), abs=0.015)


@pytest.mark.parametrize("how", EVERY)
def test_far_sides_do_not_count(how):
    (sighting,) = seen_by(how, *mesh_of(block("cube", (1.0, 4.0, 0.5), (1, 1, 1)))).values()
    assert sighting.fraction == pytest.approx(1.0, abs=0.015)


def behind_itself():
    """Return two parallel plates that are one thing: the nearer hides the farther."""
    objects, mesh = mesh_of(PLATE, block("_", (0.0, 5.5, 0.0), (1.0, 0.02, 1.0)), COVER)
    owners = np.where(mesh.owners < 0, 0, mesh.owners).astype(np.int32)
    box = Box((0.0, 5.25, 0.0), (1.0, 0.52, 1.0), UPRIGHT)
    return (dataclasses.replace(objects[0], box=box), objects[1]), dataclasses.replace(
        mesh, owners=owners
    )


@pytest.mark.parametrize("how", ["mesh", "depth", "broken depth"])
def test_what_a_thing_hides_of_itself_is_not_missed(how):
    found = seen_by(how, *behind_itself())
    # A rim of the farther plate shows inside the nearer one's outline: nothing of it does.
    assert found["plate"].fraction == pytest.approx(0.5, abs=0.02)
    assert found["plate"].pixels == pytest.approx(5020, rel=0.04)


@pytest.mark.parametrize("how", ["mesh", "depth"])
@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(lambda faces: faces[:, ::-1], id="all"),
        pytest.param(
            lambda faces: np.where(np.arange(len(faces))[:, None] % 2, faces[:, ::-1], faces),
            id="half",
        ),
    ],
)
def test_faces_wound_the_wrong_way(how, turn):
    objects, mesh = mesh_of(PLATE, COVER)
    turned = dataclasses.replace(mesh, faces=np.ascontiguousarray(turn(mesh.faces)))
    expected, found = seen_by(how, objects, mesh), seen_by(how, objects, turned)
    assert found["plate"].fraction == pytest.approx(expected["plate"].fraction, abs=0.015)
    assert found["plate"].pixels == pytest.approx(expected["plate"].pixels, rel=0.03)


@pytest.mark.parametrize(
    ("in_mesh", "in_depth", "fraction"),
    [
        pytest.param([PLATE, COVER], [PLATE], 1.0, id="what was moved away hides nothing"),
        pytest.param([PLATE], [PLATE, COVER], 0.5, id="what the mesh lacks hides"),
        pytest.param([PLATE, COVER], [PLATE, COVER], 0.5, id="both agree"),
    ],
)
def test_depth_is_believed_before_the_mesh(in_mesh, in_depth, fraction):
    objects, mesh = mesh_of(*in_mesh)
    depths = Rendered(mesh_of(*in_depth)[1], AHEAD, PINHOLE)
    found = seen_by("depth", objects, mesh, depths=depths)
    assert found["plate"].fraction == pytest.approx(fraction, abs=0.015)


def test_the_mesh_tells_apart_what_depth_can_not():
    """A picture 2 cm before a board: depth is good to centimetres only."""
    board = block("board", (0.0, 5.0, 0.0), (1.0, 0.02, 1.0))
    picture = block("picture", (0.25, 4.97, 0.0), (0.5, 0.02, 1.1))
    found = seen_by("depth", *mesh_of(board, picture))
    assert found["board"].fraction == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("size", [48, 96, 640])
def test_coarse_depth_hides_nothing_at_its_edges(size):
    """A thin board seen along its top, before a wall: a pixel of depth holds things far apart."""
    board = block("board", (0.0, 3.0, -0.15), (1.2, 0.5, 0.02))
    wall = block("_wall", (0.0, 6.0, 0.0), (9.0, 0.1, 9.0))
    camera = Camera(0.7 * size, 0.7 * size, (size - 1) / 2, (size - 1) / 2, size, size)
    found = seen_by("depth", *mesh_of(board, wall), camera=camera)
    assert found["board"].fraction == pytest.approx(1.0, abs=0.01)


def test_a_depth_camera_beside_the_colour_camera():
    """It is 30 cm to the right, and of half the size: its pixels are others."""
    mesh = mesh_of(PLATE, COVER)[1]
    beside = np.eye(4)
    beside[0, 3] = 0.3
    depths = Rendered(mesh, AHEAD @ beside, Camera(250.0, 250.0, 159.5, 119.5, 320, 240))
    depths.from_color = np.linalg.inv(beside)
    alone, own = mesh_of(PLATE)
    seen = seen_by("depth", alone, own, depths=depths)["plate"]
    # From there the cover hides the plate from 30 cm left of its middle on.
    assert seen.fraction == pytest.approx(0.2, abs=0.02)


def test_boxes_hide_nothing_that_is_inside_them():
    sofa = block("sofa", (0.0, 4.0, 0.0), (2.0, 1.0, 1.0))
    cushion = block("cushion", (0.0, 4.1, 0.2), (0.4, 0.2, 0.4))
    found = seen_by("boxes", (sofa, cushion), None)
    assert found["cushion"].fraction == pytest.approx(1.0)
    assert found["sofa"].fraction == pytest.approx(1.0)


def test_from_within_a_box_its_far_sides_are_seen():
    closet = block("closet", (0.0, 0.5, 0.0), (4.0, 4.0, 2.0))
    found = seen_by("boxes", (closet, PLATE), None)
    assert 0.01 < found["closet"].fraction < 0.4
    assert found["closet"].truncated
    assert found["plate"].fraction == pytest.approx(1.0)


def test_depth_tells_how_much_of_a_box_is_thing():
    """A bar in a large box: pixels are the bar's, and only what covers it hides it."""
    bar = block("_bar", (0.0, 5.0, 0.0), (0.1, 0.1, 2.0))
    wall = block("_wall", (0.0, 9.0, 0.0), (20.0, 0.1, 20.0))
    _, mesh = mesh_of(bar, wall)
    objects = (block("bar", (0.0, 5.0, 0.0), (2.0, 2.0, 2.0)),)
    found = seen_by("depth and boxes", objects, mesh)
    assert found["bar"].fraction == pytest.approx(1.0, abs=0.01)
    assert found["bar"].pixels == pytest.approx(500 * 0.1 * 500 * 2 / 4.95**2, rel=0.15)


@pytest.mark.parametrize("how", ["mesh", "depth", "boxes"])
def test_a_fisheye_sees_what_is_beside_it(how):
    beside = block("beside", (3.0, 0.6, 0.0), (0.5, 0.5, 0.5))
    (sighting,) = seen_by(how, *mesh_of(beside), camera=FISHEYE).values()
    assert sighting.fraction == pytest.approx(1.0, abs=0.02)
    angle = math.atan2(3.0, 0.6)
    bent = angle * (1 + 0.02 * angle**2 - 0.005 * angle**4 + 0.001 * angle**6)
    assert 0.5 * (sighting.box_px[0] + sighting.box_px[2]) == pytest.approx(
        319.5 + 180 * bent, abs=6
    )


@pytest.mark.parametrize("camera", [PINHOLE, FISHEYE], ids=["pinhole", "fisheye"])
@pytest.mark.parametrize("how", ["mesh", "depth", "boxes"])
def test_pixels_are_those_of_a_rendered_image(how, camera):
    things = [
        block(f"b{k}", (k - 1.5, 4.0 + 0.5 * k, 0.4 * k - 0.6), (0.6, 0.5, 0.7)) for k in range(4)
    ]
    objects, mesh = mesh_of(*things)
    ways = rays(camera, pixel_grid(camera)) @ AHEAD[:3, :3].T
    hits = RayCaster(mesh.vertices, mesh.faces).first_hits(np.zeros(3), ways)
    owners = np.where(hits.triangles >= 0, mesh.owners[hits.triangles], -1)
    found = seen_by(how, objects, mesh, camera=camera)
    for k, thing in enumerate(objects):
        rows, columns = np.divmod(np.flatnonzero(owners == k), camera.width)
        assert found[thing.id].pixels == pytest.approx(len(rows), rel=0.05)
        box = (columns.min(), rows.min(), columns.max(), rows.max())
        assert found[thing.id].box_px == pytest.approx(box, abs=3)


@pytest.mark.parametrize(
    ("fraction", "pixels", "seen"),
    [
        pytest.param(0.1, 154, True, id="just enough"),
        pytest.param(0.099, 5000, False, id="too little of it"),
        pytest.param(1.0, 153, False, id="too small"),
    ],
)
def test_seen_takes_a_share_and_a_size(fraction, pixels, seen):
    assert is_seen(Sighting((0, 0, 1, 1), fraction, pixels, False), PINHOLE) == seen


def test_a_share_of_what_counts_as_seen_is_a_hint():
    sighting = Sighting((0, 0, 1, 1), 0.03, 40, False)
    assert not is_seen(sighting, PINHOLE)
    assert is_seen(sighting, PINHOLE, 0.2)


def test_a_small_image_needs_a_few_pixels_too():
    tiny = Camera(50, 50, 31.5, 31.5, 64, 64)
    assert not is_seen(Sighting((0, 0, 1, 1), 1.0, 15, False), tiny)
    assert is_seen(Sighting((0, 0, 1, 1), 1.0, 16, False), tiny)


# -- points on surfaces ------------------------------------------------------


@pytest.mark.parametrize("axes", [UPRIGHT, LEFT_HANDED], ids=["right-handed", "left-handed"])
def test_box_triangles_face_outward_and_cover_the_box(axes):
    triangles = box_triangles(Box((1.0, 2.0, 3.0), (1.0, 2.0, 4.0), axes))
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    assert (np.einsum("tc,tc->t", normals, triangles.mean(axis=1) - [1, 2, 3]) > 0).all()
    assert 0.5 * np.linalg.norm(normals, axis=1).sum() == pytest.approx(2 * (2 + 4 + 8))


def test_points_are_spread_evenly():
    (thing,), mesh = mesh_of(block("b", (0.0, 0.0, 0.0), (1.0, 2.0, 3.0)))
    samples = sample([thing], mesh)
    assert not samples.boxed[0]
    assert samples.areas[0] * COUNT == pytest.approx(22.0)
    # Each face has its share of the points, and each quarter of a face a quarter of them.
    top = samples.points[0][samples.normals[0][:, 2] > 0.9]
    assert len(top) == pytest.approx(COUNT * 2 / 22, abs=2)
    quarters = np.bincount((top[:, 0] > 0) * 2 + (top[:, 1] > 0))
    assert quarters == pytest.approx([len(top) / 4] * 4, abs=6)
    np.testing.assert_allclose(np.linalg.norm(samples.normals[0], axis=1), 1.0)


def test_sides_whose_triangles_lie_among_each_other_get_equal_shares():
    """A thin board of small triangles: a step along their order falls in with the pattern."""
    (thing,), _ = mesh_of(block("b", (0.0, 0.0, 0.0), (2.0, 2.0, 0.01)))
    side = np.linspace(-1.0, 1.0, 65)
    x, y = np.meshgrid(side, side)
    flat = np.stack([x.ravel(), y.ravel()], axis=1)
    vertices = np.concatenate([np.column_stack([flat, np.full(len(flat), z)]) for z in (0, 0.01)])
    first = (np.arange(64)[:, None] * 65 + np.arange(64)).ravel()
    upper = np.concatenate(
        [np.stack([first, first + 1, first + 66], 1), np.stack([first, first + 66, first + 65], 1)]
    )
    faces = np.concatenate([upper[:, ::-1], upper + len(flat)]).astype(np.int32)
    samples = sample([thing], Mesh(vertices, faces, np.zeros(len(faces), dtype=np.int32)))
    up = samples.normals[0][:, 2] > 0
    assert up.sum() == pytest.approx(COUNT / 2, abs=1)
    quarters = np.bincount((samples.points[0][up][:, :2] > 0) @ [1, 2])
    assert quarters == pytest.approx([COUNT / 8] * 4, abs=3)


def test_the_order_of_triangles_changes_next_to_nothing():
    objects, mesh = mesh_of(PLATE, COVER)
    order = np.arange(len(mesh.faces))[::-1]
    other = dataclasses.replace(mesh, faces=mesh.faces[order], owners=mesh.owners[order])
    expected, found = seen_by("mesh", objects, mesh), seen_by("mesh", objects, other)
    assert found["plate"].fraction == pytest.approx(expected["plate"].fraction, abs=0.01)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda m: dataclasses.replace(m, owners=np.full_like(m.owners, -1)), id="no owner"
        ),
        pytest.param(lambda m: dataclasses.replace(m, vertices=m.vertices * 0.0), id="no area"),
    ],
)
def test_without_usable_triangles_the_box_is_taken(spoil):
    objects, mesh = mesh_of(PLATE)
    samples = sample(objects, spoil(mesh))
    assert samples.boxed.all()
    assert samples.areas[0] * COUNT == pytest.approx(2.08)


def test_a_point_for_a_box_is_never_seen():
    objects = (block("dot", (0.0, 3.0, 0.0), (0.0, 0.0, 0.0)),)
    assert seen_by("boxes", objects, None) == {}
    assert len(stack([objects[0].box])) == 1
