"""What engagement rules brought, as operators read it by key and in the portal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from config.models import Config
from reports.counts import BUCKET
from visits.credit import Credit
from visits.records import ArmResult, ButtonCounts, ButtonKey, CountKey
from visits.report import EngagementReport, engagement_report


class VisitCounts(Protocol):
    """What is counted and kept of visits; may raise store.errors.StoreError."""

    async def counts(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Mapping[CountKey, int]:
        """What became of rules."""

    async def placements(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Mapping[ButtonKey, ButtonCounts]:
        """Buttons."""

    async def arms(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[ArmResult]:
        """Visitors by experiment."""

    async def holdouts(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[ArmResult]:
        """Visitors by site, those of its holdout apart."""

    async def sales(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[tuple[str, str, str, int, int]]:
        """Orders."""

    async def credits(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[Credit]:
        """Of what orders came."""


async def read_engagement(
    store: VisitCounts, config: Config, since: float, until: float, sites: Collection[str] | None
) -> EngagementReport:
    """What became of engagement rules from ``since`` until before ``until``.

    Both are rounded down to 15 minutes; buttons are counted by days, UTC.
    """
    start, end = since // BUCKET * BUCKET, until // BUCKET * BUCKET
    return engagement_report(
        await store.counts(start, end, sites),
        await store.placements(start // 86400 * 86400, end, sites),
        await store.arms(start, end, sites),
        await store.holdouts(start, end, sites),
        await store.sales(start, end, sites),
        {name: site.engage for name, site in config.sites.items()},
        await store.credits(start, end, sites),
    )
