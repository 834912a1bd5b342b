"""What is older than the settings want it kept: what the next sweep takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from pydantic import BaseModel, Field

from api.askers import Whose
from api.problems import Problem
from api.routes import Audience, UrlRow
from store.retention import Expired


class ExpiredEntry(BaseModel):
    """What the next sweep takes of one kind."""

    site: str = Field(description="Empty for what is of no site: deliveries, and files without a message.")
    kind: str = Field(
        description="calls, visitors, callbacks, chats, page_visitors, offers, orders, deliveries or files."
    )
    before: float = Field(description="What is older than this goes.")
    count: int


class ExpiredList(BaseModel):
    """What the next sweep takes."""

    expired: list[ExpiredEntry]


class RetentionEndpoints:
    """Shows what is older than the settings want it kept: ``expired``."""

    def __init__(self, expired: Callable[[], Awaitable[Sequence[Expired]]]) -> None:
        self._expired = expired

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of what will be deleted."""
        problems = (Problem.STORE_UNAVAILABLE,)
        return (UrlRow("GET", "/v1/retention", self.list, "retention", Audience.OPERATOR, problems),)

    async def list(self, asker: Whose) -> ExpiredList:
        """What is older than the settings want it kept; nothing is deleted by asking."""
        return ExpiredList(
            expired=[
                ExpiredEntry(site=each.site, kind=each.kind, before=each.before, count=each.count)
                for each in await self._expired()
                if asker.sees(each.site)
            ]
        )
