"""Places in a list that is read page by page, the newest first."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Self

#: The most rows of one page.
MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after one row, in the order newest first. Rows that come later do not move it."""

    at: float
    row_id: str

    def __str__(self) -> str:
        """An opaque text, safe in a URL."""
        text = json.dumps([self.at, self.row_id])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cursor that ``str`` wrote; ValueError for any other text."""
        padded = text.encode() + b"=" * (-len(text) % 4)
        match json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
            case [float(at), str(row_id)]:
                return cls(at, row_id)
        raise ValueError("not a cursor")


def check_limit(limit: int) -> None:
    """ValueError unless a page may hold so many rows."""
    if not 1 <= limit <= MAX_PAGE:
        raise ValueError(f"a page holds 1 to {MAX_PAGE} records")
