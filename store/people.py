"""All that is kept of one person, found and erased: by phone number, e-mail address, or the signed id.

The tables are read in pieces of their primary keys, each a transaction of its own, so that calls need not
wait for a search, however much is kept. Erasing keeps rows that are counted, without the person.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import phonenumbers
from sqlalchemy import Connection, Table, bindparam, delete, select, tuple_, update

from store.agent_time import forget_agent
from store.database import Database
from store.leads import delete_leads
from store.tables import (
    agent_spans,
    callbacks,
    calls,
    chat_agents,
    chat_entries,
    chat_flows,
    chats,
    conversions,
    deliveries,
    lead_contacts,
    leads,
    legs,
    messages,
    offers,
    recordings,
    visitors,
    wrap_ups,
)

#: Rows that are read in one transaction, and changed in one.
PIECE = 1000
#: What stands where a person stood.
ERASED = "erased"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """The person to look for: everybody who matches any of these."""

    #: E.164.
    number: str | None = None
    email: str | None = None
    #: What the retailer's server signs as the customer's id.
    signed_id: str | None = None
    #: Somebody at the business, by their name in the settings: their time is kept, too.
    agent: str | None = None

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of a call, chat, message or callback is theirs."""
        claimed, signed = row["context"] or {}, row["signed"] or {}
        if self.number and row.get("number") == self.number:
            return True
        values = [*claimed.values(), *signed.values()]
        if any(self.mentioned(value) for value in values):
            return True
        if self.signed_id is None:
            return False
        visitor = row.get("visitor")
        return self.signed_id in signed.values() or (
            visitor is not None and visitor.partition(":")[2] == self.signed_id
        )

    def mentioned(self, text: str | None) -> bool:
        """Whether a text names their number, as it may be written, or their address."""
        if not text:
            return False
        if self.email and re.search(
            rf"(?<![\w.+-]){re.escape(self.email)}(?![\w-]|\.\w)", text, re.IGNORECASE
        ):
            return True
        return any(form in text for form in self.written)

    @property
    def written(self) -> tuple[str, ...]:
        """Their number as mails, webhooks and people write it."""
        if not self.number:
            return ()
        try:
            number = phonenumbers.parse(self.number)
        except phonenumbers.NumberParseException:
            return (self.number,)
        formats = phonenumbers.PhoneNumberFormat
        forms = (formats.INTERNATIONAL, formats.NATIONAL, formats.RFC3966)
        national = str(number.national_number)
        return (
            self.number,
            *(phonenumbers.format_number(number, form) for form in forms),
            *((national,) if len(national) >= 8 else ()),
        )


