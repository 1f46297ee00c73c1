"""What is found out about a run before it begins."""

from collections.abc import Iterable
from dataclasses import dataclass, field

#: How a note begins of what has to be there when the run begins.
LACKING = "lacking: "


@dataclass(frozen=True)
class Findings:
    """What would stop the run, and what is good to know of it.

    In a dry run some of what a run needs may be missing yet, as scans, a server or a GPU: see
    `lack`.
    """

    dry_run: bool
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, text: str) -> None:
        """Tell what would stop the run."""
        self.faults.append(text)

    def note(self, text: str) -> None:
        """Tell what is good to know."""
        self.notes.append(text)

    def lack(self, text: str) -> None:
        """Tell what has to be there when the run begins, and not for a dry run."""
        if self.dry_run:
            self.notes.append(f"{LACKING}{text}")
        else:
            self.faults.append(text)


def some(names: Iterable[str], most: int = 3) -> str:
    """Return the first of some names, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
