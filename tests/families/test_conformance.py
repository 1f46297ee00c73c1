"""Every question family does what a family must do."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spatialgen.propose.built_in import families, family_names
from tests.conformance import Workshop, check_family, workshop


@pytest.fixture(scope="module")
def shop() -> Iterator[Workshop]:
    with workshop() as ready:
        yield ready


@pytest.mark.parametrize("name", family_names())
def test_family(name: str, shop: Workshop) -> None:
    (family,) = families([name])
    assert family.name == name
    assert family.summary
    check_family(family, shop)


CODE = """
import hashlib
from dataclasses import replace
from spatialgen.graph.build import build
from spatialgen.propose.built_in import drafts, families, family_names
from tests.filmed_rooms import filmed

asked = drafts(build(filmed(17, 0)), families(family_names()), seed=3, round_number=0)
text = repr([replace(draft, derive=None) for draft in asked])
assert len(text) > 10_000
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_every_process_asks_the_same() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", CODE],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1", "4242")
    ]
    assert len(printed[0]) == 2 * hashlib.sha256().digest_size + 1
    assert printed[1:] == printed[:1] * 2
