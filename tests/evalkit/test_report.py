"""Reports: every format from a run's folder alone, whatever names and answers hold."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evalkit import report
from evalkit.cli import main
from evalkit.errors import DataError, EvalkitError, UsageError
from evalkit.report import easi, html, lmms_eval, markdown
from evalkit.report._runs import load_run
from evalkit.report._style import SCRIPT
from evalkit.run import run
from tests.evalkit.made_run import fake, make_plan, right_answers, vsi_rows, write_rows

HOSTILE = '</pre><script>alert("1")</script><img src=x onerror=alert(2)> | `x` \x1b[31m\u202e'


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a good run, one with failures, and one where all that can be is hostile."""
    root = tmp_path_factory.mktemp("runs")
    rows = vsi_rows(3)
    answers = right_answers(rows)
    data = write_rows(root / "data", rows)
    found = {name: root / name for name in ("good", "failing", "hostile")}
    session = fake({**answers, "0": "no idea", "121": "D"}, name="org/model")
    run(make_plan(data, root / "cache", session, blind=True), found["good"])
    session = fake(answers, failing={"33": "out of memory"}, name="org/model")
    run(make_plan(data, root / "cache", session, blind=True), found["failing"])
    bad = [{**row, "question": f"{HOSTILE} {row['question']}"} for row in rows]
    worse = write_rows(root / "worse", bad)
    session = fake(dict.fromkeys(answers, HOSTILE), failing={"44": HOSTILE}, name=HOSTILE)
    run(make_plan(worse, root / "cache", session, blind=True), found["hostile"])
    return found


def invoke(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_formats_are_found_by_file_name() -> None:
    assert report.names() == ("easi", "html", "json", "lmms-eval", "markdown", "text")
    with pytest.raises(UsageError, match="did you mean markdown"):
        report.load("markdwon")


def test_text_has_scores_intervals_baselines_and_the_protocol(folders: dict[str, Path]) -> None:
    lines = report.present(folders["good"], "text").splitlines()
    counting = next(line for line in lines if line.startswith("object_counting "))
    cells = counting.split()
    # One of three questions has no answer; chance is for choices alone.
    assert (cells[1], cells[3]) == ("66.67", "to")
    assert cells[5:] == ["3", "33.33", "0", "-", "100.00", "100.00"]
    whole = next(line for line in lines if line.startswith("overall"))
    assert whole.split()[1] == "91.67"
    text = "\n".join(lines)
    for part in ("vsi-bench/blind/official/", "org/model", "95 % interval", "chance"):
        assert part in text


def test_a_partial_run_prints_no_overall(folders: dict[str, Path]) -> None:
    for name in ("text", "markdown", "html"):
        text = "\n".join(report.load(name).files([load_run(folders["failing"])]).values())
        assert "overall score: 1 of 30" in text or "no overall score" in text
        assert "\noverall " not in text
        assert "| **overall**" not in text


def test_data_of_another_commit_are_told(folders: dict[str, Path]) -> None:
    run = load_run(folders["good"])
    pinned = run.results["dataset"]["pinned"]
    assert "The data are of commit" not in report.present(folders["good"], "text")
    for commit, told in ((pinned, False), ("f" * 40, True)):
        data = {**run.results["dataset"], "revision": commit}
        other = replace(run, results={**run.results, "dataset": data})
        (text,) = report.load("text").files([other]).values()
        assert (f"of commit {'f' * 12}; evalkit names {pinned[:12]}" in text) is told


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_terminals_and_tables_get_no_control_characters(
    folders: dict[str, Path], name: str
) -> None:
    text = report.present(folders["hostile"], name)
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("object_abs_distance", "object_abs_distance", id="underscores in a name"),
        pytest.param("_bold_", r"\_bold\_", id="underscores that mark"),
        pytest.param("a | b", r"a \| b", id="table"),
        pytest.param("<b>`x`", r"\<b\>\`x\`", id="html and code"),
        pytest.param("two\nlines", "two lines", id="lines"),
    ],
)
def test_markdown_shows_names_as_they_are(value: str, expected: str) -> None:
    assert markdown.escaped(value) == expected


