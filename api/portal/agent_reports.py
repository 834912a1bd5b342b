"""Reports of agents' time, in the form of those of calls and chats: so that one screen shows all three."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from api.portal.report_models import GroupView, HeatView, Metrics, ReportView, StepView
from api.portal.reports import Compare, bounds_of, earlier_days, metric_view, period_view
from config.models import Config
from config.sections.route import RingStep
from reports.agent_time import SILENT, pieces_of, times_of
from reports.counts import BUCKET
from reports.definitions import TIME_METRICS
from reports.parts import CountedUnder
from reports.periods import Every, PeriodStep, Piece, hour_of_week, pieces, steps
from store.agent_time import SqlAgentTime, SumBy, TimeRow

#: What agents' time may be told apart by.
TimeBy = Literal["agent", "queue"]


@dataclass(frozen=True, slots=True)
class TimeQuery:
    """What a report of agents' time is asked for, as its address has it; empty: all."""

    first: date
    last: date
    zone: str = "UTC"
    agent: str = ""
    queue: str = ""
    by: TimeBy | None = None
    every: Every = "day"
    compare: Compare = "none"


class AgentReports:
    """Makes reports of agents' time."""

    def __init__(
        self,
        config: Callable[[], Config],
        surroundings: Callable[[Config], CountedUnder],
        store: SqlAgentTime,
        now: Callable[[], float],
    ) -> None:
        self._config = config
        self._surroundings = surroundings
        self._store = store
        self._now = now

    async def report(self, query: TimeQuery) -> ReportView:
        """The figures. Sums over stretches, hours and agents are the whole; queues share agents."""
        zone = ZoneInfo(query.zone)
        cut = steps(query.first, query.last, zone, query.every)
        # Hours of the week want rows of 15 minutes, which serve for the stretches, too.
        rows = await self._rows(query, [Piece(BUCKET, cut[0].begins, cut[-1].ends)], "bucket")
        groups = await self._groups(query, cut)
        earlier = earlier_days(query.compare, query.first, query.last)
        cut_before = steps(*earlier, zone, query.every) if earlier else []
        rows_before = await self._rows(query, pieces(bounds_of(cut_before)), "bucket") if earlier else []
        of_before = await self._groups(query, cut_before) if earlier else {}
        return ReportView(
            channel="agents",
            definitions=[metric_view(metric) for metric in TIME_METRICS],
            period=period_view(query.first, query.last, query.zone, cut),
            total=_figures(rows),
            before=_figures(rows_before) if earlier else None,
            period_before=period_view(*earlier, query.zone, cut_before) if earlier else None,
            every=query.every,
            steps=_steps(cut, rows),
            steps_before=_steps(cut_before, rows_before) if earlier else [],
            by=query.by or "",
            groups=[
                GroupView(
                    value=value,
                    label=self.label(value) if query.by == "agent" else value,
                    metrics=_figures(of),
                    before=_figures(of_before.get(value, ())) if earlier else None,
                )
                for value, of in groups.items()
            ],
            heat=_heat(rows, zone),
        )

    async def whole(self, query: TimeQuery) -> Metrics:
        """The metrics of all together, alone."""
        cut = steps(query.first, query.last, ZoneInfo(query.zone), "day")
        return _figures(await self._rows(query, pieces(bounds_of(cut)), "bucket"))

    def label(self, agent: str) -> str:
        """What people call an agent."""
        agents = self._config().agents
        return agents[agent].label if agent in agents else agent

    async def _rows(self, query: TimeQuery, wanted: Sequence[Piece], by: SumBy) -> list[TimeRow]:
        """Of spans that ended, and of those that go on: until now, or until their server was last there."""
        agents = self._agents(query)
        rows = await self._store.times(wanted, agents, by)
        now = self._now()
        for span in await self._store.going(agents):
            ends = now if now - span.ends < SILENT else span.ends
            rows += [
                (bucket, span.agent, span.state, ms)
                for bucket, ms in pieces_of(span.begins, ends)
                if any(piece.begins <= bucket < piece.ends for piece in wanted)
            ]
        return rows

    async def _groups(self, query: TimeQuery, cut: Sequence[PeriodStep]) -> dict[str, list[TimeRow]]:
        if query.by is None:
            return {}
        found: defaultdict[str, list[TimeRow]] = defaultdict(list)
        for row in await self._rows(query, pieces([cut[0].begins, cut[-1].ends]), "agent"):
            found[row[1]].append(row)
        if query.by == "agent":
            return dict(sorted(found.items(), key=lambda each: self.label(each[0]).casefold()))
        queues = [query.queue] if query.queue else sorted(self._config().queues)
        of_queues = {
            queue: [row for agent in self._of_queue(queue) for row in found.get(agent, ())]
            for queue in queues
        }
        return {queue: rows for queue, rows in of_queues.items() if rows}

    def _agents(self, query: TimeQuery) -> Collection[str] | None:
        """Whose time it is of; None for everybody's."""
        wanted = self._of_queue(query.queue) if query.queue else None
        if query.agent:
            return {query.agent} if wanted is None else wanted & {query.agent}
        return wanted

    def _of_queue(self, queue: str) -> set[str]:
        """The agents whom the routes of a queue ring, by the settings in force."""
        config = self._config()
        around = self._surroundings(config)
        return {
            agent
            for name in config.routes
            if around.queue_of(name) == queue
            for step in _steps_of(config, name)
            for destination in step.destinations
            if (agent := around.agent_of(destination)) in config.agents
        }


def _steps_of(config: Config, name: str) -> Sequence[RingStep]:
    """The steps of a route: its own, or those of the route whose branch it is."""
    while config.routes[name].steps is None:
        parent = next((each for each, route in config.routes.items() if name in route.branches), None)
        if parent is None:
            return ()
        name = parent
    return config.routes[name].steps or ()


def _figures(rows: Iterable[TimeRow]) -> Metrics:
    """Every metric of these."""
    times = times_of((state, ms) for _, _, state, ms in rows)
    found: Metrics = {}
    for metric in TIME_METRICS:
        value = metric.of(times)
        found[metric.id] = value if value is None else round(value, 4)
    return found


def _steps(cut: Sequence[PeriodStep], rows: Iterable[TimeRow]) -> list[StepView]:
    bounds, found = [step.begins for step in cut], [list[TimeRow]() for _ in cut]
    for row in rows:
        found[max(0, bisect_right(bounds, row[0]) - 1)].append(row)
    return [
        StepView(begins=step.begins, ends=step.ends, label=step.label, metrics=_figures(of))
        for step, of in zip(cut, found, strict=True)
    ]


def _heat(rows: Iterable[TimeRow], zone: ZoneInfo) -> list[HeatView]:
    hours: dict[int, tuple[int, int]] = {}
    found: defaultdict[tuple[int, int], list[TimeRow]] = defaultdict(list)
    for row in rows:
        if (hour := hours.get(row[0])) is None:
            hour = hours[row[0]] = hour_of_week(row[0], zone)
        found[hour].append(row)
    return [
        HeatView(weekday=weekday, hour=hour, metrics=_figures(of))
        for (weekday, hour), of in sorted(found.items())
    ]
