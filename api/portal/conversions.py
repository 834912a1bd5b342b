"""What was bought, after what, and what invitations brought: for operators who may see reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import BaseModel, Field

from api.engagement import VisitCounts, read_engagement
from api.portal.period_params import PeriodParams
from api.portal.report_models import NamedChoice, PeriodView
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from bridge.protocols import Clock
from config.models import Config
from reports.periods import period
from visits.records import WINDOW
from visits.report import FEWEST_BUYERS, EngagementReport


class ConversionsView(BaseModel):
    """What was bought in a period, and what invitations that were made in it brought."""

    period: PeriodView
    sites: list[NamedChoice] = Field(description="All sites, for a filter.")
    window: float = Field(description="How long before an order a talk or an offer counts, in seconds.")
    fewest: int = Field(description="How many of each group must have bought before there is a verdict.")
    report: EngagementReport


class PortalConversionEndpoints:
    """Shows the same as ``ringback engage report``."""

    def __init__(self, *, config: Callable[[], Config], clock: Clock, store: VisitCounts) -> None:
        self._config = config
        self._clock = clock
        self._store = store

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of conversions."""
        return (
            UrlRow("GET", "/v1/portal/conversions", self.conversions, "portal_conversions", Audience.PORTAL,
                  LIST_PROBLEMS, right="reports"),
        )  # fmt: skip

    async def conversions(self, asked: Annotated[PeriodParams, Query()]) -> ConversionsView:
        """Orders with what they are credited to, uplift by experiment, and the buyers among those who talked.

        Only what compares groups that chance made is uplift.
        """
        config = self._config()
        first, last = asked.days(self._clock.time())
        begins, ends = period(first, last, ZoneInfo(asked.zone))
        sites = (asked.site,) if asked.site else None
        return ConversionsView(
            period=PeriodView(
                first=first.isoformat(), last=last.isoformat(), zone=asked.zone, begins=begins, ends=ends
            ),
            sites=[NamedChoice(value=name, label=site.label) for name, site in config.sites.items()],
            window=WINDOW,
            fewest=FEWEST_BUYERS,
            report=await read_engagement(self._store, config, begins, ends, sites),
        )
