"""What TRL's SFTTrainer trains vision models on: ``messages`` of parts, and ``images``.

A folder of pictures with metadata.jsonl, which `datasets` loads with the pictures
decoded. TRL has no column for videos; read with the code of TRL 1.16.
"""

from collections.abc import Mapping

from spatialgen.exports._base import Example, Export, Line, Picture
from spatialgen.exports._wording import parts

# Without it, a folder called "test" would be taken for a split.
_CARD = """\
---
configs:
- config_name: default
  data_files:
  - split: train
    path:
    - metadata.jsonl
    - frames/**
---
"""


def _line(example: Example) -> Line:
    asked = list(parts(example))
    content = [
        {"type": "text", "text": part} if isinstance(part, str) else {"type": "image", "text": None}
        for part in asked
    ]
    answer = [{"type": "text", "text": example.row["ground_truth"]}]
    return {
        "images_file_names": [part.file for part in asked if isinstance(part, Picture)],
        "messages": [
            {"role": "user", "content": content},
            {"role": "assistant", "content": answer},
        ],
        "id": example.row["id"],
    }


def _beside(_: frozenset[str]) -> Mapping[str, str]:
    return {"README.md": _CARD}


EXPORT = Export(
    name="trl",
    summary="TRL: messages of parts and images, loaded by `datasets`",
    file="metadata.jsonl",
    line=_line,
    use='datasets.load_dataset("{folder}", split="train"), '
    "SFTConfig(max_length=None, assistant_only_loss=True)",
    media=("pictures",),
    beside=_beside,
)
