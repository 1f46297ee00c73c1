"""A scene made ready for a model: read, observed, its frames written as small pictures."""

import hashlib
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from spatialgen import scenes
from spatialgen.errors import SceneError
from spatialgen.graph.observe import observe
from spatialgen.graph.surfaces import NO_SURFACES, Surfaces, surfaces
from spatialgen.media.images import read_each, reduced, write_image
from spatialgen.pipeline import refuse_giants
from spatialgen.propose.conversation import Shown
from spatialgen.propose.generator import Picture
from spatialgen.records import Note, Scene
from spatialgen.scan import Recording
from spatialgen.scenes import SceneRef


@dataclass(frozen=True)
class Prepared:
    """A scene and the frames that a model is shown of it; ``folder`` holds their pictures.

    ``measured`` are the surfaces of its objects, which distances are held against.
    Where the scene can't be used there is none, and ``code`` and ``detail`` say why.
    """

    ref: SceneRef
    folder: Path
    scene: Scene | None = None
    shown: tuple[Shown, ...] = ()
    measured: Surfaces = NO_SURFACES
    code: str = ""
    detail: str = ""

    def clear(self) -> None:
        """Remove the pictures."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Preparer:
    """Prepares scenes, their pictures below ``scratch``; lives in one process."""

    scratch: Path
    frames: int
    max_side: int

    def __call__(self, ref: SceneRef) -> Prepared:
        """Read a scene; one that can't be used says so."""
        name = hashlib.sha256(f"{ref.dataset}/{ref.name}".encode("utf-8", "surrogatepass"))
        folder = self.scratch / name.hexdigest()[:16]
        try:
            scan = scenes.load(ref)
            scene = observe(scan, self.frames)
            refuse_giants(scene)
            shown: tuple[Shown, ...] = ()
            if scan.recording is not None and scene.frames:
                shown, notes = _write(scan.recording, scene, folder, self.max_side)
                scene = _noted(scene, notes)
            return Prepared(ref, folder, scene, shown, surfaces(scan))
        except SceneError as error:
            return Prepared(ref, folder, code=error.code, detail=str(error))


def _noted(scene: Scene, notes: list[Note]) -> Scene:
    return replace(scene, notes=(*scene.notes, *notes)) if notes else scene


def _write(
    recording: Recording, scene: Scene, folder: Path, max_side: int
) -> tuple[tuple[Shown, ...], list[Note]]:
    colors = recording.colors
    if colors is None:
        return (), []
    times = {frame.index: frame.time_s for frame in scene.frames}
    folder.mkdir(parents=True, exist_ok=True)
    shown: list[Shown] = []
    missing: list[int] = []
    for index, found in read_each(colors, sorted(times)):
        if isinstance(found, SceneError):
            missing.append(index)
            continue
        path = folder / f"{index}.jpg"
        write_image(path, reduced(found, max_side))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        shown.append(Shown(index, times[index], Picture(digest, path)))
    if missing:
        detail = f"{len(missing)} of {len(times)} frames have no picture: {missing[:5]}"
        return tuple(shown), [Note("frames_not_shown", detail)]
    return tuple(shown), []
