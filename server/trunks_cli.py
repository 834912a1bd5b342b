"""``ringback trunks``: which trunks of a running server can carry calls, and why the others cannot."""

from __future__ import annotations

import time
from collections.abc import Iterable

from api.operator.models import TrunkView
from server.listing import TextCell, TextColumn, TextTable, show
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile

_STYLES = {"up": "green", "unknown": "dim", "held": "yellow", "down": "bold red", "unresolved": "bold red"}


def trunks(config: ConfigFile, as_json: AsJson = False) -> None:
    """List the trunks: state, addresses, registration, and how fast each answers a ping."""
    found = OperatorClient(config).trunks()
    if as_json:
        for trunk in found:
            print(trunk.model_dump_json())
    else:
        show(trunk_table(found, time.time()))


def trunk_table(trunks: Iterable[TrunkView], now: float) -> TextTable:
    """One row a trunk; ``now`` is seconds since the epoch."""
    columns = (
        TextColumn("Trunk", whole=True),
        TextColumn("State"),
        TextColumn("For"),
        TextColumn("Registered"),
        TextColumn("Addresses", from_width=90),
        TextColumn("Ping", from_width=70),
        TextColumn("Failed", from_width=110),
        TextColumn("What is wrong"),
    )
    rows = [
        (
            trunk.name,
            TextCell((trunk.state,), _STYLES[trunk.state]),
            _length(now - trunk.since),
            _registration(trunk),
            TextCell(tuple(trunk.addresses)),
            "" if trunk.ping_seconds is None else f"{1000 * trunk.ping_seconds:.0f} ms",
            str(trunk.failures),
            trunk.reason + (f"; held back for {_length(trunk.held_until - now)}" if trunk.held_until else ""),
        )
        for trunk in trunks
    ]
    return TextTable("Trunks", columns, rows)


def _registration(trunk: TrunkView) -> str:
    if trunk.registered is None:
        return ""
    return "yes" if trunk.registered else f"no ({trunk.status})" if trunk.status else "no"


def _length(seconds: float) -> str:
    seconds = max(0.0, seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
