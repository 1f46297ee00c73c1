"""``spatialgen audit``: what in a dataset or a benchmark should not be there."""

from pathlib import Path

import click

from spatialgen.commands._options import PATH, print_json
from spatialgen.errors import SpatialgenError


@click.command("audit")
@click.argument("paths", type=PATH, nargs=-1, required=True, metavar="DIR|FILE...")
@click.option(
    "--against",
    type=PATH,
    multiple=True,
    metavar="DIR|FILE",
    help="A benchmark's questions, another dataset, or a split's list of scenes; may be repeated.",
)
@click.option("--check", is_flag=True, help="Exit with 1 where a leak or a shortcut is found.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(paths: tuple[Path, ...], against: tuple[Path, ...], check: bool, as_json: bool) -> None:
    """Look for leaked benchmarks, blind shortcuts and imbalance.

    DIR is a dataset folder, or a published dataset as `publish --out` keeps it or
    `hf download` brings it. FILE is JSON lines, a JSON list or parquet in the columns
    of VSI-Bench, ViewSpatial-Bench, MindCube, MMSI-Bench, ERQA or EmbSpatial-Bench.
    Several are taken together, as the rounds of one dataset are.

    \b
    Examples:
      spatialgen audit dataset --against vsi_bench.jsonl --against scannet_val.txt
      spatialgen audit vsi_bench.jsonl
      spatialgen audit release --against vsi_bench.parquet
    """
    from spatialgen.audit.lines import lines
    from spatialgen.audit.report import audit, clean

    report = audit(paths, against)
    if as_json:
        print_json(report)
    else:
        for line in lines(report):
            click.echo(line)
    if check and not clean(report):
        raise SpatialgenError("the audit found what should not be there; see its report")
