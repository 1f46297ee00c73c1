"""Everything this package raises on purpose.

    SpatialgenError             one line for a person: what, where, what to do
    |-- UsageError              the command was used wrongly (exit status 2)
    |-- SceneError              one scene can't be used; the others go on
    |-- DatasetError            a dataset folder is not what it should be
    `-- HubError                the Hub can't be reached, or does not do what is asked

A bad *sample* raises nothing: it becomes a row of ``rejected.jsonl`` with a
reason code.
"""


class SpatialgenError(Exception):
    """A failure that is told to the user in one line."""

    exit_status = 1


class UsageError(SpatialgenError):
    """The command line or an argument is wrong."""

    exit_status = 2


class SceneError(SpatialgenError):
    """A scene that can't be used, with the code it is counted under."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class DatasetError(SpatialgenError):
    """A dataset folder that is incomplete, foreign or altered."""


class HubError(SpatialgenError):
    """The Hub can't be reached, or does not do what is asked of it."""
