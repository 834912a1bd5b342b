"""Calls and chats behind a number of a report, and all that belongs to one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, or_, select, tuple_

from bridge.causes import Disposition
from bridge.cdr import CallRecord
from reports.parts import LONGEST_PAGE, MOST_STEPS_OF_PAGE, Channel, CountedChat, Part
from reports.recent import RecentTalk
from store import reads
from store.database import Database
from store.paging import Cursor
from store.parts import CHAT_COLUMNS, rules_of
from store.tables import (
    callbacks,
    calls,
    chats,
    conversions,
    lead_contacts,
    leads,
    legs,
    messages,
    offers,
    promises_kept,
    recordings,
)
from store.views import steps_of

#: Rows that are looked at for one page at most: what is behind them comes with the next one.
MOST_LOOKED_AT = 5000
_PIECE = 500
#: Contacts and promises of a lead that a story tells at most.
MOST_CONTACTS = 100


class PartFilter(NamedTuple):
    """Calls or chats that belong to a value of a part."""

    part: Part
    value: str
    #: What may belong to the value, so that few rows are read: routes, or destinations. None: unknown.
    among: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class TalkQuestion:
    """Which calls or chats; ``since`` <= requested < ``until``, in epoch seconds."""

    channel: Channel
    since: float
    until: float
    site: str | None = None
    parts: tuple[PartFilter, ...] = ()
    #: Those that were in progress at this moment alone, in epoch seconds.
    during: float | None = None


@dataclass(frozen=True, slots=True)
class FoundTalk:
    """A call or a chat with the rule that it came of."""

    talk: CallRecord | CountedChat
    rule: str


@dataclass(frozen=True, slots=True)
class TalkPage:
    """Some of them, the newest first; ``next`` is None on the last page."""

    talks: tuple[FoundTalk, ...]
    next: Cursor | None


#: Whether a call or a chat is one of those that are asked for.
Fits = Callable[[FoundTalk], bool]


@dataclass(frozen=True, slots=True)
class TalkStory:
    """Everything that is kept around one call or chat, each as a row of its table."""

    found: FoundTalk
    offer: Mapping[str, Any] | None
    chat: Mapping[str, Any] | None
    call: CallRecord | None
    messages: tuple[Mapping[str, Any], ...]
    recordings: tuple[Mapping[str, Any], ...]
    callbacks: tuple[Mapping[str, Any], ...]
    orders: tuple[Mapping[str, Any], ...]
    #: What was agreed and done in shared views.
    views: tuple[Mapping[str, Any], ...]
    #: The lead that this call or chat is a contact of, with all of its contacts and promises.
    lead: Mapping[str, Any] | None = None
    contacts: tuple[Mapping[str, Any], ...] = ()
    promises: tuple[Mapping[str, Any], ...] = ()


class SqlTalks:
    """Calls and chats in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, question: TalkQuestion, fits: Fits, limit: int, after: Cursor | None) -> TalkPage:
        """One page of them."""
        return await self._database.read(_page, question, fits, limit, after)

    async def recent(self, since: float) -> Sequence[RecentTalk]:
        """The calls and chats that were asked for since then, live ones included."""
        return await self._database.read(_recent, since)

    async def story(self, channel: Channel, talk_id: str) -> TalkStory | None:
        """All around one; None where there is none, or it has not ended."""
        return await self._database.read(_story, channel, talk_id)


def _recent(connection: Connection, since: float) -> list[RecentTalk]:
    wanted = select(
        calls.c.route, calls.c.requested_at, calls.c.bridged_at, calls.c.ended_at, calls.c.disposition
    ).where(calls.c.requested_at >= since)
    found = [RecentTalk(*row) for row in connection.execute(wanted)]
    # What a chat waits for a person begins when its guided questions are over.
    of_chats = select(
        chats.c.route, chats.c.queue, chats.c.asked_at, chats.c.waiting_since, chats.c.waited,
        chats.c.accepted_at, chats.c.ended_at,
    ).where(chats.c.asked_at >= since)  # fmt: skip
    for route, queue, asked_at, waiting_since, waited, accepted_at, ended_at in connection.execute(of_chats):
        answered_at = None if accepted_at is None else asked_at + waited
        if answered_at is None and ended_at is None and waiting_since is None:
            continue
        begins = asked_at if answered_at is not None or waiting_since is None else waiting_since
        ended = Disposition.CANCELLED.value if ended_at is not None and answered_at is None else None
        found.append(RecentTalk(route, begins, answered_at, ended_at, ended, queue))
    return found


