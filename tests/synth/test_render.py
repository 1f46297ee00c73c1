"""Pictures: what is where in them, how far, and how it is coloured; on a room made by hand."""

import dataclasses
import itertools

import numpy as np
import pytest

from spatialgen.records import Camera
from spatialgen.rng import generator
from spatialgen.synth.blocks import upright
from spatialgen.synth.catalogue import FURNISHINGS
from spatialgen.synth.filming import facing
from spatialgen.synth.floors import draw_floor
from spatialgen.synth.meshing import colors, cut
from spatialgen.synth.model import Model, build
from spatialgen.synth.parts import plate
from spatialgen.synth.placing import Layout, Placed
from spatialgen.synth.render import Renderer, Shot
from spatialgen.synth.scans import Film, MadeRoom, make, make_room
from spatialgen.synth.settings import settings
from spatialgen.synth.styles import Paint
from spatialgen.synth.textures import Pattern, mix, noise
from spatialgen.synth.truth import Witness

CAMERA = Camera(60.0, 60.0, 39.5, 39.5, 80, 80)
SETTINGS = settings(width=80, height=80, style="plain")


def layout(*places: tuple[str, float, float, tuple[float, float, float]]) -> Layout:
    """Return a room with named things at x, y, of the given size, fronts towards +y."""
    floor = dataclasses.replace(draw_floor(generator(5, "x"), 30.0), turn=(1.0, 0.0))
    by_name = {item.name: item for item in FURNISHINGS}
    placed = [
        Placed(by_name[name], upright((x, y), (1.0, 0.0), size, 0.0), None)
        for name, x, y, size in places
    ]
    return Layout(floor, placed)


def without_room(model: Model) -> Model:
    """Return the things alone, without floor, walls and ceiling."""
    kept = model.owners < model.objects
    fields = ("quads", "owners", "segments", "paint", "along", "across", "origins", "normals")
    return dataclasses.replace(model, **{name: getattr(model, name)[kept] for name in fields})


def shoot(
    made: Layout, eye: tuple[float, float, float], target: tuple[float, float, float]
) -> Shot:
    model = without_room(build(made, 0, 0, SETTINGS))
    return Renderer(model, CAMERA).shoot(facing(np.array(eye), np.array(target)))


CUBE = (0.5, 0.5, 0.5)


def test_depth_is_along_the_view_axis() -> None:
    shot = shoot(layout(("closet", 2, 2, (1.0, 0.5, 2.0))), (2, 5, 1.0), (2, 2, 1.0))
    on = shot.owners == 0
    # Door fronts are 2.75 m away, give or take handles and panels, in the middle and at the edge.
    assert shot.depth[on].min() == pytest.approx(2.75, abs=1e-5)
    assert shot.depth[on].max() < 2.75 + 0.55
    assert (shot.depth[~on] == 0).all()
    assert (shot.owners[~on] == -1).all()


def test_left_is_left_and_up_is_up() -> None:
    # From +y looking to -y, +x is to the left.
    made = layout(("trash bin", 3, 2, CUBE), ("speaker", 1, 2, CUBE))
    shot = shoot(made, (2, 5, 1.5), (2, 2, 0.5))
    _, bin_columns = np.nonzero(shot.owners == 0)
    _, speaker_columns = np.nonzero(shot.owners == 1)
    assert bin_columns.max() < 40 < speaker_columns.min()
    tall = shoot(layout(("closet", 2, 2, (0.5, 0.5, 2.0))), (2, 5, 1.0), (2, 2, 1.0))
    rows, _ = np.nonzero(tall.owners == 0)
    front = 60 / 2.75
    assert rows.min() == pytest.approx(39.5 - front, abs=1.5)
    assert rows.max() == pytest.approx(39.5 + front, abs=1.5)


def test_what_is_in_front_hides_what_is_behind() -> None:
    made = layout(("closet", 2, 2, (0.5, 0.5, 2.0)), ("closet", 2, 3.5, (3.0, 0.5, 2.2)))
    shot = shoot(made, (2, 6, 1.0), (2, 2, 1.0))
    assert set(np.unique(shot.owners)) == {-1, 1}


