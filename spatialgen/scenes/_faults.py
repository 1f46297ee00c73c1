"""What was found wrong in a scene that can still be used."""

from spatialgen.errors import SceneError
from spatialgen.records import Note
from spatialgen.scenes._base import one_line


class Faults:
    """Collects notes, one per code and subject, with how often each happened."""

    def __init__(self) -> None:
        self._details: dict[tuple[str, str], list[str]] = {}

    def add(self, code: str, subject: str, detail: str) -> None:
        """Count one more fault of ``subject``; the first detail is the one told."""
        self._details.setdefault((code, subject), []).append(detail)

    def notes(self) -> tuple[Note, ...]:
        """Return the notes in the order in which they were first met."""
        return tuple(
            Note(code, f"{one_line(subject)}: {details[0]}{_and_more(len(details) - 1)}")
            for (code, subject), details in self._details.items()
        )


def reason(error: SceneError) -> str:
    """Return what an error says after the name of the file that it is about."""
    return str(error).partition(": ")[2]


def _and_more(number: int) -> str:
    return f" (and {number} more)" if number else ""
