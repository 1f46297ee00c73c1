"""Our ports give what the named code gave when it was really run."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit import discovery
from evalkit.records import Row
from evalkit.scoring import results, score_row, score_rows

SCORING = Path(__file__).parents[2] / "../shared/data/scoring"
COLUMNS = {"official": "official", "lmms-eval": "lmms_eval", "vlmevalkit": "vlmevalkit"}
BENCHMARKS = ("vsi_bench", "mindcube", "mmsi_bench", "erqa", "viewspatial_bench")
CASES = [(name, scorer) for name in (*BENCHMARKS, "embspatial_bench") for scorer in COLUMNS]

#: Where the files give percent, and what an overall score is called.
PERCENT = {("vsi_bench", "official"), ("vsi_bench", "vlmevalkit"), ("mmsi_bench", "vlmevalkit")}
OVERALL = ("overall", "accuracy", "average")


def load(name: str) -> str:
    path = SCORING / name
    if not path.is_file():
        pytest.skip(f"no {name} in a folder `shared/data/scoring` beside the repository")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "scorer"), CASES)
def test_every_case_has_the_score_of_the_named_code(name: str, scorer: str) -> None:
    benchmark = discovery.load(name.replace("_", "-"))
    differences = []
    for line in load(f"{name}.jsonl").splitlines():
        case = json.loads(line)
        column = case["primary"] if scorer == "official" else COLUMNS[scorer]
        row = Row(case["doc"], case["prediction"])
        score = score_row(benchmark, benchmark.scorers[scorer], row).score
        if score != pytest.approx(case["scores"][column], abs=1e-9):
            differences.append((case["tag"], case["prediction"], case["scores"][column], score))
    assert differences == []


def expected_groups(found: dict[str, Any]) -> dict[str, float]:
    """Return a harness's figures by our group names."""
    figures = {key: value for key, value in found.items() if isinstance(value, float)}
    figures |= found.get("categories", {})
    figures |= {k: v["accuracy"] for k, v in found.get("settings", {}).items() if v["total"]}
    ends = ("_accuracy", "_MRA:.5:.95:.05")
    return {key.removesuffix(ends[0]).removesuffix(ends[1]): v for key, v in figures.items()}


@pytest.mark.parametrize("name", ["vsi_bench", "mindcube", "mmsi_bench"])
@pytest.mark.parametrize("scorer", COLUMNS)
def test_aggregates_are_those_of_the_named_code(name: str, scorer: str) -> None:
    benchmark = discovery.load(name.replace("_", "-"))
    cases = json.loads(load(f"{name}_aggregate.json"))["cases"]
    known = [case for case in cases if COLUMNS[scorer] in case["expected"]]
    if not known:
        pytest.skip(f"{name} has no aggregate by {scorer}")
    for case in known:
        rows = [Row(row["doc"], row["prediction"]) for row in case["rows"]]
        chosen = benchmark.scorers[scorer]
        found = results(
            benchmark, chosen, [r.doc for r in rows], score_rows(benchmark, chosen, rows)
        )
        scale = 100 if (name, scorer) in PERCENT else 1
        figures = expected_groups(case["expected"][COLUMNS[scorer]])
        # The official file of MindCube also counts; only its shares are compared.
        for group, figure in figures.items():
            score = found.overall if group in OVERALL else found.groups[group].score
            assert score is not None
            assert score * scale == pytest.approx(figure, abs=1e-9), group
        assert sum(group in OVERALL for group in figures) == 1
