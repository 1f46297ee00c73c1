"""Pictures that a published dataset brings along, put on the shelf: no scan is needed.

Reasons for which a scene is not joined: ``missing_frames``, the dataset has no picture of it;
``damaged_scene``, as when it is joined with a scan. Of single frames, ``lost`` says
``missing_image`` or ``bad_image``.
"""

import os
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from spatialgen.dataset.files import partial
from spatialgen.errors import SceneError
from spatialgen.materialize import shelf as shelves
from spatialgen.materialize.joining import (
    Joined,
    Need,
    Plan,
    read_scene,
    scene_digest,
    wanted_of,
    with_clip,
)
from spatialgen.materialize.published import Embedded, Round
from spatialgen.materialize.shelf import Shelf
from spatialgen.media.images import MAX_BYTES, read_image, reduced, write_image
from spatialgen.media.sampling import uniform
from spatialgen.tables.soundness import Key, key_of

_JPEG = b"\xff\xd8\xff"


def unpack(plan: Plan, round: Round, needs: Mapping[Key, Need]) -> Generator[Joined]:
    """Yield what came of each scene of a round that is needed, as soon as its pictures are there.

    The pictures of a scene follow each other in what spatialgen publishes; others are
    taken in any order.
    """
    begun: dict[Key, Shelf] = {}
    for data in round.scenes():
        key = key_of(data)
        if key not in needs or key in begun:
            continue
        try:
            published = read_scene(data)
        except SceneError as error:
            yield Joined(key, None, error.code, str(error))
            continue
        before = shelves.read(plan.out, key)
        sampled = _evenly(sorted({frame.index for frame in published.frames}), plan.frames)
        whole = before.whole or (sampled if needs[key].whole else ())
        checked = tuple({*before.checked, scene_digest(published)})
        begun[key] = replace(before, whole=whole, checked=checked)
    wanted = {key: set(wanted_of(plan, shelf, needs[key])) for key, shelf in begun.items()}
    pictures = round.pictures() if round.pictures is not None and any(wanted.values()) else ()
    for picture in pictures:
        left = wanted.get(picture.key, set())
        if picture.index in left:
            left.remove(picture.index)
            _take(plan, begun[picture.key], picture)
            if not left:
                yield _finished(plan, begun.pop(picture.key), needs[picture.key], left)
    for key, shelf in begun.items():
        yield _finished(plan, shelf, needs[key], wanted[key])


def _finished(plan: Plan, shelf: Shelf, need: Need, missing: Iterable[int]) -> Joined:
    if not shelf.times_s:
        detail = "the dataset brings no pictures of it; say with --scenes where scans are"
        return Joined(shelf.key, None, "missing_frames", detail)
    done = replace(shelf, lost={**shelf.lost, **dict.fromkeys(missing, "missing_image")})
    if plan.clip and need.whole:
        done = with_clip(plan, done)
    return Joined(shelf.key, shelves.write(plan.out, done))


def _evenly(indices: list[int], count: int | None) -> tuple[int, ...]:
    if count is None or count >= len(indices):
        return tuple(indices)
    return tuple(indices[place] for place in sorted(set(uniform(len(indices), count))))


def _take(plan: Plan, shelf: Shelf, picture: Embedded) -> None:
    """Put a picture on a shelf."""
    path = plan.out / shelf.picture(picture.index)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write_picture(path, picture.content, plan.max_side)
    except SceneError as error:
        shelf.lost[picture.index] = error.code
        return
    shelf.times_s[picture.index] = round(picture.time_s, 6)
    shelf.lost.pop(picture.index, None)


def _write_picture(path: Path, content: bytes, max_side: int | None) -> None:
    """Write the bytes of a picture as a JPEG; raises SceneError ``bad_image``."""
    if len(content) > MAX_BYTES:
        raise SceneError("bad_image", f"larger than {MAX_BYTES:,} bytes")
    unfinished = partial(path)
    unfinished.write_bytes(content)
    try:
        image = read_image(unfinished)
        small = image if max_side is None else reduced(image, max_side)
        if small is not image or not content.startswith(_JPEG):
            write_image(path, small)
        else:
            os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
