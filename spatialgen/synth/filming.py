"""How a room is filmed: a walk at eye height, a turn on the spot, or a look from above."""

import math
from collections.abc import Callable

import numpy as np

from spatialgen.cameras import pixel_grid, rays, resized
from spatialgen.raycast import RayCaster
from spatialgen.records import Camera, Vec2
from spatialgen.rng import generator
from spatialgen.scan import Floats
from spatialgen.synth.freespace import BODY, CELL, Cell, FreeSpace, free_space, ways
from spatialgen.synth.model import Model
from spatialgen.synth.placing import Layout
from spatialgen.synth.render import triangles
from spatialgen.synth.settings import RoomSettings

#: Ways to film a room among which the wanted number of objects in view decides.
CANDIDATES = 8

#: Pictures that are looked at for it, their size in pixels, and how many show a thing.
LOOKS, LOOK_SIZE, LOOK_PIXELS = 6, 32, 4

#: Seconds for which one thing is looked at, over which the gaze glides to the next, the chance
#: of a look ahead, and the pitch of such a look.
HOLD_S, GLIDE_S, LOOK_AHEAD, REST_PITCH = (1.2, 2.2), 0.45, 0.15, math.radians(-10)

#: What is less than this aside of the thing looked at is taken in with it.
TAKEN_IN = math.radians(20)

#: A walk is smoothed over this length, in metres, less where it would touch something.
SMOOTH = 0.35


def camera_of(settings: RoomSettings) -> Camera:
    """Return the pinhole camera; its field of view is across the picture."""
    focal = settings.width / 2 / math.tan(math.radians(settings.view_deg) / 2)
    middle = ((settings.width - 1) / 2, (settings.height - 1) / 2)
    return Camera(focal, focal, *middle, settings.width, settings.height)


def poses(layout: Layout, model: Model, seed: int, index: int, settings: RoomSettings) -> Floats:
    """Return the camera's poses (n, 4, 4), camera to world."""
    if settings.camera == "top":
        return _from_above(layout, camera_of(settings))[None]
    space = free_space(layout, settings.eye)
    film = _turn if settings.camera == "turn" else _walk
    count = CANDIDATES if settings.in_view is not None else 1
    made = [film(generator(seed, "synth", index, "film", k), space, settings) for k in range(count)]
    if settings.in_view is None:
        return made[0]
    wanted = settings.in_view
    seen = _counter(model, camera_of(settings))
    return min(made, key=lambda way: abs(seen(way) - wanted))


def _counter(model: Model, camera: Camera) -> Callable[[Floats], float]:
    """Return a function that tells how many objects the pictures of a way show, on average."""
    small = resized(camera, LOOK_SIZE, max(1, round(LOOK_SIZE * camera.height / camera.width)))
    directions = rays(small, pixel_grid(small))
    caster = RayCaster(model.quads.reshape(-1, 3), triangles(len(model.quads)))

    def count(way: Floats) -> float:
        shown = 0
        picked = way[np.linspace(0, len(way) - 1, LOOKS).astype(int)]
        for pose in picked:
            hits = caster.first_hits(pose[:3, 3], directions @ pose[:3, :3].T)
            owners = model.owners[hits.triangles[hits.triangles >= 0] >> 1]
            pixels = np.bincount(owners[owners < model.objects], minlength=1)
            shown += int((pixels >= LOOK_PIXELS).sum())
        return shown / len(picked)

    return count


def _from_above(layout: Layout, camera: Camera) -> Floats:
    """Return the pose above the middle of the plan from which the whole room is in the picture."""
    floor = layout.floor
    reach_x, reach_y = camera.fx / (camera.width / 2), camera.fy / (camera.height / 2)
    rise = max(floor.width / 2 * reach_x, floor.length / 2 * reach_y) * 1.02
    pose = np.diag([1.0, -1.0, -1.0, 1.0])
    pose[:3, 3] = (floor.width / 2, floor.length / 2, floor.height + rise)
    return pose


