"""What earlier datasets ask about a scene, so that it is not asked again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spatialgen.dataset.files import QUESTIONS, SCENES, read_manifest, read_rows
from spatialgen.dataset.rows import Row
from spatialgen.dataset.scenes import scene_from_json
from spatialgen.errors import DatasetError
from spatialgen.graph.build import SceneGraph, build
from spatialgen.verify.meaning import meaning


@dataclass(frozen=True)
class Before:
    """The questions about one scene: their wording, their programs, what they mean."""

    questions: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    meanings: set[str] = field(default_factory=set)


def read_previous(folders: Sequence[Path]) -> tuple[dict[str, Before], dict[str, str]]:
    """Return what finished dataset folders ask, by scene, and the hash of each one's questions.

    Their order counts, the latest last: of many questions a model is told the last. Raises
    UsageError where a folder is no dataset, DatasetError where it is unfinished or damaged.
    """
    before: dict[str, Before] = {}
    hashes: dict[str, str] = {}
    for number, folder in enumerate(folders):
        manifest = read_manifest(folder)
        if not manifest["complete"]:
            raise DatasetError(f"{folder}: unfinished; run the command that began it again")
        digest = manifest["files"].get(QUESTIONS, "")
        hashes[f"previous:{number}"] = digest
        for key, row, graph in _questions(folder):
            known = before.setdefault(key, Before())
            known.questions.append(row["question"])
            known.programs.append(row["program"])
            options = [str(option)[3:] for option in row["options"] or ()]
            found = meaning(row["program"], graph, row["answer"], row["unit"], options)
            if found is not None:
                known.meanings.add(found)
    return before, hashes


def _questions(folder: Path) -> Iterator[tuple[str, Row, SceneGraph]]:
    # Both files are in the order of the scenes.
    scenes = read_rows(folder, SCENES)
    key: tuple[str, str] | None = None
    graph: SceneGraph | None = None
    for row in read_rows(folder, QUESTIONS):
        wanted = (row["dataset"], row["scene_name"])
        while key != wanted or graph is None:
            data: Mapping[str, object] | None = next(scenes, None)
            if data is None:
                raise DatasetError(f"{folder / SCENES}: has no scene {'/'.join(wanted)}")
            key = (str(data["dataset"]), str(data["scene_name"]))
            graph = _graph(folder, dict(data)) if key == wanted else None
        yield "/".join(wanted), row, graph


def _graph(folder: Path, data: Row) -> SceneGraph:
    try:
        return build(scene_from_json(data))
    except (KeyError, TypeError, ValueError) as error:
        where = f"{folder / SCENES}: scene {data['scene_name']}"
        raise DatasetError(f"{where}: damaged ({error!r})") from error