@dataclass(slots=True)
class KeptData:
    """What is kept of a person: rows as they stand in the tables, secrets of callbacks too."""

    calls: list[Row] = field(default_factory=list)
    legs: list[Row] = field(default_factory=list)
    wrap_ups: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    callbacks: list[Row] = field(default_factory=list)
    chats: list[Row] = field(default_factory=list)
    chat_entries: list[Row] = field(default_factory=list)
    chat_agents: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    page_visitors: list[Row] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    leads: list[Row] = field(default_factory=list)
    lead_contacts: list[Row] = field(default_factory=list)
    agent_spans: list[Row] = field(default_factory=list)
    recordings: list[Row] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each kind."""
        return {name: len(getattr(self, name)) for name in _KINDS}

    def shown(self) -> dict[str, list[Row]]:
        """All of it for the person themselves: without what opens something."""
        return {
            name: [
                {key: value for key, value in row.items() if key not in _SECRET}
                for row in getattr(self, name)
            ]
            for name in _KINDS
        }


#: What is nobody's to see: the link of a callback, what opens a chat, and where a file lies.
_SECRET = ("secret", "path", "attachment", "token_digest", "key_digest", "key")
_KINDS = (
    "calls", "legs", "wrap_ups", "messages", "callbacks", "chats", "chat_entries", "chat_agents",
    "deliveries", "page_visitors", "offers", "orders", "leads", "lead_contacts",
    "agent_spans", "recordings",
)  # fmt: skip


class SqlPeople:
    """The people in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, person: Person, sites: Collection[str] | None = None) -> KeptData:
        """Everything that is kept of somebody; with ``sites``, by these sites alone."""

        def within(row: Row) -> bool:
            return sites is None or row["site"] in sites

        def fits(row: Row) -> bool:
            return within(row) and person.fits(row)

        kept = KeptData()
        kept.calls = await self._all(calls, fits)
        kept.messages = await self._all(messages, fits)
        kept.callbacks = await self._all(callbacks, fits)
        mine = {row["id"] for row in kept.calls}
        mine |= {row["call_id"] for row in (*kept.messages, *kept.callbacks)}
        theirs = {row["id"] for row in kept.messages}
        kept.recordings = await self._all(recordings, lambda row: within(row) and row["call_id"] in mine)
        kept.legs = await self._all(legs, lambda row: row["call_id"] in mine or person.mentioned(row["uri"]))
        kept.wrap_ups = await self._all(
            wrap_ups, lambda row: row["call_id"] in mine or person.mentioned(row["note"])
        )
        if sites is not None:
            # A leg and a note know their call alone, and one that only names the person may be of any site.
            found = {row["call_id"] for row in (*kept.legs, *kept.wrap_ups)}
            own = await self._of_sites(sorted(found), sites)
            kept.legs = [row for row in kept.legs if row["call_id"] in own]
            kept.wrap_ups = [row for row in kept.wrap_ups if row["call_id"] in own]
        await self._find_chats(person, kept, within, mine)
        abouts = {f"chat:{row['id']}" for row in kept.chats}
        await self._find_visits(person, kept, within, mine)
        await self._find_leads(person, kept, within, mine)
        if person.agent is not None and sites is None:
            kept.agent_spans = await self._all(agent_spans, lambda row: row["agent"] == person.agent)
        abouts |= {f"lead:{row['id']}" for row in kept.leads}
        kept.deliveries = await self._all(
            deliveries,
            lambda row: (
                within(row)
                and (row["message_id"] in theirs or row["about"] in abouts or _tells(row, person, mine))
            ),
        )
        return kept

    async def _find_chats(
        self, person: Person, kept: KeptData, within: Callable[[Row], bool], call_ids: Collection[str]
    ) -> None:
        """Their chats: those that say who they are, name them in what was said, or led to calls of theirs."""
        said = await self._all(chat_entries, lambda row: person.mentioned(row["text"]))
        noted = await self._all(chat_agents, lambda row: person.mentioned(row["note"]))
        named = {row["chat_id"] for row in (*said, *noted)}
        kept.chats = await self._all(
            chats,
            lambda row: (
                within(row) and (row["id"] in named or row["call_id"] in call_ids or person.fits(row))
            ),
        )
        theirs = {row["id"] for row in kept.chats}
        kept.chat_entries = await self._all(chat_entries, lambda row: row["chat_id"] in theirs)
        kept.chat_agents = await self._all(chat_agents, lambda row: row["chat_id"] in theirs)

    async def _find_leads(
        self, person: Person, kept: KeptData, within: Callable[[Row], bool], call_ids: Collection[str]
    ) -> None:
        """Their leads: by who they are, and because a call or chat of theirs led to one."""
        refs = {*call_ids, *(row["id"] for row in kept.chats)}
        of_refs = await self._all(lead_contacts, lambda row: row["ref"] in refs)
        named = {row["lead_id"] for row in of_refs}

        def theirs(row: Row) -> bool:
            told = (row["mail"], row["said"], row["note"])
            known = person.fits(row) or any(person.mentioned(text) for text in (*told, *row["claimed"]))
            signed = person.signed_id is not None and row["signed_id"] == person.signed_id
            return within(row) and (known or signed or row["id"] in named)

        kept.leads = await self._all(leads, theirs)
        own = {row["id"] for row in kept.leads}
        kept.lead_contacts = await self._all(lead_contacts, lambda row: row["lead_id"] in own)

    async def _find_visits(
        self, person: Person, kept: KeptData, within: Callable[[Row], bool], call_ids: Collection[str]
    ) -> None:
        """Their visits of shops' pages: by the signed id, or because they led to calls of theirs."""

        def named(visitor: str | None) -> bool:
            return person.signed_id is not None and (visitor or "").partition(":")[2] == person.signed_id

        kept.page_visitors = await self._all(
            visitors, lambda row: within(row) and (named(row["id"]) or row["call_id"] in call_ids)
        )
        theirs = {(row["site"], row["id"]) for row in kept.page_visitors}

        def their_own(row: Row) -> bool:
            who = row["visitor"]
            return within(row) and ((row["site"], who) in theirs or named(who) or row["call_id"] in call_ids)

        kept.offers = await self._all(offers, their_own)
        kept.orders = await self._all(conversions, their_own)

    async def erase(self, person: Person, kept: KeptData) -> None:
        """Take the person out of what was found; again changes nothing. Files are the caller's to delete."""
        theirs = [row for row in kept.legs if row["role"] == "shopper" or person.mentioned(row["uri"])]
        for rows, erase in (
            (kept.deliveries, _forget_deliveries),
            (kept.messages, _forget_messages),
            (kept.recordings, _forget_recordings),
            (kept.wrap_ups, _blank_notes),
            (theirs, _blank_legs),
            (kept.callbacks, _blank_callbacks),
            (kept.chat_entries, _forget_entries),
            (kept.chat_agents, _blank_chat_notes),
            (kept.chats, _blank_chats),
            (kept.page_visitors, _forget_visitors),
            (kept.offers, _forget_offers),
            (kept.orders, _forget_orders),
            (kept.leads, _forget_leads),
            (kept.calls, _blank_calls),
            (kept.agent_spans, _forget_agents),
        ):
            for start in range(0, len(rows), PIECE):
                await self._database.write(erase, rows[start : start + PIECE])

    async def _of_sites(self, call_ids: Sequence[str], sites: Collection[str]) -> set[str]:
        """Those of the calls that are of these sites."""
        own: set[str] = set()
        for start in range(0, len(call_ids), PIECE):
            own |= await self._database.read(_of_sites, call_ids[start : start + PIECE], sites)
        return own

    async def _all(self, table: Table, wanted: Callable[[Row], bool]) -> list[Row]:
        found: list[Row] = []
        after: tuple[Any, ...] | None = None
        while True:
            rows = await self._database.read(_piece, table, after)
            found += [row for row in rows if wanted(row)]
            if len(rows) < PIECE:
                return found
            after = tuple(rows[-1][column.name] for column in table.primary_key)