def test_pictures_of_a_room_have_no_holes_and_enough_light_and_detail() -> None:
    for index in range(4):
        scan = make(9, index, settings(seconds=2, spacing=1.0))
        recording = scan.recording
        assert recording is not None
        assert recording.colors is not None
        assert recording.depths is not None
        for frame, image in recording.colors.read(range(0, 16, 5)):
            assert image.shape == (96, 96, 3)
            assert 40 < image.mean() < 230
            depth = recording.depths.read(frame)
            assert depth.min() > 0.1
            assert depth.max() < 20


def test_objects_stand_out() -> None:
    room = make_room(9, 1, settings(seconds=6, spacing=1.0))
    apart = []
    for frame in range(0, 48, 6):
        shot = room.film.shot(frame)
        seen = [k for k in np.unique(shot.owners) if (shot.owners == k).sum() > 40]
        means = [shot.color[shot.owners == k].mean(axis=0) for k in seen]
        apart += [np.abs(a - b).max() for a, b in itertools.combinations(means, 2)]
    assert np.median(apart) > 25


def test_more_samples_smooth_colour_and_change_nothing_else() -> None:
    rough, fine = (
        make_room(9, 2, settings(seconds=1, spacing=1.0, samples=samples)).film.shot(3)
        for samples in (1, 2)
    )
    assert (rough.owners == fine.owners).all()
    assert (rough.depth == fine.depth).all()
    assert 0 < np.abs(rough.color.astype(int) - fine.color).mean() < 15


def test_shadows_only_darken() -> None:
    with_, without = (
        make_room(9, 3, settings(seconds=1, spacing=1.0, shadows=shadows)).film.shot(2).color
        for shadows in (True, False)
    )
    assert (with_ <= without).all()
    assert (with_ < without).any()


def test_styles_differ() -> None:
    seen = {
        style: make_room(9, 4, settings(seconds=1, spacing=1.0, style=style)).film.shot(0).color
        for style in ("plain", "wooden", "tiled", "carpet", "brick", "evening")
    }
    for a, b in itertools.combinations(seen, 2):
        assert np.abs(seen[a].astype(int) - seen[b]).mean() > 3, (a, b)


def test_bound_colours_are_the_same_in_every_room() -> None:
    def paint_of(index: int, colors: str) -> dict[str, set[Paint]]:
        room = make_room(9, index, settings(seconds=1, spacing=1.0, colors=colors))
        return {
            placed.item.name: {
                room.model.paints[row] for row in room.model.paint[room.model.owners == k]
            }
            for k, placed in enumerate(room.layout.placed)
        }

    one, two = paint_of(1, "class"), paint_of(5, "class")
    shared = sorted(one.keys() & two.keys())
    assert shared
    assert [one[label] for label in shared] == [two[label] for label in shared]
    one, two = paint_of(1, "free"), paint_of(5, "free")
    assert [one[label] for label in shared] != [two[label] for label in shared]


# -- patterns -------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", list(Pattern))
def test_patterns_are_shares_and_fade_into_their_mean(pattern: Pattern) -> None:
    rng = np.random.default_rng(0)
    u, v = rng.uniform(-20, 20, (2, 20_000)).astype(np.float32)
    kinds = np.full(len(u), pattern, dtype=np.int8)
    size = np.ones(len(u), dtype=np.float32)
    near = mix(kinds, u, v, size, np.zeros_like(size))
    assert (near >= 0).all()
    assert (near <= 1.05).all()
    far = mix(kinds, u, v, size, np.full_like(size, 10))
    assert np.ptp(far) < 1e-6
    assert far[0] == pytest.approx(near.mean(), abs=0.12)
    assert (np.ptp(near) > 0.3) == (pattern is not Pattern.PLAIN)


def test_noise_is_smooth() -> None:
    u = np.linspace(-3, 3, 6001).astype(np.float32)
    values = noise(u, np.full_like(u, 0.3))
    assert np.abs(np.diff(values)).max() < 0.01
    assert np.ptp(values) > 0.3


# -- mesh -----------------------------------------------------------------------------


def test_the_mesh_is_the_model_cut_finer() -> None:
    room = make_room(9, 1, settings(seconds=1, spacing=0.1))
    made, model = room.cut, room.model
    sides = made.vertices[np.roll(made.faces, -1, axis=1)] - made.vertices[made.faces]
    assert np.linalg.norm(sides, axis=2).max() < 0.2  # diagonals too
    a, b, c = made.vertices[made.faces].transpose(1, 0, 2)
    fine = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2
    halves = [model.quads[:, (0, 1, 2)], model.quads[:, (0, 2, 3)]]
    a, b, c = np.concatenate(halves).transpose(1, 0, 2)
    assert fine == pytest.approx(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2, rel=1e-3)
    assert colors(model, made).shape == (len(made.vertices), 4)
    mesh = room.scan.mesh
    assert mesh is not None
    owned = mesh.owners >= 0
    assert owned.any()
    assert (model.owners[made.face_quads[owned]] == mesh.owners[owned]).all()
    assert set(np.unique(mesh.owners)) == {-1, *range(model.objects)}


