"""What engagement rules brought, for the operator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from api.askers import Whose
from api.operator.reports import Moment
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from config.models import Config
from reports.counts import BUCKET
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


class EngagementEndpoints:
    """Shows the report."""

    def __init__(self, config: Callable[[], Config], store: VisitCounts) -> None:
        self._config = config
        self._store = store

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of the report."""
        return (
            UrlRow("GET", "/v1/reports/engagement", self.report, "engagement_report", Audience.OPERATOR,
                  LIST_PROBLEMS),
        )  # fmt: skip

    async def report(self, asker: Whose, since: Moment, until: Moment) -> EngagementReport:
        """What became of engagement rules from ``since`` until before ``until``, what was bought, and uplift.

        Both are rounded down to 15 minutes; buttons are counted by days, UTC.
        """
        start, end = since // BUCKET * BUCKET, until // BUCKET * BUCKET
        store, sites = self._store, asker.sites
        return engagement_report(
            await store.counts(start, end, sites),
            await store.placements(start // 86400 * 86400, end, sites),
            await store.arms(start, end, sites),
            await store.holdouts(start, end, sites),
            await store.sales(start, end, sites),
            {name: site.engage for name, site in self._config().sites.items()},
        )
