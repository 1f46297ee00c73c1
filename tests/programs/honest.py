"""Programs as people and models write them, in many styles, with what they must answer.

A table of (id, source, answer) about the living room of ``scenes_by_hand.py``.
"""

HONEST = [
    (
        "one line",
        "def answer(scene: Scene) -> int:\n    return scene.count('chair')\n",
        2,
    ),
    ("lambda", "answer = lambda scene: scene.count('cushion')\n", 3),
    ("no annotations", "def answer(scene):\n    return scene.one('sofa').longest * 100\n", 200.0),
    (
        "annotated throughout",
        '''
def volume_in_litres(thing: Object) -> float:
    litres: float = thing.volume * 1000
    return litres

def answer(scene: Scene) -> float:
    table: Object = scene.one("table")
    return volume_in_litres(table)
''',
        1500.0,
    ),
    (
        "comments and docstrings",
        '''
"""How far is the cabinet from the sofa?"""

# Distances are between closest points.
def answer(scene: Scene) -> float:
    """Return the distance in metres."""
    return round(scene.distance(scene.one("cabinet"), scene.one("sofa")), 1)  # metres
''',
        2.0,
    ),
    (
        "counting in a loop",
        '''
def answer(scene: Scene) -> int:
    low = 0
    for thing in scene.objects:
        if thing.top < 1.0:
            low += 1
    return low
''',
        2,
    ),
    (
        "while loop",
        '''
def answer(scene: Scene) -> int:
    table = scene.one("table")
    radius = 0.0
    while len(scene.within(table, radius)) < 4:
        radius += 0.25
    return int(radius * 100)
''',
        150,
    ),
    (
        "break and continue",
        '''
def answer(scene: Scene) -> str:
    found = ""
    for thing in scene.by_distance(scene.one("table")):
        if thing.label in ("lamp", "chair"):
            continue
        found = thing.label
        break
    return found
''',
        "sofa",
    ),
    (
        "comprehensions",
        '''
def answer(scene: Scene) -> list:
    return sorted({o.label for o in scene.objects if o.height >= 1.0})
''',
        ["board", "cabinet", "chair"],
    ),
    (
        "nested comprehension",
        '''
def answer(scene: Scene) -> int:
    pairs = [(a, b) for a in scene.objects for b in scene.objects if a.id < b.id]
    return len([1 for a, b in pairs if scene.distance(a, b) == 0.0])
''',
        3,
    ),
    (
        "dict of counts",
        '''
def answer(scene: Scene) -> dict:
    seen: dict[str, int] = {}
    for frame in scene.frames:
        for thing in scene.visible_objects(frame):
            seen[thing.label] = seen.get(thing.label, 0) + 1
    return dict(sorted(seen.items()))
''',
        {"chair": 2, "lamp": 1, "sofa": 1, "table": 2},
    ),
    (
        "sorted by a tuple",
        '''
def answer(scene: Scene) -> list:
    ranked = sorted(scene.objects, key=lambda o: (-o.height, o.label, o.id))
    return [o.id for o in ranked[:4]]
''',
        ["board-1", "cabinet-1", "chair-1", "chair-2"],
    ),
    (
        "min with a key",
        '''
def answer(scene: Scene) -> str:
    names = ["sofa", "cabinet", "board"]
    table = scene.one("table")
    return min(names, key=lambda name: (scene.label_distance(table, name), name))
''',
        "sofa",
    ),
    (
        "map and filter",
        '''
def answer(scene: Scene) -> float:
    tall = filter(lambda o: o.height > 1.5, scene.objects)
    return sum(map(lambda o: o.volume, tall))
''',
        3.0,
    ),
    (
        "any and all",
        '''
def answer(scene: Scene) -> bool:
    table = scene.one("table")
    near = all([scene.distance(table, c) < 1 for c in scene.all("chair")])
    return near and not any([o.label == "piano" for o in scene.objects])
''',
        True,
    ),
    (
        "zip and enumerate",
        '''
def answer(scene: Scene) -> float:
    a, b = scene.one("table").center, scene.one("cabinet").center
    total = 0.0
    for i, (p, q) in enumerate(zip(a, b)):
        total += (i < 2) * abs(p - q)
    return total
''',
        6.0,
    ),
    (
        "math",
        '''
import math

def answer(scene: Scene) -> float:
    a, b = scene.one("table"), scene.one("cabinet")
    dx, dy = b.center[0] - a.center[0], b.center[1] - a.center[1]
    return round(math.degrees(math.atan2(dy, dx)) + math.hypot(dx, dy) ** 2, 3)
''',
        63.0,
    ),
    (
        "from math import",
        '''
from math import floor, pi, sqrt

def answer(scene: Scene) -> int:
    return floor(pi * sqrt(scene.room_area()))
''',
        28,
    ),
    (
        "vectors of the language",
        '''
def answer(scene: Scene) -> float:
    way = sub(scene.one("sofa").center, scene.one("table").center)
    flat = (way[0], way[1], 0.0)
    return round_half_up(angle_deg(flat, (1.0, 1.0, 0.0)) + norm(flat), 2)
''',
        48.0,
    ),
    (
        "helper functions",
        '''
def between_heights(o: Object, low: float, high: float) -> bool:
    return low <= o.center[2] <= high

def labels(things: list[Object]) -> list[str]:
    return [o.label for o in things]

def answer(scene: Scene) -> str:
    chosen = [o for o in scene.objects if between_heights(o, 0.9, 1.2)]
    return ", ".join(sorted(labels(chosen)))
''',
        "board, cabinet, cushion, lamp",
    ),
    (
        "closure",
        '''
def answer(scene: Scene) -> int:
    table = scene.one("table")

    def nearer_than(radius: float):
        def test(o: Object) -> bool:
            return o.id != table.id and scene.distance(table, o) < radius
        return test

    return sum([1 for o in scene.objects if nearer_than(2.0)(o)])
''',
        4,
    ),
    (
        "nonlocal counter",
        '''
def answer(scene: Scene) -> int:
    asked = 0

    def height(o: Object) -> float:
        nonlocal asked
        asked += 1
        return o.height

    tallest = max(scene.objects, key=lambda o: (round(height(o), 6), o.id))
    return asked if tallest.label == "cabinet" else 0
''',
        9,
    ),
    (
        "recursion",
        '''
def answer(scene: Scene) -> int:
    def pile(o: Object) -> int:
        return 1 + sum([pile(upper) for upper in scene.resting_on(o)])

    return max([pile(o) for o in scene.objects])
''',
        2,
    ),
    (
        "class without inheritance",
        '''
class Tally:
    def __init__(self) -> None:
        self.sides: dict[str, int] = {}

    def add(self, side: str) -> None:
        self.sides[side] = self.sides.get(side, 0) + 1

def answer(scene: Scene) -> dict:
    tally = Tally()
    stand, face = scene.one("table"), scene.one("sofa")
    for o in scene.objects:
        if scene.floor_distance(stand, o) > 1.0:
            tally.add(scene.left_or_right(stand, face, o))
    return {side: tally.sides[side] for side in sorted(tally.sides)}
''',
        {"left": 4, "right": 3},
    ),
    (
        "dataclass",
        '''
from dataclasses import dataclass

@dataclass
class Candidate:
    name: str
    metres: float

def answer(scene: Scene) -> str:
    sofa = scene.one("sofa")
    found = [Candidate(o.label, scene.distance(sofa, o)) for o in scene.all("chair")]
    return f"{found[0].name}: {max([c.metres for c in found]):.2f} m"
''',
        "chair: 2.15 m",
    ),
    (
        "match",
        '''
def answer(scene: Scene) -> str:
    sofa, table, board = scene.one("sofa"), scene.one("table"), scene.one("board")
    match scene.quadrant(table, sofa, board):
        case "front-left" | "back-left":
            side = "left"
        case "front-right" | "back-right":
            side = "right"
        case _:
            side = "?"
    return side
''',
        "left",
    ),
    (
        "match on values",
        '''
def answer(scene: Scene) -> str:
    match len(scene.all("chair")):
        case 0:
            return "none"
        case n if n > 1:
            return "several"
    return "one"
''',
        "several",
    ),
    (
        "f-strings",
        '''
def answer(scene: Scene) -> str:
    o = scene.one("cabinet")
    return f"{o.label!r} {o.height:.1f} m {int(o.volume * 1000):>6d} l {100:#x}"
''',
        "'cabinet' 2.0 m   2000 l 0x64",
    ),
    (
        "string building",
        '''
def answer(scene: Scene) -> str:
    text = ""
    for label in scene.labels():
        text += label[0].upper() + str(scene.count(label))
    return text.replace("C3", "-").strip() + "%s/%d" % ("end", len(text))
''',
        "B1B1C1C2-L1S1T1end/16",
    ),
    (
        "str.format and join",
        '''
def answer(scene: Scene) -> str:
    order = scene.by_distance(scene.one("board"), [scene.one("sofa"), scene.one("cabinet")])
    return " < ".join(["{} ({:.1f})".format(o.label, 1.0) for o in order])
''',
        "sofa (1.0) < cabinet (1.0)",
    ),
    (
        "early return",
        '''
def answer(scene: Scene) -> str:
    if not scene.all("piano"):
        return "no piano"
    return "piano"
''',
        "no piano",
    ),
    (
        "try and except",
        '''
def answer(scene: Scene) -> list:
    told = []
    for label in ["table", "chair", "piano"]:
        try:
            told.append(scene.one(label).id)
        except ValueError as error:
            told.append(str(error).split()[0])
        finally:
            told.append("/")
    return told
''',
        ["table-1", "/", "2", "/", "no", "/"],
    ),
    (
        "raise and catch",
        '''
def first(things: list[Object]) -> Object:
    if not things:
        raise ValueError("nothing there")
    return things[0]

def answer(scene: Scene) -> str:
    try:
        return first(scene.all("piano")).id
    except (ValueError, KeyError):
        return first(scene.all("chair")).id
''',
        "chair-1",
    ),
    (
        "walrus",
        '''
def answer(scene: Scene) -> float:
    if (n := scene.count("chair")) > 1 and (far := scene.farthest(scene.one("lamp"))):
        return n + far.height
    return 0.0
''',
        2.1,
    ),
    (
        "conditional expression",
        '''
def answer(scene: Scene) -> str:
    lamp, table = scene.one("lamp"), scene.one("table")
    return "on it" if scene.on(lamp, table) else "above it" if scene.above(lamp, table) else "no"
''',
        "on it",
    ),
    (
        "tuples, slices, unpacking",
        '''
def answer(scene: Scene) -> list:
    first, *others = sorted([o.volume for o in scene.objects])
    x, y, _ = scene.one("sofa").center
    return [round(first, 3), len(others), others[-1], [x, y][::-1]]
''',
        [0.006, 8, 2.0, [3.0, 0.0]],
    ),
    (
        "sets",
        '''
def answer(scene: Scene) -> list:
    first, last = [{o.id for o in scene.visible_objects(f)} for f in scene.frames[:2]]
    return [sorted(first & last), sorted(first - last), len(first | last)]
''',
        [["table-1"], ["lamp-1"], 4],
    ),
    (
        "constants at the top",
        '''
NEAR = 1.0
NAMES = ("chair", "lamp", "sofa")

def answer(scene: Scene) -> int:
    return sum([scene.label_distance(scene.one("table"), name) < NEAR for name in NAMES])
''',
        2,
    ),
    (
        "standard library",
        '''
from collections import Counter
from functools import reduce
from itertools import combinations

def answer(scene: Scene) -> list:
    labels = Counter([o.label for o in scene.objects])
    pairs = len(list(combinations(scene.labels(), 2)))
    return [labels.most_common(1)[0][0], pairs, reduce(lambda a, b: a * b, [1, 2, 3])]
''',
        ["chair", 28, 6],
    ),
    (
        "the camera",
        '''
def answer(scene: Scene) -> str:
    first, last = scene.frame(0), scene.frame_at(0.6)
    right, up, front = scene.camera_motion(first, last)
    turned = scene.camera_turn_deg(first, last)
    moved = "forward" if front > abs(up) else "up"
    return f"{moved}, right {right:.1f} m, turned {'left' if turned > 0 else 'right'} {turned:.0f}"
''',
        "forward, right 1.0 m, turned left 30",
    ),
    (
        "order of appearance",
        '''
def answer(scene: Scene) -> list:
    names = ["sofa", "lamp"]
    return sorted(names, key=lambda name: scene.first_seen(scene.one(name)))
''',
        ["lamp", "sofa"],
    ),
    (
        "several steps",
        '''
def answer(scene: Scene) -> float:
    lamp = scene.one("lamp")
    base = scene.support_of(lamp)
    chairs = scene.by_distance(lamp, scene.all("chair"))
    return round(base.height + scene.distance(lamp, chairs[0]), 2)
''',
        1.9,
    ),
    (
        "for else, chained comparison",
        '''
def answer(scene: Scene) -> str:
    for o in scene.all("chair"):
        if not 0.4 < o.height <= 1.0:
            break
    else:
        return "all of them"
    return "not all"
''',
        "all of them",
    ),
    (
        "default and keyword arguments",
        '''
def nearest(scene: Scene, name: str, *, among: str = "chair", **more: int) -> str:
    return scene.nearest(to=scene.one(name), among=scene.all(among)).id + str(more)

def answer(scene: Scene) -> str:
    return nearest(scene, name="lamp", rank=1)
''',
        "chair-1{'rank': 1}",
    ),
    (
        "prints while working",
        '''
def answer(scene: Scene) -> int:
    for o in scene.objects:
        print("looking at", o, o.center, sep=" ")
    return len(scene.objects)
''',
        9,
    ),
]  # fmt: skip
