"""What is too old, found and taken out: in pieces, each read and written in transactions of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Select, Table, delete, func, literal, select, tuple_, union_all, update

from bridge.callback import CallbackState
from store.agent_time import count_agent_time, forget_agent_time
from store.changes import count_changes, forget_changes
from store.database import Database
from store.leads import delete_leads
from store.people import ERASED, nobody
from store.portal import count_audit, forget_audit
from store.questions import count_questions, forget_questions
from store.tables import (
    callbacks,
    calls,
    chat_agents,
    chat_entries,
    chats,
    deliveries,
    leads,
    legs,
    messages,
    recordings,
    wrap_ups,
)
from store.views import delete_steps
from store.visit_retention import VISIT_KINDS, VisitKind, count_visits, forget_visits

Kind = (
    Literal[
        "calls",
        "visitors",
        "callbacks",
        "chats",
        "transcripts",
        "leads",
        "questions",
        "audit",
        "changes",
        "agent_time",
    ]
    | VisitKind
)
#: Something that was said in the chat is still there.
_SAID = chats.c.id.in_(select(chat_entries.c.chat_id))
_OPEN = [CallbackState.BOOKED.value, CallbackState.DIALLING.value]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of rows of one site, or of none (an empty one), and before when they are too old."""

    kind: Kind
    site: str
    before: float


@dataclass(frozen=True, slots=True)
class Expired:
    """Rows, or files, of one kind that are too old; without a site where they are of none."""

    site: str
    kind: str
    before: float
    count: int


