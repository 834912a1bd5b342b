"""The most calls or chats at once, for operators who may see reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from api.portal.period_params import MOST_DAYS, PeriodParams
from api.portal.report_models import AtOnceStep, AtOnceView, MetricView, PeriodView
from api.portal.report_pages import MOST_DAYS_BY_HOUR, csv_file
from api.routes import LIST_PROBLEMS, Audience, UrlRow, binary
from bridge.protocols import Clock
from reports.at_once import Peak
from reports.definitions import AT_ONCE
from reports.parts import Channel
from reports.periods import Every, PeriodStep, steps
from store.reports import SqlReports


class AtOnceParams(PeriodParams):
    """What it may be asked for."""

    every: Every = "day"


class AtOnceCsvParams(AtOnceParams):
    """The same, as a file."""

    bom: bool = Field(default=False, description="By which some spreadsheets know UTF-8.")


class PortalAtOnceEndpoints:
    """Shows how many calls or chats were there at the same moment."""

    def __init__(self, *, clock: Clock, store: SqlReports) -> None:
        self._clock = clock
        self._store = store

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses."""
        at = "/v1/portal/reports/{channel}/at-once"
        return (
            UrlRow("GET", at, self.at_once, "portal_at_once", Audience.PORTAL, LIST_PROBLEMS,
                  right="reports"),
            UrlRow("GET", f"{at}/csv", self.csv, "portal_at_once_csv", Audience.PORTAL, LIST_PROBLEMS,
                  answers=binary("text/csv"), right="reports"),
        )  # fmt: skip

    async def at_once(self, channel: Channel, asked: Annotated[AtOnceParams, Query()]) -> AtOnceView:
        """The most calls or chats at the same moment, in each stretch of whole days in a zone.

        They are found from the calls and chats that are still kept, and told as null before the oldest.
        """
        now = self._clock.time()
        first, last = asked.days(now, MOST_DAYS_BY_HOUR if asked.every == "hour" else MOST_DAYS)
        zone = ZoneInfo(asked.zone)
        cut = steps(first, last, zone, asked.every)
        sites = (asked.site,) if asked.site else None
        found = await self._store.peaks(channel, [cut[0].begins, *(step.ends for step in cut)], sites, now)
        label, definition = AT_ONCE[channel]
        told = [_step(step, peak, zone) for step, peak in zip(cut, found, strict=True)]
        whole = PeriodStep(cut[0].begins, cut[-1].ends, cut[0].label)
        return AtOnceView(
            definition=MetricView(
                id="at_once", label=label, definition=definition, unit="count", better=None
            ),
            period=PeriodView(
                first=first.isoformat(), last=last.isoformat(), zone=asked.zone,
                begins=whole.begins, ends=whole.ends,
            ),
            every=asked.every,
            total=_step(whole, _highest(found), zone),
            steps=told,
        )  # fmt: skip

    async def csv(self, channel: Channel, asked: Annotated[AtOnceCsvParams, Query()]) -> Response:
        """The same as CSV (RFC 4180)."""
        view = await self.at_once(channel, asked)
        rows = [[step.label, step.most, step.at_label] for step in view.steps]
        name = f"{channel}-at-once-{view.period.first}-{view.period.last}"
        return csv_file(name, ["Begins", view.definition.label, "First reached"], rows, bom=asked.bom)


def _highest(peaks: Sequence[Peak | None]) -> Peak | None:
    """The first of the highest; None where none is known."""
    return max((each for each in peaks if each), key=lambda each: (each.most, -each.at), default=None)


def _step(step: PeriodStep, peak: Peak | None, zone: ZoneInfo) -> AtOnceStep:
    # Where nobody was there, there is no moment to tell.
    at = peak.at if peak and peak.most else None
    return AtOnceStep(
        begins=step.begins,
        ends=step.ends,
        label=step.label,
        most=peak.most if peak else None,
        at=at,
        at_label=None if at is None else datetime.fromtimestamp(at, zone).isoformat(timespec="seconds"),
    )
