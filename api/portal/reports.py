"""One function asks for the figures; a screen, a CSV file and a mail show what it tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from api.portal.part_filters import part_filters
from api.portal.period_params import wrong_parameter
from api.portal.report_models import (
    GroupView,
    HeatView,
    KeptNote,
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
from reports.parts import Channel, CountedUnder, Part
from reports.periods import Every, PeriodStep, Piece, before, pieces, steps
from reports.results import By, Row, by_step, by_value, figures, heat, ranked, summed
from reports.tally import NOTHING
from store.kept_talks import MOST_COUNTED, TooManyTalksError
from store.parts import PartQuestion
from store.reports import SqlReports
from store.talks import TalkQuestion

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
    #: A second part, with its value.
    also: Part = "all"
    also_value: str = ""

    @property
    def narrowed(self) -> dict[Part, str]:
        """The values of the parts that it is narrowed by."""
        wanted = ((self.part, self.value), (self.also, self.also_value))
        return {part: value for part, value in wanted if part != "all"}

    @property
    def kept(self) -> bool:
        """Whether counts, which have one part each, cannot tell it: calls that are kept are counted then."""
        others = {self.by, *self.narrowed} - {None, "site"}
        return bool(self.narrowed) and len(others) > 1


class PortalReports:
    """Makes reports. ``surroundings`` and ``now`` are for those of two parts, of calls that are kept."""

    def __init__(
        self,
        config: Callable[[], Config],
        store: SqlReports,
        surroundings: Callable[[Config], CountedUnder],
        now: Callable[[], float],
    ) -> None:
        self._config = config
        self._store = store
        self._surroundings = surroundings
        self._now = now

    async def report(self, query: ReportQuery) -> ReportView:
        """The figures. Sums over stretches, hours of the week and groups are the whole."""
        zone, channel = ZoneInfo(query.zone), query.channel
        cut = steps(query.first, query.last, zone, query.every)
        note = self._kept_note(query) if query.kept else None
        rows, of_groups = await self._read(query, cut, heat=True)
        groups = ranked(by_value(of_groups, query.by), channel) if query.by else []
        earlier = earlier_days(query.compare, query.first, query.last)
        cut_before = steps(*earlier, zone, query.every) if earlier else []
        if note and note.since is not None and cut_before and cut_before[0].begins < note.since:
            # What is not kept any more would look like a fall.
            earlier, cut_before = None, []
        rows_before, before_groups = await self._read(query, cut_before, heat=False) if earlier else ((), ())
        groups_before = {
            value: figures(tally, channel)
            for value, tally in (by_value(before_groups, query.by) if query.by else {}).items()
        }
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
                    before=groups_before.get(each.value, figures(NOTHING, channel)) if earlier else None,
                )
                for each in groups
            ],
            heat=[
                HeatView(weekday=weekday, hour=hour, metrics=figures(tally, channel))
                for (weekday, hour), tally in heat(rows, zone).items()
            ],
            kept=note,
        )

    async def whole(self, query: ReportQuery) -> Metrics:
        """The metrics of all together, alone."""
        cut = steps(query.first, query.last, ZoneInfo(query.zone), "day")
        rows, _ = await self._read(query, cut, heat=False)
        return figures(summed(rows), query.channel)

    async def _read(
        self, query: ReportQuery, cut: Sequence[PeriodStep], *, heat: bool
    ) -> tuple[Sequence[Row], Sequence[Row]]:
        """The rows of the whole, and those of the whole told apart."""
        if query.kept:
            return (rows := await self._kept(query, cut)), rows
        narrowed: Part = next(iter(query.narrowed), "all")
        # Hours of the week want rows of 15 minutes, which serve for the rest, too.
        whole = [Piece(BUCKET, cut[0].begins, cut[-1].ends)] if heat else pieces(bounds_of(cut))
        rows = await self._store.parts(self._question(query, narrowed), whole)
        if query.by is None:
            return rows, ()
        part: Part = narrowed if query.by == "site" else query.by
        wanted = pieces([cut[0].begins, cut[-1].ends])
        return rows, await self._store.parts(self._question(query, part), wanted)

    async def _kept(self, query: ReportQuery, cut: Sequence[PeriodStep]) -> Sequence[Row]:
        config = self._config()
        around = self._surroundings(config)
        question = TalkQuestion(
            query.channel,
            cut[0].begins,
            cut[-1].ends,
            query.site or None,
            part_filters(config, around, query.narrowed.items()),
        )
        try:
            return await self._store.kept(question, query.by, around)
        except TooManyTalksError:
            raise wrong_parameter(
                "first",
                f"of two parts {MOST_COUNTED:,} {query.channel} are counted at most: ask for fewer days, "
                "or for one part",
            ) from None

    def _kept_note(self, query: ReportQuery) -> KeptNote:
        """Since when what it is counted from is kept, by the settings."""
        sites = self._config().sites
        wanted = [sites[query.site]] if query.site in sites else list(sites.values())
        asked = {query.by, *query.narrowed}
        keeps = [
            keep
            for site in wanted
            for keep in (
                site.retention.calls if query.channel == "calls" else site.retention.chats,
                site.retention.visitors if "page" in asked and query.channel == "calls" else None,
                site.retention.pages if "rule" in asked else None,
            )
            if keep is not None
        ]
        return KeptNote(since=self._now() - min(keeps) if keeps else None, most=MOST_COUNTED)

    @staticmethod
    def _question(query: ReportQuery, part: Part) -> PartQuestion:
        value = query.narrowed.get(part)
        return PartQuestion(query.channel, part, (query.site,) if query.site else None, value)

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