# -- the truth ------------------------------------------------------------------------


def witness(*places: tuple[str, float, float, tuple[float, float, float]]) -> tuple[Witness, Film]:
    made = layout(*places)
    model = without_room(build(made, 0, 0, SETTINGS))
    film = Film(model, np.zeros((0, 4, 4)), SETTINGS)
    film.camera = CAMERA
    scan = make(0, 0, settings(objects=1, seconds=1, spacing=1.0))
    return Witness(MadeRoom(made, model, film, cut(model, 1.0), scan)), film


TALL = (0.5, 0.5, 2.0)


@pytest.mark.parametrize(
    ("places", "target", "fraction", "truncated"),
    [
        pytest.param([("closet", 2, 2, TALL)], (2, 2, 1), 1.0, False, id="whole"),
        pytest.param([("closet", 2, 2, TALL)], (4.0, 2, 1), 0.5, True, id="half outside"),
        pytest.param(
            [("closet", 2, 2, TALL), ("closet", 2.5, 3.25, (1.0, 0.1, 2.2))],
            (2, 2, 1),
            0.5,
            False,
            id="half behind another",
        ),
    ],
)
def test_visible_fractions_by_hand(
    places: list[tuple[str, float, float, tuple[float, float, float]]],
    target: tuple[float, float, float],
    fraction: float,
    truncated: bool,
) -> None:
    who, film = witness(*places)
    pose = facing(np.array([2.0, 5.0, 1.0]), np.array(target))
    shot = Renderer(film._model, CAMERA).shoot(pose)
    seen = who.look(pose, shot)[0]
    assert seen["fraction"] == pytest.approx(fraction, abs=0.02)
    # An upright edge may run through a whole column of pixels, or just miss it.
    assert seen["area_px"] == pytest.approx(seen["pixels"], rel=0.1)
    assert seen["truncated"] is truncated
    rows, columns = np.nonzero(shot.owners == 0)
    assert seen["pixels"] == len(rows)
    assert seen["box_px"] == [columns.min(), rows.min(), columns.max(), rows.max()]


def test_what_reaches_behind_the_camera_is_a_small_part_of_itself() -> None:
    who, film = witness(("counter", 2, 2, (6.0, 0.5, 0.9)))
    pose = facing(np.array([2.0, 2.6, 1.5]), np.array([6.0, 2.6, 0.5]))
    seen = who.look(pose, Renderer(film._model, CAMERA).shoot(pose))[0]
    assert 0.05 < seen["fraction"] < 0.5
    assert seen["truncated"] is True


def test_what_is_true_does_not_depend_on_the_size_of_the_picture() -> None:
    """Where small pictures show things of a few pixels, the shares are those of large ones."""
    shares = {}
    for size in (24, 96):
        room = make_room(9, 1, settings(width=size, height=size, seconds=1, spacing=1.0))
        who = Witness(room)
        shares[size] = [who.look(room.film.poses[k], room.film.shot(k)) for k in range(8)]
    both = 0
    for small, large in zip(shares[24], shares[96], strict=True):
        for owner in small.keys() & large.keys():
            both += 1
            assert small[owner]["fraction"] == pytest.approx(large[owner]["fraction"], abs=0.02)
            assert 16 * small[owner]["area_px"] == pytest.approx(
                large[owner]["area_px"], rel=0.1, abs=2
            )
    assert both > 20


def test_bent_leaves_are_cut_as_they_are_rendered() -> None:
    leaf = plate([(0, 0, 0), (0.1, -0.2, 0.3), (0.4, 0.0, 0.2), (0.1, 0.2, 0.3)])
    assert len(leaf.quads) > 6
    sides = leaf.quads[:, 1:] - leaf.quads[:, :1]
    spanned = np.einsum("qc,qc->q", np.cross(sides[:, 0], sides[:, 1]), sides[:, 2])
    assert np.abs(spanned).max() < 1e-9
