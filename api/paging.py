"""Lists that are asked for page by page: what a query may say, and what it means."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.problems import FieldError, Problem, RequestError
from store.paging import MAX_PAGE, Cursor

PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE)]
CursorText = Annotated[str | None, Query(max_length=256, description="next of the page before.")]


def read_cursor(text: str | None) -> Cursor | None:
    """The place that a page gave as its ``next``; ``validation_failed`` for any other text."""
    if text is None:
        return None
    try:
        return Cursor.parse(text)
    except ValueError:
        wrong = FieldError(path="query.cursor", message="not a cursor that this server gave")
        raise RequestError(Problem.VALIDATION_FAILED, errors=[wrong]) from None
