"""``easi_results.json``, the file that EASI's leaderboard takes, with scores in percent.

The fields are those that EASI's own scripts build (EvolvingLMMs-Lab/EASI at 1dcff78f,
scripts/submissions/postprocess.py). Fields that only the model's owner knows are left empty.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.errors import UsageError
from evalkit.report._runs import Format, Run

_VSI = {
    "object_abs_distance": "object_abs_distance",
    "object_counting": "object_counting",
    "object_size_estimation": "object_size_estimation",
    "room_size_estimation": "room_size_estimation",
    "obj_appearance_order": "obj_appearance_order_accuracy",
    "object_rel_direction": "object_rel_direction_accuracy",
    "object_rel_distance": "object_rel_distance_accuracy",
    "route_planning": "route_planning_accuracy",
}

_MMSI = {
    "Attribute (Appr.)": "attr_appr_accuracy",
    "Attribute (Meas.)": "attr_meas_accuracy",
    "Motion (Cam.)": "motion_cam_accuracy",
    "Motion (Obj.)": "motion_obj_accuracy",
    "MSR": "msr_accuracy",
    **{
        f"Positional Relationship ({one}.\u2013{two}.)": f"pos_{one.lower()}_{two.lower()}_accuracy"
        for one in ("Cam", "Obj", "Reg")
        for two in ("Cam", "Obj", "Reg")
        if (one, two) not in (("Obj", "Cam"), ("Reg", "Cam"), ("Reg", "Obj"))
    },
}

_VIEWS = (
    "Camera perspective - Object View Orientation",
    "Camera perspective - Relative Direction",
    "Person perspective - Object View Orientation",
    "Person perspective - Relative Direction",
    "Person perspective - Scene Simulation Relative Direction",
)

#: What EASI calls a benchmark, or one configuration of it, and our groups.
NAMES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "vsi-bench": ("vsi_bench", _VSI),
    "vsi-bench-debiased": ("vsi_debiased", _VSI),
    "mmsi-bench": ("mmsi_bench", _MMSI),
    "mindcube/tiny": (
        "mindcube_tiny",
        {name: f"{name}_accuracy" for name in ("among", "around", "rotation")},
    ),
    "viewspatial-bench": (
        "viewspatial",
        {name: f"{name.lower().replace(' - ', '_').replace(' ', '_')}_accuracy" for name in _VIEWS},
    ),
    "embspatial-bench": (
        "embspatial",
        {name: f"{name}_accuracy" for name in ("ai2thor", "mp3d", "scannet")},
    ),
}


def files(runs: Sequence[Run]) -> dict[str, str]:
    """Return the file; benchmarks that EASI does not have are named in its remarks."""
    models = sorted({run.model for run in runs})
    if len(models) > 1:
        raise UsageError(f"the easi format tells of one model, not of {', '.join(models)}")
    known = [run for run in runs if _name(run) in NAMES]
    if not known:
        raise UsageError(f"EASI has none of these benchmarks; it has {', '.join(sorted(NAMES))}")
    payload = _payload(known, models[0])
    return {"easi_results.json": json.dumps(payload, allow_nan=False, indent=2) + "\n"}


def _payload(runs: Sequence[Run], model: str) -> dict[str, Any]:
    about = runs[0].results.get("model") or {}
    scores: dict[str, float | None] = {}
    parts: dict[str, dict[str, float | None]] = {}
    remarks = []
    for run in sorted(runs, key=lambda each: str(each.results["benchmark"])):
        name, groups = NAMES[_name(run)]
        if name in scores:
            raise UsageError(f"two runs are of {run.results['benchmark']}; name one folder")
        scores[name] = _percent(run.figures["overall"])
        found = run.figures["groups"]
        parts[name] = {
            easi: _percent(found[group]["score"] if group in found else None)
            for group, easi in groups.items()
        }
        partial = (
            f", partial: {'; '.join(run.figures['partial'])}" if run.figures["partial"] else ""
        )
        remarks.append(f"{name}: evalkit protocol {run.results['protocol']['id']}{partial}")
    return {
        "modelName": model,
        "modelType": "",
        "precision": str(about.get("dtype") or ""),
        "revision": str(about.get("revision") or "main"),
        "weightType": "",
        "baseModel": str(about.get("base") or ""),
        "backend": "evalkit",
        "remarks": "; ".join(remarks),
        "scores": scores,
        "subScores": parts,
    }


def _name(run: Run) -> str:
    """Return the key of a run's benchmark, with its configuration where EASI has one of them."""
    name = str(run.results["benchmark"])
    full = f"{name}/{run.results['dataset']['config']}"
    return full if full in NAMES else name


def _percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 4)


FORMAT = Format("EASI's easi_results.json", files)
