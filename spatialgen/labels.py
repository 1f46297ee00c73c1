"""What things are called: one spelling per category, and how it is used in a sentence.

Labels are English category names as annotators wrote them. Other languages
pass through unharmed: they keep their spelling and get no English plural.
"""

import re
import unicodedata
from itertools import chain

#: Another spelling or plain synonym -> the name used here. Things that differ stay apart.
_SYNONYMS = {
    "arm chair": "armchair",
    "bath tub": "bathtub",
    "bicyle": "bicycle",
    "bycicle": "bicycle",
    "bin": "trash bin",
    "black board": "blackboard",
    "book shelf": "bookshelf",
    "book shelves": "bookshelves",
    "cellphone": "cell phone",
    "computer-mouse": "computer mouse",
    "couch": "sofa",
    "dish washer": "dishwasher",
    "dumbell": "dumbbell",
    "dust bin": "trash bin",
    "dustbin": "trash bin",
    "fire place": "fireplace",
    "flat screen tv": "tv",
    "fridge": "refrigerator",
    "garbage bin": "trash bin",
    "garbage can": "trash bin",
    "hairdryer": "hair dryer",
    "light-switch": "light switch",
    "microwave oven": "microwave",
    "mouse": "computer mouse",
    "night stand": "nightstand",
    "night-stand": "nightstand",
    "recycle bin": "trash bin",
    "recycling bin": "trash bin",
    "refridgerator": "refrigerator",
    "rubbish bin": "trash bin",
    "step-stool": "step stool",
    "stepstool": "step stool",
    "television": "tv",
    "television set": "tv",
    "trash can": "trash bin",
    "trash-bin": "trash bin",
    "trash-can": "trash bin",
    "trashbin": "trash bin",
    "trashcan": "trash bin",
    "tv monitor": "tv",
    "tv set": "tv",
    "tv-monitor": "tv",
    "wash basin": "washbasin",
    "washing-machine": "washing machine",
    "waste basket": "trash bin",
    "waste bin": "trash bin",
    "wastebasket": "trash bin",
    "white board": "whiteboard",
    "window sill": "windowsill",
}

#: Names that say nothing about what a thing is.
_AMBIGUOUS_ROWS = (
    ("object", "objects", "other", "thing", "things", "stuff", "item", "items", "clutter"),
    ("otherfurniture", "otherprop", "otherstructure", "other furniture", "other prop"),
    ("other structure", "furniture", "structure", "decoration", "machine", "device"),
    ("equipment", "appliance", "accessory", "household item", "part", "parts", "piece"),
    ("misc", "miscellaneous", "unknown", "undefined", "unlabeled", "unlabelled", "unannotated"),
    ("remove", "removed", "split", "delete", "ignore", "void", "none", "null", "nan", "n/a"),
    ("background", "noise", "artifact", "reflection"),
)
_AMBIGUOUS = frozenset(chain.from_iterable(_AMBIGUOUS_ROWS))

#: Names ending in one of these are parts of the building: "closet wall", "shower floor".
_STRUCTURAL = frozenset(("wall", "walls", "floor", "floors", "ceiling", "ceilings", "room"))

#: Names beginning with one of these are as empty as the word itself: "unknown object".
_AMBIGUOUS_STARTS = ("unknown ", "unidentified ", "misc ", "unlabeled ", "unlabelled ")