def _page(
    connection: Connection, question: TalkQuestion, fits: Fits, limit: int, after: Cursor | None
) -> TalkPage:
    found: list[FoundTalk] = []
    looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        piece = _read(connection, question, after, min(_PIECE, max(limit + 1, 50)))
        for each in piece:
            if len(found) == limit:
                return TalkPage(tuple(found), after)
            looked_at += 1
            after = _cursor(each)
            if fits(each):
                found.append(each)
        if len(piece) < min(_PIECE, max(limit + 1, 50)):
            return TalkPage(tuple(found), None)
    return TalkPage(tuple(found), after)


def _cursor(found: FoundTalk) -> Cursor:
    talk = found.talk
    if isinstance(talk, CallRecord):
        return Cursor(talk.requested_at, talk.call_id)
    return Cursor(talk.asked_at, talk.chat_id)


def _read(
    connection: Connection, question: TalkQuestion, after: Cursor | None, limit: int
) -> list[FoundTalk]:
    if question.channel == "calls":
        statement = _narrowed(select(calls.c.id), calls, calls.c.requested_at, question, after)
        ids = list(connection.scalars(statement.limit(limit)))
        records = {record.call_id: record for record in reads.calls_of(connection, ids)}
        rules = rules_of(connection, offers.c.call_id, ids)
        return [FoundTalk(records[each], rules.get(each, "")) for each in ids]
    statement = _narrowed(select(*CHAT_COLUMNS), chats, chats.c.asked_at, question, after)
    found = [CountedChat(**row._mapping) for row in connection.execute(statement.limit(limit))]
    rules = rules_of(connection, offers.c.chat_id, [chat.chat_id for chat in found])
    return [FoundTalk(chat, rules.get(chat.chat_id, "")) for chat in found]


def _narrowed(
    statement: Select[Any], table: Any, at: Any, question: TalkQuestion, after: Cursor | None
) -> Select[Any]:
    """The newest first."""
    statement = statement.where(*talk_conditions(question))
    if after is not None:
        statement = statement.where(tuple_(at, table.c.id) < (after.at, after.row_id))
    return statement.order_by(at.desc(), table.c.id.desc())


def talk_conditions(question: TalkQuestion) -> list[Any]:
    """No row that fits is left out, but some that do not may be there."""
    of_calls = question.channel == "calls"
    table = calls if of_calls else chats
    at = calls.c.requested_at if of_calls else chats.c.asked_at
    found = [table.c.ended_at.is_not(None), at >= question.since, at < question.until]
    if question.site is not None:
        found.append(table.c.site == question.site)
    if question.during is not None:
        found += [at <= question.during, table.c.ended_at > question.during]
        if of_calls:  # what a limit refused was never in progress
            found.append(calls.c.disposition != Disposition.REFUSED.value)
    for each in question.parts:
        found += _of_part(each, of_calls=of_calls)
    return found


def _of_part(wanted: PartFilter, *, of_calls: bool) -> list[Any]:
    table, value = (calls if of_calls else chats), wanted.value
    match wanted.part:
        case "route":
            return [table.c.route == value]
        case "outcome":
            return [(calls.c.disposition if of_calls else chats.c.outcome) == value]
        case "queue" if not of_calls:
            return [chats.c.queue == value]
        case "queue" if wanted.among is not None:
            return [calls.c.route.in_(wanted.among)]
        case "agent" if not of_calls:
            who = chats.c.last_agent
            return [who == value if value else or_(who.is_(None), who == "")]
        case "agent" if wanted.among:
            taken = select(legs.c.call_id).where(
                legs.c.destination.in_(wanted.among), legs.c.joined_at.is_not(None)
            )
            return [calls.c.id.in_(taken)]
        case "rule" if value:
            talk = offers.c.call_id if of_calls else offers.c.chat_id
            return [table.c.id.in_(select(talk).where(offers.c.rule == value, talk.is_not(None)))]
        case "page" if value:
            return [_of_page(table.c.page, value)]
    return []


