"""Counts of ended calls over a period, for the operator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Annotated, Protocol

from fastapi import Query
from pydantic import BaseModel, Field

from api.askers import Whose
from api.problems import Problem
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from reports.counts import BUCKET, Counts, Key
from reports.histogram import percentile

Moment = Annotated[float, Query(allow_inf_nan=False, description="Seconds since the epoch.")]


class BucketEntry(BaseModel):
    """Calls of one site, route, destination and disposition. Times are in seconds."""

    site: str
    route: str
    destination: str = Field(description="Who took the calls, by the name in the settings; empty: nobody.")
    disposition: str
    calls: int
    cancelled_early: int = Field(description="Those that the shopper cancelled within 5 seconds.")
    shoppers_dialled: int
    shoppers_answered: int
    wait: float = Field(description="From the request to the bridge, summed over bridged calls.")
    wait_p50: float | None = Field(description="Half of the bridged calls waited no longer; within 5 %.")
    wait_p90: float | None = Field(description="Nine of ten waited no longer; within 5 %.")
    talk: float = Field(description="How long the two sides talked, in all.")


class BucketCounts(BaseModel):
    """The counts of a period."""

    counts: list[BucketEntry]


class Rebuilt(BaseModel):
    """The counts were made again."""

    calls: int = Field(description="How many calls were counted.")


class CountStore(Protocol):
    """The counts; may raise store.errors.StoreError."""

    async def between(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Mapping[Key, Counts]:
        """The counts of the buckets that begin in this period."""


class ReportEndpoints:
    """Shows counts of ended calls. ``rebuild()`` makes them again and returns how many calls there were."""

    def __init__(self, store: CountStore, rebuild: Callable[[], Awaitable[int]]) -> None:
        self._store = store
        self._rebuild = rebuild

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of reports."""
        stored = (Problem.STORE_UNAVAILABLE,)
        return (
            UrlRow("GET", "/v1/reports/calls", self.calls, "call_counts", Audience.OPERATOR, LIST_PROBLEMS),
            UrlRow("POST", "/v1/reports/rebuild", self.rebuild, "rebuild_reports", Audience.SERVER, stored),
        )

    async def calls(self, asker: Whose, since: Moment, until: Moment) -> BucketCounts:
        """Ended calls by site, route, destination and disposition; ``since`` <= requested < ``until``.

        Both are rounded down to 15 minutes. Counts lag behind the calls by a few seconds.
        """
        found = await self._store.between(since // BUCKET * BUCKET, until // BUCKET * BUCKET, asker.sites)
        totals: dict[Key, Counts] = {}
        for key, counts in found.items():
            whole = key._replace(bucket=0)
            totals[whole] = totals.get(whole, Counts()) + counts
        return BucketCounts(counts=[_shown(key, counts) for key, counts in sorted(totals.items())])

    async def rebuild(self) -> Rebuilt:
        """Count all calls again that are still kept; older counts stay as they are."""
        return Rebuilt(calls=await self._rebuild())


def _shown(key: Key, counts: Counts) -> BucketEntry:
    half, most = percentile(counts.waits, 0.5), percentile(counts.waits, 0.9)
    return BucketEntry(
        site=key.site,
        route=key.route,
        destination=key.destination,
        disposition=key.disposition,
        calls=counts.calls,
        cancelled_early=counts.cancelled_early,
        shoppers_dialled=counts.shoppers_dialled,
        shoppers_answered=counts.shoppers_answered,
        wait=round(counts.wait, 3),
        wait_p50=None if half is None else round(half, 1),
        wait_p90=None if most is None else round(most, 1),
        talk=round(counts.talk, 3),
    )
