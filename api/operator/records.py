"""The calls, for the operator: those that live, and the records of finished ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Protocol

from fastapi import Query

from api.askers import Whose
from api.operator.models import CallList, CdrList
from api.paging import CursorText, PageSize, read_cursor
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from bridge.causes import Disposition
from bridge.progress import CallProgress
from config.base import E164
from store.paging import Cursor
from store.reads import CdrFilter, CdrPage

Moment = Annotated[float, Query(allow_inf_nan=False, description="Seconds since the epoch.")]


class CdrStore(Protocol):
    """The records of finished calls; may raise store.errors.StoreError."""

    async def cdrs(self, which: CdrFilter, *, limit: int = 100, after: Cursor | None = None) -> CdrPage:
        """A page of finished calls, newest first."""


class RecordEndpoints:
    """Lists calls. ``live()`` tells the newest line of every live one."""

    def __init__(self, live: Callable[[], Sequence[CallProgress]], store: CdrStore) -> None:
        self._live = live
        self._store = store

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of lists of calls."""
        return (
            UrlRow("GET", "/v1/calls", self.live, "live_calls", Audience.OPERATOR),
            UrlRow("GET", "/v1/cdrs", self.cdrs, "cdrs", Audience.OPERATOR, LIST_PROBLEMS),
        )

    async def live(self, asker: Whose) -> CallList:
        """The live calls."""
        return CallList(calls=[line for line in self._live() if asker.sees(line.site)])

    async def cdrs(
        self,
        asker: Whose,
        site: str | None = None,
        disposition: Disposition | None = None,
        number: E164 | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        chat_id: Annotated[str, Query(max_length=64)] | None = None,
        limit: PageSize = 100,
        cursor: CursorText = None,
    ) -> CdrList:
        """Finished calls with their legs, newest first; ``since`` <= requested_at < ``until``.

        ``chat_id``: those that came of this chat.
        """
        page = await self._store.cdrs(
            CdrFilter(
                site,
                disposition,
                number,
                since,
                until,
                chats=None if chat_id is None else [chat_id],
                sites=asker.sites,
            ),
            limit=limit,
            after=read_cursor(cursor),
        )
        return CdrList(cdrs=list(page.records), next=str(page.next) if page.next else None)
