"""``ringback person``: what is kept about a person, exported or erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.listing import count_of
from server.operator import OperatorClient
from server.options import EXIT_CONFIG, AsJson, ConfigFile

#: What is erased, one and several, where that is more than an s.
_NAMES = {"deliveries": ("delivery", "deliveries"), "wrap_ups": ("wrap-up",)}

people = typer.Typer(help="Export or erase what is kept about a person.", no_args_is_help=True)
Number = Annotated[str | None, typer.Option(help="Their number, such as +16175550123.")]
Email = Annotated[str | None, typer.Option(help="Their email address, as a page or the retailer passed it.")]
Agent = Annotated[str | None, typer.Option(help="Somebody at the business, by their name in the settings.")]
Id = Annotated[str | None, typer.Option("--id", help="The customer's id, as the retailer's server signs it.")]


@people.command()
def export(
    config: ConfigFile,
    out: Annotated[Path, typer.Option(help="The ZIP file to write.")],
    number: Number = None,
    email: Email = None,
    signed_id: Id = None,
    agent: Agent = None,
) -> None:
    """Export everything kept about a person as a ZIP file: person.json and the audio of messages."""
    OperatorClient(config).export_person(_wanted(number, email, signed_id, agent), out)
    print(f"saved {out}")


@people.command()
def erase(
    config: ConfigFile,
    number: Number = None,
    email: Email = None,
    signed_id: Id = None,
    agent: Agent = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person. Records stay for the counts, without personal data. Messages and audio are deleted."""
    wanted = _wanted(number, email, signed_id, agent)
    if not yes:
        typer.confirm("This cannot be undone. Erase the data?", abort=True, err=True)
    erased = OperatorClient(config).erase_person(wanted)
    if as_json:
        print(erased.model_dump_json())
        return
    counted = ", ".join(
        count_of(count, *_NAMES.get(name, (name.removesuffix("s"),)))
        for name, count in erased.model_dump().items()
    )
    print(f"erased: {counted}")


def _wanted(
    number: str | None, email: str | None, signed_id: str | None, agent: str | None
) -> dict[str, str]:
    given = {"number": number, "email": email, "id": signed_id, "agent": agent}
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        print("ringback: give --number, --email, --id or --agent")
        raise typer.Exit(EXIT_CONFIG)
    return wanted
