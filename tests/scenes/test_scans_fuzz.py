"""Damaged scans of every kind of folder: read, or refused with a code; never anything else."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from spatialgen.errors import SceneError, SpatialgenError
from spatialgen.scan import Scan
from spatialgen.scenes import Format, SceneRef, aria, arkitscenes, scannetpp
from tests.scenes.made_aria import save_aria
from tests.scenes.made_arkit import save_arkit
from tests.scenes.made_scannetpp import depth_apart, save_dslr, save_phone, save_scans

#: Damaged copies of each folder; ten thousand were tried when this was written.
TIMES = 60


def _aria(parent: Path) -> Path:
    return save_aria(parent / "seq")


def _arkit(parent: Path) -> Path:
    return save_arkit(parent)


def _with_video(parent: Path) -> Path:
    folder = save_scans(parent)
    phone = save_phone(folder, count=12, refined=(0, 6, 11))
    (phone / "depth.bin").write_bytes(depth_apart(12))
    return folder


def _with_photographs(parent: Path) -> Path:
    folder = save_scans(parent)
    save_dslr(folder)
    return folder


def damage(path: Path, rng: np.random.Generator) -> None:
    """Change a file as disks, downloads and enemies do."""
    content = bytearray(path.read_bytes())
    place = int(rng.integers(max(len(content), 1)))
    match int(rng.integers(7)):
        case 0:
            content = content[:place]
        case 1:
            for at in rng.integers(0, max(len(content), 1), 5):
                content[at : at + 1] = bytes([int(rng.integers(256))])
        case 2:
            content[place : place + 40] = b"\0" * 40
        case 3:
            digits = [at for at, byte in enumerate(content) if chr(byte).isdigit()]
            at = digits[int(rng.integers(len(digits)))] if digits else place
            texts = (b"nan", b"-1e999", b"99999999999999999999", b"null", b'"', b"[[[[", b"{")
            content[at : at + 1] = texts[int(rng.integers(len(texts)))]
        case 4:
            content = content[:place] + content[place // 2 :]
        case 5:
            content = content * 2
        case _:
            content = bytearray(rng.bytes(len(content)))
    path.write_bytes(content)


def use(form: Format, folder: Path) -> Scan | str:
    """Read a scene and all its pictures and depth; return the code where it is refused."""
    for ref in form.index(folder):
        assert isinstance(ref, SceneRef)
        try:
            scan = form.load(ref)
        except SceneError as error:
            assert str(folder) not in str(error)  # noqa: PT017 - either way is right
            return error.code
        assert all(str(folder) not in note.detail for note in scan.scene.notes)
        _look(scan)
        return scan
    return "not there"


def _look(scan: Scan) -> None:
    video = scan.recording
    if video is None:
        return
    assert np.isfinite(video.poses).all()
    assert np.isfinite(video.times_s).all()
    assert len(video.indices) == len(video.poses) == len(video.times_s)
    assert len(video.cameras) in (1, len(video.indices))
    for index in video.indices.tolist():
        for reads in ("colors", "depths"):
            source = getattr(video, reads)
            try:
                _ = (
                    None
                    if source is None
                    else (source.read(index) if reads == "depths" else list(source.read([index])))
                )
            except SceneError as error:
                assert error.code in ("bad_image", "bad_depth", "bad_video", "unsupported_depth")  # noqa: PT017 - either way is right


@pytest.mark.parametrize(
    ("form", "save"),
    [
        pytest.param(aria.FORMAT, _aria, id="aria"),
        pytest.param(arkitscenes.FORMAT, _arkit, id="arkitscenes"),
        pytest.param(scannetpp.FORMAT, _with_video, id="scannetpp with video"),
        pytest.param(scannetpp.FORMAT, _with_photographs, id="scannetpp with photographs"),
    ],
)
def test_damaged_folders(form: Format, save: Callable[[Path], Path], tmp_path: Path) -> None:
    sound = save(tmp_path / "sound")
    files = sorted(path.relative_to(sound) for path in sound.rglob("*") if path.is_file())
    rng = np.random.default_rng(7)
    outcomes = set()
    for number in range(TIMES):
        path = sound / files[number % len(files)]
        before = path.read_bytes()
        damage(path, rng)
        found = use(form, sound)
        outcomes.add(found if isinstance(found, str) else "used")
        path.write_bytes(before)
    assert isinstance(use(form, sound), Scan)
    assert "used" in outcomes
    assert len(outcomes) > 1
    shutil.rmtree(sound)
    with pytest.raises((SpatialgenError, OSError)):
        form.load(SceneRef(form.name, str(sound), "d", "n"))
