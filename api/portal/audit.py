"""The audit trail over HTTP, for operators who have the right ``agents``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Query

from api.portal.models import AuditEntryView, AuditPage
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from config.models import Config
from store.portal import MOST_ENTRIES, SqlAudit


class AuditEndpoints:
    """Shows who changed and who looked at what."""

    def __init__(self, config: Callable[[], Config], store: SqlAudit) -> None:
        self._config = config
        self._store = store

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of the trail."""
        return (
            UrlRow("GET", "/v1/portal/audit", self.list, "portal_audit", Audience.PORTAL, LIST_PROBLEMS,
                  right="agents"),
        )  # fmt: skip

    async def list(
        self,
        before: Annotated[int | None, Query(ge=1, description="next of the page before.")] = None,
        operator: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 50,
    ) -> AuditPage:
        """What operators did and looked at, the newest first."""
        found = await self._store.entries(before=before, operator=operator, limit=limit)
        operators = self._config().operators
        entries = [
            AuditEntryView(
                id=each.entry_id,
                at=each.at,
                operator=each.operator,
                label=operators[each.operator].label if each.operator in operators else each.operator,
                address=each.address,
                what=each.what,
                about=dict(each.about),
            )
            for each in found
        ]
        return AuditPage(entries=entries, next=entries[-1].id if len(entries) == limit else None)
