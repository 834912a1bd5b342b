"""``ringback spend``: what the calls of the day have cost."""

from __future__ import annotations

from server.listing import TextCell, TextColumn, TextTable, show
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile


def spend(config: ConfigFile, as_json: AsJson = False) -> None:
    """Show what sites and trunks have spent today, and their caps."""
    found = OperatorClient(config).spend()
    if as_json:
        for entry in found:
            print(entry.model_dump_json())
        return
    if not found:
        print("no site or trunk has a spend section")
        return
    columns = ("Account", "Day", "Spent", "Cap", "Minutes", "Cap (min)", "Live legs", "State")
    rows: list[list[TextCell | str]] = [
        [
            entry.account,
            entry.day,
            f"{entry.spent} {entry.currency}".strip(),
            entry.cap or "",
            f"{entry.minutes:g}",
            str(entry.cap_minutes or ""),
            str(entry.live_legs),
            _state(entry.level),
        ]
        for entry in found
    ]
    show(TextTable("Spent today", [TextColumn(name) for name in columns], rows))


def _state(level: int) -> TextCell:
    if level == 100:
        return TextCell(["stopped"], "red")
    return TextCell([f"over {level} %"], "yellow") if level else TextCell(["ok"], "green")
