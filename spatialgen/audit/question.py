"""A question as the audit sees it, whatever file it comes from."""

from dataclasses import dataclass

from spatialgen.spaces import space_of


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what may be answered, and what is right.

    ``dataset`` and ``scene`` are "" where the file does not tell. ``right`` is the place
    of the right one among ``options`` (texts without letters), None where there are none;
    ``number`` is the answer of an open question if that is a positive number. ``answer``
    is what is right as text.
    """

    id: str
    dataset: str
    scene: str
    family: str
    text: str
    options: tuple[str, ...]
    right: int | None
    number: float | None
    answer: str

    @property
    def group(self) -> tuple[str, str]:
        """What must not be on both sides of a split: a space, or else the question itself."""
        return (self.dataset, space_of(self.scene)) if self.scene else ("", self.id)


def plain(text: str) -> str:
    """Return a text as it is compared: case and spacing do not matter."""
    whole = text.encode("utf-8", "replace").decode()  # half a character may be in a file
    return " ".join(whole.casefold().split())
