"""What agents did, as spans of time: noted when it changes, told by buckets of 15 minutes, UTC. Pure.

Whoever is offline has no span. Lengths are whole milliseconds, so that those of parts add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from reports.counts import BUCKET

#: What an agent who is there does. ``on_chat``: has a chat, and no call and no wrap-up.
Doing = Literal["available", "ringing", "on_call", "on_chat", "wrap_up", "away"]
DOINGS: tuple[Doing, ...] = get_args(Doing)
#: What is work on a call or chat.
HANDLING: tuple[Doing, ...] = ("on_call", "on_chat", "wrap_up")

#: What lasted less than so many seconds is told as part of what followed.
SHORTEST = 1.0
#: A span is cut after so many seconds: whoever looks for those of a moment need not look further back.
LONGEST = 6 * 3600.0
#: An open span is said to go on so often, in seconds: after a crash it ended at the last of these.
BEAT_EVERY = 60.0
#: Who has not said so for that long is gone.
SILENT = 3 * BEAT_EVERY
#: Spans that wait to be written, at most: the oldest beyond are lost.
MOST_WAITING = 20_000


class AgentSpan(NamedTuple):
    """What an agent did from when until when, in seconds since the epoch; an open span goes on."""

    agent: str
    state: str
    begins: float
    ends: float
    open: bool = False


def doing(state: str, *, has_chat: bool) -> Doing | None:
    """What an agent in this state does; None for one who is not there.

    A chat that waits while a call rings or is wrapped up changes nothing; one beside ``away`` is work.
    """
    if has_chat and state in ("available", "ringing", "away"):
        return "on_chat"
    return next((each for each in DOINGS if each == state), None)


def pieces_of(begins: float, ends: float, span: int = BUCKET) -> Iterator[tuple[int, int]]:
    """The buckets that a stretch of time is in, each with how many milliseconds of it."""
    first, last = round(begins * 1000), round(ends * 1000)
    step = span * 1000
    while first < last:
        bucket = first // step
        until = min(last, (bucket + 1) * step)
        yield bucket * span, until - first
        first = until


@dataclass(slots=True)
class _Going:
    state: Doing
    begins: float
    #: Whether it is on disk already.
    written: bool = False


@dataclass(slots=True)
class SpanBook:
    """Who does what since when. Times come in; spans to be written come out.

    A clock that is set back makes no span shorter than nothing, and no two of an agent overlap.
    """

    _going: dict[str, _Going] = field(default_factory=dict)
    _ended: list[AgentSpan] = field(default_factory=list)
    #: Until when the last span of each agent was.
    _last: dict[str, float] = field(default_factory=dict)

    def change(self, agent: str, state: Doing | None, now: float) -> None:
        """An agent does something else; None: they are not there any more."""
        going = self._going.get(agent)
        if (going.state if going else None) == state:
            return
        if going is not None and not going.written and now - going.begins < SHORTEST:
            if state is None:
                del self._going[agent]
            else:
                going.state = state
            return
        if going is not None:
            self._end(agent, going, now)
            if self._last[agent] == going.begins:  # the clock was set back: no two spans begin together
                self._last[agent] += 0.001
        if state is not None:
            self._going[agent] = _Going(state, max(now, self._last.get(agent, now)))

    def close(self, now: float) -> None:
        """Nobody does anything any more."""
        for agent in list(self._going):
            self.change(agent, None, now)

    def written(self, now: float, *, all_open: bool) -> list[AgentSpan]:
        """What is to be written now: spans that ended, and those that go on and are not on disk.

        With ``all_open`` those that are on disk, too: they are known to last until now.
        """
        for agent, going in list(self._going.items()):
            if now - going.begins >= LONGEST:
                self._end(agent, going, now)
                self._going[agent] = _Going(going.state, now)
        spans, self._ended = self._ended, []
        for agent, going in self._going.items():
            if now - going.begins >= SHORTEST and (all_open or not going.written):
                going.written = True
                spans.append(AgentSpan(agent, going.state, going.begins, now, open=True))
        return spans

    def again(self, spans: Iterable[AgentSpan]) -> None:
        """These could not be written: they are told again."""
        for span in spans:
            going = self._going.get(span.agent)
            if not span.open:
                self._ended.append(span)
            elif going is not None and going.begins == span.begins:
                going.written = False
        del self._ended[:-MOST_WAITING]

    def _end(self, agent: str, going: _Going, now: float) -> None:
        ends = max(going.begins, now)
        del self._going[agent]
        self._ended.append(AgentSpan(agent, going.state, going.begins, ends))
        self._last[agent] = ends


@dataclass(frozen=True, slots=True)
class StateTimes:
    """How long some agents together did what, in milliseconds by what they did."""

    ms: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, state: Doing) -> float:
        """In seconds."""
        return self.ms.get(state, 0) / 1000

    def __add__(self, other: StateTimes) -> StateTimes:
        return StateTimes({each: self.ms.get(each, 0) + other.ms.get(each, 0) for each in DOINGS})

    @property
    def handling(self) -> float:
        """Seconds of work on calls and chats."""
        return sum(self[each] for each in HANDLING)

    @property
    def logged_in(self) -> float:
        """Seconds in which they were there."""
        return sum(self[each] for each in DOINGS)


def times_of(rows: Iterable[tuple[str, int]]) -> StateTimes:
    """Of states, each with its milliseconds."""
    found: dict[str, int] = {}
    for state, ms in rows:
        found[state] = found.get(state, 0) + ms
    return StateTimes(found)
