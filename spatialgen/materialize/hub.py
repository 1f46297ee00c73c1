"""The files of a published dataset, downloaded from the Hub at one commit; no token is needed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from spatialgen.errors import HubError, UsageError
from spatialgen.optional import PUBLISH, require
from spatialgen.release import record
from spatialgen.release.columns import FRAMES, QUESTIONS, SCENES
from spatialgen.release.retries import Kinds, Retries, failures, is_unreached, one_line, root

Answer = TypeVar("Answer")


def fetch(repo: str, revision: str | None, pictures: bool, retries: Retries) -> tuple[str, Path]:
    """Return the commit that a revision stands for, and the folder with its files.

    They lie in the Hub's own cache: what is there is not downloaded again. Raises
    UsageError where there is no such dataset, HubError where it can't be had.
    """
    hub = require("huggingface_hub", "downloading a dataset", PUBLISH)
    require("huggingface_hub.utils", "downloading a dataset", PUBLISH).disable_progress_bars()
    try:
        info = _asked(
            repo, revision, retries, lambda: hub.HfApi().dataset_info(repo, revision=revision)
        )
    except HubError as error:
        return _fetched_before(hub, repo, revision, error)
    if record.RELEASE not in {sibling.rfilename for sibling in info.siblings or ()}:
        raise UsageError(f"{repo}: was not published by spatialgen (it has no {record.RELEASE})")
    tables = (QUESTIONS, SCENES, FRAMES) if pictures else (QUESTIONS, SCENES)
    wanted = [record.RELEASE, *(f"data/{table}/*" for table in tables)]

    def download() -> Any:
        return hub.snapshot_download(
            repo, repo_type="dataset", revision=info.sha, allow_patterns=wanted
        )

    return str(info.sha), Path(_asked(repo, info.sha, retries, download))


def _fetched_before(hub: Any, repo: str, revision: str | None, error: HubError) -> tuple[str, Path]:
    """Return what an earlier download left; raises ``error`` where that is nothing."""
    try:
        folder = hub.snapshot_download(
            repo, repo_type="dataset", revision=revision, local_files_only=True
        )
    except (OSError, ValueError):
        raise error from None
    return Path(folder).name, Path(folder)


def _asked(repo: str, revision: str | None, retries: Retries, ask: Callable[[], Answer]) -> Answer:
    """Return what the Hub answers, trying again while it is busy."""
    errors = require("huggingface_hub.errors", "downloading a dataset", PUBLISH)
    kinds: Kinds = (*failures(), OSError)
    try:
        return retries.run(f"downloading {repo}", ask, kinds)
    except errors.GatedRepoError as error:
        message = f"{repo}: its page on the Hub asks for consent; give it, then: hf auth login"
        raise HubError(message) from error
    except errors.RepositoryNotFoundError as error:
        message = f"{repo}: no folder here, no dataset on the Hub (a private one: hf auth login)"
        raise UsageError(message) from error
    except errors.RevisionNotFoundError as error:
        raise UsageError(f"{repo}: has no revision {revision!r} on the Hub") from error
    except kinds as error:
        cause = root(error)
        if is_unreached(cause):
            message = f"{repo}: the Hub can't be reached ({one_line(cause)}); check the network"
            raise HubError(message) from error
        raise HubError(f"{repo}: can't be had from the Hub ({one_line(cause)})") from error
