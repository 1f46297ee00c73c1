"""transformers' own server on a checkpoint, for the time of a test."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NEEDED = ("fastapi", "uvicorn", "openai", "requests", "httpx2")

_SERVE = """
import sys
from evalkit.backends import _torchvision
_torchvision.ensure()
from transformers import image_processing_backends, image_utils
from transformers.cli.serve import Serve
# Beside a torch without CUDA torchvision can't decode image files, so pillow does.
image_processing_backends.load_image_as_tensor = image_utils.load_image
Serve(sys.argv[1], host="127.0.0.1", port=int(sys.argv[2]), device="cpu")
"""


@contextmanager
def serving(checkpoint: Path, log: Path) -> Iterator[str]:
    """Run the server and give its address; skips the test where a library is absent."""
    for module in _NEEDED:
        pytest.importorskip(module, reason=f"transformers serve needs {module}")
    # The port stays taken for the server: who shares it may listen, nobody else is given it.
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port = held.getsockname()[1]
    command = [sys.executable, "-c", _SERVE, str(checkpoint), str(port)]
    root = Path(__file__).parents[2]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=root)
    try:
        deadline = time.monotonic() + 300
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(120)
        held.close()
