"""What was bought, after what, and what invitations brought: for operators who may see reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.engagement import VisitCounts, read_engagement
from api.portal.period_params import PeriodParams
from api.portal.report_models import NamedChoice, PeriodView
from api.portal.report_pages import csv_file
from api.routes import LIST_PROBLEMS, Audience, UrlRow, binary
from bridge.protocols import Clock
from config.models import Config
from reports.periods import period
from visits.records import WINDOW
from visits.report import FEWEST_BUYERS, EngagementReport
from visits.report_tables import EngagementTable, engagement_table


class ConversionCsvParams(PeriodParams):
    """The same period and site, and which table."""

    table: EngagementTable = "orders"
    bom: bool = Field(default=False, description="By which some spreadsheets know UTF-8.")


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
        """The addresses of conversions."""
        return (
            UrlRow("GET", "/v1/portal/conversions", self.conversions, "portal_conversions", Audience.PORTAL,
                  LIST_PROBLEMS, right="reports"),
            UrlRow("GET", "/v1/portal/conversions/csv", self.csv, "portal_conversions_csv", Audience.PORTAL,
                  LIST_PROBLEMS, answers=binary("text/csv"), right="reports"),
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

    async def csv(self, asked: Annotated[ConversionCsvParams, Query()]) -> Response:
        """One table of the same report as CSV (RFC 4180). Money is in minor units, rates are from 0 to 1.

        Uplift that is too early to tell, or of groups with wrong sizes, has no difference.
        """
        view = await self.conversions(asked)
        head, rows = engagement_table(view.report, asked.table)
        name = f"conversions-{asked.table}-{view.period.first}-{view.period.last}"
        return csv_file(name, head, rows, bom=asked.bom)
