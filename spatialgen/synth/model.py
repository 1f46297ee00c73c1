"""A room as surfaces: every quadrilateral of the shell and of the things, with its paint."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spatialgen.records import Vec3
from spatialgen.rng import generator
from spatialgen.scan import Floats
from spatialgen.synth.blocks import Block, moved
from spatialgen.synth.floors import Floor
from spatialgen.synth.parts import Parts, Quads
from spatialgen.synth.placing import Layout
from spatialgen.synth.settings import RoomSettings
from spatialgen.synth.shapes import shape
from spatialgen.synth.styles import STYLES, Paint, Style, paints

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Model:
    """Surfaces of a room in its aligned frame, q quadrilaterals.

    ``owners`` (q,) is the index of the object, or of the piece of the shell after the
    objects; ``pieces`` are the shell's: floor, ceiling, walls. ``segments`` (q,)
    numbers what belongs together: a flat face, or a whole curved part.
    ``paint`` (q,) is an index in ``paints``. ``across`` and ``along`` (q, 3)
    are the directions of a pattern, ``origins`` (q, 3) where it begins,
    ``normals`` (q, 3) of unit length.
    """

    quads: Quads
    owners: Ints
    segments: Ints
    paint: Ints
    paints: tuple[Paint, ...]
    along: Floats
    across: Floats
    origins: Floats
    normals: Floats
    objects: int
    pieces: tuple[str, ...]
    style: Style
    light: Vec3


class _Surfaces:
    """Collects surfaces; what is added together shares an owner."""

    def __init__(self) -> None:
        self.quads: list[Quads] = []
        self.owners: list[int] = []
        self.segments: list[int] = []
        self.paint: list[int] = []
        self.origins: list[Vec3] = []
        self.shell: list[bool] = []
        self._next = 0

    def add(
        self, quads: Quads, owner: int, paint: int, origin: Vec3, smooth: bool, shell: bool = False
    ) -> None:
        count = len(quads)
        self.quads.append(quads)
        self.owners += [owner] * count
        self.segments += [self._next + (0 if smooth else k) for k in range(count)]
        self._next += 1 if smooth else count
        self.paint += [paint] * count
        self.origins += [origin] * count
        self.shell += [shell] * count


def build(layout: Layout, seed: int, index: int, settings: RoomSettings) -> Model:
    """Return the surfaces of a laid out room, painted.

    The plan's axes are the frame's. A room that is looked at from above has no ceiling.
    """
    rng = generator(seed, "synth", index, "look")
    bound = settings.colors == "class"
    names = sorted(STYLES)
    style = STYLES[settings.style or names[int(rng.integers(len(names)))]]
    table: list[Paint] = []
    surfaces = _Surfaces()
    for owner, placed in enumerate(layout.placed):
        own = paints(generator(seed, "synth", index, "paint", owner), placed.item.label, bound)
        size = _size(placed.block)
        made = shape(placed.item.name, size)
        rows = {material: len(table) + k for k, material in enumerate(own)}
        table += own.values()
        origin = (*placed.block.middle, placed.block.bottom + 0.37 * owner)
        for part, quads in zip(made, _in_world(made, placed.block), strict=True):
            surfaces.add(quads, owner, rows[part.material], origin, part.smooth)
    shell = _shell(layout.floor, ceiling=settings.camera != "top")
    first = len(table)
    table += _shell_paints(rng, style)
    for k, (piece, corners) in enumerate(shell):
        owner = len(layout.placed) + k
        row = first + ("floor", "ceiling", "wall").index(piece)
        surfaces.add(corners, owner, row, (0.0, 0.0, 0.0), smooth=True, shell=True)
    quads = np.concatenate(surfaces.quads)
    along, across, normals = _directions(quads, np.array(surfaces.shell))
    return Model(
        quads=quads,
        owners=np.array(surfaces.owners, dtype=np.int32),
        segments=np.array(surfaces.segments, dtype=np.int32),
        paint=np.array(surfaces.paint, dtype=np.int32),
        paints=tuple(table),
        along=along,
        across=across,
        origins=np.array(surfaces.origins),
        normals=normals,
        objects=len(layout.placed),
        pieces=tuple(piece for piece, _ in shell),
        style=style,
        light=_light(rng, layout.floor),
    )


def _size(block: Block) -> Vec3:
    return (block.half_width * 2, block.half_depth * 2, block.top - block.bottom)


def _in_world(parts: Parts, block: Block) -> list[Quads]:
    axes = np.array([(*block.along, 0.0), (*block.front, 0.0), (0.0, 0.0, 1.0)])
    foot = np.array([*block.middle, block.bottom])
    return [part.quads @ axes + foot for part in parts]


def _shell_paints(rng: np.random.Generator, style: Style) -> list[Paint]:
    floor = style.floors[int(rng.integers(len(style.floors)))]
    return [floor, style.ceiling, style.walls[int(rng.integers(len(style.walls)))]]


def _shell(floor: Floor, *, ceiling: bool) -> list[tuple[str, Quads]]:
    """Return the floor, the ceiling if wanted, and each wall, by name; they face the room."""
    flat = np.array([_rectangle(x, y) for x, y in floor_rectangles(floor)])
    ground = np.concatenate([flat, np.zeros((*flat.shape[:2], 1))], axis=2)
    pieces = [("floor", ground)]
    if ceiling:
        pieces.append(("ceiling", ground[:, ::-1] + np.array([0, 0, floor.height])))
    for wall in floor.walls:
        end = moved(wall.start, wall.along, wall.length)
        low, high = 0.0, floor.height
        quad = [(*end, low), (*wall.start, low), (*wall.start, high), (*end, high)]
        pieces.append(("wall", np.array([quad])))
    return pieces


def floor_rectangles(floor: Floor) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the x and y spans of rectangles that together are the floor."""
    whole = ((0.0, floor.width), (0.0, floor.length))
    if floor.notch is None:
        return [whole]
    (x, y), half_x, half_y = floor.notch.middle, floor.notch.half_width, floor.notch.half_depth
    left = x < floor.width / 2
    beside = (x + half_x, floor.width) if left else (0.0, x - half_x)
    over = (y + half_y, floor.length) if y < floor.length / 2 else (0.0, y - half_y)
    return [(beside, whole[1]), ((x - half_x, x + half_x), over)]


def _rectangle(x: tuple[float, float], y: tuple[float, float]) -> list[tuple[float, float]]:
    return [(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])]


def _directions(quads: Quads, shell: npt.NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Return the directions of patterns and the normals, each (q, 3).

    Patterns of things run along the longer edge, those of walls level.
    """
    normals = np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
    normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-12)[:, None]
    edges = np.stack([quads[:, 1] - quads[:, 0], quads[:, 2] - quads[:, 1]], axis=1)
    lengths = np.linalg.norm(edges, axis=2)
    longer = (lengths[:, 1] > lengths[:, 0]) & ~shell
    chosen = longer.astype(np.intp)
    rows = np.arange(len(quads))
    along = edges[rows, chosen] / np.maximum(lengths[rows, chosen], 1e-12)[:, None]
    return along, np.cross(normals, along), normals


def _light(rng: np.random.Generator, floor: Floor) -> Vec3:
    """Draw where the lamp hangs: under the ceiling, about the middle of the largest part."""
    spans = max(floor_rectangles(floor), key=lambda s: (s[0][1] - s[0][0]) * (s[1][1] - s[1][0]))
    x, y = (low + (high - low) * rng.uniform(0.35, 0.65) for low, high in spans)
    return (x, y, floor.height - 0.25)
