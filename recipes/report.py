"""All rounds of a run on one page: `report.json`, a table, and `report.html` with plots."""

import base64
import io
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any

from evalkit.backends._pictures import open_image
from recipes import choosing, plots
from recipes.confidence import BANDS
from recipes.rows import read_json, read_lines, write_json, write_text
from recipes.settings import Config

PAGE, DATA, TABLE = "report.html", "report.json", "table.txt"

#: Questions of each round that the page shows.
SHOWN = 6

#: Pictures of a question that the page shows, and their longest side.
PICTURES, SIDE = 8, 160

Row = Mapping[str, Any]

STYLE = """
:root { --ink:#1d2430; --soft:#5b6675; --line:#dfe4ea; --paper:#fff; --wash:#f4f6f9;
  color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink:#e6eaf0; --soft:#9aa5b4; --line:#333c49;
  --paper:#161b22; --wash:#1f2630; } }
* { box-sizing:border-box; } body { margin:0; font:15px/1.5 system-ui,sans-serif;
  color:var(--ink); background:var(--paper); }
main { max-width:1000px; margin:0 auto; padding:28px 20px 80px; }
h1 { font-size:26px; margin:0; } h2 { font-size:18px; margin:36px 0 8px; }
.soft { color:var(--soft); } .plots { display:grid; gap:18px;
  grid-template-columns:repeat(auto-fit,minmax(320px,1fr)); } figure { margin:0; }
figcaption { font-weight:600; } svg { width:100%; height:auto; display:block; }
svg text { font:11px system-ui,sans-serif; fill:var(--soft); text-anchor:middle; }
svg text.end { text-anchor:end; } svg .grid { stroke:var(--line); }
svg .level { stroke:var(--soft); stroke-dasharray:3 4; }
.key { display:flex; flex-wrap:wrap; gap:2px 16px; font-size:13px; color:var(--soft); }
.key i { display:inline-block; width:11px; height:11px; border-radius:3px; margin-right:6px; }
.wide { overflow-x:auto; } table { border-collapse:collapse; width:100%; font-size:14px;
  font-variant-numeric:tabular-nums; } th,td { text-align:right; padding:4px 8px;
  border-bottom:1px solid var(--line); } th:first-child,td:first-child { text-align:left; }
th { color:var(--soft); } details { border:1px solid var(--line); border-radius:8px;
  margin:6px 0; background:var(--wash); }
img { margin:2px; border-radius:5px; min-width:96px; image-rendering:pixelated; }
summary { padding:7px 12px; cursor:pointer; }
details > div { padding:0 14px 10px; } pre { white-space:pre-wrap; overflow-wrap:anywhere;
  background:var(--paper); padding:8px 10px; border-radius:6px; font-size:13px; }
"""


def write(
    config: Config,
    out: Path,
    pictures: Callable[[Sequence[Row]], Mapping[str, Sequence[Path]]],
    rounds: int,
) -> dict[str, Any]:
    """Write the report of a run's first rounds into its folder; return what ``report.json`` holds.

    ``pictures`` gives, by the id of each row, the files of the pictures that the solver saw.
    """
    found = collect(config, out, rounds)
    samples = {
        number: list(_spread(list(read_lines(out / f"round-{number}" / "tagged.jsonl"))))
        for number in range(rounds)
    }
    files = pictures([row for each in samples.values() for row in each])
    images = {name: [thumbnail(path) for path in each[:PICTURES]] for name, each in files.items()}
    write_text(out / PAGE, page(found, samples, images))
    write_text(out / TABLE, table(found))
    write_json(out / DATA, found)
    return found


def collect(config: Config, out: Path, rounds: int) -> dict[str, Any]:
    """Return the figures of the first rounds, and of the model that they began with."""
    told = [read_json(out / f"round-{number}" / "round.json") for number in range(rounds)]
    return {
        "config": config.model_dump(mode="json"),
        "samples": sum(each["visits"] for each in told),
        "not_shown": choosing.reasons(read_lines(out / "held-out-dropped.jsonl")),
        "start": read_json(out / "start" / "evaluation.json"),
        "rounds": told,
    }


def line(one: Mapping[str, Any]) -> str:
    """Return a round in one line."""
    bands = ", ".join(f"{count} {name}" for name, count in one["bands"].items() if count)
    scored = one["evaluation"]
    score = f"; held-out {scored['seeing']['overall']['free']:.3f}" if scored else ""
    return f"round {one['round']}: {one['accepted']} questions ({bands}){score}"


