"""From a scene to its graph: objects with exact distances between all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spatialgen.graph.boxes import Boxes, stack
from spatialgen.graph.distance import gap_matrix
from spatialgen.graph.surfaces import NO_SURFACES, Surfaces
from spatialgen.records import Frame, Scene, SceneObject


@dataclass(frozen=True)
class SceneGraph:
    """A scene with its geometry as arrays, indexed as ``scene.objects`` is.

    ``surfaces`` holds those objects of which a mesh was measured; programs do not see them.
    """

    scene: Scene
    boxes: Boxes = field(repr=False)
    surfaces: Surfaces = field(default=NO_SURFACES, repr=False)

    @cached_property
    def gaps(self) -> NDArray[np.float64]:
        """(n, n) exact distances in metres between the oriented boxes."""
        return gap_matrix(self.boxes)

    @cached_property
    def by_label(self) -> Mapping[str, tuple[int, ...]]:
        """Indices of the objects of each label; labels in sorted order."""
        found: dict[str, list[int]] = {}
        for i, thing in enumerate(self.scene.objects):
            found.setdefault(thing.label, []).append(i)
        return {label: tuple(found[label]) for label in sorted(found)}

    def only(self, label: str) -> SceneObject:
        """Return the one object of a label.

        Raises:
            KeyError: there is none, or more than one is there or annotated.
        """
        indices = self.by_label.get(label, ())
        if len(indices) != 1 or self.scene.counts.get(label) != 1:
            raise KeyError(label)
        return self.scene.objects[indices[0]]

    def frame(self, index: int) -> Frame:
        """Return the frame with this index of the video; KeyError if there is none."""
        return self._frames[index]

    @cached_property
    def _frames(self) -> Mapping[int, Frame]:
        return {frame.index: frame for frame in self.scene.frames}

    def gap(self, a: str, b: str) -> float:
        """Return the distance in metres between the first objects of two labels."""
        return float(self.gaps[self.by_label[a][0], self.by_label[b][0]])


def build(scene: Scene, surfaces: Surfaces = NO_SURFACES) -> SceneGraph:
    """Return the graph of a scene; distances are computed when first asked for."""
    return SceneGraph(scene, stack([thing.box for thing in scene.objects]), surfaces)
