"""How the commands answer: as sentences, or with --json as one document that other programs read."""

from collections.abc import Iterable
from typing import Any

import click
import msgspec

SOME_SET_ASIDE = 3
"""The exit status where part of what was given could not be answered; each part says why."""
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def show(document: Any) -> None:
    """Print one JSON document."""
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def show_as_found(name: str, items: Iterable[Any], **rest: Any) -> None:
    """Print one JSON document whose list `name` may be too long to hold in memory, an item a line."""
    head = msgspec.json.encode(rest).decode().removesuffix("}")
    click.echo(f'{head}, "{name}": [')
    between = ""
    for item in items:
        click.echo(f"{between}  {msgspec.json.encode(item).decode()}", nl=False)
        between = ",\n"
    click.echo("\n]}")
