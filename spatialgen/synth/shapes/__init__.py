"""What each kind of thing looks like: its name in the catalogue -> the parts it is made of.

A shape is a function of width, depth and height in metres that returns parts
which together just fill that box. Kinds are told apart by their shapes, not
by their colours. To add one, write its function in the module of its sort and
name it in that module's SHAPES.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from spatialgen.records import Vec3
from spatialgen.synth.parts import Part, Parts
from spatialgen.synth.shapes import (
    appliances,
    bathroom,
    electronics,
    loose,
    seats,
    storage,
    tables,
    walls,
)

Shape: TypeAlias = Callable[[float, float, float], Parts]

SHAPES: Mapping[str, Shape] = {
    **appliances.SHAPES,
    **bathroom.SHAPES,
    **electronics.SHAPES,
    **loose.SHAPES,
    **seats.SHAPES,
    **storage.SHAPES,
    **tables.SHAPES,
    **walls.SHAPES,
}


def shape(name: str, size: Vec3) -> Parts:
    """Return the parts of a thing, stretched to touch its box of ``size`` on all six sides."""
    parts = SHAPES[name](*size)
    corners = np.concatenate([part.quads.reshape(-1, 3) for part in parts])
    low, high = corners.min(axis=0), corners.max(axis=0)
    wanted = np.array([-size[0] / 2, -size[1] / 2, 0.0])
    scale = np.array(size) / (high - low)
    return tuple(
        Part((part.quads - low) * scale + wanted, part.material, part.smooth) for part in parts
    )
