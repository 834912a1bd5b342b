"""What agents did and when, on disk: spans, and their lengths by buckets of 15 minutes and days of UTC.

A span is added to the buckets in the transaction that ends it, and only there: so it is counted once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, func, select, text

from reports.agent_time import LONGEST, SILENT, AgentSpan, pieces_of
from reports.counts import BUCKET
from reports.periods import DAY, Piece
from store.database import Database
from store.tables import agent_spans, agent_time

_SPANS, _TIME = agent_spans, agent_time
#: By what lengths are added up: the agents of a bucket, or the buckets of an agent.
SumBy = Literal["bucket", "agent"]
#: When a bucket begins, an agent, what they did, and for how many milliseconds: of all agents together the
#: agent is empty, of all buckets the bucket 0.
TimeRow = tuple[int, str, str, int]


@dataclass(frozen=True, slots=True)
class SpanQuestion:
    """Spans that were within ``since`` <= t < ``until``, in epoch seconds; None: of all."""

    since: float
    until: float
    agents: Collection[str] | None = None
    states: Collection[str] | None = None


class SqlAgentTime:
    """Agents' time in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, spans: Sequence[AgentSpan]) -> None:
        """Keep spans that began, go on or ended; one that has ended stays as it is."""
        await self._database.write(_note, spans)

    async def close_left(self, now: float, *, starts: bool = False) -> int:
        """End the spans of servers that are gone, when each last said that they go on; how many they were.

        A server that starts alone on the database ends all that are open: it has none yet.
        """
        everything = starts and self._database.is_alone
        return await self._database.write(_close_left, float("inf") if everything else now - SILENT)

    async def times(
        self, wanted: Sequence[Piece], agents: Collection[str] | None = None, by: SumBy = "bucket"
    ) -> list[TimeRow]:
        """How long agents did what in these stretches, of spans that have ended; added up by one thing."""
        return await self._database.read(_times, wanted, agents, by)

    async def going(self, agents: Collection[str] | None = None) -> list[AgentSpan]:
        """The spans that go on; until when they were last known to."""
        return await self._database.read(_going, agents)

    async def spans(
        self, question: SpanQuestion, limit: int, after: tuple[float, str] | None
    ) -> list[AgentSpan]:
        """The newest first; ``after`` is the beginning and the agent of the last one before."""
        return await self._database.read(_spans, question, limit, after)


def _note(connection: Connection, spans: Sequence[AgentSpan]) -> None:
    known = {
        (row.agent, row.begins): row.open
        for row in connection.execute(
            select(_SPANS.c.agent, _SPANS.c.begins, _SPANS.c.open).where(
                _SPANS.c.agent.in_({span.agent for span in spans}),
                _SPANS.c.begins >= min(span.begins for span in spans),
            )
        )
    } if spans else {}  # fmt: skip
    fresh = [span for span in spans if known.get((span.agent, span.begins), 1)]
    if not fresh:
        return
    rows = [span._asdict() | {"open": int(span.open)} for span in fresh]
    connection.execute(_UPSERT, rows)
    _count(connection, [span for span in fresh if not span.open])


_UPSERT = text(
    "INSERT INTO agent_spans (agent, begins, state, ends, open) "
    "VALUES (:agent, :begins, :state, :ends, :open) ON CONFLICT (agent, begins) "
    "DO UPDATE SET state = excluded.state, ends = excluded.ends, open = excluded.open"
)
_ADD = text(
    "INSERT INTO agent_time (span, bucket, agent, state, ms) VALUES (:span, :bucket, :agent, :state, :ms) "
    "ON CONFLICT (span, bucket, agent, state) DO UPDATE SET ms = agent_time.ms + excluded.ms"
)


def _count(connection: Connection, spans: Iterable[AgentSpan]) -> None:
    added: defaultdict[tuple[int, int, str, str], int] = defaultdict(int)
    for span in spans:
        for length in (BUCKET, DAY):
            for bucket, ms in pieces_of(span.begins, span.ends, length):
                added[length, bucket, span.agent, span.state] += ms
    rows = [
        {"span": length, "bucket": bucket, "agent": agent, "state": state, "ms": ms}
        for (length, bucket, agent, state), ms in added.items()
    ]
    if rows:
        connection.execute(_ADD, rows)


