"""The files of a published dataset, downloaded from the Hub at one commit; no token is needed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from spatialgen.errors import HubError, UsageError
from spatialgen.optional import PUBLISH, require
from spatialgen.release.hub import prepared
from spatialgen.release.retries import Kinds, Retries, failures, is_unreached, one_line, root
from spatialgen.tables import record
from spatialgen.tables.columns import FRAMES, QUESTIONS, SCENES

Answer = TypeVar("Answer")


def fetch(repo: str, revision: str | None, pictures: bool, retries: Retries) -> tuple[str, Path]:
    """Return the commit that a revision stands for, and the folder with its files.

    They lie in the Hub's own cache: what is there is not downloaded again. Raises
    UsageError where there is no such dataset, HubError where it can't be had.
    """
    require("huggingface_hub", "downloading a dataset", PUBLISH)
    hub = prepared()
    tables = (QUESTIONS, SCENES, FRAMES) if pictures else (QUESTIONS, SCENES)
    wanted = [record.RELEASE, *(f"data/{table}/*" for table in tables)]

    def download(commit: str | None, **how: Any) -> Path:
        return Path(
            hub.snapshot_download(
                repo, repo_type="dataset", revision=commit, allow_patterns=wanted, **how
            )
        )

    def look() -> Any:
        return hub.HfApi().dataset_info(repo, revision=revision)

    try:
        info = _asked(repo, revision, retries, look)
    except HubError as error:
        # What an earlier download left will do.
        try:
            folder = download(revision, local_files_only=True)
        except (OSError, ValueError):
            raise error from None
        return folder.name, folder
    if record.RELEASE not in {sibling.rfilename for sibling in info.siblings or ()}:
        raise UsageError(f"{repo}: was not published by spatialgen (it has no {record.RELEASE})")
    return str(info.sha), _asked(repo, info.sha, retries, lambda: download(info.sha))


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