class _Page(HTMLParser):
    """Collects what a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._in_script = tag == "script"
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.links += [name for name, _ in attrs if name in ("src", "href", "action")]

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)


@pytest.mark.parametrize("name", ["good", "failing", "hostile"])
def test_the_page_loads_nothing_and_runs_nothing_but_its_own(
    folders: dict[str, Path], name: str
) -> None:
    text = html.page(load_run(folders[name]))
    page = _Page()
    page.feed(text)
    assert page.scripts == [SCRIPT]
    assert (page.links, page.handlers) == ([], [])
    assert "img" not in page.tags
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text


def test_the_page_has_a_row_for_every_group_and_the_wrong_answers(
    folders: dict[str, Path],
) -> None:
    text = html.page(load_run(folders["good"]))
    assert text.count('<g class="group">') == 2 * 11
    assert text.count('<g class="whole">') == 2
    assert text.count('data-kind="no_answer"') == 2
    assert text.index('data-kind="no_answer"') < text.index('data-kind="correct"')
    assert "no idea" in text


def test_a_page_shows_some_of_each_problem_and_not_too_many() -> None:
    rows = [
        {
            "prediction": None if k % 10 == 0 else "x",
            "outcome": "error" if k % 10 == 1 else "correct",
        }
        for k in range(5_000)
    ]
    chosen = html.chosen_samples(rows)
    kinds = [html._kind(row) for row in chosen]
    assert len(chosen) == html.SAMPLES
    assert kinds == sorted(kinds, key=html._ORDER.index)
    assert {kinds.count(name) for name in ("failed", "error", "correct")} == {133, 134}


def test_long_texts_are_cut_in_the_middle() -> None:
    assert html.text("a" * 10 + "b" * 10, limit=10) == "aaaaa [10 characters left out] bbbbb"


def test_json_is_the_results_file(folders: dict[str, Path]) -> None:
    result = invoke("report", folders["good"], "--format", "json")
    assert json.loads(result.stdout) == json.loads((folders["good"] / "results.json").read_text())


def files_of(name: str, *paths: Path) -> dict[str, str]:
    return report.load(name).files([load_run(path) for path in paths])


def test_lmms_eval_files_have_its_names_and_shapes(folders: dict[str, Path]) -> None:
    found = files_of("lmms-eval", folders["good"])
    results_path, samples_path = found
    assert results_path.startswith("org__model/")
    assert results_path.endswith("_results.json")
    assert samples_path == results_path.replace("_results.json", "_samples_vsibench.jsonl")
    results = json.loads(found[results_path])
    scores = results["results"]["vsibench"]
    assert scores["alias"] == "vsibench"
    assert scores["vsibench_overall,none"] == pytest.approx(11 / 12)
    assert scores["object_counting_mra,none"] == pytest.approx(2 / 3)
    assert scores["object_counting_mra_stderr,none"] > 0
    assert scores["object_rel_direction_accuracy,none"] == 1.0
    assert results["n-samples"]["vsibench"] == {"original": 30, "effective": 30}
    assert (results["model_name"], results["model_name_sanitized"]) == ("org/model", "org__model")
    samples = [json.loads(line) for line in found[samples_path].splitlines()]
    assert [row["doc_id"] for row in samples] == list(range(30))
    assert samples[0]["target"] == "4"
    assert samples[0]["filtered_resps"] == ["no idea"]
    assert samples[0]["vsibench_overall"]["prediction"] == "no idea"


def test_lmms_eval_gets_no_overall_score_of_a_partial_run(folders: dict[str, Path]) -> None:
    results = json.loads(next(iter(files_of("lmms-eval", folders["failing"]).values())))
    assert "vsibench_overall,none" not in results["results"]["vsibench"]
    assert results["evalkit"]["vsibench"]["failed"] == 1


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        pytest.param("org/model", "org__model", id="hub"),
        pytest.param("../../up", "up", id="leads out"),
        pytest.param("/", "model", id="nothing left"),
    ],
)
def test_folder_names_stay_inside(model: str, expected: str) -> None:
    assert lmms_eval.sanitized(model) == expected


def test_easi_results_have_its_keys_in_percent(folders: dict[str, Path]) -> None:
    found = json.loads(files_of("easi", folders["good"])["easi_results.json"])
    assert found["modelName"] == "org/model"
    assert found["scores"] == {"vsi_bench": 91.6667}
    assert len(found["subScores"]["vsi_bench"]) == 8
    assert found["subScores"]["vsi_bench"]["object_rel_direction_accuracy"] == 100.0
    assert found["subScores"]["vsi_bench"]["object_counting"] == 66.6667
    partial = json.loads(files_of("easi", folders["failing"])["easi_results.json"])
    assert partial["scores"] == {"vsi_bench": None}
    assert "partial: 1 of 30 questions failed" in partial["remarks"]


def test_a_configuration_has_its_own_name_or_none(folders: dict[str, Path]) -> None:
    run = load_run(folders["good"])
    for config, task, easis in (("tiny", "mindcube_tiny", True), ("full", "mindcube_full", False)):
        data = {**run.results["dataset"], "config": config}
        other = replace(run, results={**run.results, "benchmark": "mindcube", "dataset": data})
        assert any(name.endswith(f"_samples_{task}.jsonl") for name in lmms_eval.files([other]))
        if easis:
            assert "mindcube_tiny" in easi.files([other])["easi_results.json"]
        else:
            with pytest.raises(UsageError, match="EASI has none of these benchmarks"):
                easi.files([other])


def test_easi_names_cover_the_types_of_its_benchmarks() -> None:
    from evalkit import discovery

    for name, (_, groups) in easi.NAMES.items():
        benchmark = discovery.load(name.partition("/")[0])
        known = {*benchmark.types, *benchmark.merged}
        if name != "embspatial-bench":  # EASI has its sources of pictures, not its relations
            assert groups.keys() <= known, name


def test_reports_on_a_folder_of_runs(folders: dict[str, Path], tmp_path: Path) -> None:
    for name in ("good", "failing"):
        target = tmp_path / name
        target.mkdir()
        for file in ("results.json", "samples.jsonl", "run.json"):
            (target / file).write_bytes((folders[name] / file).read_bytes())
    assert report.present(tmp_path, "text").count("VSI-Bench, in percent") == 2
    assert len(json.loads(report.present(tmp_path, "json"))) == 2
    with pytest.raises(UsageError, match="tells of one run"):
        report.present(tmp_path, "html")
    with pytest.raises(UsageError, match="two runs are of"):
        report.present(tmp_path, "easi")


def test_the_command_writes_files_and_names_them(folders: dict[str, Path], tmp_path: Path) -> None:
    result = invoke("report", folders["good"], "--format", "html", "--out", tmp_path)
    assert (result.exit_code, result.stdout.strip()) == (0, str(tmp_path / "report.html"))
    assert (tmp_path / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("files", "error", "told"),
    [
        pytest.param(None, UsageError, "no such folder", id="missing"),
        pytest.param({}, UsageError, "holds no run", id="empty"),
        pytest.param({"run.json": "{}"}, DataError, "not finished", id="unfinished"),
        pytest.param({"results.json": "{"}, DataError, "can't be read as JSON", id="damaged"),
        pytest.param({"results.json": "[]"}, DataError, "not a JSON object", id="array"),
        pytest.param(
            {"results.json": "{}", "samples.jsonl": ""}, DataError, "lacks", id="another file"
        ),
        pytest.param({"results.json": "{}"}, DataError, "samples.jsonl", id="no samples"),
    ],
)
def test_a_folder_without_a_finished_run_is_told(
    tmp_path: Path, files: dict[str, str] | None, error: type[EvalkitError], told: str
) -> None:
    folder = tmp_path / "run"
    if files is not None:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_text(content)
    with pytest.raises(error, match=told):
        report.present(folder, "text")
    result = invoke("report", folder)
    assert result.exit_code == error.exit_status
    assert "Traceback" not in result.stderr


def test_a_report_is_a_function_of_the_folder(folders: dict[str, Path]) -> None:
    def twice(name: str) -> list[Any]:
        return [files_of(name, folders["good"]) for _ in range(2)]

    for name in report.names():
        one, two = twice(name)
        assert one == two
