"""Made rooms as scans in memory: annotated scene, mesh, and a video that is rendered when read."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spatialgen.records import Camera
from spatialgen.scan import Depth, Floats, Image, Mesh, Recording, Scan
from spatialgen.synth.filming import camera_of, poses
from spatialgen.synth.meshing import Cut, cut
from spatialgen.synth.model import Model, build
from spatialgen.synth.placing import Layout
from spatialgen.synth.render import Renderer, Shot
from spatialgen.synth.rooms import lay_out, room_name, to_scene
from spatialgen.synth.settings import RoomSettings


class Film:
    """The video of a room; each picture is rendered when it is asked for."""

    def __init__(self, model: Model, way: Floats, settings: RoomSettings) -> None:
        """Take the room, the camera's poses (n, 4, 4), and how to film."""
        self.poses = way
        self.camera = camera_of(settings)
        self._model, self._settings = model, settings
        self._last: tuple[int, Shot] | None = None

    def shot(self, index: int) -> Shot:
        """Return one picture; the same one again costs nothing."""
        last = self._last
        if last is None or last[0] != index:
            # Kept here as well: another thread may ask for another picture meanwhile.
            self._last = last = (index, self._renderer.shoot(self.poses[index]))
        return last[1]

    @functools.cached_property
    def _renderer(self) -> Renderer:
        chosen = self._settings
        return Renderer(self._model, self.camera, shadows=chosen.shadows, samples=chosen.samples)


@dataclass(frozen=True)
class FilmColors:
    """The colour images of a film."""

    film: Film

    def read(self, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
        """Yield (index, image) of ascending frame indices."""
        for index in indices:
            yield index, self.film.shot(index).color


class FilmDepths:
    """The depth images of a film, taken by the camera of its colour images."""

    camera: Camera
    from_color: Floats

    def __init__(self, film: Film) -> None:
        """Take the film."""
        self._film, self.camera, self.from_color = film, film.camera, np.eye(4)

    def read(self, index: int) -> Depth:
        """Return one depth image in metres."""
        return self._film.shot(index).depth


@dataclass(frozen=True, eq=False)
class MadeRoom:
    """A scan, and what it was made from: the truth about it."""

    layout: Layout
    model: Model
    film: Film
    cut: Cut
    scan: Scan


def make(seed: int, index: int, settings: RoomSettings) -> Scan:
    """Return room number ``index`` of those that belong to ``seed``, filmed; nothing is written.

    The same arguments give the same scan in every process. The scene's frame is
    aligned with the walls, the floor at z = 0.
    """
    return make_room(seed, index, settings).scan


def make_room(seed: int, index: int, settings: RoomSettings) -> MadeRoom:
    """Return the scan with what it was made from."""
    layout = lay_out(seed, index, settings.objects, settings.clutter, settings.things)
    layout.floor = replace(layout.floor, turn=(1.0, 0.0))
    model = build(layout, seed, index, settings)
    way = poses(layout, model, seed, index, settings)
    film = Film(model, way, settings)
    made = cut(model, settings.spacing)
    owners = model.owners[made.face_quads]
    scan = Scan(
        scene=to_scene(room_name(seed, index), layout),
        mesh=Mesh(made.vertices, made.faces, np.where(owners < model.objects, owners, -1)),
        recording=Recording(
            total=len(way),
            indices=np.arange(len(way), dtype=np.int64),
            times_s=np.arange(len(way)) / settings.fps,
            poses=way,
            cameras=(film.camera,),
            colors=FilmColors(film),
            depths=FilmDepths(film),
        ),
    )
    return MadeRoom(layout, model, film, made, scan)
