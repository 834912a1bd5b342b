"""``ringback person``: what is kept of somebody, exported or erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.operator import OperatorClient
from server.options import EXIT_CONFIG, AsJson, ConfigFile

people = typer.Typer(help="Export or erase what is kept of one person.", no_args_is_help=True)
Number = Annotated[str | None, typer.Option(help="Their number, such as +16175550123.")]
Email = Annotated[str | None, typer.Option(help="Their address, wherever it was passed.")]
Id = Annotated[str | None, typer.Option("--id", help="The customer's id, as the retailer's server signs it.")]


@people.command()
def export(
    config: ConfigFile,
    out: Annotated[Path, typer.Option(help="Where to write the ZIP file.")],
    number: Number = None,
    email: Email = None,
    signed_id: Id = None,
) -> None:
    """Write everything that is kept of somebody into a ZIP file: person.json, and the audio of messages."""
    OperatorClient(config).export_person(_wanted(number, email, signed_id), out)
    print(f"saved {out}")


@people.command()
def erase(
    config: ConfigFile,
    number: Number = None,
    email: Email = None,
    signed_id: Id = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase somebody: rows that are counted stay, without whom they are about; messages go, audio too."""
    wanted = _wanted(number, email, signed_id)
    if not yes:
        typer.confirm("This cannot be undone. Erase?", abort=True, err=True)
    erased = OperatorClient(config).erase_person(wanted)
    if as_json:
        print(erased.model_dump_json())
        return
    counted = ", ".join(f"{count} {name.replace('_', '-')}" for name, count in erased.model_dump().items())
    print(f"erased: {counted}")


def _wanted(number: str | None, email: str | None, signed_id: str | None) -> dict[str, str]:
    given = {"number": number, "email": email, "id": signed_id}
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        print("ringback: give --number, --email or --id")
        raise typer.Exit(EXIT_CONFIG)
    return wanted
