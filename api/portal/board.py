"""The wallboard's figures, once a second while somebody looks, and told to all who do."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

import structlog

from api.portal.agent_reports import AgentReports, TimeQuery
from api.portal.reports import PortalReports, ReportQuery
from api.portal.wallboard_models import (
    Board,
    BoardAgent,
    BoardChanges,
    BoardLeads,
    BoardQueue,
    BoardSnapshot,
    BoardTalks,
    BoardToday,
)
from bridge.progress import CallProgress
from bridge.protocols import Clock
from config.models import Config
from cti.agents import Agents
from reports.parts import CountedUnder
from reports.periods import today
from reports.recent import RecentTalk, recent
from routing.directory import AgentState
from store.errors import StoreError

log = structlog.get_logger(__name__)

#: Seconds between two looks: at what is in memory, at the last hour's calls, and at today's counts.
EVERY, RECENT_EVERY, TODAY_EVERY = 1.0, 5.0, 15.0
#: Messages that may wait for a slow page: beyond, it gets a snapshot instead.
MOST_WAITING = 5
PARTS = ("agents", "states", "queues", "talks", "leads", "today", "unread_since")


class QueueStands(Protocol):
    """How a queue stands."""

    @property
    def waiting(self) -> int:
        """How many wait."""

    @property
    def longest_wait(self) -> float:
        """The longest of them, in seconds."""

    @property
    def expected_wait(self) -> float:
        """For somebody who came now."""


class BoardViewer:
    """One page that looks."""

    def __init__(self, *, kiosk: bool) -> None:
        self.kiosk = kiosk
        self._texts: deque[str] = deque()
        self._awake = asyncio.Event()

    def put(self, text: str, snapshot: Callable[[], str]) -> None:
        """Send a message; a page that is too slow gets a snapshot in place of all that waits."""
        if len(self._texts) >= MOST_WAITING:
            self._texts.clear()
            text = snapshot()
        self._texts.append(text)
        self._awake.set()

    async def next(self) -> str:
        """What is next, waiting for it."""
        while not self._texts:
            self._awake.clear()
            await self._awake.wait()
        return self._texts.popleft()


@dataclass(slots=True)
class _Told:
    """What pages of one kind have been told last."""

    board: Board | None = None
    sequence: int = 0


@dataclass(slots=True)
class _Read:
    """What was read from the database, and when."""

    #: Of the last hour, by queue.
    recent: Mapping[str, Sequence[RecentTalk]] = field(default_factory=dict)
    recent_at: float = float("-inf")
    leads: BoardLeads | None = None
    today: BoardToday = field(default_factory=lambda: BoardToday(zone="UTC", calls={}, chats={}, agents={}))
    today_at: float = float("-inf")
    #: When reading first failed, unless it went well since.
    failed_at: float | None = None


class WallboardFeed:
    """Works while somebody looks, and costs nothing else."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        agents: Agents,
        queues: Callable[[], Mapping[str, QueueStands]],
        calls: Callable[[], Sequence[CallProgress]],
        chats: Callable[[], int],
        recent_talks: Callable[[float], Awaitable[Sequence[RecentTalk]]],
        surroundings: Callable[[Config], CountedUnder],
        reports: PortalReports,
        agent_reports: AgentReports,
        leads: Callable[[], BoardLeads | None],
    ) -> None:
        self._config = config
        self._clock = clock
        self._agents = agents
        self._queues = queues
        self._calls = calls
        self._chats = chats
        self._recent_talks = recent_talks
        self._surroundings = surroundings
        self._reports = reports
        self._agent_reports = agent_reports
        self._leads = leads
        self._since: dict[str, float] = {}
        self._viewers: set[BoardViewer] = set()
        self._told = {False: _Told(), True: _Told()}
        self._read = _Read()
        #: Whoever comes while it is read waits for it.
        self._reading = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        agents.watch(self._state_changed)

    def _state_changed(self, agent: str, state: AgentState) -> None:
        self._since[agent] = self._clock.time()

    async def enter(self, viewer: BoardViewer) -> None:
        """Tell a page from now on, first all of it."""
        await self._read_again()
        told = self._told[viewer.kiosk]
        if told.board is None or not self._viewers:
            told.board = _shown(self._board(), kiosk=viewer.kiosk)
        viewer.put(self._snapshot(viewer.kiosk), str)
        self._viewers.add(viewer)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="wallboard")

    def leave(self, viewer: BoardViewer) -> None:
        """Tell a page no more."""
        self._viewers.discard(viewer)

    def again(self, viewer: BoardViewer) -> None:
        """Send all of it again, to a page that has missed something."""
        viewer.put(self._snapshot(viewer.kiosk), lambda: self._snapshot(viewer.kiosk))

    async def _look(self) -> None:
        while self._viewers:
            await asyncio.sleep(EVERY)
            await self._read_again()
            board = self._board()
            for kiosk in {viewer.kiosk for viewer in self._viewers}:
                self._tell(kiosk, board)
        for told in self._told.values():
            told.board = None

    def _tell(self, kiosk: bool, whole: Board) -> None:
        told, board = self._told[kiosk], _shown(whole, kiosk=kiosk)
        before = told.board
        changed = {
            part: getattr(board, part)
            for part in PARTS
            if before is None or getattr(board, part) != getattr(before, part)
        }
        told.board = board
        told.sequence += 1
        changes = BoardChanges(type="changes", sequence=told.sequence, now=self._clock.time(), **changed)
        text = changes.model_dump_json(exclude_unset=True)
        for viewer in self._viewers:
            if viewer.kiosk is kiosk:
                viewer.put(text, lambda: self._snapshot(kiosk))

    def _snapshot(self, kiosk: bool) -> str:
        told = self._told[kiosk]
        board = told.board or _shown(self._board(), kiosk=kiosk)
        return BoardSnapshot(sequence=told.sequence, now=self._clock.time(), board=board).model_dump_json()

    def _board(self) -> Board:
        """All of it, once for all pages."""
        config, now = self._config(), self._clock.time()
        states = self._agents.states(config.agents)
        agents = [
            BoardAgent(
                name=name,
                label=agent.label,
                state=states[name],
                since=self._since.get(name),
                chats=len(self._agents.chats(name)),
            )
            for name, agent in config.agents.items()
        ]
        return Board(
            agents=agents,
            states=dict(sorted(Counter(states.values()).items())),
            queues=self._queue_rows(config, now),
            talks=BoardTalks(
                calls=dict(sorted(Counter(str(call.state) for call in self._calls()).items())),
                chats=self._chats(),
            ),
            leads=self._read.leads,
            today=self._read.today,
            unread_since=self._read.failed_at,
        )

    def _queue_rows(self, config: Config, now: float) -> list[BoardQueue]:
        standing, around = self._queues(), self._surroundings(config)
        limits, rows = config.portal.wallboard, []
        for name in config.queues:
            talks = self._read.recent.get(name, ())
            in_time, stands = around.in_time(name), standing.get(name)
            quarter = recent(talks, in_time, now, 15).service_level
            hour = recent(talks, in_time, now, 60).service_level
            waiting = stands.waiting if stands else 0
            longest = stands.longest_wait if stands else 0.0
            breaches: list[Literal["waiting", "longest_wait", "service_level"]] = []
            if waiting >= limits.waiting:
                breaches.append("waiting")
            if longest >= limits.longest_wait:
                breaches.append("longest_wait")
            if hour is not None and hour < limits.service_level:
                breaches.append("service_level")
            rows.append(
                BoardQueue(
                    name=name,
                    waiting=waiting,
                    longest=round(longest),
                    expected=round(stands.expected_wait) if stands else 0.0,
                    level_15=quarter,
                    level_60=hour,
                    breaches=breaches,
                )
            )
        return rows

    async def _read_again(self) -> None:
        async with self._reading:
            await self._read_what_is_old()

    async def _read_what_is_old(self) -> None:
        read, now = self._read, self._clock.time()
        try:
            if now - read.recent_at >= RECENT_EVERY:
                read.recent_at = now
                read.recent = self._by_queue(await self._recent_talks(now - 3600))
                read.leads = self._leads()
            if now - read.today_at >= TODAY_EVERY:
                read.today_at = now
                read.today = await self._today(now)
        except StoreError as error:
            log.warning("wallboard_not_read", error=str(error))
            read.failed_at = read.failed_at or now
        else:
            # Until each has been read again, what failed may still be old.
            if read.failed_at is not None and min(read.recent_at, read.today_at) > read.failed_at:
                read.failed_at = None

    def _by_queue(self, talks: Sequence[RecentTalk]) -> Mapping[str, Sequence[RecentTalk]]:
        around = self._surroundings(self._config())
        found: defaultdict[str, list[RecentTalk]] = defaultdict(list)
        for talk in talks:
            found[around.queue_of(talk.route) if talk.queue is None else talk.queue].append(talk)
        return found

    async def _today(self, now: float) -> BoardToday:
        zone = self._config().portal.time_zone
        day: date = today(now, zone)
        calls = await self._reports.whole(ReportQuery("calls", day, day, zone))
        chats = await self._reports.whole(ReportQuery("chats", day, day, zone))
        agents = await self._agent_reports.whole(TimeQuery(day, day, zone))
        return BoardToday(zone=zone, calls=calls, chats=chats, agents=agents)


def _shown(board: Board, *, kiosk: bool) -> Board:
    """What a page may see: a screen on a wall shows no names."""
    if not kiosk:
        return board
    # Numbers of a small team are numbers of people.
    today = board.today.model_copy(update={"agents": {}})
    return board.model_copy(update={"agents": [], "today": today})
