"""``ringback retention``: what is past its retention time, and goes with the next sweep."""

from __future__ import annotations

from bridge.utc import readable
from server.listing import TextColumn, TextTable, show
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile


def retention(config: ConfigFile, as_json: AsJson = False) -> None:
    """Show what the next sweep of the running server will delete or anonymise. Deletes nothing itself."""
    found = OperatorClient(config).expired()
    if as_json:
        for entry in found:
            print(entry.model_dump_json())
        return
    rows = [
        [
            entry.site or "(all)",
            entry.kind,
            readable(entry.before),
            str(entry.count),
        ]
        for entry in found
    ]
    columns = [TextColumn(name) for name in ("Site", "Kind", "Older than (UTC)", "Count")]
    show(TextTable("Retention", columns, rows))
