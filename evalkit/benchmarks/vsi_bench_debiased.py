"""VSI-Bench-Debiased: VSI-Bench without the questions that can be answered blind.

The rows of VSI-Bench whose column ``pruned`` is false; everything else is VSI-Bench's.
"""

from dataclasses import replace

from evalkit.benchmark import Source
from evalkit.benchmarks import vsi_bench

BENCHMARK = replace(
    vsi_bench.BENCHMARK,
    name="vsi-bench-debiased",
    title="VSI-Bench-Debiased",
    source=Source(
        repo="nyu-visionx/VSI-Bench",
        split="test",
        rows={"debiased": 2363},
        licence="Apache-2.0",
        revision=vsi_bench.BENCHMARK.source.revision,
        # The other files hold all questions, of which `belongs` takes the right ones.
        files={"debiased": ("test_debiased.parquet", *vsi_bench.BENCHMARK.source.files["full"])},
        note="a configuration named `pruned` holds the rows that were taken out, not these",
    ),
    columns=(*vsi_bench.BENCHMARK.columns, "pruned"),
    belongs=lambda doc: not doc.get("pruned", False),
)
