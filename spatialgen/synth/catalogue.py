"""The things that rooms are furnished with, their sizes in metres.

The size ranges are common sense about ordinary furniture: standard mattress
and appliance sizes, desk and counter heights, screens by their diagonal.
"""

from collections.abc import Mapping

from spatialgen.synth.furnishing import Furnishing, Where

FLOOR, WALL, MOUNTED = Where.FLOOR, Where.WALL, Where.MOUNTED
ON, INSIDE, AT, BESIDE = Where.ON, Where.INSIDE, Where.AT, Where.BESIDE

#: Hosts that several things share.
APPLIANCES = ("counter", "refrigerator", "oven")
DESKS = ("desk", "table")
TOPS = (*DESKS, "counter", "dresser", "nightstand", "coffee table", "shelf")

FURNISHINGS: tuple[Furnishing, ...] = (
    # Parts of the walls
    Furnishing("door", WALL, (0.75, 1.0), (0.05, 0.12), (1.95, 2.1), most=3, gap=(0, 0), clear=0.8),
    Furnishing(
        "window",
        MOUNTED,
        (0.7, 1.9),
        (0.05, 0.15),
        (0.8, 1.4),
        most=6,
        bottom=(0.8, 1.0),
        matching=True,
        together=4,
    ),
    Furnishing("radiator", MOUNTED, (0.6, 1.6), (0.07, 0.14), (0.45, 0.6), 3, bottom=(0.08, 0.15)),
    # Large furniture along the walls
    Furnishing("bed", WALL, (0.9, 1.9), (1.95, 2.15), (0.4, 0.65), most=2, clear=0.4),
    Furnishing("sofa", WALL, (1.5, 2.6), (0.8, 1.05), (0.7, 0.95), most=2, clear=0.5),
    Furnishing("closet", WALL, (0.8, 2.2), (0.5, 0.68), (1.8, 2.25), most=2, clear=0.6),
    Furnishing(
        "bookshelf", WALL, (0.6, 1.8), (0.25, 0.4), (1.0, 2.2), most=4, clear=0.4, together=3
    ),
    Furnishing("dresser", WALL, (0.7, 1.5), (0.4, 0.55), (0.7, 1.1), most=2, clear=0.5),
    Furnishing(
        "desk",
        WALL,
        (1.0, 1.8),
        (0.55, 0.85),
        (0.7, 0.78),
        4,
        clear=0.65,
        matching=True,
        together=3,
    ),
    Furnishing("piano", WALL, (1.4, 1.55), (0.55, 0.7), (1.0, 1.3), clear=0.6),
    Furnishing("counter", WALL, (1.2, 3.0), (0.55, 0.68), (0.85, 0.95), most=2, clear=0.7),
    Furnishing("refrigerator", WALL, (0.55, 0.92), (0.6, 0.78), (1.4, 2.0), clear=0.7),
    Furnishing(
        "oven", BESIDE, (0.58, 0.62), (0.55, 0.65), (0.84, 0.92), hosts=APPLIANCES, clear=0.7
    ),
    Furnishing(
        "dishwasher", BESIDE, (0.45, 0.6), (0.55, 0.62), (0.8, 0.87), hosts=APPLIANCES, clear=0.6
    ),
    Furnishing("washing machine", WALL, (0.58, 0.62), (0.5, 0.65), (0.83, 0.9), clear=0.5),
    Furnishing("toilet", WALL, (0.36, 0.42), (0.6, 0.72), (0.7, 0.82), clear=0.45),
    Furnishing("bathtub", WALL, (1.5, 1.8), (0.7, 0.85), (0.5, 0.62), clear=0.45),
    Furnishing("sink", WALL, (0.45, 0.9), (0.4, 0.52), (0.8, 0.9), clear=0.45),
    # Tables, seats and what keeps them company
    Furnishing("table", FLOOR, (1.0, 2.2), (0.75, 1.05), (0.7, 0.78), 2, clear=0.55, turn_deg=3),
    Furnishing(
        "table",
        AT,
        (0.8, 1.2),
        (0.5, 0.65),
        (0.35, 0.48),
        hosts=("sofa",),
        gap=(0.3, 0.45),
        turn_deg=2,
        variant="coffee table",
    ),
    Furnishing(
        "chair",
        AT,
        (0.42, 0.58),
        (0.45, 0.6),
        (0.78, 1.0),
        most=10,
        hosts=DESKS,
        gap=(0.02, 0.15),
        turn_deg=12,
        matching=True,
        together=5,
    ),
    Furnishing(
        "chair", WALL, (0.6, 0.85), (0.65, 0.9), (0.75, 1.05), 2, turn_deg=40, variant="armchair"
    ),
    Furnishing(
        "stool",
        AT,
        (0.3, 0.4),
        (0.3, 0.4),
        (0.42, 0.75),
        most=4,
        hosts=("counter", "piano"),
        gap=(0.05, 0.2),
        turn_deg=45,
        matching=True,
        together=4,
    ),
    Furnishing(
        "nightstand",
        BESIDE,
        (0.38, 0.6),
        (0.35, 0.48),
        (0.42, 0.65),
        most=2,
        hosts=("bed",),
        gap=(0.02, 0.12),
        matching=True,
    ),
    Furnishing(
        "lamp",
        BESIDE,
        (0.28, 0.45),
        (0.28, 0.45),
        (1.3, 1.75),
        most=2,
        hosts=("sofa", "bed", "armchair", "desk", "bookshelf"),
        gap=(0.05, 0.25),
        variant="floor lamp",
    ),
    Furnishing(
        "trash bin",
        BESIDE,
        (0.22, 0.38),
        (0.22, 0.38),
        (0.28, 0.5),
        most=2,
        hosts=("desk", "counter", "toilet", "sink", "dresser", "bookshelf"),
        gap=(0.03, 0.2),
        turn_deg=10,
    ),
    # Loose things on the floor, most of them near a wall
    Furnishing(
        "plant",
        WALL,
        (0.35, 0.55),
        (0.35, 0.55),
        (0.7, 1.6),
        most=2,
        gap=(0, 0.15),
        turn_deg=45,
        variant="floor plant",
    ),
    Furnishing("fan", WALL, (0.35, 0.5), (0.3, 0.4), (0.8, 1.3), gap=(0.1, 0.4), turn_deg=30),
    Furnishing(
        "backpack", WALL, (0.28, 0.42), (0.18, 0.32), (0.38, 0.52), 2, gap=(0, 0.2), turn_deg=40
    ),
    Furnishing(
        "suitcase", WALL, (0.38, 0.55), (0.22, 0.32), (0.55, 0.78), gap=(0, 0.1), turn_deg=20
    ),
    Furnishing("guitar", WALL, (0.34, 0.42), (0.15, 0.3), (0.95, 1.1), turn_deg=20),
    Furnishing("bicycle", WALL, (1.6, 1.8), (0.45, 0.62), (0.95, 1.1), gap=(0.02, 0.1)),
    # On walls
    Furnishing("clock", MOUNTED, (0.24, 0.4), (0.03, 0.06), (0.24, 0.4), bottom=(1.75, 1.95)),
    Furnishing("mirror", MOUNTED, (0.4, 1.0), (0.02, 0.06), (0.6, 1.1), 2, bottom=(0.95, 1.2)),
    Furnishing("tv", MOUNTED, (0.75, 1.45), (0.05, 0.12), (0.45, 0.82), bottom=(0.9, 1.25)),
    Furnishing(
        "picture", MOUNTED, (0.3, 1.0), (0.02, 0.05), (0.3, 0.7), 6, bottom=(1.3, 1.55), together=5
    ),
    Furnishing("whiteboard", MOUNTED, (1.0, 2.2), (0.02, 0.06), (0.9, 1.2), bottom=(0.85, 1.0)),
    Furnishing(
        "towel", MOUNTED, (0.3, 0.6), (0.04, 0.12), (0.4, 0.75), 4, bottom=(0.8, 1.1), together=3
    ),
    # On top of furniture
    Furnishing(
        "pillow",
        ON,
        (0.4, 0.7),
        (0.3, 0.45),
        (0.1, 0.18),
        most=8,
        hosts=("bed", "sofa"),
        setback=(0.0, 0.12),
        turn_deg=8,
        matching=True,
        together=4,
    ),
    Furnishing(
        "monitor",
        ON,
        (0.45, 0.72),
        (0.16, 0.24),
        (0.38, 0.52),
        most=6,
        hosts=("desk",),
        setback=(0.05, 0.25),
        turn_deg=12,
        matching=True,
        together=3,
    ),
    Furnishing(
        "keyboard",
        ON,
        (0.36, 0.46),
        (0.12, 0.17),
        (0.02, 0.04),
        most=4,
        hosts=("desk",),
        setback=(0.7, 0.95),
        turn_deg=8,
        matching=True,
    ),
    Furnishing(
        "computer mouse",
        ON,
        (0.06, 0.075),
        (0.1, 0.125),
        (0.03, 0.045),
        most=4,
        hosts=("desk",),
        setback=(0.65, 0.95),
        turn_deg=20,
    ),
    Furnishing(
        "telephone", ON, (0.16, 0.24), (0.18, 0.25), (0.07, 0.13), 2, hosts=DESKS, turn_deg=35
    ),
    Furnishing(
        "printer", ON, (0.38, 0.52), (0.32, 0.45), (0.2, 0.38), hosts=DESKS, setback=(0, 0.4)
    ),
    Furnishing(
        "lamp",
        ON,
        (0.18, 0.34),
        (0.18, 0.34),
        (0.32, 0.58),
        most=3,
        hosts=("nightstand", "desk", "dresser"),
        setback=(0.0, 0.4),
        turn_deg=45,
    ),
    Furnishing(
        "plant", ON, (0.14, 0.32), (0.14, 0.32), (0.2, 0.5), 3, hosts=TOPS, turn_deg=45, together=2
    ),
    Furnishing(
        "microwave",
        ON,
        (0.44, 0.55),
        (0.32, 0.42),
        (0.25, 0.32),
        hosts=("counter",),
        setback=(0, 0.3),
    ),
    Furnishing(
        "book",
        ON,
        (0.13, 0.22),
        (0.18, 0.3),
        (0.02, 0.06),
        most=8,
        hosts=TOPS,
        turn_deg=60,
        together=6,
    ),
    Furnishing(
        "tv", ON, (0.7, 1.25), (0.1, 0.25), (0.45, 0.75), hosts=("dresser",), variant="tv set"
    ),
    Furnishing(
        "speaker",
        ON,
        (0.14, 0.24),
        (0.16, 0.26),
        (0.24, 0.4),
        most=2,
        hosts=("desk", "dresser", "shelf"),
    ),
    # Clutter
    Furnishing(
        "shelf",
        MOUNTED,
        (0.6, 1.3),
        (0.22, 0.3),
        (0.18, 0.26),
        most=5,
        bottom=(0.95, 1.5),
        together=3,
    ),
    Furnishing(
        "book",
        INSIDE,
        (0.03, 0.07),
        (0.14, 0.22),
        (0.2, 0.28),
        most=14,
        hosts=("bookshelf",),
        variant="shelved book",
        together=7,
    ),
    Furnishing(
        "vase",
        ON,
        (0.12, 0.22),
        (0.12, 0.22),
        (0.2, 0.4),
        most=4,
        hosts=(*TOPS, "bookshelf"),
        together=2,
    ),
    Furnishing(
        "box",
        ON,
        (0.25, 0.42),
        (0.2, 0.32),
        (0.15, 0.3),
        most=4,
        hosts=("closet", "bookshelf", "dresser", "desk", "shelf"),
        turn_deg=10,
        together=2,
    ),
)

#: What usually comes with a thing, and how many at most; drawn right after it.
COMPANY: Mapping[str, tuple[tuple[str, int], ...]] = {
    "bed": (("nightstand", 2), ("pillow", 3)),
    "sofa": (("coffee table", 1), ("pillow", 2)),
    "table": (("chair", 6),),
    "desk": (("monitor", 1), ("keyboard", 1), ("computer mouse", 1), ("chair", 1)),
    "counter": (("oven", 1), ("microwave", 1)),
}