def _tells(row: Row, person: Person, call_ids: Iterable[str]) -> bool:
    told = f"{row['subject']}\n{row['body']}"
    return person.mentioned(told) or person.mentioned(row["target"]) or any(each in told for each in call_ids)


def _of_sites(connection: Connection, call_ids: Sequence[str], sites: Collection[str]) -> set[str]:
    return set(
        connection.scalars(select(calls.c.id).where(calls.c.id.in_(call_ids), calls.c.site.in_(sites)))
    )


def _piece(connection: Connection, table: Table, after: tuple[Any, ...] | None) -> list[Row]:
    key = tuple(table.primary_key)
    statement = select(table).order_by(*key).limit(PIECE)
    if after is not None:
        statement = statement.where(tuple_(*key) > after)
    return [dict(row._mapping) for row in connection.execute(statement)]


def _forget_deliveries(connection: Connection, rows: Sequence[Row]) -> None:
    connection.execute(delete(deliveries).where(deliveries.c.id.in_([row["id"] for row in rows])))


def _forget_messages(connection: Connection, rows: Sequence[Row]) -> None:
    connection.execute(delete(messages).where(messages.c.id.in_([row["id"] for row in rows])))


def _forget_recordings(connection: Connection, rows: Sequence[Row]) -> None:
    connection.execute(delete(recordings).where(recordings.c.id.in_([row["id"] for row in rows])))