def _of_page(page: Any, group: str) -> Any:
    """The pages that may be of a group (:func:`reports.parts.page_group`), which has an end of its own."""
    begins, sign, _ = group.partition("#")
    if sign or len(group) >= LONGEST_PAGE or group.count("/") >= MOST_STEPS_OF_PAGE - 1:
        return page.contains(begins, autoescape=True)
    return or_(
        page.endswith(group, autoescape=True),
        page.contains(f"{group}?", autoescape=True),
        page.contains(f"{group}#", autoescape=True),
    )


def _story(connection: Connection, channel: Channel, talk_id: str) -> TalkStory | None:
    call_id: str | None = None
    chat: Row[Any] | None = None
    found: FoundTalk
    if channel == "calls":
        record = reads.call(connection, talk_id)
        if record is None:
            return None
        call_id = talk_id
        rule = rules_of(connection, offers.c.call_id, [talk_id]).get(talk_id, "")
        found = FoundTalk(record, rule)
        chat = connection.execute(select(chats).where(chats.c.call_id == talk_id).limit(1)).first()
    else:
        counted = select(*CHAT_COLUMNS).where(chats.c.id == talk_id, chats.c.ended_at.is_not(None))
        row = connection.execute(counted).first()
        if row is None:
            return None
        rule = rules_of(connection, offers.c.chat_id, [talk_id]).get(talk_id, "")
        found = FoundTalk(CountedChat(**row._mapping), rule)
        chat = connection.execute(select(chats).where(chats.c.id == talk_id)).one()
        call_id = chat.call_id
    chat_id = chat.id if chat is not None else None
    offer = _first(
        connection, select(offers).where(_either(offers.c.call_id, call_id, offers.c.chat_id, chat_id))
    )
    orders = select(conversions).where(
        _either(conversions.c.call_id, call_id, conversions.c.chat_id, chat_id)
    )
    lead = _lead_of(connection, [each for each in (call_id, chat_id) if each])
    its_contacts = select(lead_contacts).where(lead_contacts.c.lead_id == (lead["id"] if lead else ""))
    its_promises = select(promises_kept).where(promises_kept.c.lead_id == (lead["id"] if lead else ""))
    return TalkStory(
        found,
        offer,
        None if chat is None else dict(chat._mapping),
        reads.call(connection, call_id) if call_id else None,
        _all(connection, select(messages).where(messages.c.call_id == (call_id or ""))),
        _all(connection, select(recordings).where(recordings.c.call_id == (call_id or ""))),
        _all(connection, select(callbacks).where(callbacks.c.call_id == (call_id or ""))),
        _all(connection, orders.order_by(conversions.c.at).limit(20)),
        tuple(steps_of(connection, [each for each in (call_id, chat_id) if each])),
        lead,
        _all(connection, its_contacts.order_by(lead_contacts.c.position).limit(MOST_CONTACTS)),
        _all(connection, its_promises.order_by(promises_kept.c.since).limit(MOST_CONTACTS)),
    )


def _lead_of(connection: Connection, refs: Sequence[str]) -> Mapping[str, Any] | None:
    ids = select(lead_contacts.c.lead_id).where(lead_contacts.c.ref.in_(refs))
    return _first(connection, select(leads).where(leads.c.id.in_(ids)).order_by(leads.c.opened_at.desc()))


def _either(call: Any, call_id: str | None, chat: Any, chat_id: str | None) -> Any:
    return or_(call == (call_id or "-"), chat == (chat_id or "-"))


def _first(connection: Connection, statement: Select[Any]) -> Mapping[str, Any] | None:
    row = connection.execute(statement.limit(1)).first()
    return None if row is None else dict(row._mapping)


def _all(connection: Connection, statement: Select[Any]) -> tuple[Mapping[str, Any], ...]:
    return tuple(dict(row._mapping) for row in connection.execute(statement))
