"""How much of a server's answer is taken into memory: whatever it says, never without end."""

from collections.abc import Mapping
from typing import Any

from spatialgen.errors import HubError
from spatialgen.optional import PUBLISH, require

#: Bytes of an answer. The list of 100,000 files takes some 30 million.
MOST_BYTES = 64 * 2**20

#: Asked of servers: what is compressed may be a thousand times as large as it looks.
HEADERS: Mapping[str, str] = {"Accept-Encoding": "identity"}

# What marks a request whose answer is a file that is read into memory.
_INTO_MEMORY = "spatialgen_into_memory"

#: The extension of such a request.
INTO_MEMORY: Mapping[str, bool] = {_INTO_MEMORY: True}


def take(response: Any) -> None:
    """Take in an answer that has just begun, unless it is a file on its way to the disk.

    Raises HubError where it is longer than `MOST_BYTES`, or compressed.
    """
    if _goes_to_disk(response):
        return
    host = response.request.url.host
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise HubError(f"{host}: answers compressed, though asked not to; check the address")
    taken = bytearray()
    for chunk in response.stream:
        taken += chunk
        if len(taken) > MOST_BYTES:
            raise HubError(
                f"{host}: answers with more than {MOST_BYTES:,} bytes where that is no file; "
                "check the address, then run the same command again"
            )
    response.stream.close()
    response.stream = require("httpx2", "publishing", PUBLISH).ByteStream(bytes(taken))


def _goes_to_disk(response: Any) -> bool:
    asked = response.request
    if asked.method != "GET" or asked.extensions.get(_INTO_MEMORY) or response.status_code >= 300:
        return False
    endpoint = require("huggingface_hub.constants", "publishing", PUBLISH).ENDPOINT
    return not str(asked.url).startswith(f"{endpoint}/api/")
