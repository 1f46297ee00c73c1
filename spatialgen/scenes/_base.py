"""What a scene format is, and how a scene is pointed at before it is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeGuard

from spatialgen.scan import Scan


@dataclass(frozen=True, slots=True)
class SceneRef:
    """Where one scene lies; small and picklable, so that a worker can be handed it.

    ``locator`` is the byte offset and length inside a file that holds many
    scenes, or None where the path is the scene.
    """

    format: str
    path: str
    dataset: str
    name: str
    locator: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """One scene that can't be used: where it was, and a code with a sentence why.

    ``detail`` holds no path of this machine, so that two machines write the
    same rows.
    """

    path: str
    dataset: str
    name: str
    code: str
    detail: str


Found: TypeAlias = SceneRef | Rejected


@dataclass(frozen=True, slots=True)
class Format:
    """A scene format: how it is recognised, listed and read.

    ``name`` is the name of its module, ``summary`` and ``layout`` are one line
    each: what it is, and what a path must look like to be recognised.
    ``recognises`` looks at little of a path, whatever its size. ``index``
    lists the scenes of a recognised path in constant memory, bad ones as
    Rejected. ``load`` reads one scene or raises SceneError with a code.
    """

    name: str
    summary: str
    layout: str
    recognises: Callable[[Path], bool]
    index: Callable[[Path], Iterator[Found]]
    load: Callable[[SceneRef], Scan]


def one_line(text: str, limit: int = 100) -> str:
    """Return text of a file, fit to be shown: what can't be printed escaped, long ends cut."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in text[: limit + 1]
    )
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def is_name(text: object) -> TypeGuard[str]:
    """Tell whether ``text`` can name a scene, dataset or space: printable, short, no slash."""
    return isinstance(text, str) and text != "" and one_line(text) == text and "/" not in text
