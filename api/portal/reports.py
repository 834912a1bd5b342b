"""One function asks for the figures; a screen, a CSV file and a mail show what it tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from api.portal.report_models import (
    GroupView,
    HeatView,
    Metrics,
    MetricView,
    NamedChoice,
    PeriodView,
    ReportChoices,
    ReportView,
    StepView,
)
from config.models import Config
from reports.counts import BUCKET
from reports.definitions import TIME_METRICS, Metric, TimeMetric, metrics_of
from reports.parts import Channel, Part
from reports.periods import Every, PeriodStep, Piece, before, pieces, steps
from reports.results import By, Figures, Row, by_step, by_value, figures, heat, ranked, summed
from reports.tally import NOTHING
from store.parts import PartQuestion
from store.reports import SqlReports

Compare = Literal["none", "before", "year"]
Table = Literal["steps", "groups", "heat"]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: What a value that is none is called.
NONE_LABELS = {
    "queue": "(no queue)", "agent": "(nobody)", "page": "(no page)", "rule": "(no rule)",
    "outcome": "(none)", "route": "(no route)", "site": "(no site)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What a report is asked for, as its address has it."""

    channel: Channel
    first: date
    last: date
    zone: str = "UTC"
    site: str = ""
    part: Part = "all"
    value: str = ""
    by: By | None = None
    every: Every = "day"
    compare: Compare = "none"


class PortalReports:
    """Makes reports."""

    def __init__(self, config: Callable[[], Config], store: SqlReports) -> None:
        self._config = config
        self._store = store

    async def report(self, query: ReportQuery) -> ReportView:
        """The figures. Sums over stretches, hours of the week and groups are the whole."""
        zone, channel = ZoneInfo(query.zone), query.channel
        cut = steps(query.first, query.last, zone, query.every)
        # Hours of the week want rows of 15 minutes, which serve for the rest, too.
        whole = Piece(BUCKET, cut[0].begins, cut[-1].ends)
        rows = await self._store.parts(self._question(query, query.part), [whole])
        groups = await self._groups(query, cut)
        earlier = earlier_days(query.compare, query.first, query.last)
        cut_before: list[PeriodStep] = []
        rows_before: Sequence[Row] = ()
        of_groups: dict[str, Metrics] = {}
        if earlier is not None:
            cut_before = steps(*earlier, zone, query.every)
            wanted = pieces(bounds_of(cut_before))
            rows_before = await self._store.parts(self._question(query, query.part), wanted)
            for each in await self._groups(query, cut_before):
                of_groups[each.value] = each.metrics
        return ReportView(
            channel=channel,
            definitions=[metric_view(metric) for metric in metrics_of(channel)],
            period=period_view(query.first, query.last, query.zone, cut),
            total=figures(summed(rows), channel),
            before=figures(summed(rows_before), channel) if earlier else None,
            period_before=period_view(*earlier, query.zone, cut_before) if earlier else None,
            every=query.every,
            steps=_steps(cut, rows, channel),
            steps_before=_steps(cut_before, rows_before, channel) if earlier else [],
            by=query.by or "",
            groups=[
                GroupView(
                    value=each.value,
                    label=self.label(query.by, each.value),
                    metrics=each.metrics,
                    before=of_groups.get(each.value, figures(NOTHING, channel)) if earlier else None,
                )
                for each in groups
            ],
            heat=[
                HeatView(weekday=weekday, hour=hour, metrics=figures(tally, channel))
                for (weekday, hour), tally in heat(rows, zone).items()
            ],
        )

    async def whole(self, query: ReportQuery) -> Metrics:
        """The metrics of all together, alone."""
        cut = steps(query.first, query.last, ZoneInfo(query.zone), "day")
        rows = await self._store.parts(self._question(query, query.part), pieces(bounds_of(cut)))
        return figures(summed(rows), query.channel)

    @staticmethod
    def _question(query: ReportQuery, part: Part) -> PartQuestion:
        value = query.value if part == query.part and part != "all" else None
        return PartQuestion(query.channel, part, (query.site,) if query.site else None, value)

    async def _groups(self, query: ReportQuery, cut: Sequence[PeriodStep]) -> list[Figures]:
        """The whole, told apart. What is filtered by one part can be told apart by site alone."""
        if query.by is None:
            return []
        part: Part = query.part if query.by == "site" else query.by
        wanted = pieces([cut[0].begins, cut[-1].ends])
        rows = await self._store.parts(self._question(query, part), wanted)
        return ranked(by_value(rows, query.by), query.channel)

    def label(self, by: By | None, value: str) -> str:
        """What people call a value."""
        config = self._config()
        if value == "":
            return NONE_LABELS[by or "site"]
        if by == "site" and value in config.sites:
            return config.sites[value].label
        if by == "agent" and value in config.agents:
            return config.agents[value].label
        if by == "agent" and value in config.destinations:
            return config.destinations[value].label or value
        return value

    def choices(self) -> ReportChoices:
        """What a report may be asked for."""
        config = self._config()
        zones = {each.time_zone for each in config.hours.values() if each.time_zone} | {"UTC"}
        return ReportChoices(
            sites=[NamedChoice(value=name, label=site.label) for name, site in config.sites.items()],
            routes=[NamedChoice(value=name, label=name) for name in config.routes],
            queues=[NamedChoice(value=name, label=name) for name in config.queues],
            agents=[NamedChoice(value=name, label=each.label) for name, each in config.agents.items()],
            zones=sorted(zones),
            calls=[metric_view(metric) for metric in metrics_of("calls")],
            chats=[metric_view(metric) for metric in metrics_of("chats")],
            agent_time=[metric_view(metric) for metric in TIME_METRICS],
        )


