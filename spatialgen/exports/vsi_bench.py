"""VSI-Bench's own layout: test.jsonl, and the videos at DATASET/SCENE.mp4.

Questions of other types, and those about particular frames, have no place in it: whoever
reads the layout refuses the ones and would show too many frames for the others.
"""

from spatialgen.dataset.rows import Row
from spatialgen.exports._base import Example, Export, Line

#: The types that code which reads VSI-Bench knows.
TYPES = frozenset(
    {
        "object_counting",
        "object_abs_distance",
        "object_size_estimation",
        "room_size_estimation",
        "object_rel_distance",
        "object_rel_direction_easy",
        "object_rel_direction_medium",
        "object_rel_direction_hard",
        "route_planning",
        "obj_appearance_order",
    }
)

_COLUMNS = ("dataset", "scene_name", "question_type", "question", "options", "ground_truth")


def _refuses(row: Row) -> str | None:
    if row["question_type"] not in TYPES:
        return "not_a_vsi_type"
    return None if row["frames"] is None else "about_single_frames"


def _line(example: Example) -> Line:
    return {"id": example.row["id"], **{name: example.row[name] for name in _COLUMNS}}


EXPORT = Export(
    name="vsi_bench",
    summary="VSI-Bench: test.jsonl with its columns, a video per scene",
    file="test.jsonl",
    line=_line,
    use="evalkit run vsi-bench --data {folder} --model MODEL --out results",
    media=("video",),
    refuses=_refuses,
)
