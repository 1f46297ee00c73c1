"""From a config's file and overrides to its settings, with everything that is wrong at once.

A config may begin with ``base: OTHER.yaml``, a place next to its own file, and then holds only
what differs: mappings are merged, everything else replaces what the base has, and null takes
a setting back to its default.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from recipes import feedback
from recipes.errors import ConfigError
from recipes.settings import MOST_VISITS, TINY, Config
from recipes.wording import worded

#: A config stands on at most so many others.
DEEPEST = 8

#: What stands in for a setting that has no default, where it is wrong.
_STAND_INS: dict[str, Any] = {
    "out_dir": ".",
    "model": TINY,
    "scenes": {"made": [{"rooms": 1}]},
    "held_out": {"made": [{"rooms": 1, "seed": 1}]},
    "proposer": {"kind": "built-in"},
}


@dataclass(frozen=True)
class Draft:
    """A config as far as it is right, so that the rest of it can be checked at the same time.

    ``faults`` are what is wrong, and ``wrong`` are the places of it: there the config has the
    default, or a stand-in where there is none.
    """

    config: Config
    faults: tuple[str, ...] = ()
    wrong: tuple[tuple[str, ...], ...] = ()

    def has(self, *names: str) -> bool:
        """Tell whether the config has all of these settings as they were given."""
        places = [tuple(name.split(".")) for name in names]
        return not any(_touch(place, each) for place in places for each in self.wrong)


def read(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Return a config with ``key=value`` overrides, dots reaching into its parts.

    Raises ConfigError that names everything that is wrong, one a line.
    """
    found = draft(path, overrides)
    refuse(path, found.faults)
    return found.config


def refuse(path: Path, faults: Sequence[str]) -> None:
    """Raise ConfigError with all faults of a config, where there are any."""
    if faults:
        listed = "".join(f"\n  {fault}" for fault in faults)
        count = "1 thing is" if len(faults) == 1 else f"{len(faults)} things are"
        raise ConfigError(f"{path}: {count} wrong:{listed}")


def draft(path: Path, overrides: Sequence[str] = ()) -> Draft:
    """Return what can be made of a config; raises ConfigError for a file that holds none."""
    data = _loaded(path)
    faults = [fault for each in overrides for fault in _override(data, each)]
    found = _drafted(data, [*faults, *_tidied(data)])
    return Draft(found.config, (*found.faults, *_together(found)), found.wrong)


def _loaded(path: Path, depth: int = 0) -> dict[Any, Any]:
    """Return the settings of a file on top of those of its base."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    data = _yaml(text, str(path))
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: holds no settings; see recipes/configs for examples")
    if "base" not in data:
        return data
    base = data.pop("base")
    if not isinstance(base, str) or depth == DEEPEST:
        raise ConfigError(f"{path}: base: the name of a config is wanted that ends somewhere")
    return _merged(_loaded(path.parent / base, depth + 1), data)


def _merged(base: dict[Any, Any], own: dict[Any, Any]) -> dict[Any, Any]:
    both = {
        key: _merged(base[key], value)
        for key, value in own.items()
        if isinstance(value, dict) and isinstance(base.get(key), dict)
    }
    return {**base, **own, **both}


def _tidied(data: dict[Any, Any]) -> Iterator[str]:
    """Take out of a config what is set to null, and what has no name; yield what is wrong.

    What is null has its default, so that a config can let go of what its base gives.
    """
    seen: set[int] = set()  # of an alias in YAML there is one, however often it is used
    left: list[tuple[str, Any]] = [("", data)]
    while left:
        above, inside = left.pop()
        if id(inside) in seen or not isinstance(inside, dict | list):
            continue
        seen.add(id(inside))
        if isinstance(inside, dict):
            for name in [name for name in inside if not isinstance(name, str)]:
                del inside[name]
                yield f"{above}{name}: is no name of a setting; quote it if it is meant as one"
            for name in [name for name, value in inside.items() if value is None]:
                del inside[name]
        parts = inside.items() if isinstance(inside, dict) else enumerate(inside)
        left += [(f"{above}{name}.", value) for name, value in parts]


def _drafted(data: dict[Any, Any], faults: list[str]) -> Draft:
    """Return the config after leaving out what is wrong, until nothing is."""
    wrong: list[tuple[str, ...]] = []
    while True:
        try:
            return Draft(Config.model_validate(data), tuple(faults), tuple(wrong))
        except ValidationError as error:
            found = error.errors(include_url=False)
        places = [_place(each["loc"]) for each in found]
        for place, each in zip(places, found, strict=True):
            # What is wrong because something was left out was told before.
            if not any(_touch(tuple(map(str, place)), other) for other in wrong):
                faults.append(f"{'.'.join(map(str, place))}: {worded(each)}")
        # From the end, for places in lists move.
        for place, each in reversed(list(zip(places, found, strict=True))):
            left_out = _leave_out(data, place)
            if each["type"] != "extra_forbidden":
                wrong.append(left_out)


def _place(loc: Sequence[Any]) -> tuple[Any, ...]:
    """Return where in the config an error of pydantic's is: without the kind of the proposer."""
    return (loc[0], *loc[2:]) if loc[0] == "proposer" else tuple(loc)


