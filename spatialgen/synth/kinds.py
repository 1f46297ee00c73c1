"""Kinds of rooms: how large they are and what is found in them."""

from collections.abc import Mapping
from dataclasses import dataclass

from spatialgen.synth.furnishing import Range

#: Found in rooms of every kind, with how often next to the other weights.
ANYWHERE: Mapping[str, float] = {
    "window": 1.0,
    "door": 0.3,
    "picture": 1.0,
    "clock": 0.8,
    "plant": 1.0,
    "floor plant": 1.0,
    "trash bin": 1.5,
    "mirror": 0.5,
    "radiator": 0.8,
    "book": 1.0,
    "backpack": 0.6,
    "fan": 0.4,
}


#: Put on shelves, furniture and walls at the end, in rooms that ask for clutter.
CLUTTER: Mapping[str, float] = {
    "shelf": 3.0,
    "bookshelf": 1.0,
    "shelved book": 4.0,
    "vase": 2.5,
    "box": 2.0,
    "book": 1.5,
    "plant": 2.0,
    "lamp": 1.0,
    "speaker": 1.0,
    "picture": 0.7,
    "clock": 0.5,
    "pillow": 0.7,
    "monitor": 0.5,
    "keyboard": 0.5,
    "computer mouse": 0.3,
    "telephone": 0.5,
    "microwave": 0.5,
    "printer": 0.4,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of room.

    ``first`` lists what is placed before anything else, each with its chance;
    ``weights`` how readily each furnishing is drawn afterwards, beside
    ``ANYWHERE``. ``share`` is the weight of this kind among the rooms.
    """

    name: str
    share: float
    area_m2: Range
    first: tuple[tuple[str, float], ...]
    weights: Mapping[str, float]


KINDS: tuple[Kind, ...] = (
    Kind(
        name="bedroom",
        share=3.0,
        area_m2=(9.0, 32.0),
        first=(("bed", 1.0), ("closet", 0.7), ("desk", 0.4)),
        weights={
            "pillow": 5.0,
            "lamp": 2.0,
            "floor lamp": 1.0,
            "nightstand": 2.0,
            "closet": 1.0,
            "dresser": 1.5,
            "desk": 0.8,
            "chair": 1.5,
            "armchair": 0.5,
            "tv": 0.7,
            "tv set": 0.7,
            "bookshelf": 0.8,
            "mirror": 1.0,
            "monitor": 1.0,
            "keyboard": 0.8,
            "computer mouse": 0.5,
            "guitar": 0.5,
            "suitcase": 0.7,
            "towel": 0.3,
            "telephone": 0.3,
            "speaker": 0.4,
            "bicycle": 0.2,
        },
    ),
    Kind(
        name="office",
        share=3.0,
        area_m2=(10.0, 59.5),
        first=(("desk", 1.0), ("bookshelf", 0.6), ("table", 0.4)),
        weights={
            "desk": 3.0,
            "chair": 5.0,
            "monitor": 4.0,
            "keyboard": 3.0,
            "computer mouse": 2.0,
            "telephone": 2.0,
            "printer": 1.5,
            "lamp": 1.5,
            "bookshelf": 1.5,
            "whiteboard": 1.5,
            "table": 1.0,
            "sofa": 0.5,
            "coffee table": 0.5,
            "closet": 0.4,
            "backpack": 1.0,
            "bicycle": 0.3,
            "refrigerator": 0.3,
            "floor lamp": 0.4,
            "speaker": 0.4,
            "tv": 0.4,
        },
    ),
    Kind(
        name="kitchen",
        share=2.0,
        area_m2=(9.0, 40.0),
        first=(("counter", 1.0), ("refrigerator", 1.0), ("table", 0.7)),
        weights={
            "chair": 5.0,
            "table": 1.0,
            "stool": 2.0,
            "microwave": 2.0,
            "dishwasher": 1.2,
            "washing machine": 0.7,
            "towel": 1.5,
            "counter": 0.7,
            "telephone": 0.4,
            "tv": 0.3,
            "closet": 0.4,
            "dresser": 0.4,
        },
    ),
    Kind(
        name="living room",
        share=3.0,
        area_m2=(14.0, 59.5),
        first=(("sofa", 1.0), ("tv", 0.7), ("table", 0.4)),
        weights={
            "sofa": 1.0,
            "armchair": 2.0,
            "chair": 3.0,
            "table": 1.0,
            "pillow": 4.0,
            "floor lamp": 2.0,
            "lamp": 0.8,
            "bookshelf": 2.0,
            "dresser": 1.0,
            "tv set": 0.7,
            "piano": 0.7,
            "stool": 0.8,
            "guitar": 0.7,
            "speaker": 1.5,
            "desk": 0.4,
            "monitor": 0.4,
            "keyboard": 0.3,
            "telephone": 0.5,
            "printer": 0.2,
            "bicycle": 0.3,
            "suitcase": 0.2,
        },
    ),
    Kind(
        name="bathroom",
        share=1.0,
        area_m2=(8.1, 14.0),
        first=(("toilet", 1.0), ("sink", 1.0), ("bathtub", 0.7), ("mirror", 0.9)),
        weights={
            "towel": 4.0,
            "washing machine": 1.5,
            "closet": 0.6,
            "dresser": 0.8,
            "stool": 0.3,
            "counter": 0.8,
            "lamp": 0.3,
            "suitcase": 0.2,
        },
    ),
    Kind(
        name="studio",
        share=2.0,
        area_m2=(20.0, 59.5),
        first=(("bed", 1.0), ("counter", 0.9), ("refrigerator", 0.9), ("sofa", 0.6)),
        weights={
            "table": 1.5,
            "chair": 4.0,
            "desk": 1.2,
            "monitor": 1.2,
            "keyboard": 1.0,
            "computer mouse": 0.6,
            "pillow": 3.0,
            "nightstand": 1.5,
            "lamp": 1.0,
            "floor lamp": 1.0,
            "coffee table": 1.0,
            "tv": 0.8,
            "closet": 1.0,
            "dresser": 0.8,
            "bookshelf": 1.0,
            "oven": 0.8,
            "microwave": 1.2,
            "washing machine": 0.6,
            "stool": 0.8,
            "towel": 0.8,
            "printer": 0.6,
            "telephone": 0.5,
            "guitar": 0.5,
            "bicycle": 0.5,
            "suitcase": 0.6,
            "piano": 0.2,
            "speaker": 0.6,
        },
    ),
)
