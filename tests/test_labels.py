"""Labels: one spelling each, plurals, articles, and which names are no good to ask about."""

import unicodedata

import pytest

from spatialgen import labels
from spatialgen.rng import generator


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("chair", "chair"),
        ("  Office \t Chair\n", "office chair"),
        ("trash can", "trash bin"),
        ("Trash_Can", "trash bin"),
        ("recycling bin", "trash bin"),
        ("bin", "trash bin"),
        ("couch", "sofa"),
        ("television", "tv"),
        ("TV_monitor", "tv"),
        ("tv_monitor", "tv"),
        ("refridgerator", "refrigerator"),
        ("fridge", "refrigerator"),
        ("night stand", "nightstand"),
        ("mouse", "computer mouse"),
        ("washing-machine", "washing machine"),
        # other languages and forms of writing
        ("Стул", "стул"),
        ("椅子", "椅子"),
        (unicodedata.normalize("NFD", "Écran"), "écran"),
        # characters that can't be printed stand for a space, and nothing at all is unknown
        ("coffee\u200btable", "coffee table"),
        ("chair\x00", "chair"),
        ("\ud800", "unknown"),
        ("", "unknown"),
        (" _ ", "unknown"),
        ("x" * 101, "unknown"),
        (" " * 10_000 + "chair", "unknown"),
        ("x" * 100, "x" * 100),
    ],
)
def test_canonical(raw: str, expected: str) -> None:
    assert labels.canonical(raw) == expected


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("storage bin", "trash bin"),
        ("office chair", "chair"),
        ("monitor", "tv"),
        ("washer", "washing machine"),
        ("desk", "table"),
        ("armchair", "sofa"),
        ("t-shirt", "t shirt"),
        ("books", "book"),
        ("mini fridge", "refrigerator"),
    ],
)
def test_canonical_does_not_merge(a: str, b: str) -> None:
    assert labels.canonical(a) != labels.canonical(b)


def test_canonical_twice_is_canonical() -> None:
    random = generator(0, "labels")
    pieces = ["Chair", "_", " ", "\u0130", "e\u0301", "ß", "\u212b", "TV", "-", "\x07", "Σ", "bin"]
    texts = ["".join(random.choice(pieces, size=random.integers(0, 8))) for _ in range(2000)]
    for text in [*texts, *labels._SYNONYMS, *labels._SYNONYMS.values()]:
        once = labels.canonical(text)
        assert labels.canonical(once) == once
        assert once
        assert once.isprintable()


def test_every_label_in_the_tables_is_canonical() -> None:
    named = [label for row in labels._CONFUSABLE_ROWS for label in row]
    assert [label for label in named if labels.canonical(label) != label] == []


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("chair", "chairs"),
        ("trash bin", "trash bins"),
        ("shelf", "shelves"),
        ("bookshelf", "bookshelves"),
        ("storage shelf", "storage shelves"),
        ("computer mouse", "computer mice"),
        ("box", "boxes"),
        ("bench", "benches"),
        ("toilet brush", "toilet brushes"),
        ("mattress", "mattresses"),
        ("bus", "buses"),
        ("battery", "batteries"),
        ("tray", "trays"),
        ("knife", "knives"),
        ("roof", "roofs"),
        ("person", "people"),
        ("people", "people"),
        ("piano", "pianos"),
        ("tv", "tvs"),
        ("box of tissues", "boxes of tissues"),
        ("stack of chairs", "stacks of chairs"),
        ("books", "books"),
        ("stairs", "stairs"),
        ("blinds", "blinds"),
        ("toilet paper", "toilet paper"),
        ("luggage", "luggage"),
        ("стул", "стул"),
        ("shelf 2", "shelf 2"),
    ],
)
def test_plural(label: str, expected: str) -> None:
    assert labels.plural(label) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("chair", "a chair"),
        ("oven", "an oven"),
        ("office chair", "an office chair"),
        ("umbrella", "an umbrella"),
        ("urinal", "a urinal"),
        ("utensil", "a utensil"),
        ("ukulele", "a ukulele"),
        ("hourglass", "an hourglass"),
        ("house", "a house"),
        ("lcd screen", "an lcd screen"),
        ("ledge", "a ledge"),
        ("tv", "a tv"),
        ("x-ray", "an x-ray"),
        ("stairs", "some stairs"),
        ("toilet paper", "some toilet paper"),
        ("boxes of paper", "some boxes of paper"),
        ("unit 2", "a unit 2"),
    ],
)
def test_with_article(label: str, expected: str) -> None:
    assert labels.with_article(label) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("object", True),
        ("otherfurniture", True),
        ("otherprop", True),
        ("otherstructure", True),
        ("misc", True),
        ("unknown", True),
        ("unknown object", True),
        ("remove", True),
        ("unannotated", True),
        ("wall", True),
        ("closet wall", True),
        ("shower floor", True),
        ("ceiling", True),
        ("chair", False),
        ("floor lamp", False),
        ("wall clock", False),
        ("ceiling light", False),
        ("washing machine", False),
        ("wallet", False),
        ("storage bin", False),
    ],
)
def test_is_ambiguous(label: str, expected: bool) -> None:
    assert labels.is_ambiguous(label) is expected


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("tv", "monitor"),
        ("closet", "wardrobe"),
        ("wardrobe", "cabinet"),
        ("desk", "table"),
        ("stool", "chair"),
        ("washer", "washing machine"),
        ("stove", "oven"),
        ("nightstand", "dresser"),
        ("bookshelf", "shelf"),
        ("lamp", "light"),
        ("sofa", "armchair"),
        ("bag", "backpack"),
        ("office chair", "chair"),
        ("table lamp", "lamp"),
        ("book", "books"),
        ("shelf", "shelves"),
    ],
)
def test_confusable(a: str, b: str) -> None:
    assert labels.confusable(a, b)
    assert labels.confusable(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("chair", "chair"),
        ("unheard of", "unheard of"),
        ("table", "table lamp"),
        ("chair", "table"),
        ("sofa", "chair"),
        ("counter", "table"),
        ("dishwasher", "washer"),
        ("microwave", "oven"),
        ("backpack", "suitcase"),
        ("tv", "tv stand"),
        ("door", "window"),
        ("trash bin", "printer"),
        ("pillow", "bed"),
        ("bathtub", "toilet"),
        ("refrigerator", "radiator"),
    ],
)
def test_not_confusable(a: str, b: str) -> None:
    assert not labels.confusable(a, b)
    assert not labels.confusable(b, a)