def _leave_out(data: dict[Any, Any], place: Sequence[Any]) -> tuple[str, ...]:
    """Take a setting out, or the part that lacks it; return the place of what is wrong now."""
    trail: list[tuple[Any, Any]] = []
    inside: Any = data
    for part in place:
        inner = inside.get(part) if isinstance(inside, dict) else None
        if isinstance(inside, list) and part in range(len(inside)):
            inner = inside[part]
        elif not isinstance(inside, dict) or part not in inside:
            break
        trail.append((inside, part))
        inside = inner
    if not trail:
        data[place[0]] = _STAND_INS[place[0]]
        return (str(place[0]),)
    holder, key = trail[-1]
    del holder[key]
    kept = trail[:-1] if isinstance(holder, list) else trail
    return tuple(str(part) for _, part in kept)


def _touch(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether one place is the other, or inside of it, whichever it is."""
    return all(a == b for a, b in zip(one, other, strict=False))


def _yaml(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{where}: is no YAML: {' '.join(str(error).split())}") from error


def _override(data: dict[Any, Any], text: str) -> list[str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        return [f"{text!r}: write an override as key=value"]
    *parts, last = key.split(".")
    place: Any = data
    for part in parts:
        inside = _inside(place, part)
        if inside is None:
            return [f"{key}: there is no {part}"]
        place = inside
    if isinstance(place, list):
        if not _is_place(place, last):
            return [f"{key}: there is no {last}"]
        place[int(last)] = _yaml(value, key)
    else:
        place[last] = _yaml(value, key)
    return []


def _inside(place: Any, part: str) -> Any:
    """Return what is called ``part`` in a mapping or a list, a new mapping where nothing is."""
    if isinstance(place, list):
        found = place[int(part)] if _is_place(place, part) else None
    else:
        found = {} if place.get(part) is None else place[part]
        place[part] = found
    return found if isinstance(found, dict | list) else None


def _is_place(items: list[Any], part: str) -> bool:
    return part.isdecimal() and int(part) < len(items)


def _together(found: Draft) -> Iterator[str]:
    """Yield what is wrong with settings that are right each by itself."""
    config, solver = found.config, found.config.solver
    alone = not solver.launch and found.has("batch", "solver.per_device_batch", "solver.launch")
    if alone and config.batch % solver.per_device_batch:
        yield (
            f"solver.per_device_batch: {solver.per_device_batch} does not divide the "
            f"batch of {config.batch}"
        )
    if found.has("steps", "batch") and config.steps * config.batch > MOST_VISITS:
        yield f"steps: {config.steps} of {config.batch} are more than {MOST_VISITS:,} a round"
    if found.has("model") and config.model == TINY:
        if solver.lora is not None:
            yield "solver.lora: the tiny model is trained from nothing, and wholly"
        if solver.freeze:
            yield "solver.freeze: the tiny model is trained from nothing, and wholly"
    if found.has("proposer") and config.proposer.kind == "model" and config.feedback.knobs:
        yield "feedback.knobs: only the built-in proposer has them"
    if found.has("proposer", "feedback.signal") and config.proposer.kind == "model":
        signal = config.feedback.signal
        if signal not in (*feedback.TOLD, "none"):
            yield (
                f"feedback.signal: {signal} compares families, and a model is told of questions; "
                f"choose {', '.join(feedback.TOLD)} or none"
            )