class SqlRetention:
    """What is too old in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, rule: Rule) -> int:
        """How many rows would go."""
        if rule.kind == "questions":
            return await self._database.read(count_questions, rule.site, rule.before)
        if rule.kind == "audit":
            return await self._database.read(count_audit, rule.before)
        if rule.kind == "changes":
            return await self._database.read(count_changes, rule.before)
        if rule.kind == "agent_time":
            return await self._database.read(count_agent_time, rule.before)
        if rule.kind in VISIT_KINDS:
            return await self._database.read(count_visits, rule.kind, rule.site, rule.before)
        return await self._database.read(_count, rule)

    async def count_deliveries(self, before: float) -> int:
        """How many deliveries are done with and older."""
        return await self._database.read(_count_deliveries, before)

    async def sweep(
        self, rule: Rule, after: tuple[float, str], limit: int
    ) -> tuple[tuple[float, str] | None, int]:
        """Take out a piece: the rows behind ``after``, the oldest first, of which ``limit`` are looked at.

        Where the next piece begins, None at the end, and how many rows went. Questions are few, and go in
        one piece.
        """
        if rule.kind == "questions":
            return None, await self._database.write(forget_questions, rule.site, rule.before)
        if rule.kind == "audit":
            return None, await self._database.write(forget_audit, rule.before)
        if rule.kind == "changes":
            return None, await self._database.write(forget_changes, rule.before)
        if rule.kind == "agent_time":
            gone = await self._database.write(forget_agent_time, rule.before, limit)
            return (after if gone == limit else None), gone
        if rule.kind in VISIT_KINDS:
            gone = await self._database.write(forget_visits, rule.kind, rule.site, rule.before, limit)
            return (after if gone == limit else None), gone
        rows = await self._database.read(_piece, rule, after, limit)
        ids = [row["id"] for row in rows if rule.kind != "visitors" or row["client_ip"] != ERASED]
        if ids:
            await self._database.write(_TAKE_OUT[rule.kind], ids)
        if len(rows) < limit:
            return None, len(ids)
        return (rows[-1]["at"], rows[-1]["id"]), len(ids)

    async def paths(self) -> frozenset[str]:
        """The files of all messages and recordings."""
        return await self._database.read(_paths)


def _too_old(rule: Rule, *columns: Any) -> Select[Any]:
    if rule.kind == "callbacks":
        return select(*columns).where(
            callbacks.c.site == rule.site, callbacks.c.due_at < rule.before, callbacks.c.state.not_in(_OPEN)
        )
    if rule.kind == "chats":
        return select(*columns).where(
            chats.c.site == rule.site, chats.c.asked_at < rule.before, chats.c.ended_at.is_not(None)
        )
    if rule.kind == "transcripts":
        return select(*columns).where(chats.c.site == rule.site, chats.c.ended_at < rule.before, _SAID)
    if rule.kind == "leads":
        return select(*columns).where(leads.c.site == rule.site, leads.c.closed_at < rule.before)
    return select(*columns).where(
        calls.c.site == rule.site, calls.c.requested_at < rule.before, calls.c.ended_at.is_not(None)
    )


def _at(rule: Rule) -> tuple[Table, Any]:
    return {
        "callbacks": (callbacks, callbacks.c.due_at),
        "chats": (chats, chats.c.asked_at),
        "transcripts": (chats, chats.c.ended_at),
        "leads": (leads, leads.c.closed_at),
    }.get(rule.kind, (calls, calls.c.requested_at))


def _count(connection: Connection, rule: Rule) -> int:
    statement = _too_old(rule, func.count())
    if rule.kind == "visitors":
        statement = statement.where(calls.c.client_ip != ERASED)
    return connection.scalar(statement) or 0


def _count_deliveries(connection: Connection, before: float) -> int:
    old = select(func.count()).where(deliveries.c.next_at.is_(None), deliveries.c.created_at < before)
    return connection.scalar(old) or 0


def _piece(
    connection: Connection, rule: Rule, after: tuple[float, str], limit: int
) -> Sequence[Mapping[str, Any]]:
    table, at = _at(rule)
    address = table.c.client_ip if "client_ip" in table.c else literal("").label("client_ip")
    statement = _too_old(rule, table.c.id, at.label("at"), address)
    statement = statement.where(tuple_(at, table.c.id) > after).order_by(at, table.c.id).limit(limit)
    return [dict(row._mapping) for row in connection.execute(statement)]


def _paths(connection: Connection) -> frozenset[str]:
    return frozenset(connection.scalars(union_all(select(messages.c.path), select(recordings.c.path))))


def _delete_calls(connection: Connection, ids: Sequence[str]) -> None:
    connection.execute(delete(calls).where(calls.c.id.in_(ids)))  # legs and notes go with them
    delete_steps(connection, "calls", ids)


def _delete_callbacks(connection: Connection, ids: Sequence[str]) -> None:
    connection.execute(delete(callbacks).where(callbacks.c.id.in_(ids)))


def _delete_chats(connection: Connection, ids: Sequence[str]) -> None:
    connection.execute(delete(chats).where(chats.c.id.in_(ids)))  # what was said in them goes with them
    delete_steps(connection, "chats", ids)


def _delete_entries(connection: Connection, ids: Sequence[str]) -> None:
    connection.execute(delete(chat_entries).where(chat_entries.c.chat_id.in_(ids)))
    connection.execute(update(chat_agents).where(chat_agents.c.chat_id.in_(ids)).values(note=None))
    connection.execute(update(chats).where(chats.c.id.in_(ids)).values(rating_text=None))


def _blank(connection: Connection, ids: Sequence[str]) -> None:
    connection.execute(update(wrap_ups).where(wrap_ups.c.call_id.in_(ids)).values(note=None))
    connection.execute(
        update(legs)
        .where(legs.c.call_id.in_(ids), legs.c.role == "shopper")
        .values(uri=ERASED, sip_call_id=None)
    )
    connection.execute(
        update(calls)
        .where(calls.c.id.in_(ids))
        .values(**nobody(), client_net56=None, client_net48=None, visitor=None)
    )


_TAKE_OUT = {
    "calls": _delete_calls,
    "visitors": _blank,
    "callbacks": _delete_callbacks,
    "chats": _delete_chats,
    "transcripts": _delete_entries,
    "leads": delete_leads,
}