#: Each row: categories that people call by each other's names, or can't tell apart in a video.
_CONFUSABLE_ROWS = (
    ("tv", "monitor", "screen", "display", "projector screen"),
    ("desk", "table", "workbench"),
    ("nightstand", "dresser", "bedside table", "end table", "side table", "table"),
    ("dresser", "cabinet", "chest of drawers", "drawer"),
    ("nightstand", "cabinet", "file cabinet", "drawer"),
    ("closet", "wardrobe", "cabinet", "cupboard", "armoire"),
    ("cabinet", "bathroom vanity"),
    ("bookshelf", "bookcase", "shelf", "shelves", "rack", "storage shelf", "book rack"),
    ("bookshelf", "cabinet"),
    ("stool", "chair", "seat"),
    ("chair", "armchair", "sofa chair", "recliner", "wheelchair", "beanbag", "seat"),
    ("ottoman", "stool", "footstool", "footrest", "pouf", "step stool"),
    ("sofa", "armchair", "futon", "sofa chair", "loveseat", "recliner", "seating", "daybed"),
    ("bed", "mattress", "bedframe", "futon", "crib", "daybed", "cot"),
    ("washer", "washing machine", "dryer", "clothes dryer"),
    ("stove", "oven", "range", "cooker", "cooktop", "stovetop", "hob"),
    ("refrigerator", "mini fridge", "freezer", "cooler"),
    ("lamp", "light", "ceiling light", "ceiling lamp", "chandelier", "lantern"),
    ("sink", "basin", "washbasin"),
    ("bathtub", "tub"),
    ("counter", "countertop", "kitchen island", "bar"),
    ("bag", "backpack", "purse", "handbag"),
    ("bag", "luggage", "suitcase", "briefcase"),
    ("box", "container", "carton", "crate", "case", "cardboard", "storage bin", "package"),
    ("trash bin", "bucket", "basket", "storage bin", "compost bin", "hamper", "laundry basket"),
    ("pillow", "cushion"),
    ("blanket", "bedding", "comforter", "duvet", "quilt"),
    ("towel", "washcloth", "cloth"),
    ("curtain", "blinds", "drapes", "shade", "shutters"),
    ("picture", "painting", "photo", "poster", "picture frame", "frame", "wall hanging", "artwork"),
    ("whiteboard", "blackboard", "board", "bulletin board", "chalkboard"),
    ("rug", "carpet", "mat"),
    ("plant", "flower", "flowerpot", "plant pot", "tree", "bush"),
    ("pot", "flowerpot", "vase"),
    ("vase", "jar", "pitcher"),
    ("jar", "bottle"),
    ("cup", "mug", "glass"),
    ("bowl", "plate", "dish"),
    ("telephone", "phone", "cell phone", "mobile phone", "smartphone"),
    ("computer", "computer tower", "pc", "desktop"),
    ("computer", "laptop", "notebook"),
    ("keyboard", "keyboard piano", "piano"),
    ("printer", "copier", "scanner", "photocopier"),
    ("radiator", "heater"),
    ("clothes", "clothing", "laundry"),
    ("clothes", "jacket", "coat", "shirt", "sweater"),
    ("shoe", "slipper", "boot", "flip flops", "slippers", "shoes", "boots"),
    ("stairs", "stair", "staircase", "step"),
    ("ladder", "stepladder", "step stool"),
    ("door", "doorframe", "doorway"),
    ("rail", "railing", "hand rail", "handrail", "banister", "grab bar", "handicap bar"),
    ("column", "pillar"),
    ("tap", "faucet"),
    ("socket", "power outlet", "outlet", "power socket"),
    ("speaker", "subwoofer", "loudspeaker"),
    ("bicycle", "bike", "exercise bike"),
    ("paper", "papers", "magazine", "newspaper"),
    ("book", "binder", "magazine", "notebook", "folder"),
    ("paper towel", "toilet paper"),
)

_IRREGULAR = {
    "bookshelf": "bookshelves",
    "canvas": "canvases",
    "child": "children",
    "foot": "feet",
    "gas": "gases",
    "knife": "knives",
    "leaf": "leaves",
    "lens": "lenses",
    "loaf": "loaves",
    "man": "men",
    "mouse": "mice",
    "person": "people",
    "scarf": "scarves",
    "shelf": "shelves",
    "thermos": "thermoses",
    "woman": "women",
}

