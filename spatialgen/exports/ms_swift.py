"""ms-swift's standard format: messages with media tags, and the files that these stand for.

See "Custom dataset" in its documentation; read with the code of ms-swift 4.6. Paths are
relative: ms-swift looks for them below ROOT_IMAGE_DIR.
"""

from spatialgen.exports._base import Example, Export, Line
from spatialgen.exports._wording import media_columns, messages, refuse_tags


def _line(example: Example) -> Line:
    return {"messages": messages(example), **media_columns(example), "id": example.row["id"]}


EXPORT = Export(
    name="ms_swift",
    summary="ms-swift: messages with images or videos, one JSON object per line",
    file="ms_swift.jsonl",
    line=_line,
    use="ROOT_IMAGE_DIR={folder} swift sft --dataset {folder}/ms_swift.jsonl --model MODEL",
    refuses=refuse_tags,
)
