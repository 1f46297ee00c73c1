"""``spatialgen publish``: dataset folders onto the Hub."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from spatialgen.commands._options import PATH, print_json
from spatialgen.errors import UsageError


@click.command("publish")
@click.argument("folders", type=PATH, nargs=-1, required=True, metavar="DIR...")
@click.option("--repo", required=True, metavar="ORG/NAME", help="The dataset on the Hub.")
@click.option(
    "--dry-run", is_flag=True, help="Show what would be uploaded; ask nothing, send nothing."
)
@click.option("--private", is_flag=True, help="Make a new dataset that only its owners see.")
@click.option("--license", "license_id", metavar="ID", help="What the whole dataset is put under.")
@click.option(
    "--source-license",
    "source_licenses",
    multiple=True,
    metavar="NAME=ID",
    help="The licence of a dataset of scenes that is not known here; may be repeated.",
)
@click.option(
    "--scenes",
    "scans",
    type=PATH,
    multiple=True,
    help="Where the pictures of made rooms are, to publish them too; may be repeated.",
)
@click.option("--with-rejected", is_flag=True, help="Publish the rejected drafts too.")
@click.option("--debias", is_flag=True, help="Leave out what can be guessed without looking.")
@click.option("--audit/--no-audit", default=True, help="Look for shortcuts, and tell in the card.")
@click.option(
    "--against",
    type=PATH,
    multiple=True,
    metavar="BENCHMARK_FILE",
    help="Look for a benchmark's questions and spaces too; may be repeated.",
)
@click.option("--create", is_flag=True, help="Make a new dataset, whatever its name resembles.")
@click.option("--replace", is_flag=True, help="Remove what is published there and not given.")
@click.option("--out", type=PATH, help="Folder to keep the release in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    folders: tuple[Path, ...],
    repo: str,
    dry_run: bool,
    private: bool,
    license_id: str | None,
    source_licenses: tuple[str, ...],
    scans: tuple[Path, ...],
    with_rejected: bool,
    debias: bool,
    audit: bool,
    against: tuple[Path, ...],
    create: bool,
    replace: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Publish dataset folders on the Hugging Face Hub, with a card.

    Each DIR is a round, and is added to what is published there. All comes in one
    commit, or nothing: run again, the same command goes on where it was stopped. The
    token is that of `hf auth login`, or of HF_TOKEN.

    \b
    Examples:
      spatialgen publish dataset --repo ORG/NAME --dry-run
      spatialgen publish dataset --repo ORG/NAME --scenes scenes --private
    """
    from dataclasses import asdict

    from spatialgen.progress import Progress
    from spatialgen.release import showing
    from spatialgen.release.build import build
    from spatialgen.release.hub import Hub, checked_name
    from spatialgen.release.licences import checked
    from spatialgen.release.part import Options
    from spatialgen.release.publish import Choices, publish, refuse_early, uploads
    from spatialgen.release.retries import Retries
    from spatialgen.scenes import open_scenes

    checked_name(repo)
    if (debias or against) and not audit:
        raise UsageError("--no-audit does not go with --debias and --against; leave it out")
    options = Options(
        rejected=with_rejected,
        sources=_licences(source_licenses),
        scans=open_scenes(list(scans)) if scans else None,
        audit=audit,
        against=against,
        debias=debias,
    )
    licence = None if license_id is None else checked(license_id)
    choices = Choices(private, create, replace, relicense=licence is not None)
    with _release_folder(out) as release, Progress("parts") as progress:
        hub = None if dry_run else Hub(repo, Retries(progress.tell))
        if hub is not None:
            refuse_early(hub, choices)
        made = build(folders, release, progress, options, licence, repo)
        if hub is not None:
            done = publish(release, hub, choices)
        else:
            contents = uploads(release)
            if as_json:
                print_json({"repo": repo, **showing.report(release, made, contents)})
            else:
                click.echo("\n".join(showing.lines(release, made, contents)))
                click.echo(f"nothing was sent to {repo}: leave out --dry-run to publish")
            return
    if as_json:
        print_json(asdict(done))
    else:
        click.echo(showing.told(done))


def _licences(given: Sequence[str]) -> dict[str, str]:
    from spatialgen.release.licences import refuse_known

    pairs = [text.partition("=") for text in given]
    for name, equals, licence in pairs:
        if not (name and equals and licence):
            raise UsageError(f"--source-license {name}{equals}{licence}: give it as NAME=ID")
    licences = {name: licence for name, _, licence in pairs}
    refuse_known(licences)
    return licences


@contextmanager
def _release_folder(out: Path | None) -> Iterator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="spatialgen-") as folder:
        yield Path(folder) / "release"
