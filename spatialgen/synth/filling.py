"""Fill a room: which things are drawn, in which order, and when a room is full."""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from spatialgen.records import Vec3
from spatialgen.synth.catalogue import COMPANY, FURNISHINGS
from spatialgen.synth.furnishing import Furnishing, Where
from spatialgen.synth.kinds import ANYWHERE, CLUTTER, Kind
from spatialgen.synth.placing import Layout, Placed, clear_floor, draw, fits, propose, snapped

#: Places drawn for one thing before it is given up, and how often a room gives a thing up
#: before it is drawn no more.
TRIES, PATIENCE = 12, 3

#: With fewer things than this, a cluttered room has no furniture that must be there.
FEW = 6

#: Up to this floor area a room holds at most ``Furnishing.most`` of a thing, in square metres.
ORDINARY_M2 = 60.0

_BY_NAME = {item.name: item for item in FURNISHINGS}


@dataclass(slots=True)
class _Filling:
    """A room on its way to ``wanted`` things.

    ``counts`` is by label; ``only`` these labels are allowed, if there are any.
    ``larger`` is how many ordinary rooms it is as large as. ``sizes`` holds those of
    matching things.
    """

    layout: Layout
    wanted: int
    larger: int
    only: Collection[str] = ()
    counts: Counter[str] = field(default_factory=Counter)
    sizes: dict[str, Vec3] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        return len(self.layout.placed) >= self.wanted

    def allows(self, item: Furnishing) -> bool:
        """Tell whether one more ``item`` is not too many; of a piano there is only ever one."""
        if self.only and item.label not in self.only:
            return False
        most = item.most if item.most == 1 else item.most * self.larger
        return self.counts[item.label] < most

    def hosts(self, item: Furnishing) -> list[Placed]:
        return [placed for placed in self.layout.placed if placed.item.name in item.hosts]


def fill(
    rng: np.random.Generator,
    layout: Layout,
    kind: Kind,
    area: float,
    wanted: int,
    clutter: float | None = None,
    only: Collection[str] = (),
) -> bool:
    """Put ``wanted`` things into an empty room; tell whether they all found a place.

    With a share of ``clutter`` that many of them come last, and are what is put
    on shelves, furniture and walls; and a room of few things is not always one
    with a door. Where ``only`` some labels are wanted, all are as likely.

    Ends always: each step either places a thing or brings one nearer to being
    drawn no more.
    """
    filling = _Filling(layout, wanted, math.ceil(area / ORDINARY_M2), only)
    weights: Mapping[str, float] = {**ANYWHERE, **kind.weights}
    if only:
        weights = {item.name: 1.0 for item in FURNISHINGS if item.label in only}
    if clutter is None:
        _begin(rng, filling, kind)
        return _draw_more(rng, filling, weights)
    filling.wanted = wanted - int(clutter * wanted + 0.5)
    if wanted >= FEW:
        _begin(rng, filling, kind)
    _draw_more(rng, filling, weights)
    filling.wanted = wanted
    _draw_more(rng, filling, CLUTTER)
    return _draw_more(rng, filling, weights)


def _begin(rng: np.random.Generator, filling: _Filling, kind: Kind) -> None:
    for name, chance in (("door", 1.0), ("window", 0.9), *kind.first):
        if rng.random() < chance:
            _add(rng, filling, _BY_NAME[name])


def _draw_more(rng: np.random.Generator, filling: _Filling, weights: Mapping[str, float]) -> bool:
    """Draw things by their weights until the room is full; tell whether it is."""
    patience = dict.fromkeys(weights, PATIENCE)
    while not filling.full:
        items = [
            item
            for item in map(_BY_NAME.__getitem__, weights)
            if patience[item.name]
            and filling.allows(item)
            and (not item.hosts or filling.hosts(item))
        ]
        if not items:
            return False
        # What the room already has is drawn less often, so that most categories stay unique.
        shares = [weights[item.name] / (1 + filling.counts[item.label]) for item in items]
        item = items[pick(rng, shares)]
        if not _add(rng, filling, item):
            patience[item.name] -= 1
    return True


def pick(rng: np.random.Generator, weights: list[float]) -> int:
    """Draw an index with chances in proportion to ``weights``."""
    rest = rng.random() * sum(weights)
    for index, weight in enumerate(weights):
        rest -= weight
        if rest < 0:
            return index
    return len(weights) - 1


def _add(rng: np.random.Generator, filling: _Filling, item: Furnishing) -> bool:
    """Place one ``item``, more like it, and the company it usually has.

    Tells whether the first found a place.
    """
    placed = _place(rng, filling, item, filling.hosts(item))
    if placed is None:
        return False
    for _ in range(int(rng.integers(item.together))):
        _place(rng, filling, item, filling.hosts(item))
    for name, most in COMPANY.get(item.name, ()):
        for _ in range(int(rng.integers(most + 1))):
            _place(rng, filling, _BY_NAME[name], [placed])
    return True


def _place(
    rng: np.random.Generator, filling: _Filling, item: Furnishing, hosts: list[Placed]
) -> Placed | None:
    """Put one ``item`` into the room, at one of ``hosts`` if it needs a host; None if it can't."""
    if filling.full or not filling.allows(item) or (item.hosts and not hosts):
        return None
    for _ in range(TRIES):
        size = filling.sizes.get(item.name) or _draw_size(rng, item)
        host = hosts[int(rng.integers(len(hosts)))] if item.hosts else None
        block = propose(rng, filling.layout.floor, item, size, host)
        if block is None:
            continue
        clear = clear_floor(item, block)
        if fits(filling.layout, block, clear, host, within=item.where is Where.INSIDE):
            placed = Placed(item, block, clear)
            filling.layout.placed.append(placed)
            filling.counts[item.label] += 1
            if item.matching:
                filling.sizes[item.name] = size
            return placed
    return None


def _draw_size(rng: np.random.Generator, item: Furnishing) -> Vec3:
    return (draw(rng, item.width), draw(rng, item.depth), snapped(draw(rng, item.height)))
