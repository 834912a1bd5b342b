"""Live calls and CDRs as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from bridge.masking import mask_number

_STYLES = {
    "bridged": "green",
    "hunting": "yellow",
    "calling_shopper": "cyan",
    "greeting": "cyan",
    "unanswered": "yellow",
    "cancelled": "dim",
    "shopper_unreachable": "magenta",
    "refused": "magenta",
    "failed": "bold red",
}


def live_table(calls: Iterable[dict[str, Any]], now: float) -> Table:
    """One row a live call; ``now`` is seconds since the epoch."""
    table = Table(title="Live calls", title_justify="left", expand=True)
    for column in ("Call", "Site", "State", "For", "Ringing", "Tried", "Connected to"):
        table.add_column(column)
    for call in calls:
        state = call["state"]
        table.add_row(
            call["call_id"][:8],
            call["site"],
            f"[{_STYLES.get(state, 'white')}]{state}[/]" + (" (held)" if call["held"] else ""),
            f"{max(0, now - call['at']):.0f} s",
            ", ".join(call["ringing"]) or ("the shopper" if call["shopper_ringing"] else ""),
            f"{call['attempt']} of {call['attempts']}",
            call["connected_to"] or "",
        )
    return table


def cdr_table(records: Iterable[dict[str, Any]], *, full_numbers: bool) -> Table:
    """One row a finished call, its business legs in the last column."""
    table = Table(title="Calls", title_justify="left", expand=True)
    for column in ("When (UTC)", "Call", "Site", "Number", "Disposition", "Cause", "Talked", "Rang"):
        table.add_column(column)
    for record in records:
        when = datetime.fromtimestamp(record["requested_at"], UTC)
        disposition = record["disposition"]
        tried = [f"{leg['label']}: {leg['cause']}" for leg in record["legs"] if leg["role"] == "business"]
        table.add_row(
            f"{when:%Y-%m-%d %H:%M:%S}",
            record["call_id"][:8],
            record["site"],
            record["number"] if full_numbers else mask_number(record["number"]),
            f"[{_STYLES.get(disposition, 'white')}]{disposition}[/]",
            record["cause"] or record.get("reason") or "",
            f"{record['talk_seconds']:.0f} s" if record["talk_seconds"] else "",
            "\n".join(tried),
        )
    return table
