"""``ringback messages``, ``callbacks``, ``deliveries`` and ``sessions``: what a running server keeps."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from server.listing import show
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile, FullNumbers
from server.tables import callback_table, delivery_table, message_table, receiver_lines, session_table

Limit = Annotated[int, typer.Option(min=1, help="The most rows to show, newest first.")]
ListLimit = Annotated[int, typer.Option(min=1, max=500, help="The most rows to show, newest first.")]


def messages(
    config: ConfigFile,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    mailbox: Annotated[str | None, typer.Option(help="Only this mailbox.")] = None,
    limit: Limit = 50,
    save: Annotated[
        tuple[str, Path] | None,
        typer.Option(metavar="ID FILE", help="Save the audio of this message as a WAV file instead."),
    ] = None,
    delete: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Delete this message, its audio, and mails about it instead."),
    ] = None,
    full_numbers: FullNumbers = False,
    as_json: AsJson = False,
) -> None:
    """List the messages that shoppers left."""
    operator = OperatorClient(config)
    if save is not None:
        message_id, file = save
        operator.save_audio(message_id, file)
        print(f"saved {file}")
    if delete is not None:
        operator.delete_message(delete)
        print("deleted")
    if save is not None or delete is not None:
        return
    filters = {name: value for name, value in {"site": site, "mailbox": mailbox}.items() if value is not None}
    found = operator.messages(filters, limit)
    if as_json:
        _print_lines(found)
    else:
        show(message_table(found, full_numbers=full_numbers))


def callbacks(
    config: ConfigFile,
    limit: ListLimit = 50,
    full_numbers: FullNumbers = False,
    as_json: AsJson = False,
) -> None:
    """List the callbacks: when each is due, and how it ended."""
    found = OperatorClient(config).callbacks(limit)
    if as_json:
        _print_lines(found)
    else:
        show(callback_table(found, full_numbers=full_numbers))


def deliveries(
    config: ConfigFile,
    dead: Annotated[bool, typer.Option("--dead", help="Only those given up.")] = False,
    limit: ListLimit = 50,
    resend: Annotated[str | None, typer.Option(metavar="ID", help="Try this one again instead.")] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Resume webhooks to a receiver that is held back or disabled instead."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the mails and webhooks of the outbox."""
    operator = OperatorClient(config)
    if resume is not None:
        operator.resume(resume)
        print(f"webhooks to {resume} resumed")
        return
    if resend is not None:
        delivery = operator.resend(resend)
        print(f"{delivery.kind} to {delivery.target} will be tried again")
        return
    found = operator.deliveries(dead=dead, limit=limit)
    if as_json:
        _print_lines(found)
    else:
        show(delivery_table(found))
        for line in receiver_lines(operator.receivers()):
            print(line)


def sessions(
    config: ConfigFile,
    end: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Log this one out at once instead, even during a call."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the browsers where agents are logged in."""
    operator = OperatorClient(config)
    if end is not None:
        operator.end_session(end)
        print("session ended")
        return
    found = operator.sessions()
    if as_json:
        _print_lines(found)
    else:
        show(session_table(found))


def _print_lines(entries: Iterable[BaseModel]) -> None:
    for entry in entries:
        print(entry.model_dump_json())
