"""Patterns on surfaces, computed at each point that a ray meets: grain, checks, stripes, tiles."""

from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.floating[Any]]


class Pattern(IntEnum):
    """How two colours are mixed over a surface."""

    PLAIN = 0
    GRAIN = 1
    CHECKS = 2
    STRIPES = 3
    CLOUDS = 4
    TILES = 5
    BRICKS = 6
    PLANKS = 7


#: What a pattern looks like from too far away to be made out: its mean.
_MEAN = np.array([0.0, 0.4, 0.5, 0.5, 0.5, 0.1, 0.2, 0.35], dtype=np.float32)


#: How many times finer than its period the lines of a pattern are, about.
_FINE = np.array([1, 6, 3, 3, 3, 12, 9, 6], dtype=np.float32)


def mix(patterns: npt.NDArray[np.int8], u: Floats, v: Floats, size: Floats, blur: Floats) -> Floats:
    """Return for each of n points how much it has of the second colour, 0 to 1.

    ``u`` and ``v`` are metres on the surface, ``size`` the pattern's period and
    ``blur`` the width of a pixel there, both in metres: a pattern too fine for
    the picture fades into its mean, as in a photograph.
    """
    share = np.zeros(len(patterns), dtype=np.float32)
    counts = np.bincount(patterns, minlength=len(Pattern))
    for pattern in Pattern:
        if pattern is Pattern.PLAIN or not counts[pattern]:
            continue
        at = np.flatnonzero(patterns == pattern)
        made = _PATTERNS[pattern](u[at] / size[at], v[at] / size[at])
        sharp = np.clip(1.6 - _FINE[pattern] * blur[at] / size[at], 0, 1)
        share[at] = _MEAN[pattern] + (made - _MEAN[pattern]) * sharp
    return share


def noise(u: Floats, v: Floats) -> Floats:
    """Return smooth noise with a period of about one, 0 to 1."""
    column, row = np.floor(u), np.floor(v)
    a, b = u - column, v - row
    a, b = a * a * (3 - 2 * a), b * b * (3 - 2 * b)
    i, j = column.astype(np.int32), row.astype(np.int32)
    low = _hash(i, j) * (1 - a) + _hash(i + 1, j) * a
    high = _hash(i, j + 1) * (1 - a) + _hash(i + 1, j + 1) * a
    return np.asarray(low * (1 - b) + high * b)


def _hash(i: npt.NDArray[np.int32], j: npt.NDArray[np.int32]) -> Floats:
    # One number in 0 to 1 for each cell of a grid: multiply, fold, multiply, fold.
    mixed = i.astype(np.uint32) * np.uint32(0x9E3779B1) ^ j.astype(np.uint32) * np.uint32(
        0x85EBCA77
    )
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0xC2B2AE3D)
    mixed ^= mixed >> np.uint32(13)
    return (mixed & np.uint32(0xFFFF)).astype(np.float32) / np.float32(0xFFFF)


def _grain(u: Floats, v: Floats) -> Floats:
    rings = v * 3 + 1.5 * noise(u * 0.6, v * 2)
    fibres = np.abs(rings - np.floor(rings) - 0.5) * noise(u * 2, v * 14)
    return np.asarray(1.5 * fibres + 0.2)


def _checks(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.mod(np.floor(u * 2) + np.floor(v * 2), 2))


def _stripes(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.mod(np.floor(v * 2), 2))


def _clouds(u: Floats, v: Floats) -> Floats:
    return np.asarray((noise(u * 2, v * 2) + 0.6 * noise(u * 7, v * 7)) / 1.6)


def _tiles(u: Floats, v: Floats) -> Floats:
    return ((u - np.floor(u) < 0.05) | (v - np.floor(v) < 0.05)).astype(np.float32)


def _bricks(u: Floats, v: Floats) -> Floats:
    row = np.floor(v * 3)
    along = u + 0.5 * np.mod(row, 2)
    joint = (along - np.floor(along) < 0.05) | (v * 3 - row < 0.14)
    shade = 0.3 * _hash(np.floor(along).astype(np.int32), row.astype(np.int32))
    return np.asarray(np.where(joint, np.float32(1), shade))


def _planks(u: Floats, v: Floats) -> Floats:
    row = np.floor(v * 4)
    along = u * 0.7 + 0.37 * row
    shade = _hash(np.floor(along).astype(np.int32), row.astype(np.int32))
    joint = (v * 4 - row < 0.05) | (along - np.floor(along) < 0.01)
    return np.asarray(np.where(joint, np.float32(1), 0.5 * shade + 0.25 * _grain(u, v * 3)))


_PATTERNS = {
    Pattern.GRAIN: _grain,
    Pattern.CHECKS: _checks,
    Pattern.STRIPES: _stripes,
    Pattern.CLOUDS: _clouds,
    Pattern.TILES: _tiles,
    Pattern.BRICKS: _bricks,
    Pattern.PLANKS: _planks,
}
