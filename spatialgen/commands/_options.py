"""What the commands share: how they take paths, how they print JSON."""

import json
from pathlib import Path
from typing import Any

import click

PATH = click.Path(path_type=Path)


def print_json(data: Any) -> None:
    """Print one JSON object on standard output."""
    click.echo(json.dumps(data, allow_nan=False))  # plain ASCII suits every terminal
