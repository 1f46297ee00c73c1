"""What a benchmark uses: the spaces it is about and its questions, or the scenes of a split."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from spatialgen.audit.reading import Asked, read_questions
from spatialgen.audit.scene_list import read_scene_list
from spatialgen.spaces import space_of


@dataclass(frozen=True)
class Used:
    """The spaces that a benchmark or a split uses; a dataset's name is "" where not told."""

    spaces: frozenset[tuple[str, str]]

    def holds(self, dataset: str, scene: str) -> bool:
        """Say whether a scene shows one of them, as far as names tell."""
        if not scene:
            return False
        space = space_of(scene)
        if not dataset:
            return space in self._names
        return (dataset, space) in self.spaces or ("", space) in self.spaces

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for _, name in self.spaces)


@dataclass(frozen=True)
class Benchmark:
    """A benchmark, or a split's list of scenes, which has not ``asked`` anything."""

    name: str
    sha256: str
    used: Used
    asked: Asked | None


def read_benchmark(path: Path) -> Benchmark:
    """Return what a file of questions, a dataset folder, a release or a list of scenes uses.

    Raises UsageError where there is none, SpatialgenError where it is of another kind.
    """
    scenes = read_scene_list(path)
    if scenes is not None:
        used = Used(frozenset(("", space_of(name)) for name in scenes.names))
        return Benchmark(scenes.name, scenes.sha256, used, None)
    asked = read_questions(path)
    used = Used(frozenset((q.dataset, space_of(q.scene)) for q in asked.questions if q.scene))
    return Benchmark(asked.name, asked.sha256, used, asked)