def _close_left(connection: Connection, before: float) -> int:
    left = [span for span in _going(connection, None) if span.ends < before]
    _note(connection, [span._replace(open=False) for span in left])
    return len(left)


def _times(
    connection: Connection, wanted: Sequence[Piece], agents: Collection[str] | None, by: SumBy
) -> list[TimeRow]:
    found: list[TimeRow] = []
    for piece in wanted:
        # As plain text: what SQLAlchemy does for each column of each row takes longer than all the rest.
        statement = text(_READ[by].format("" if agents is None else "AND agent IN :agents"))
        values: dict[str, Any] = {"span": piece.span, "begins": piece.begins, "ends": piece.ends}
        if agents is not None:
            statement = statement.bindparams(bindparam("agents", expanding=True, type_=_TIME.c.agent.type))
            values["agents"] = list(agents)
        found += [(row[0], row[1], row[2], int(row[3])) for row in connection.execute(statement, values)]
    return found


_WITHIN = "FROM agent_time WHERE span = :span AND bucket >= :begins AND bucket < :ends {} GROUP BY "
_READ: Mapping[SumBy, str] = {
    "bucket": f"SELECT bucket, '', state, SUM(ms) {_WITHIN} bucket, state",
    "agent": f"SELECT 0, agent, state, SUM(ms) {_WITHIN} agent, state",
}


def _going(connection: Connection, agents: Collection[str] | None) -> list[AgentSpan]:
    statement = select(_SPANS).where(_SPANS.c.open == 1)
    if agents is not None:
        statement = statement.where(_SPANS.c.agent.in_(agents))
    return [_span(row) for row in connection.execute(statement)]


def _spans(
    connection: Connection, question: SpanQuestion, limit: int, after: tuple[float, str] | None
) -> list[AgentSpan]:
    at = _SPANS.c.begins
    statement = select(_SPANS).where(
        # No span is longer, so that those which began before are found by the index, too.
        at >= question.since - LONGEST - BUCKET,
        at < question.until,
        _SPANS.c.ends > question.since,
    )
    if question.agents is not None:
        statement = statement.where(_SPANS.c.agent.in_(question.agents))
    if question.states is not None:
        statement = statement.where(_SPANS.c.state.in_(question.states))
    if after is not None:
        began, agent = after
        statement = statement.where((at < began) | ((at == began) & (_SPANS.c.agent < agent)))
    statement = statement.order_by(at.desc(), _SPANS.c.agent.desc()).limit(limit)
    return [_span(row) for row in connection.execute(statement)]


def _span(row: Any) -> AgentSpan:
    return AgentSpan(row.agent, row.state, row.begins, row.ends, bool(row.open))


def forget_agent(connection: Connection, agent: str) -> None:
    """Delete what is kept of an agent's time."""
    connection.execute(delete(_TIME).where(_TIME.c.agent == agent))
    connection.execute(delete(_SPANS).where(_SPANS.c.agent == agent))


# --- retention ----------------------------------------------------------------------------------------------


def count_agent_time(connection: Connection, before: float) -> int:
    """How many spans ended before."""
    old = select(func.count()).where(_SPANS.c.ends < before, _SPANS.c.open == 0)
    return connection.scalar(old) or 0


def forget_agent_time(connection: Connection, before: float, limit: int) -> int:
    """Delete spans that ended before, at most so many; with the last of them what was counted of them."""
    old = (
        select(_SPANS.c.agent, _SPANS.c.begins)
        .where(_SPANS.c.begins < before, _SPANS.c.ends < before, _SPANS.c.open == 0)
        .order_by(_SPANS.c.begins)
        .limit(limit)
    )
    keys = [{"of_agent": agent, "of_begins": begins} for agent, begins in connection.execute(old)]
    if keys:
        connection.execute(_FORGET, keys)
    if len(keys) < limit:
        connection.execute(delete(_TIME).where(_TIME.c.bucket + _TIME.c.span <= before))
    return len(keys)


_FORGET = delete(_SPANS).where(
    _SPANS.c.agent == bindparam("of_agent"), _SPANS.c.begins == bindparam("of_begins")
)