def _blank_notes(connection: Connection, rows: Sequence[Row]) -> None:
    statement = (
        update(wrap_ups)
        .where(wrap_ups.c.call_id == bindparam("of_call"), wrap_ups.c.agent == bindparam("of_agent"))
        .values(note=None)
    )
    connection.execute(statement, [{"of_call": row["call_id"], "of_agent": row["agent"]} for row in rows])


def _blank_legs(connection: Connection, rows: Sequence[Row]) -> None:
    """Legs that dialled the person, without where they led."""
    statement = (
        update(legs)
        .where(legs.c.call_id == bindparam("of_call"), legs.c.position == bindparam("of_position"))
        .values(uri=ERASED, sip_call_id=None)
    )
    connection.execute(
        statement, [{"of_call": row["call_id"], "of_position": row["position"]} for row in rows]
    )


def nobody() -> dict[str, Any]:
    """What stands in a row of a call or a callback that is about nobody any more."""
    return {"number": "", "page": "", "context": {}, "signed": {}, "client_ip": ERASED}


def _blank_callbacks(connection: Connection, rows: Sequence[Row]) -> None:
    for row in rows:
        connection.execute(
            update(callbacks)
            .where(callbacks.c.id == row["id"])
            .values(**nobody(), secret=f"{ERASED}-{secrets.token_urlsafe(24)}")
        )


def _forget_entries(connection: Connection, rows: Sequence[Row]) -> None:
    statement = delete(chat_entries).where(
        chat_entries.c.chat_id == bindparam("of_chat"), chat_entries.c.seq == bindparam("of_seq")
    )
    connection.execute(statement, [{"of_chat": row["chat_id"], "of_seq": row["seq"]} for row in rows])


def _blank_chat_notes(connection: Connection, rows: Sequence[Row]) -> None:
    ids = {row["chat_id"] for row in rows}
    connection.execute(update(chat_agents).where(chat_agents.c.chat_id.in_(ids)).values(note=None))


def _blank_chats(connection: Connection, rows: Sequence[Row]) -> None:
    nobodys = {key: value for key, value in nobody().items() if key != "number"}
    # Whoever is in the middle of a flow begins it again.
    connection.execute(delete(chat_flows).where(chat_flows.c.chat_id.in_([row["id"] for row in rows])))
    connection.execute(
        update(chats)
        .where(chats.c.id.in_([row["id"] for row in rows]))
        .values(**nobodys, visitor=ERASED, token_digest=ERASED, rating_text=None)
    )


def _forget_visitors(connection: Connection, rows: Sequence[Row]) -> None:
    _forget_rows(connection, visitors, rows)


def _forget_offers(connection: Connection, rows: Sequence[Row]) -> None:
    _forget_rows(connection, offers, rows)


def _forget_orders(connection: Connection, rows: Sequence[Row]) -> None:
    _forget_rows(connection, conversions, rows)


def _forget_leads(connection: Connection, rows: Sequence[Row]) -> None:
    """What became of their promises stays, as it tells of nobody."""
    delete_leads(connection, [row["id"] for row in rows])


def _forget_agents(connection: Connection, rows: Sequence[Row]) -> None:
    """All that is kept of their time, with what was added up of it."""
    for agent in {row["agent"] for row in rows}:
        forget_agent(connection, agent)


def _forget_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    key = list(table.primary_key)
    keys = [tuple(row[column.name] for column in key) for row in rows]
    for start in range(0, len(keys), 400):
        connection.execute(delete(table).where(tuple_(*key).in_(keys[start : start + 400])))


def _blank_calls(connection: Connection, rows: Sequence[Row]) -> None:
    connection.execute(
        update(calls)
        .where(calls.c.id.in_([row["id"] for row in rows]))
        .values(**nobody(), client_net56=None, client_net48=None, visitor=None)
    )
