"""Tables as CSV (RFC 4180) that no spreadsheet takes for anything but text and numbers. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: A cell that begins so is a formula to spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: By which some spreadsheets know UTF-8.
BOM = "\ufeff"


def csv_text(head: Sequence[str], rows: Iterable[Sequence[str | float | None]], *, bom: bool = False) -> str:
    """The table; a text that would be a formula has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_cell(each) for each in head])
    writer.writerows([_cell(each) for each in row] for row in rows)
    return (BOM if bom else "") + out.getvalue()


def _cell(value: str | float | None) -> str | float:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return int(value) if float(value).is_integer() else value
