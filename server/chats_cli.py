"""``ringback chats``: counts of ended chats."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from server.listing import TextColumn, TextTable, show
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile

DAY = 86400.0


def chats(
    config: ConfigFile,
    days: Annotated[float, typer.Option(min=0.01, help="How far back, in days.")] = 7.0,
    as_json: AsJson = False,
) -> None:
    """Show the ended chats of the last days by site, agent and outcome, with waits, answers and ratings."""
    now = time.time()
    found = OperatorClient(config).chat_counts(now - days * DAY, now + 900.0)
    if as_json:
        for entry in found:
            print(entry.model_dump_json())
        return
    names = (
        "Site",
        "Route",
        "Agent",
        "Outcome",
        "Chats",
        "Wait",
        "First answer",
        "Answers",
        "Handled",
        "Rating",
    )
    rows = [
        [
            entry.site,
            entry.route,
            entry.agent,
            entry.outcome,
            str(entry.chats),
            *(_seconds(each) for each in (entry.wait, entry.first_answer, entry.reply, entry.handle)),
            f"{entry.rating:g} ({entry.rated})" if entry.rating is not None else "",
        ]
        for entry in found
    ]
    title = f"Chats of {days:g} {'day' if days == 1 else 'days'}, averages"
    show(TextTable(title, [TextColumn(name) for name in names], rows))


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:g} s"
