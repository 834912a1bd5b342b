"""The callbacks, for the operator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from api.askers import Whose
from api.operator.models import CallbackEntry, CallbackList
from api.paging import PageSize
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from bridge.callback import Callback


class CallbackLists(Protocol):
    """The callbacks on disk; may raise store.errors.StoreError."""

    async def callbacks(
        self, *, limit: int = 100, sites: Collection[str] | None = None
    ) -> Sequence[Callback]:
        """All of them, or those of these sites alone, the newest first."""


class CallbackListEndpoints:
    """Lists callbacks."""

    def __init__(self, callbacks: CallbackLists) -> None:
        self._callbacks = callbacks

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of the list."""
        return (UrlRow("GET", "/v1/callbacks", self.list, "callbacks", Audience.OPERATOR, LIST_PROBLEMS),)

    async def list(self, asker: Whose, limit: PageSize = 100) -> CallbackList:
        """All callbacks, newest first."""
        found = await self._callbacks.callbacks(limit=limit, sites=asker.sites)
        return CallbackList(callbacks=[CallbackEntry.of(each) for each in found])
