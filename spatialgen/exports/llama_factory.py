"""LLaMA-Factory's sharegpt format with OpenAI's roles, and the dataset_info.json that tells of it.

See data/README.md in its repository; read with the code of LLaMA-Factory 0.9.5. Paths are
relative to dataset_dir, which is where its media are looked for by default.
"""

import json
from collections.abc import Mapping

from spatialgen.exports._base import Example, Export, Line
from spatialgen.exports._wording import media_columns, messages, refuse_tags

_FILE = "llama_factory.jsonl"


def _line(example: Example) -> Line:
    return {"messages": messages(example), **media_columns(example), "id": example.row["id"]}


def _beside(kinds: frozenset[str]) -> Mapping[str, str]:
    # A column that is empty in every line has no type, and naming it would be an error.
    columns = {"messages": "messages", **{kind: kind for kind in sorted(kinds)}}
    tags = {"role_tag": "role", "content_tag": "content"}
    tags |= {"user_tag": "user", "assistant_tag": "assistant", "system_tag": "system"}
    entry = {"file_name": _FILE, "formatting": "sharegpt", "columns": columns, "tags": tags}
    return {"dataset_info.json": json.dumps({"spatialgen": entry}, indent=2) + "\n"}


EXPORT = Export(
    name="llama_factory",
    summary="LLaMA-Factory: sharegpt conversations and their dataset_info.json",
    file=_FILE,
    line=_line,
    use="llamafactory-cli train CONFIG.yaml dataset_dir={folder} dataset=spatialgen",
    refuses=refuse_tags,
    beside=_beside,
)