def _turn(rng: np.random.Generator, space: FreeSpace, settings: RoomSettings) -> Floats:
    """Turn once on a spot that is free around."""
    cells = np.argwhere(space.free & (space.distance >= 0.7 * space.distance.max()))
    cell = cells[int(rng.integers(len(cells)))]
    place = space.middle((int(cell[0]), int(cell[1])))
    first = rng.uniform(-math.pi, math.pi)
    side = 1 if rng.random() < 0.5 else -1
    headings = first + side * 2 * math.pi * np.arange(settings.frames) / settings.frames
    pitch = np.full(settings.frames, math.radians(rng.uniform(-16, -8)))
    return _looking(np.tile(place, (settings.frames, 1)), headings, pitch, settings.eye)


def _walk(rng: np.random.Generator, space: FreeSpace, settings: RoomSettings) -> Floats:
    """Walk about on free floor and look at things; the first look is at the nearest wall."""
    count = settings.frames
    line = _smooth(_stroll(rng, space, settings.walk), space)
    done = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0, done[-1], count)
    places = np.column_stack([np.interp(at, done, line[:, k]) for k in (0, 1)])
    ahead = _headings(line, done, at)
    looks = _gaze(rng, space, places, ahead, settings)
    # Eyes and head move smoothly; a repeated first and last look keeps the ends where they are.
    smooth = _blurred(looks, max(GLIDE_S * settings.fps, 0.1)) if count > 1 else looks
    return _looking(places, smooth[:, 0], smooth[:, 1], settings.eye)


def _gaze(
    rng: np.random.Generator,
    space: FreeSpace,
    places: Floats,
    ahead: Floats,
    settings: RoomSettings,
) -> Floats:
    """Return where someone looks who walks along ``places``: heading and pitch (n, 2).

    At first at the nearest wall, then at one thing after another, the next
    being the one that is least aside of the last, and now and then ahead.
    """
    count = len(places)
    things = [(*p.block.middle, (p.block.bottom + p.block.top) / 2) for p in space.layout.placed]
    heading = _to_wall(space, (float(places[0, 0]), float(places[0, 1])))
    pitch = REST_PITCH
    side = 1 if rng.random() < 0.5 else -1
    left, looks, frame = list(things), np.empty((count, 2)), 0
    hold = rng.uniform(0.8, 1.4)
    while frame < count:
        until = min(count, frame + max(1, round(hold * settings.fps)))
        looks[frame:until] = heading, pitch
        frame, hold = until, rng.uniform(*HOLD_S)
        if frame == count:
            break
        x, y = places[min(count - 1, frame + round(hold * settings.fps / 2))]
        if not left or rng.random() < LOOK_AHEAD:
            wanted, pitch = float(ahead[frame]), REST_PITCH
            left = left or list(things)
        else:
            # Slightly rather on than back, so that the eyes go round the room.
            turns = [_aside(math.atan2(b - y, a - x) - heading, side) for a, b, _ in left]
            a, b, c = left[min(range(len(left)), key=lambda k: turns[k])]
            wanted = math.atan2(b - y, a - x)
            rise = math.atan2(c - settings.eye, math.hypot(a - x, b - y))
            pitch = min(max(0.7 * rise, math.radians(-32)), math.radians(10))
        heading += math.remainder(wanted - heading, 2 * math.pi)
        left = [
            (a, b, c)
            for a, b, c in left
            if abs(math.remainder(math.atan2(b - y, a - x) - heading, 2 * math.pi)) > TAKEN_IN
        ]
    return looks


def _aside(turn: float, side: int) -> float:
    turn = math.remainder(turn, 2 * math.pi) * side
    return turn if turn >= 0 else -1.6 * turn


