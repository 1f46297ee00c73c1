"""The files of a published dataset, downloaded from the Hub at one commit."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from spatialgen.errors import SpatialgenError, UsageError
from spatialgen.optional import PUBLISH, require
from spatialgen.release import record, tables

Answer = TypeVar("Answer")

#: Pauses before another try when the Hub is busy or does not answer.
PAUSES_S = (0.5, 2.0, 4.0)
_BUSY = (408, 429, 500, 502, 503, 504)


def fetch(repo: str, revision: str | None, pictures: bool) -> tuple[str, Path]:
    """Return the commit that a revision stands for, and the folder with its files.

    They lie in the Hub's own cache: what is there is not downloaded again. Raises
    UsageError where there is no such dataset, SpatialgenError where it can't be had.
    """
    hub = require("huggingface_hub", "downloading a dataset", PUBLISH)
    info = _asked(repo, revision, lambda: hub.HfApi().dataset_info(repo, revision=revision))
    names = {sibling.rfilename for sibling in info.siblings or ()}
    if record.RELEASE not in names:
        raise UsageError(f"{repo}: was not published by spatialgen (it has no {record.RELEASE})")
    wanted = [record.RELEASE, f"data/{tables.QUESTIONS}/*", f"data/{tables.SCENES}/*"]
    if pictures:
        wanted.append(f"data/{tables.FRAMES}/*")
    folder = _asked(
        repo,
        info.sha,
        lambda: hub.snapshot_download(
            repo, repo_type="dataset", revision=info.sha, allow_patterns=wanted
        ),
    )
    return str(info.sha), Path(folder)


def _asked(repo: str, revision: str | None, ask: Callable[[], Answer]) -> Answer:
    """Return what the Hub answers, trying again while it is busy."""
    errors = require("huggingface_hub.errors", "downloading a dataset", PUBLISH)
    transport = require("httpx2", "downloading a dataset", PUBLISH).TransportError
    for pause_s in (*PAUSES_S, None):
        try:
            return ask()
        except errors.GatedRepoError as error:
            message = f"{repo}: its page on the Hub asks for consent; give it, then: hf auth login"
            raise SpatialgenError(message) from error
        except errors.RepositoryNotFoundError as error:
            message = f"{repo}: no folder, and no dataset on the Hub (if private: hf auth login)"
            raise UsageError(message) from error
        except errors.RevisionNotFoundError as error:
            raise UsageError(f"{repo}: has no revision {revision!r} on the Hub") from error
        except ValueError as error:
            raise UsageError(f"{repo}: {_line(error)}") from error
        except (OSError, transport) as error:
            status = getattr(getattr(error, "response", None), "status_code", None)
            passing = isinstance(error, transport) or status in _BUSY
            if pause_s is None or not passing:
                message = f"{repo}: can't be had from the Hub ({_line(error)}); try again later"
                raise SpatialgenError(message) from error
            time.sleep(pause_s)
    raise AssertionError("the last try returns or raises")


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
