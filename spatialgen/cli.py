"""The ``spatialgen`` command."""

import io
import os
import sys
import traceback
from typing import Any

import click

import spatialgen
from spatialgen import discovery
from spatialgen.errors import SpatialgenError, UsageError

_COMMANDS = "spatialgen.commands"


class _Commands(click.Group):
    """Finds commands by file name; tells every failure in one line, with the right exit status."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(discovery.names(_COMMANDS))

    def get_command(self, context: click.Context, name: str) -> click.Command:
        try:
            command: click.Command = discovery.load(_COMMANDS, name, "command")
        except UsageError as error:
            raise click.UsageError(str(error), context) from error
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except click.exceptions.Exit:
            raise
        except BrokenPipeError:
            # Whoever read our output has seen enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            context.exit(1)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - see the docstring
            if context.params["debug"]:
                traceback.print_exc()
            line, status = _told(error)
            click.echo(f"spatialgen: {_on_one_line(line)}", err=True)
            context.exit(status)


def _on_one_line(text: str) -> str:
    # What files and servers say is shown, never obeyed by the terminal.
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _told(error: BaseException) -> tuple[str, int]:
    # What to tell about a failure, and the exit status.
    match error:
        case SpatialgenError():
            return str(error), error.exit_status
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "spatialgen"
            return f"{error.format_message()} (see `{command} --help`)", error.exit_code
        case KeyboardInterrupt():
            return "stopped; what was done is kept: run the same command again", 1
        case FileExistsError() | NotADirectoryError():
            return f"{error.filename}: a file is in the way; choose another folder", 2
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            remedy = "what was done is kept: mend this and run the same command again"
            return f"{where}{error.strerror or error}; {remedy}", 1
        case MemoryError():
            return "out of memory; what was done is kept: run again with fewer --workers", 1
        case _:
            what = f"unexpected {type(error).__name__}: {error}"
            return f"{what}; please report what `spatialgen --debug ...` shows", 1


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(spatialgen.__version__, prog_name="spatialgen")
@click.option("--debug", is_flag=True, help="Show where in the code a failure comes from.")
def main(debug: bool) -> None:
    """Turn 3D scenes into spatial questions whose answers are derived by programs.

    \b
    spatialgen synth --out scenes --rooms 5
    spatialgen propose --scenes scenes --out dataset
    spatialgen verify dataset
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a label may not suit the terminal
