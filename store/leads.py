"""Leads on disk: :class:`leads.records.LeadStore`, and what people ask of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, bindparam, case, delete, func, insert, select, tuple_, update

from follow.lead import ChosenTime, Lead, LeadContact, LeadPerson, LeadState, Running
from leads.records import (
    DropReminders,
    KeepContact,
    KeepLead,
    KeepPromise,
    LeadReminder,
    LeadWrite,
    PromiseCounts,
    PromiseKey,
    StoredLead,
)
from store.database import Database
from store.paging import Cursor, check_limit
from store.tables import acknowledgements, lead_contacts, lead_mutes, lead_reminders, leads, promises_kept

#: Seconds in which an address gets one acknowledgement.
DAY = 86400.0
#: Ids that are looked up in one statement.
_AT_ONCE = 400
_RUNNING: TypeAdapter[Running] = TypeAdapter(Running)
_CHOSEN: TypeAdapter[ChosenTime] = TypeAdapter(ChosenTime)
_OF_PERSON = ("number", "mail", "signed_id", "visitor", "name")
#: Fields of a lead that are columns of the same name and kind.
_PLAIN = (
    "site", "opened_at", "last_at", "page", "said", "kind", "queue", "owner", "absent_since", "pending",
    "first_at", "expires_at", "tries", "code", "note", "secret", "closed_at", "closed_how",
)  # fmt: skip


class SqlLeads:
    """Leads in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write_leads(self, writes: Sequence[LeadWrite]) -> None:
        """Carry all of them out, in one transaction."""
        await self._database.write(_write, writes)

    async def live_leads(self, opened_since: float) -> Sequence[StoredLead]:
        """Those that are open, and those that were opened since then."""
        return await self._database.read(_live, opened_since)

    async def reminders(self) -> Sequence[LeadReminder]:
        """Who is still to be told of what."""
        return await self._database.read(_reminders)

    async def lead(self, lead_id: str) -> StoredLead | None:
        """One of them."""
        return await self._database.read(_one, lead_id)

    async def closed_leads(
        self, *, sites: Collection[str] | None = None, before: Cursor | None = None, limit: int = 100
    ) -> tuple[Sequence[Lead], Cursor | None]:
        """Those that are closed, the one closed last first; and where the next page begins."""
        check_limit(limit)
        return await self._database.read(_closed, sites, before, limit)

    async def muted(self) -> Collection[str]:
        """The readers who want no mails."""
        return await self._database.read(_muted)

    async def mute(self, reader: str, at: float | None) -> None:
        """A reader wants no more mails from now on; None: wants them again."""
        await self._database.write(_mute, reader, at)

    async def note_acknowledgement(
        self, site: str, digest: str, at: float, most: int, seconds: float
    ) -> bool:
        """Note that an address gets an acknowledgement, unless it had one of the site within 24 hours, or
        ``most`` others of the site have within ``seconds``; whether it was noted."""
        return await self._database.write(_note, site, digest, at, most, seconds)

    async def promise_counts(
        self, by: PromiseKey, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[PromiseCounts]:
        """Answers against what was promised, of promises that began in a period, by site, queue and so on."""
        return await self._database.read(_promise_counts, by, since, until, sites)

    async def forget_leads(self, lead_ids: Sequence[str]) -> None:
        """Delete these leads; what became of their promises stays."""
        await self._database.write(delete_leads, lead_ids)


# --- writing -----------------------------------------------------------------------------------------------

_HAS = select(leads.c.id).where(leads.c.id == bindparam("lead_id"))
_ADD = insert(leads)
_SAVE = update(leads).where(leads.c.id == bindparam("its_id"))


def _write(connection: Connection, writes: Sequence[LeadWrite]) -> None:
    for write in writes:
        match write:
            case KeepLead(lead=lead):
                row = _row(lead)
                if connection.execute(_HAS, {"lead_id": lead.lead_id}).first() is None:
                    connection.execute(_ADD, {"id": lead.lead_id, **row})
                else:
                    connection.execute(_SAVE.values(**row), {"its_id": lead.lead_id})
            case KeepContact(lead_id=lead_id, position=position, contact=contact):
                key = and_(lead_contacts.c.lead_id == lead_id, lead_contacts.c.position == position)
                connection.execute(delete(lead_contacts).where(key))
                connection.execute(
                    insert(lead_contacts),
                    {
                        "lead_id": lead_id,
                        "position": position,
                        "kind": str(contact.kind),
                        "ref": contact.ref,
                        "at": contact.at,
                        "by": contact.by,
                    },
                )
            case KeepPromise(lead_id=lead_id, site=site, kept=kept):
                row = {
                    "lead_id": lead_id,
                    "term": kept.term,
                    "since": kept.since,
                    "promise": kept.promise,
                    "site": site,
                    "queue": kept.queue,
                    "agent": kept.agent,
                    "due_at": kept.due_at,
                    "met_at": kept.met_at,
                    "breached_at": kept.breached_at,
                    "explanation": kept.explanation,
                }
                same = and_(
                    promises_kept.c.lead_id == lead_id,
                    promises_kept.c.term == kept.term,
                    promises_kept.c.since == kept.since,
                )
                connection.execute(delete(promises_kept).where(same))
                connection.execute(insert(promises_kept), row)
            case LeadReminder(reader=reader, lead_id=lead_id, kind=kind, at=at):
                _drop(connection, reader, (lead_id,))
                connection.execute(
                    insert(lead_reminders), {"reader": reader, "lead_id": lead_id, "kind": kind, "at": at}
                )
            case DropReminders(reader=reader, lead_ids=lead_ids):
                for start in range(0, len(lead_ids), _AT_ONCE):
                    _drop(connection, reader, lead_ids[start : start + _AT_ONCE])


def _drop(connection: Connection, reader: str, lead_ids: Sequence[str]) -> None:
    connection.execute(
        delete(lead_reminders).where(
            lead_reminders.c.reader == reader, lead_reminders.c.lead_id.in_(lead_ids)
        )
    )


def _row(lead: Lead) -> dict[str, Any]:
    return {name: getattr(lead, name) for name in _PLAIN} | {
        **{name: getattr(lead.person, name) for name in _OF_PERSON},
        "kind": str(lead.kind),
        "keys": list(lead.keys),
        "shared": int(lead.shared),
        "claimed": list(lead.claimed),
        "state": lead.state.value,
        "context": dict(lead.context),
        "signed": dict(lead.signed),
        "assigned": list(lead.assigned),
        "running": _RUNNING.dump_python(lead.running, mode="json") if lead.running else None,
        "chosen": _CHOSEN.dump_python(lead.chosen, mode="json") if lead.chosen else None,
        "due_at": lead.due_at,
        "breached": int(lead.breached),
    }


def delete_leads(connection: Connection, lead_ids: Sequence[str]) -> None:
    """Take leads out, in the caller's transaction: their contacts and reminders go with them."""
    for start in range(0, len(lead_ids), _AT_ONCE):
        piece = lead_ids[start : start + _AT_ONCE]
        connection.execute(delete(lead_reminders).where(lead_reminders.c.lead_id.in_(piece)))
        connection.execute(delete(lead_contacts).where(lead_contacts.c.lead_id.in_(piece)))
        connection.execute(delete(leads).where(leads.c.id.in_(piece)))


def _mute(connection: Connection, reader: str, at: float | None) -> None:
    connection.execute(delete(lead_mutes).where(lead_mutes.c.reader == reader))
    if at is not None:
        connection.execute(insert(lead_mutes), {"reader": reader, "at": at})


def _note(connection: Connection, site: str, digest: str, at: float, most: int, seconds: float) -> bool:
    table = acknowledgements.c
    connection.execute(delete(acknowledgements).where(table.at <= at - max(DAY, seconds)))
    had = select(table.at).where(table.site == site, table.digest == digest, table.at > at - DAY)
    others = select(func.count()).where(table.site == site, table.at > at - seconds)
    if connection.execute(had).first() is not None or (connection.scalar(others) or 0) >= most:
        return False
    connection.execute(delete(acknowledgements).where(table.site == site, table.digest == digest))
    connection.execute(insert(acknowledgements), {"site": site, "digest": digest, "at": at})
    return True


# --- reading -----------------------------------------------------------------------------------------------


def _live(connection: Connection, opened_since: float) -> Sequence[StoredLead]:
    wanted = leads.c.closed_at.is_(None) | (leads.c.opened_at >= opened_since)
    rows = connection.execute(select(leads).where(wanted).order_by(leads.c.opened_at, leads.c.id)).all()
    contacts = _contacts(connection, [row.id for row in rows])
    return [StoredLead(lead_of_row(row), contacts.get(row.id, ())) for row in rows]


def _contacts(connection: Connection, lead_ids: Sequence[str]) -> Mapping[str, tuple[LeadContact, ...]]:
    found: dict[str, list[LeadContact]] = {}
    for start in range(0, len(lead_ids), _AT_ONCE):
        statement = (
            select(lead_contacts)
            .where(lead_contacts.c.lead_id.in_(lead_ids[start : start + _AT_ONCE]))
            .order_by(lead_contacts.c.lead_id, lead_contacts.c.position)
        )
        for row in connection.execute(statement):
            found.setdefault(row.lead_id, []).append(LeadContact(row.kind, row.ref, row.at, row.by))
    return {lead_id: tuple(contacts) for lead_id, contacts in found.items()}


def _one(connection: Connection, lead_id: str) -> StoredLead | None:
    row = connection.execute(select(leads).where(leads.c.id == lead_id)).one_or_none()
    if row is None:
        return None
    return StoredLead(lead_of_row(row), _contacts(connection, [lead_id]).get(lead_id, ()))


def _closed(
    connection: Connection, sites: Collection[str] | None, before: Cursor | None, limit: int
) -> tuple[Sequence[Lead], Cursor | None]:
    statement = select(leads).where(leads.c.closed_at.is_not(None))
    if sites is not None:
        statement = statement.where(leads.c.site.in_(sites))
    if before is not None:
        statement = statement.where(tuple_(leads.c.closed_at, leads.c.id) < (before.at, before.row_id))
    statement = statement.order_by(leads.c.closed_at.desc(), leads.c.id.desc()).limit(limit + 1)
    rows = connection.execute(statement).all()
    page = rows[:limit]
    more = Cursor(page[-1].closed_at, page[-1].id) if len(rows) > limit else None
    return [lead_of_row(row) for row in page], more


def lead_of_row(row: Row[Any]) -> Lead:
    """The lead of a row of its table."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Lead(
        lead_id=row.id,
        person=LeadPerson(**{name: getattr(row, name) for name in _OF_PERSON}),
        state=LeadState(row.state),
        keys=tuple(row.keys),
        shared=bool(row.shared),
        claimed=tuple(row.claimed),
        context=row.context,
        signed=row.signed,
        assigned=tuple(row.assigned),
        running=_RUNNING.validate_python(row.running) if row.running else None,
        chosen=_CHOSEN.validate_python(row.chosen) if row.chosen else None,
        breached=bool(row.breached),
        **plain,
    )


def _reminders(connection: Connection) -> Sequence[LeadReminder]:
    rows = connection.execute(select(lead_reminders).order_by(lead_reminders.c.at))
    return [LeadReminder(row.reader, row.lead_id, row.kind, row.at) for row in rows]


def _muted(connection: Connection) -> Collection[str]:
    return frozenset(connection.scalars(select(lead_mutes.c.reader)))


def _promise_counts(
    connection: Connection, by: PromiseKey, since: float, until: float, sites: Collection[str] | None
) -> Sequence[PromiseCounts]:
    table = promises_kept.c
    key = table[by]
    broken = table.breached_at.is_not(None)
    answer = table.met_at - table.since
    statement = (
        select(
            key.label("key"),
            table.term,
            func.count().label("promised"),
            func.sum(case((broken, 1), else_=0)).label("broken"),
            func.count(table.met_at).label("answered"),
            func.coalesce(func.avg(answer), 0.0).label("seconds"),
        )
        .where(table.since >= since, table.since < until)
        .group_by(key, table.term)
        .order_by(key, table.term)
    )
    if sites is not None:
        statement = statement.where(table.site.in_(sites))
    return [
        PromiseCounts(
            row.key, row.term, row.promised, row.promised - row.broken, row.broken, row.answered, row.seconds
        )
        for row in connection.execute(statement)
    ]
