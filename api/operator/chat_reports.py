"""Counts of ended chats over a period, for the operator."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Protocol

from fastapi import Query
from pydantic import BaseModel, Field

from api.askers import Whose
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from reports.counts import BUCKET

Since = Annotated[float, Query(allow_inf_nan=False, description="Seconds since the epoch.")]


class ChatCountEntry(BaseModel):
    """Ended chats of one site, route, agent and outcome. Averages are in seconds, null if there are none."""

    site: str
    route: str
    agent: str = Field(description="Who had them last; empty: nobody.")
    outcome: str
    chats: int
    accepted: int
    wait: float | None = Field(description="Until an agent had the chat, or the shopper left; on average.")
    first_answer: float | None = Field(description="From an agent having it to their first word; on average.")
    reply: float | None = Field(description="How long shoppers waited for an agent's word; on average.")
    handle: float | None = Field(description="How long agents had a chat; on average.")
    rated: int
    rating: float | None = Field(description="From 1 to 5, on average.")


class ChatCountList(BaseModel):
    """The counts of a period."""

    counts: list[ChatCountEntry]


class ChatCountStore(Protocol):
    """The counts; may raise store.errors.StoreError."""

    async def counts(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """The rows of the buckets that begin in this period."""


class ChatReportEndpoints:
    """Shows counts of ended chats."""

    def __init__(self, store: ChatCountStore) -> None:
        self._store = store

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of the report."""
        path = "/v1/reports/threads"
        return (UrlRow("GET", path, self.chats, "chat_counts", Audience.OPERATOR, LIST_PROBLEMS),)

    async def chats(self, asker: Whose, since: Since, until: Since) -> ChatCountList:
        """Ended chats by site, route, agent and outcome; ``since`` <= asked for < ``until``.

        Both are rounded down to 15 minutes.
        """
        rows = await self._store.counts(since // BUCKET * BUCKET, until // BUCKET * BUCKET, asker.sites)
        totals: dict[tuple[str, ...], dict[str, float]] = {}
        for row in rows:
            total = totals.setdefault((row["site"], row["route"], row["agent"], row["outcome"]), {})
            for name, value in row.items():
                if isinstance(value, int | float) and name != "bucket":
                    total[name] = total.get(name, 0) + value
        return ChatCountList(counts=[_shown(key, total) for key, total in sorted(totals.items())])


def _shown(key: tuple[str, ...], total: Mapping[str, float]) -> ChatCountEntry:
    def average(name: str, of: str) -> float | None:
        return round(total[name] / total[of], 1) if total[of] else None

    site, route, agent, outcome = key
    return ChatCountEntry(
        site=site,
        route=route,
        agent=agent,
        outcome=outcome,
        chats=int(total["chats"]),
        accepted=int(total["accepted"]),
        wait=average("wait", "chats"),
        first_answer=average("first_answer", "answered"),
        reply=average("reply", "replies"),
        handle=average("handle", "accepted"),
        rated=int(total["rated"]),
        rating=average("rating", "rated"),
    )
