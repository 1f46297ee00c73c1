"""Questions about scenes that a benchmark of the run asks about: none is trained on.

`spatialgen propose` leaves such scenes out by itself; datasets that were finished before come
as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recipes import proposing
from recipes.settings import Config
from spatialgen.audit.contamination import CODE, Exclusion, read_exclusions

Row = Mapping[str, Any]


def exclusions(config: Config) -> list[Exclusion]:
    """Return what the benchmarks of a config use; those whose questions name no scenes are not in.

    Raises EvalkitError, RecipeError or SpatialgenError where that can't be known.
    """
    files = dict.fromkeys(map(proposing.scenes_file, config.evaluate.benchmarks))
    return read_exclusions(path for path in files if path is not None)


def set_apart(
    rows: Iterable[Row], used: Sequence[Exclusion]
) -> tuple[list[Row], list[dict[str, Any]]]:
    """Return the rows about other scenes than those in use, and the others with a ``reason``."""
    kept: list[Row] = []
    dropped: list[dict[str, Any]] = []
    for row in rows:
        dataset, scene = str(row["dataset"]), str(row["scene_name"])
        user = next((each for each in used if each.used.holds(dataset, scene)), None)
        if user is None:
            kept.append(row)
        else:
            dropped.append({**row, "reason": CODE, "detail": user.detail})
    return kept, dropped