#: Last words that stay as they are: there is no "two luggages".
_UNCOUNTED_ROWS = (
    ("artwork", "bedding", "cardboard", "clothing", "detergent", "equipment", "foam", "food"),
    ("furniture", "jewelry", "laundry", "luggage", "mail", "mouthwash", "paper", "salt"),
    ("seating", "shampoo", "soap", "storage", "toiletry", "toothpaste", "wood"),
)
_UNCOUNTED = frozenset(chain.from_iterable(_UNCOUNTED_ROWS))

#: Beginnings that are spoken with a consonant though written with a vowel, and the reverse.
_CONSONANT_SOUND = ("eu", "one", "uni", "uke", "uku", "uri", "usb", "use", "ute")
_VOWEL_SOUND = ("hdmi", "heir", "honest", "honor", "honour", "hour", "lcd", "led ", "x-", "xbox")

#: Longer texts are no category names.
_LONGEST = 100
# Texts longer than this are not even looked at: white space does not make them names.
_LONGEST_RAW = 10_000

# The word that takes the plural: the last one, or the one before "of" or "with".
_COUNTED_WORD = re.compile(r"(?P<before>.*?)(?P<word>[a-z]+)(?P<after>(?: (?:of|with) .*)?)")


def canonical(raw: str) -> str:
    """Return the one spelling of a label: lower case, single spaces, no synonyms.

    Applying it again changes nothing. What is no label, because nothing in it
    can be printed or it is longer than 100 characters, becomes "unknown".
    """
    if len(raw) > _LONGEST_RAW:
        return "unknown"
    text = unicodedata.normalize("NFC", raw).lower().replace("_", " ")
    text = "".join(char if char.isprintable() else " " for char in text)
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if not text or len(text) > _LONGEST:
        return "unknown"
    return _SYNONYMS.get(text, text)


def plural(label: str) -> str:
    """Return the plural of a canonical label: "chair" -> "chairs", "box of x" -> "boxes of x"."""
    match = _COUNTED_WORD.fullmatch(label)
    return label if match is None else match["before"] + _plural(match["word"]) + match["after"]


def with_article(label: str) -> str:
    """Return the label with "a" or "an", or "some" where it is a plural or can't be counted."""
    match = _COUNTED_WORD.fullmatch(label)
    if match is not None and _plural(match["word"]) == match["word"]:
        return f"some {label}"
    vowel = label.startswith(_VOWEL_SOUND) or (
        label.startswith(("a", "e", "i", "o", "u")) and not label.startswith(_CONSONANT_SOUND)
    )
    return f"an {label}" if vowel else f"a {label}"


def is_ambiguous(label: str) -> bool:
    """Tell whether a canonical label is no name to ask about: "object", "otherprop", "wall"."""
    return label in _AMBIGUOUS or label.startswith(_AMBIGUOUS_STARTS) or is_structural(label)


def is_structural(label: str) -> bool:
    """Tell whether a canonical label names a part of the building: "floor", "closet wall"."""
    return label.rpartition(" ")[2] in _STRUCTURAL


def confusable(a: str, b: str) -> bool:
    """Tell whether a person could take one category's name for a thing of the other.

    True for names in one row of the table, for a kind of a thing and the thing
    ("office chair", "chair"), and for a word and its plural. Symmetric; false
    for a label and itself.
    """
    if a == b:
        return False
    return (
        b in _NEIGHBOURS.get(a, ())
        or a.endswith(f" {b}")
        or b.endswith(f" {a}")
        or b == plural(a)
        or a == plural(b)
    )


def _plural(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _UNCOUNTED or word in _IRREGULAR.values():
        return word
    if word.endswith(("ss", "us", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("s"):
        return word
    if word.endswith("y") and not word.endswith(("ay", "ey", "oy", "uy")):
        return word[:-1] + "ies"
    return word + "s"


def _neighbours() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in _CONFUSABLE_ROWS:
        for label in row:
            found.setdefault(label, set()).update(row)
    return {label: frozenset(others) for label, others in found.items()}


_NEIGHBOURS = _neighbours()