def report_table(view: ReportView, table: Table) -> tuple[list[str], list[list[str | float | None]]]:
    """A part of a report as head and rows: what a screen has beside each chart, and a CSV file."""
    ids = [each.id for each in view.definitions]
    heads = [each.label for each in view.definitions]

    def numbers(metrics: Metrics) -> list[str | float | None]:
        return [metrics[name] for name in ids]

    match table:
        case "steps":
            return ["Begins", *heads], [[step.label, *numbers(step.metrics)] for step in view.steps]
        case "groups":
            head = (view.by or "value").capitalize()
            return [head, *heads], [[each.label, *numbers(each.metrics)] for each in view.groups]
        case "heat":
            rows = [[WEEKDAYS[each.weekday], each.hour, *numbers(each.metrics)] for each in view.heat]
            return ["Weekday", "Hour", *heads], rows


def metric_view(metric: Metric | TimeMetric) -> MetricView:
    """A metric with its definition."""
    return MetricView(
        id=metric.id,
        label=metric.label,
        definition=metric.definition,
        unit=metric.unit,
        better=metric.better,
    )


def earlier_days(compare: Compare, first: date, last: date) -> tuple[date, date] | None:
    """The period that one is compared with."""
    match compare:
        case "none":
            return None
        case "before":
            return before(first, last)
        case "year":  # 52 weeks: the same weekdays
            return first - timedelta(weeks=52), last - timedelta(weeks=52)


def bounds_of(cut: Sequence[PeriodStep]) -> list[int]:
    """Where stretches that follow one another begin, and where the last one ends."""
    return [cut[0].begins, *(step.ends for step in cut)]


def period_view(first: date, last: date, zone: str, cut: Sequence[PeriodStep]) -> PeriodView:
    """Whole days, cut into stretches."""
    return PeriodView(
        first=first.isoformat(), last=last.isoformat(), zone=zone, begins=cut[0].begins, ends=cut[-1].ends
    )


def _steps(cut: Sequence[PeriodStep], rows: Sequence[Row], channel: Channel) -> list[StepView]:
    return [
        StepView(begins=step.begins, ends=step.ends, label=step.label, metrics=figures(tally, channel))
        for step, tally in zip(cut, by_step(rows, cut), strict=True)
    ]
