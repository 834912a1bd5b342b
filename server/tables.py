"""Live calls and CDRs as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.table import Table

from bridge.cdr import CallRecord
from bridge.masking import mask_number
from bridge.progress import CallProgress

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


def live_table(calls: Iterable[CallProgress], now: float) -> Table:
    """One row a live call; ``now`` is seconds since the epoch."""
    table = Table(title="Live calls", title_justify="left", expand=True)
    for column in ("Call", "Site", "State", "For", "Ringing", "Tried", "Connected to"):
        table.add_column(column)
    for call in calls:
        table.add_row(
            call.call_id[:8],
            call.site,
            _styled(call.state) + (" (held)" if call.held else ""),
            f"{max(0, now - call.at):.0f} s",
            ", ".join(call.ringing) or ("the shopper" if call.shopper_ringing else ""),
            f"{call.attempt} of {call.attempts}",
            call.connected_to or "",
        )
    return table


def cdr_table(records: Iterable[CallRecord], *, full_numbers: bool) -> Table:
    """One row a finished call, its business legs in the last column."""
    table = Table(title="Calls", title_justify="left", expand=True)
    for column in ("When (UTC)", "Call", "Site", "Number", "Disposition", "Cause", "Talked", "Rang"):
        table.add_column(column)
    for record in records:
        when = datetime.fromtimestamp(record.requested_at, UTC)
        rang = [f"{leg.label}: {leg.cause}" for leg in record.legs if leg.role == "business"]
        table.add_row(
            f"{when:%Y-%m-%d %H:%M:%S}",
            record.call_id[:8],
            record.site,
            record.number if full_numbers else mask_number(record.number),
            _styled(record.disposition),
            record.cause or record.reason or "",
            f"{record.talk_seconds:.0f} s" if record.talk_seconds else "",
            "\n".join(rang),
        )
    return table


def _styled(word: str) -> str:
    return f"[{_STYLES.get(word, 'white')}]{word}[/]"
