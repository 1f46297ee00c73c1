"""The files that lmms-eval writes, for tools that read those.

``<model>/<date>_results.json`` and ``<model>/<date>_samples_<task>.jsonl``, with the task and
metric names of lmms-eval at 75571cfe. Scores are shares of 1, or in percent where that task has
them so, and standard errors are those of our intervals.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.errors import UsageError
from evalkit.report._runs import Format, Run

#: Two-sided 95 % of a normal distribution, in standard errors.
_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Task:
    """What lmms-eval calls a benchmark, its overall score, and the scores of its groups.

    ``groups`` maps our group to the metric; other groups get ``pattern`` with their name.
    ``scale`` is a full score.
    """

    name: str
    overall: str
    pattern: str = "{}_accuracy"
    groups: Mapping[str, str] | None = None
    scale: float = 1.0


#: The score with chance taken out; that of a group ends in ``_caa``.
_ADJUSTED = "chance_adjusted_acc"

_NUMBERS = {
    name: f"{name}_mra"
    for name in (
        *("object_abs_distance", "object_counting", "object_size_estimation"),
        "room_size_estimation",
    )
}

# lmms-eval spells "&" out in these names, and leaves hyphens out.
_SITE = {
    "counting & existence": "counting_and_existence_acc",
    "movement prediction & navigation": "movement_prediction_and_navigation_acc",
    "multi-view & cross-image reasoning": "multiview_and_crossimage_reasoning_acc",
    "object localization & positioning": "object_localization_and_positioning_acc",
}

TASKS = {
    "vsi-bench": Task("vsibench", "vsibench_overall", groups=_NUMBERS),
    "vsi-bench-debiased": Task("vsibench_debiased", "vsibench_overall", groups=_NUMBERS),
    "mmsi-bench": Task("mmsi_bench", "average", "{}"),
    "mindcube": Task("mindcube_tiny", "overall_accuracy"),
    "mindcube/full": Task("mindcube_full", "overall_accuracy"),
    "erqa": Task("erqa", "erqa_acc"),
    "viewspatial-bench": Task("viewspatial", "overall_accuracy"),
    "embspatial-bench": Task("embspatial", "embspatial_acc"),
    "site-bench": Task("site_bench_image", "accuracy", "{}_acc", _SITE, scale=100.0),
}


def files(runs: Sequence[Run]) -> dict[str, str]:
    """Return the results file and a samples file per run; all runs are of one model."""
    models = sorted({run.model for run in runs})
    if len(models) > 1:
        raise UsageError(f"the lmms-eval format tells of one model, not of {', '.join(models)}")
    folder = sanitized(models[0])
    date = max(_date(run) for run in runs)
    tasks = [_task(run) for run in runs]
    if len({task.name for task in tasks}) < len(tasks):
        raise UsageError("two runs are of the same task; name one folder")
    found = {f"{folder}/{date}_results.json": _json(_results(runs, tasks, models[0]))}
    for run, task in zip(runs, tasks, strict=True):
        rows = [_sample(run, row, index) for index, row in enumerate(run.samples)]
        text = "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows)
        found[f"{folder}/{date}_samples_{task.name}.jsonl"] = text
    return found


def sanitized(model: str) -> str:
    """Return a model's name as lmms-eval names its folder."""
    name = re.sub(r'["<>:/\\|?*\[\]\s]+', "__", model).strip("_.")
    return name or "model"


def metric(task: Task, group: str) -> str:
    """Return what lmms-eval calls the score of a group."""
    if task.groups and group in task.groups:
        return task.groups[group]
    if task.pattern == "{}":
        return group
    return task.pattern.format(re.sub(r"[^a-z0-9]+", "_", group.lower()).strip("_"))


