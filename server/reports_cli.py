"""``ringback reports``: counts of ended calls, shown or made again."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from server.listing import TextColumn, TextTable, show
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile

reports = typer.Typer(help="Show counts of ended calls, or count them again.", no_args_is_help=True)
DAY = 86400.0


@reports.command("show")
def show_counts(
    config: ConfigFile,
    days: Annotated[float, typer.Option(min=0.01, help="How far back, in days.")] = 7.0,
    as_json: AsJson = False,
) -> None:
    """Show the ended calls of the last days by site, route, who took them, and disposition."""
    now = time.time()
    # The end is rounded down to 15 minutes: the calls of these minutes shall be there.
    found = OperatorClient(config).call_counts(now - days * DAY, now + 900.0)
    if as_json:
        for entry in found:
            print(entry.model_dump_json())
        return
    columns = ("Site", "Route", "Taken by", "Disposition", "Calls", "Wait p50", "Wait p90", "Talk (min)")
    rows = [
        [
            entry.site,
            entry.route,
            entry.destination,
            entry.disposition,
            str(entry.calls),
            _seconds(entry.wait_p50),
            _seconds(entry.wait_p90),
            f"{entry.talk / 60:.1f}",
        ]
        for entry in found
    ]
    show(
        TextTable(
            f"Calls of {days:g} {'day' if days == 1 else 'days'}",
            [TextColumn(name) for name in columns],
            rows,
        )
    )


@reports.command()
def rebuild(config: ConfigFile, as_json: AsJson = False) -> None:
    """Count all calls again that the running server keeps. Counts of calls that were deleted stay."""
    done = OperatorClient(config).rebuild_reports()
    print(
        done.model_dump_json()
        if as_json
        else f"counted: {done.calls} {'call' if done.calls == 1 else 'calls'}"
    )


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:g} s"
