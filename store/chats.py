"""Chats on disk: many writes of many chats in one transaction, and what is read of one chat or of many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Row, bindparam, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from bridge.cdr import WrapUp
from chat.entries import ChatEntry
from chat.records import ChatOpening, ChatWrite, KeepClaim, KeepContext, KeepEntry, KeepRow, StoredChat
from chat.standing import ChatRow
from chat.states import ChatState
from reports.counts import bucket_of
from store.database import Database
from store.paging import Cursor, check_limit
from store.tables import chat_agents, chat_counts, chat_entries, chats

log = structlog.get_logger(__name__)

#: The fields of a ChatRow that are columns of the same name and kind.
_PLAIN = (
    "queue", "asked_at", "agent", "last_agent", "waiting_since", "accepted_at", "taken_at", "first_answer_at",
    "ended_at", "outcome", "cause", "waited", "handled", "replies", "reply_seconds", "call", "call_id",
    "last_word",
)  # fmt: skip
#: The columns of chat_counts that are added up.
_SUMS = (
    "chats",
    "accepted",
    "wait",
    "handle",
    "answered",
    "first_answer",
    "replies",
    "reply",
    "rated",
    "rating",
)
_KEYS = ("bucket", "site", "route", "agent", "outcome")

_ADD = insert(chats)
_ONE = select(chats).where(chats.c.id == bindparam("chat_id"))
_OF_KEY = select(chats.c.id).where(chats.c.key_digest == bindparam("digest"))
_OPEN = select(chats).where(chats.c.ended_at.is_(None)).order_by(chats.c.asked_at, chats.c.id)
_WRITE = update(chats).where(chats.c.id == bindparam("its_id"))
_LEARN = update(chats).where(chats.c.id == bindparam("its_id")).values(context=bindparam("its_context"))
_OWNER = select(chats.c.agent, chats.c.ended_at).where(chats.c.id == bindparam("chat_id"))
_ADD_ENTRY = insert(chat_entries)
_HAS_ENTRY = select(chat_entries.c.seq).where(
    chat_entries.c.chat_id == bindparam("its_chat"),
    (chat_entries.c.seq == bindparam("its_seq")) | (chat_entries.c.key == bindparam("its_key")),
)
_ENTRIES = select(chat_entries).where(chat_entries.c.chat_id == bindparam("chat_id"))
_MARKS = select(chat_entries.c.seq, chat_entries.c.key).where(chat_entries.c.chat_id == bindparam("chat_id"))
_HOLDING = select(chat_entries.c.text).where(
    chat_entries.c.chat_id == bindparam("chat_id"), chat_entries.c.kind == "holding"
)
_HAD = select(chat_agents.c.agent).where(
    chat_agents.c.chat_id == bindparam("chat_id"), chat_agents.c.agent == bindparam("agent")
)
_ADD_AGENT = insert(chat_agents)
_WRITTEN = (
    select(chat_agents)
    .where(
        chat_agents.c.chat_id.in_(bindparam("chat_ids", expanding=True)),
        chat_agents.c.note.is_not(None) | chat_agents.c.code.is_not(None),
    )
    .order_by(chat_agents.c.taken_at, chat_agents.c.agent)
)
_NEWEST_FIRST = select(chats).order_by(chats.c.asked_at.desc(), chats.c.id.desc())


@dataclass(frozen=True, slots=True)
class ChatFilter:
    """Which chats; None leaves a field open."""

    site: str | None = None
    outcome: str | None = None
    agent: str | None = None
    visitor: str | None = None
    #: These alone.
    ids: Collection[str] | None = None
    #: Of these sites alone.
    sites: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class ChatPage:
    """Some chats, newest first; ``next`` is None on the last page."""

    chats: tuple[StoredChat, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """Chats that somebody asked for since a moment, by visitor and by address, and their open one."""

    by_visitor: Sequence[float]
    by_ip: Sequence[float]
    open_chat: str | None


class SqlChatStore:
    """Chats in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_chat(self, opening: ChatOpening, row: ChatRow) -> str:
        """Put a new chat on disk; the id of the one that was asked for with the same key, if there is one."""
        return await self._database.write(_open_chat, opening, row)

    async def chat_of_key(self, digest: str) -> str | None:
        """The chat that was asked for with this key."""
        return await self._database.read(_of_key, digest)

    async def asked_before(self, site: str, visitor: str, client_ip: str, since: float) -> AskedBefore:
        """When this visitor, and this address, asked for chats since then, the newest first."""
        return await self._database.read(_asked_before, site, visitor, client_ip, since)

    async def add_token(self, chat_id: str, digest: str, most: int) -> None:
        """Let another token open a chat; of more than so many the oldest opens it no more."""
        await self._database.write(_add_token, chat_id, digest, most)

    async def write(self, writes: Sequence[ChatWrite]) -> Sequence[str | None]:
        """Carry all of them out, in one transaction; one result each, for claims who has the chat then.

        What can never be written, such as an entry of a chat that is gone, is logged, and the rest written.
        """
        try:
            return await self._database.write(write_chats, writes)
        except IntegrityError:
            return [result for each in writes for result in await self._alone(each)]

    async def _alone(self, write: ChatWrite) -> Sequence[str | None]:
        try:
            return await self._database.write(write_chats, [write])
        except IntegrityError as error:
            log.error("chat_write_dropped", chat_id=write.chat_id, error=str(error.orig))
            return [None]

    async def open_chats(self) -> Sequence[StoredChat]:
        """Every chat that has not ended, the oldest first."""
        return await self._database.read(_open_chats)

    async def chat(self, chat_id: str) -> StoredChat | None:
        """One chat."""
        return await self._database.read(_chat, chat_id)

    async def entries(
        self,
        chat_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 1000,
        newest: bool = False,
        notes: bool = False,
    ) -> Sequence[ChatEntry]:
        """Entries between two numbers, both left out, in order; the last of them where only ``newest`` fit.

        ``notes`` are the notes instead.
        """
        return await self._database.read(_entries, chat_id, after, before, limit, newest, notes)

    async def count_refused(self, site: str, route: str, at: float) -> None:
        """Count a chat that never began, as it would have gone over a limit; nothing else is kept of it."""
        key = {"bucket": bucket_of(at), "site": site, "route": route, "agent": "", "outcome": "refused"}
        await self._database.write(_add_up, key, {"chats": 1})

    async def rate(self, chat_id: str, rating: int, text: str) -> bool:
        """Put what the shopper thinks of the chat on disk, once; whether it was the first time."""
        return await self._database.write(_rate, chat_id, rating, text)

    async def wrap_up(self, chat_id: str, agent: str, note: str | None, code: str | None) -> bool:
        """Put an agent's note and code on disk; False where they never had the chat."""
        return await self._database.write(_wrap_up, chat_id, agent, note, code)

    async def wrap_ups(self, chat_ids: Collection[str]) -> Mapping[str, Sequence[WrapUp]]:
        """What agents wrote about these chats, whoever had them first coming first."""
        return await self._database.read(_wrap_ups, chat_ids)

    async def list_chats(
        self, which: ChatFilter, *, limit: int = 100, after: Cursor | None = None
    ) -> ChatPage:
        """A page of chats, newest first; ``limit`` from 1 to MAX_PAGE, else ValueError."""
        check_limit(limit)
        return await self._database.read(_list, which, limit, after)

    async def counts(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Rows of chat_counts between two moments, of these sites alone, or of all."""
        return await self._database.read(_counts, since, until, sites)


def write_chats(connection: Connection, writes: Sequence[ChatWrite]) -> list[str | None]:
    """Carry out all of them, in order; again changes nothing."""
    return [_write(connection, each) for each in writes]


def _write(connection: Connection, write: ChatWrite) -> str | None:
    match write:
        case KeepEntry(chat_id=chat_id, entry=entry):
            mark = {"its_chat": chat_id, "its_seq": entry.seq, "its_key": entry.key}
            if connection.execute(_HAS_ENTRY, mark).first() is None:
                connection.execute(_ADD_ENTRY, _entry_row(chat_id, entry))
        case KeepRow(chat_id=chat_id, row=row, taken_by=taken_by, ended=ended):
            if ended:
                _count(connection, chat_id, row)
            connection.execute(_WRITE.values(**_row(row)), {"its_id": chat_id})
            mark = {"chat_id": chat_id, "agent": taken_by}
            if taken_by is not None and connection.execute(_HAD, mark).first() is None:
                connection.execute(_ADD_AGENT, {**mark, "taken_at": row.taken_at or row.asked_at})
        case KeepContext(chat_id=chat_id, context=context):
            connection.execute(_LEARN, {"its_id": chat_id, "its_context": dict(context)})
        case KeepClaim(chat_id=chat_id, agent=agent, held_by=held_by):
            held = chats.c.agent.is_(None) if held_by is None else chats.c.agent == held_by
            won = connection.execute(
                update(chats)
                .where(chats.c.id == chat_id, held, chats.c.ended_at.is_(None))
                .values(agent=agent)
            )
            if not won.rowcount:
                owner = connection.execute(_OWNER, {"chat_id": chat_id}).first()
                return str(owner.agent or "") if owner else ""
            return agent
    return None


def _open_chat(connection: Connection, opening: ChatOpening, row: ChatRow) -> str:
    known = connection.scalar(_OF_KEY, {"digest": opening.key_digest})
    if known is not None:
        return str(known)
    connection.execute(
        _ADD,
        {
            "id": opening.chat_id,
            "site": opening.site,
            "route": opening.route,
            "visitor": opening.visitor,
            "page": opening.page,
            "context": dict(opening.context),
            "signed": dict(opening.signed),
            "client_ip": opening.client_ip,
            "origin": opening.origin,
            "token_digest": opening.token_digest,
            "key_digest": opening.key_digest,
            **_row(row),
        },
    )
    return opening.chat_id


def _of_key(connection: Connection, digest: str) -> str | None:
    return connection.scalar(_OF_KEY, {"digest": digest})


def _asked_before(
    connection: Connection, site: str, visitor: str, client_ip: str, since: float
) -> AskedBefore:
    newest = select(chats.c.asked_at).where(chats.c.site == site, chats.c.asked_at > since)
    newest = newest.order_by(chats.c.asked_at.desc()).limit(1000)
    still_open = select(chats.c.id).where(
        chats.c.site == site, chats.c.visitor == visitor, chats.c.ended_at.is_(None)
    )
    return AskedBefore(
        connection.scalars(newest.where(chats.c.visitor == visitor)).all(),
        connection.scalars(newest.where(chats.c.client_ip == client_ip)).all(),
        connection.scalar(still_open.order_by(chats.c.asked_at.desc()).limit(1)),
    )


def _add_token(connection: Connection, chat_id: str, digest: str, most: int) -> None:
    row = connection.execute(_ONE, {"chat_id": chat_id}).one_or_none()
    if row is not None:
        digests = [each for each in row.token_digest.split() if each != digest]
        kept = " ".join([*digests, digest][-most:])
        connection.execute(_WRITE.values(token_digest=kept), {"its_id": chat_id})


def _open_chats(connection: Connection) -> Sequence[StoredChat]:
    return [_stored(connection, row, whole=True) for row in connection.execute(_OPEN).all()]


def _chat(connection: Connection, chat_id: str) -> StoredChat | None:
    row = connection.execute(_ONE, {"chat_id": chat_id}).one_or_none()
    return _stored(connection, row, whole=True) if row is not None else None


def _stored(connection: Connection, row: Row[Any], *, whole: bool) -> StoredChat:
    opening = ChatOpening(
        chat_id=row.id,
        site=row.site,
        route=row.route,
        visitor=row.visitor,
        page=row.page,
        context=row.context,
        signed=row.signed,
        client_ip=row.client_ip,
        origin=row.origin,
        token_digest=row.token_digest,
        key_digest=row.key_digest,
    )
    kept = ChatRow(
        state=ChatState(row.state),
        first=bool(row.first),
        escalated=bool(row.escalated),
        **{name: getattr(row, name) for name in _PLAIN},
    )
    if not whole:
        return StoredChat(opening, kept, rating=row.rating)
    marks = connection.execute(_MARKS, {"chat_id": row.id}).all()
    return StoredChat(
        opening,
        kept,
        seq=max((mark.seq for mark in marks if mark.seq > 0), default=0),
        notes=-min((mark.seq for mark in marks if mark.seq < 0), default=0),
        keys={mark.key: mark.seq for mark in marks if mark.key is not None},
        holding=tuple(connection.scalars(_HOLDING, {"chat_id": row.id})),
        rating=row.rating,
    )


def _row(row: ChatRow) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in _PLAIN}
    return {**plain, "state": row.state.value, "first": int(row.first), "escalated": int(row.escalated)}


def _entry_row(chat_id: str, entry: ChatEntry) -> dict[str, Any]:
    return {
        "chat_id": chat_id,
        "seq": entry.seq,
        "at": entry.at,
        "by": entry.by,
        "kind": entry.kind,
        "agent": entry.agent,
        "text": entry.text,
        "canned": entry.canned,
        "key": entry.key,
    }


def _entries(
    connection: Connection,
    chat_id: str,
    after: int,
    before: int | None,
    limit: int,
    newest: bool,
    notes: bool,
) -> Sequence[ChatEntry]:
    seq = chat_entries.c.seq
    statement = _ENTRIES.where(seq < 0) if notes else _ENTRIES.where(seq > after)
    if before is not None:
        statement = statement.where(seq < before)
    backwards = newest != notes  # the newest note has the smallest number
    statement = statement.order_by(seq.desc() if backwards else seq).limit(limit)
    rows = connection.execute(statement, {"chat_id": chat_id}).all()
    found = [
        ChatEntry(row.seq, row.at, row.by, row.kind, row.text, row.agent, row.key, row.canned) for row in rows
    ]
    return sorted(found, key=lambda entry: abs(entry.seq))


def _count(connection: Connection, chat_id: str, row: ChatRow) -> None:
    """Add an ended chat to its bucket; one that is written as ended again is not."""
    known = connection.execute(_ONE, {"chat_id": chat_id}).one_or_none()
    if known is None or known.ended_at is not None or row.ended_at is None:
        return
    answered = row.first_answer_at is not None
    waited = (row.first_answer_at or 0.0) - (row.accepted_at or 0.0) if answered else 0.0
    sums = {
        "chats": 1,
        "accepted": int(row.accepted_at is not None),
        "wait": row.waited,
        "handle": row.handled,
        "answered": int(answered),
        "first_answer": max(0.0, waited),
        "replies": row.replies,
        "reply": row.reply_seconds,
        "rated": 0,
        "rating": 0,
    }
    _add_up(connection, _bucket_of(known, row.last_agent, row.outcome), sums)


def _bucket_of(chat: Row[Any], agent: str | None, outcome: str | None) -> dict[str, Any]:
    return {
        "bucket": bucket_of(chat.asked_at),
        "site": chat.site,
        "route": chat.route,
        "agent": agent or "",
        "outcome": outcome or "",
    }


def _add_up(connection: Connection, key: Mapping[str, Any], sums: Mapping[str, float]) -> None:
    this = [chat_counts.c[name] == value for name, value in key.items()]
    more = {name: chat_counts.c[name] + value for name, value in sums.items()}
    if not connection.execute(update(chat_counts).where(*this).values(**more)).rowcount:
        connection.execute(insert(chat_counts), {**key, **dict.fromkeys(_SUMS, 0), **sums})


def _rate(connection: Connection, chat_id: str, rating: int, text: str) -> bool:
    first = update(chats).where(chats.c.id == chat_id, chats.c.rating.is_(None))
    if not connection.execute(first.values(rating=rating, rating_text=text)).rowcount:
        return False
    chat = connection.execute(_ONE, {"chat_id": chat_id}).one()
    if chat.ended_at is not None:
        _add_up(
            connection,
            _bucket_of(chat, chat.last_agent, chat.outcome),
            {"rated": 1, "rating": rating},
        )
    return True


def _wrap_up(connection: Connection, chat_id: str, agent: str, note: str | None, code: str | None) -> bool:
    theirs = update(chat_agents).where(chat_agents.c.chat_id == chat_id, chat_agents.c.agent == agent)
    return bool(connection.execute(theirs.values(note=note, code=code)).rowcount)


def _wrap_ups(connection: Connection, chat_ids: Collection[str]) -> Mapping[str, Sequence[WrapUp]]:
    found = defaultdict[str, list[WrapUp]](list)
    for row in connection.execute(_WRITTEN, {"chat_ids": list(chat_ids)}):
        found[row.chat_id].append(WrapUp(row.agent, row.code, row.note, row.taken_at))
    return found


def _list(connection: Connection, which: ChatFilter, limit: int, after: Cursor | None) -> ChatPage:
    statement = _NEWEST_FIRST
    for name in ("site", "outcome", "visitor"):
        if (value := getattr(which, name)) is not None:
            statement = statement.where(chats.c[name] == value)
    if which.agent is not None:
        theirs = select(chat_agents.c.chat_id).where(chat_agents.c.agent == which.agent)
        statement = statement.where(chats.c.id.in_(theirs))
    if which.ids is not None:
        statement = statement.where(chats.c.id.in_(which.ids))
    if which.sites is not None:
        statement = statement.where(chats.c.site.in_(which.sites))
    if after is not None:
        statement = statement.where(tuple_(chats.c.asked_at, chats.c.id) < (after.at, after.row_id))
    rows = connection.execute(statement.limit(limit + 1)).all()
    cursor = Cursor(rows[limit - 1].asked_at, rows[limit - 1].id) if len(rows) > limit else None
    return ChatPage(tuple(_stored(connection, row, whole=False) for row in rows[:limit]), cursor)


def _counts(
    connection: Connection, since: float, until: float, sites: Collection[str] | None
) -> Sequence[Mapping[str, Any]]:
    statement = select(chat_counts).where(chat_counts.c.bucket >= since, chat_counts.c.bucket < until)
    if sites is not None:
        statement = statement.where(chat_counts.c.site.in_(sites))
    order = [chat_counts.c[name] for name in _KEYS]
    return [dict(row._mapping) for row in connection.execute(statement.order_by(*order))]