def _results(runs: Sequence[Run], tasks: Sequence[Task], model: str) -> dict[str, Any]:
    first = runs[0].results
    pairs = list(zip(runs, tasks, strict=True))
    seconds = sum((run.results.get("timing") or {}).get("seconds", 0.0) for run in runs)
    return {
        "results": {task.name: _scores(run, task) for run, task in pairs},
        "group_subtasks": {task.name: [] for task in tasks},
        "configs": {task.name: _config(run, task) for run, task in pairs},
        "versions": {task.name: "Yaml" for task in tasks},
        "n-shot": {task.name: 0 for task in tasks},
        "higher_is_better": {
            task.name: {name.split(",")[0]: True for name in _metrics(run, task)}
            for run, task in pairs
        },
        "n-samples": {
            task.name: {
                "original": run.results["dataset"]["count"],
                "effective": run.figures["answered"],
            }
            for run, task in pairs
        },
        "config": {
            "model": first["backend"],
            "model_args": f"pretrained={model}",
            "limit": first["limit"],
            "gen_kwargs": "",
        },
        "git_hash": None,
        "date": max(_date(run) for run in runs),
        "task_hashes": {task.name: _task_hash(run) for run, task in pairs},
        "model_source": first["backend"],
        "model_name": model,
        "model_name_sanitized": sanitized(model),
        "total_evaluation_time_seconds": str(seconds),
        "evalkit": {
            task.name: {
                "protocol": run.results["protocol"],
                "partial": run.figures["partial"],
                "failed": run.figures["failed"],
                "no_answer": run.figures["no_answer"],
            }
            for run, task in pairs
        },
    }


def _scores(run: Run, task: Task) -> dict[str, Any]:
    return {"alias": task.name, **_metrics(run, task)}


def _metrics(run: Run, task: Task) -> dict[str, Any]:
    figures = run.figures
    found: dict[str, Any] = {}
    # lmms-eval has no word for a part: a partial run has no overall score here.
    if figures["overall"] is not None:
        found |= _pair(task, task.overall, figures["overall"], figures)
    if adjusted := figures["chance_adjusted"]:
        found |= _pair(task, _ADJUSTED, adjusted["score"], adjusted)
    for name, group in figures["groups"].items():
        if group["score"] is not None:
            found |= _pair(task, metric(task, name), group["score"], group)
        if group["chance_adjusted"] is not None:
            name = f"{metric(task, name).removesuffix('_acc')}_caa"
            found |= _pair(task, name, group["chance_adjusted"], {"low": None, "high": None})
    return found


def _pair(task: Task, name: str, score: float, ends: Mapping[str, Any]) -> dict[str, Any]:
    low, high = ends["low"], ends["high"]
    known = low is not None and high is not None
    error = task.scale * (high - low) / (2 * _Z95) if known else "N/A"
    return {f"{name},none": task.scale * score, f"{name}_stderr,none": error}


def _config(run: Run, task: Task) -> dict[str, Any]:
    data, protocol = run.results["dataset"], run.results["protocol"]
    return {
        "task": task.name,
        "dataset_path": data["repo"],
        "dataset_name": data["config"],
        "output_type": "generate_until",
        "generation_kwargs": protocol["generation"],
        "metadata": [{"version": 0.0, "evalkit_protocol": protocol["id"]}],
    }


def _sample(run: Run, row: Mapping[str, Any], index: int) -> dict[str, Any]:
    doc = row["doc"]
    text = row["prediction"]
    return {
        "doc_id": index,
        "doc": doc,
        "target": str(row["truth"]),
        "filtered_resps": [text],
        "resps": [[text]],
        "doc_hash": _hash(json.dumps(doc, indent=2, ensure_ascii=False)),
        "input": doc.get("question"),
        _task(run).overall: {**doc, "prediction": text, "score": row["score"]},
        "evalkit": {name: row[name] for name in ("id", "outcome", "parsed", "error")},
    }


def _task(run: Run) -> Task:
    name = str(run.results["benchmark"])
    known = TASKS.get(f"{name}/{run.results['dataset']['config']}") or TASKS.get(name)
    plain = re.sub(r"\W+", "_", name).strip("_")
    return known or Task(plain or "task", f"{plain or 'task'}_overall")


def _task_hash(run: Run) -> str:
    return _hash(json.dumps([row["doc"] for row in run.samples], sort_keys=True))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _date(run: Run) -> str:
    """Return when the run ended as lmms-eval writes it, 20260131_235959."""
    finished = (run.results.get("timing") or {}).get("finished") or "1970-01-01T00:00:00+00:00"
    day, _, clock = finished.partition("T")
    return f"{day.replace('-', '')}_{clock[:8].replace(':', '')}"


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, allow_nan=False, indent=2) + "\n"


FORMAT = Format("lmms-eval's results and samples files", files)