def table(found: Mapping[str, Any]) -> str:
    """Return accuracy by family and round as text, next to what needs no looking."""
    head, rows = _table(found)
    cells = [head, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([*lines, "", *wrap(_note(found), 96)]) + "\n"


def _note(found: Mapping[str, Any]) -> str:
    """Return what the columns are, and what is not in them."""
    generated = found["config"]["evaluate"]["generate"]
    numbers = "count by VSI-Bench's relative accuracy" if generated else "have to be exact"
    note = (
        f"By round: greedy answers in percent; numbers {numbers}, of the prior too. argmax: the "
        "option with most probability. prior: the answer most frequent in training. grey, blind: "
        "the last model with grey pictures and without any. What gets no answer is wrong."
    )
    if found["not_shown"]:
        told = choosing.told(found["not_shown"])
        note += f" Left out, for their pictures can't be shown: {told}."
    return note


def _table(found: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    start, rounds = found["start"]["seeing"], found["rounds"]
    scored = [each for each in rounds if each["evaluation"]]
    last = scored[-1]["evaluation"] if scored else {}
    head = ["held-out family", "n", "start", *(f"r{each['round']}" for each in scored)]
    head += ["argmax", "chance", "prior", "grey", "blind"]
    rows = []
    for name, first in start["families"].items():
        series = [each["evaluation"]["seeing"]["families"][name] for each in scored]
        argmax = series[-1]["argmax"] if series else None
        views = [last.get(view, {}).get("families", {}).get(name) for view in ("grey", "blind")]
        rows.append(
            [
                name,
                str(first["n"]),
                _percent(first["free"]),
                *(_percent(each["free"]) for each in series),
                _percent(argmax),
                _percent(first["chance"] or None),
                _percent(last.get("prior", {}).get(name)),
                *(_percent(each["free"] if each else None) for each in views),
            ]
        )
    views = [last.get(view) for view in ("grey", "blind")]
    seen = [start, *(each["evaluation"]["seeing"] for each in scored)]
    means = [each["overall"]["free"] if each else None for each in (*seen, *views)]
    lost = [_lost(each) for each in (*seen, *views)]
    for name, series in (("mean of families", means), ("without an answer", lost)):
        shown = [_percent(each) for each in series]
        rows.append([name, str(start["n"]), *shown[:-2], "-", "-", "-", *shown[-2:]])
    for name, first in found["start"]["benchmarks"].items():
        told = [first, *(each["evaluation"]["benchmarks"][name] for each in scored)]
        for what, series in (
            (f"benchmark {name}", [each["overall"] for each in told]),
            ("  without an answer", [_lost(each) for each in told]),
        ):
            rows.append([what, str(first["n"]), *map(_percent, series), *"-----"])
    return head, rows


def _lost(one: Mapping[str, Any] | None) -> float | None:
    """Return the share of questions that got no answer."""
    return one.get("no_answer", 0) / one["n"] if one and one["n"] else None


def thumbnail(path: Path) -> str:
    """Return a small copy of a picture as the address of its own content."""
    content = io.BytesIO()
    picture = open_image(path)
    picture.thumbnail((SIDE, SIDE))
    picture.save(content, "PNG")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"


def page(
    found: Mapping[str, Any],
    samples: Mapping[int, Sequence[Row]],
    images: Mapping[str, Sequence[str]],
) -> str:
    """Return the page; every text in it is escaped, and nothing is fetched."""
    rounds = found["rounds"]
    config = found["config"]
    head, rows = _table(found)
    body = [
        "<h1>A run of the closed loop</h1>",
        f'<p class="soft">{escape(config["model"])}, {len(rounds)} rounds of {config["steps"]} '
        f"steps of {config['batch']}, feedback {escape(config['feedback']['signal'])}: "
        f"{found['samples']:,} questions visited.</p>",
        *(f"<p>Differs from the paper: {escape(each)}</p>" for each in config["deviations"]),
        "<h2>Held-out scenes, in percent</h2>",
        f'<div class="wide">{_html(head, rows)}</div>',
        f'<p class="soft">{escape(_note(found))}</p>',
        *_accuracy(found),
        *_training(rounds),
        "<h2>What came of the proposals</h2>",
        f'<div class="wide">{_reasons(rounds)}</div>',
        "<h2>Cost</h2>",
        f'<div class="wide">{_cost(rounds)}</div>',
        "<h2>Questions that were trained on</h2>",
        *(
            _sample(number, row, images.get(row["id"], ()))
            for number, each in samples.items()
            for row in each
        ),
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>A run of the closed loop</title><style>{STYLE}</style></head>\n"
        f"<body><main>\n{chr(10).join(body)}\n</main></body></html>\n"
    )


def _accuracy(found: Mapping[str, Any]) -> list[str]:
    scored = [each for each in found["rounds"] if each["evaluation"]]
    evaluations = [found["start"], *(each["evaluation"] for each in scored)]
    ticks = ["start", *(f"round {each['round']}" for each in scored)]
    names = list(found["start"]["seeing"]["families"])
    by_family = {
        name: [each["seeing"]["families"][name]["free"] for each in evaluations] for name in names
    }
    overall = {"mean": [each["seeing"]["overall"]["free"] for each in evaluations]}
    shown = plots.lines("Mean of the families", ticks, overall)
    each = plots.lines("Accuracy by family", ticks, by_family)
    return [f'<div class="plots">{shown}{each}</div>', plots.key(names)]


def _training(rounds: Sequence[Mapping[str, Any]]) -> list[str]:
    ticks = [f"round {each['round']}" for each in rounds]
    names = sorted({name for each in rounds for name in each["families"]})
    sure = {
        name: [each["families"].get(name, {}).get("confidence") for each in rounds]
        for name in names
    }
    visits = {name: [each["visits_by_family"].get(name, 0) for each in rounds] for name in names}
    bands = {str(name): [each["bands"][name] for each in rounds] for name in BANDS}
    known = {each["level"] for one in rounds for each in one["shares"]} - {""}
    levels = sorted(known, key=_in_numbers)
    by_level = {
        level: [sum(e["share"] for e in one["shares"] if e["level"] == level) for one in rounds]
        for level in levels
    }
    edges = {"easy above": 0.9, "hard below": 0.1}
    found = [
        "<h2>What the solver was sure of, and what was asked next</h2>",
        f'<div class="plots">{plots.lines("Confidence at the first visit", ticks, sure, edges)}'
        f"{plots.bars('Visits by family', ticks, visits)}</div>",
        plots.key(names),
        f'<div class="plots">{plots.bars("Bands", ticks, bands)}',
    ]
    if not levels:
        return [*found, "</div>", plots.key(BANDS)]
    return [
        *found,
        f"{plots.bars('Shares by complexity', ticks, by_level)}</div>",
        f"{plots.key(BANDS)}{plots.key(levels)}",
    ]


def _in_numbers(level: str) -> list[tuple[int, str]]:
    """Return what puts levels in the order of the numbers in them: <=2 before <=16."""
    parts = re.split(r"(\d+)", level)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _reasons(rounds: Sequence[Mapping[str, Any]]) -> str:
    head = ["outcome", *(f"round {each['round']}" for each in rounds)]
    outcomes = [choosing.added(each["rejected"], each["dropped"]) for each in rounds]
    names = sorted({name for each in outcomes for name in each})
    rows = [["accepted", *(f"{each['accepted']:,}" for each in rounds)]]
    rows += [[name, *(f"{each.get(name, 0):,}" for each in outcomes)] for name in names]
    return _html(head, rows)


def _cost(rounds: Sequence[Mapping[str, Any]]) -> str:
    head = ["seconds", *(f"round {each['round']}" for each in rounds)]
    names = list(dict.fromkeys(name for each in rounds for name in each["cost"]["seconds"]))
    series = {name: [each["cost"]["seconds"].get(name, 0) for each in rounds] for name in names}
    series["questions trained per second"] = [e["cost"]["answers_per_second"] for e in rounds]
    rows = [
        [name, *("-" if each is None else f"{each:.1f}" for each in values)]
        for name, values in series.items()
    ]
    peaks = [each["cost"]["peak_memory_mb"] for each in rounds]
    rows.append(["peak memory of the largest process, MB", *(f"{each:,}" for each in peaks)])
    return _html(head, rows)


def _sample(number: int, row: Row, images: Sequence[str]) -> str:
    sure = "not visited" if row["confidence"] is None else f"confidence {row['confidence']:.3f}"
    frames = "the whole video" if row["frames"] is None else f"frames {row['frames']}"
    options = "\n".join(row["options"] or [])
    unit = f" {row['unit']}" if row["unit"] else ""
    shown = "".join(f'<img alt="" src="{each}">' for each in images)
    return (
        f"<details><summary>round {number}, {escape(row['question_type'])}, "
        f"{escape(row['band'])}: {escape(row['question'])}</summary><div>"
        f'<p class="soft">{escape(row["scene_name"])}, {escape(frames)}; {sure}</p>{shown}'
        f"<pre>{escape(options)}\nanswer: {escape(str(row['ground_truth']))}"
        f"{escape(unit)}</pre><pre>{escape(row['program'])}</pre></div></details>"
    )


def _spread(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return a few rows, by confidence from the surest to the least sure, evenly."""
    order = sorted(rows, key=lambda row: (-(row["confidence"] or 0.0), row["id"]))
    return [order[i * len(order) // SHOWN] for i in range(min(SHOWN, len(order)))]


def _html(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"