def _stroll(rng: np.random.Generator, space: FreeSpace, length: float) -> Floats:
    """Return points (n, 2) of a way along free cells that is about ``length`` metres long."""
    cells = [(int(x), int(y)) for x, y in np.argwhere(space.free)]
    here = cells[int(rng.integers(len(cells)))]
    points, walked = [space.middle(here)], 0.0
    while walked < length:
        lengths, before = ways(space, here)
        far = max(lengths.values())
        goals = sorted(cell for cell, away in lengths.items() if away >= 0.6 * far > 0)
        if not goals:
            break
        steps: list[Cell] = []
        cell = goals[int(rng.integers(len(goals)))]
        while cell != here:
            steps.append(cell)
            cell = before[cell]
        for cell in reversed(steps):
            if walked >= length:
                break
            walked += math.dist(points[-1], space.middle(cell))
            points.append(space.middle(cell))
            here = cell
    return np.array(points)


def _smooth(points: Floats, space: FreeSpace) -> Floats:
    """Return a way without corners, as smooth as it can be without touching anything."""
    if len(points) < 3:
        return points
    for radius in (SMOOTH, SMOOTH / 2, SMOOTH / 4):
        line = _blurred(points, radius / CELL)
        if (space.clearance(line) >= 0.8 * BODY).all():
            return line
    return points


def _blurred(values: Floats, radius: float) -> Floats:
    """Return the rows blurred by a Gaussian; the ends stay where they are."""
    reach = math.ceil(3 * radius)
    weights = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / radius))
    weights /= weights.sum()
    # Mirrored through its ends, a line keeps them.
    before = 2 * values[0] - values[1 : reach + 1][::-1]
    after = 2 * values[-1] - values[-reach - 1 : -1][::-1]
    missing = reach - len(before)
    if missing > 0:
        before = np.concatenate([np.repeat(before[:1], missing, axis=0), before])
        after = np.concatenate([after, np.repeat(after[-1:], missing, axis=0)])
    padded = np.concatenate([before, values, after])
    return np.column_stack([np.convolve(column, weights, mode="valid") for column in padded.T])


def _headings(line: Floats, done: Floats, at: Floats) -> Floats:
    """Return the direction of travel at lengths ``at`` of a way, turning gently."""
    if len(line) < 3:
        return np.zeros(len(at))
    steps = np.gradient(line, axis=0)
    gentle = _blurred(steps, 0.8 / CELL)
    angles = np.unwrap(np.arctan2(gentle[:, 1], gentle[:, 0]))
    return np.interp(at, done, angles)


def _to_wall(space: FreeSpace, place: Vec2) -> float:
    """Return the direction of the nearest wall."""
    floor = space.layout.floor
    (x, y) = place
    away = {math.pi: x, 0.0: floor.width - x, -math.pi / 2: y, math.pi / 2: floor.length - y}
    return min(away, key=lambda direction: away[direction])


def facing(eye: Floats, target: Floats) -> Floats:
    """Return the upright pose (4, 4) at ``eye`` (3,) that looks at ``target`` (3,)."""
    x, y, z = (float(value) for value in target - eye)
    heading, pitch = math.atan2(y, x), math.atan2(z, math.hypot(x, y))
    made = _looking(eye[None, :2], np.array([heading]), np.array([pitch]), float(eye[2]))
    return np.asarray(made[0])


def _looking(places: Floats, headings: Floats, pitch: Floats, eye: float) -> Floats:
    """Return upright poses (n, 4, 4) at places (n, 2), looking in the given directions."""
    made = np.tile(np.eye(4), (len(places), 1, 1))
    cos, sin = np.cos(headings), np.sin(headings)
    ahead = np.column_stack([cos * np.cos(pitch), sin * np.cos(pitch), np.sin(pitch)])
    right = np.column_stack([sin, -cos, np.zeros(len(places))])
    made[:, :3, 0] = right
    made[:, :3, 1] = np.cross(ahead, right)
    made[:, :3, 2] = ahead
    made[:, :2, 3], made[:, 2, 3] = places, eye
    return made
