"""Finished calls as comma-separated values, for a spreadsheet."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import TextIO

from bridge.cdr import CallRecord
from bridge.utc import iso

_TIMES = ("requested_at", "bridged_at", "ended_at")
_COLUMNS = (
    "call_id", "site", "route", "number", "page", *_TIMES, "talk_seconds", "disposition", "cause",
)  # fmt: skip
_JSON = ("signed", "context", "wrap_ups")
_LAST = ("number_verified", "chat_id")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
#: Full-width signs are read as formulas by some; white space and line ends before one are skipped.
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def write_csv(records: Iterable[CallRecord], output: TextIO) -> None:
    """One line a call under a line of names; times in UTC (ISO 8601), mappings and lists as JSON."""
    lines = csv.writer(output)
    lines.writerow([*_COLUMNS, *_JSON, *_LAST])
    for record in records:
        plain = [
            _time(getattr(record, name)) if name in _TIMES else getattr(record, name) for name in _COLUMNS
        ]
        written = [asdict(wrap_up) for wrap_up in record.wrap_ups]
        more = [json.dumps(each) for each in (dict(record.signed), dict(record.context), written)]
        last = (str(record.number_verified).lower(), record.chat_id)
        lines.writerow([_harmless(cell) for cell in (*plain, *more, *last)])


def _harmless(cell: object) -> object:
    """The cell, so that a spreadsheet takes it for text: what a page claims could be a formula.

    An apostrophe comes before ``=``, ``+``, ``-``, ``@``, a tab or a line end. Numbers, those of phones
    among them, stay as they are.
    """
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell) or not _FORMULA.match(cell):
        return cell
    return f"'{cell}"


def _time(at: float | None) -> str:
    """What spreadsheets, SQL and Python read alike."""
    return "" if at is None else iso(at)
