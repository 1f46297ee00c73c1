"""Running every stored program again and comparing every answer."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spatialgen.dataset.files import (
    QUESTIONS,
    REMEDY,
    SCENES,
    altered_files,
    read_manifest,
    read_rows,
)
from spatialgen.dataset.rows import Row, row_id
from spatialgen.dataset.scenes import scene_from_json
from spatialgen.errors import DatasetError
from spatialgen.graph.build import build
from spatialgen.parallel import uninterrupted
from spatialgen.programs.executor import Executor, Stage
from spatialgen.programs.results import same
from spatialgen.programs.world import world
from spatialgen.progress import Progress
from spatialgen.records import Scene
from spatialgen.verify.answers import number_text
from spatialgen.verify.options import LETTERS, lettered


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored row, at a line of ``questions.jsonl``, that its own program does not bear out."""

    line: int
    id: str
    scene: str
    what: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of running a dataset again."""

    questions: int
    differences: tuple[Difference, ...]
    altered_files: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return not self.differences and not self.altered_files


def replay(folder: Path, progress: Progress) -> Replay:
    """Run every program of a dataset folder on the scene stored beside it.

    Compares answer, printed ground truth and id of each row, looks for the frames
    that it names, and compares the files with the hashes in the manifest. Raises
    UsageError where the folder is no dataset, DatasetError where it is unfinished
    or its rows can't be read.
    """
    manifest = read_manifest(folder)
    if not manifest["complete"]:
        raise DatasetError(f"{folder}: unfinished; run the command that began it again")
    altered = altered_files(folder, manifest)
    differences: list[Difference] = []
    count = 0
    progress.begin(sum(1 for _ in read_rows(folder, QUESTIONS)))
    with closing(uninterrupted(_compared(folder))) as compared:
        for row, what in compared:
            count += 1
            if what:
                differences.append(Difference(count, row["id"], row["scene_name"], what))
            progress.advance(f"{len(differences)} differences,")
    return Replay(count, tuple(differences), tuple(altered))


def _compared(folder: Path) -> Iterator[tuple[Row, str | None]]:
    with Executor() as executor:
        for row, scene, stage in _staged_rows(folder, executor):
            yield row, _difference(row, scene, stage, executor)


def _staged_rows(folder: Path, executor: Executor) -> Iterator[tuple[Row, Scene, Stage]]:
    # Both files are in the order of the scenes: one pass, one scene at a time.
    scenes = read_rows(folder, SCENES)
    key: tuple[str, str] | None = None
    scene: Scene | None = None
    stage: Stage | None = None
    for number, row in enumerate(read_rows(folder, QUESTIONS), start=1):
        wanted = (row["dataset"], row["scene_name"])
        while key != wanted or scene is None or stage is None:
            data = next(scenes, None)
            if data is None:
                raise DatasetError(
                    f"{folder / QUESTIONS}:{number}: {SCENES} has no scene {'/'.join(wanted)} "
                    f"here (both are in the same order); {REMEDY}"
                )
            key = (data["dataset"], data["scene_name"])
            if key == wanted:
                scene = _scene(folder, data)
                stage = executor.stage(world(build(scene)))
        yield row, scene, stage


def _scene(folder: Path, data: dict[str, Any]) -> Scene:
    try:
        return scene_from_json(data)
    except (KeyError, TypeError, ValueError) as error:
        where = f"{folder / SCENES}: scene {data['scene_name']}"
        raise DatasetError(f"{where}: damaged ({error!r}); {REMEDY}") from error


def _difference(row: Row, scene: Scene, stage: Stage, executor: Executor) -> str | None:
    if row["id"] != row_id(
        f"{row['dataset']}/{row['scene_name']}", row["question"], row["program"]
    ):
        return "the id does not belong to this question and program"
    wanted, known = row.get("frames"), [frame.index for frame in scene.frames]
    if wanted is not None and not (isinstance(wanted, list) and all(i in known for i in wanted)):
        return f"frames {wanted!r} are not all among the {len(known)} of its scene"
    found = executor.run(row["program"], stage)
    if not found.ok:
        return f"the program ends with {found.outcome}: {found.detail}"
    if not same(found.value, row["answer"]):
        return f"the program says {found.value!r}, the row {row['answer']!r}"
    if row["ground_truth"] not in _spoken(row):
        return f"ground_truth {row['ground_truth']!r} is not the answer {row['answer']!r}"
    return None


def _spoken(row: Row) -> list[str]:
    # The texts that ground_truth may be: one letter where there are options.
    answer = row["answer"]
    if isinstance(answer, bool):
        texts = ["yes" if answer else "no"]
    elif isinstance(answer, int | float):
        texts = [number_text(answer, decimals) for decimals in (None, 0, 1, 2)]
        # A number that was rounded by its program is printed as it is.
        texts = [text for text in texts if float(text) == answer] or texts
    else:
        texts = [str(answer)]
    if row["options"] is None:
        return texts
    shown = [str(option)[3:] for option in row["options"]]
    if row["options"] != lettered(shown[: len(LETTERS)]):
        return []
    right = [LETTERS[i] for i, text in enumerate(shown) if text in texts]
    return right if len(right) == 1 else []
