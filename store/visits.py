"""Visitors, offers, conversions and counts of shops' pages on disk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Table,
    TextClause,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)

from store.credits import STANDS, read_credits
from store.database import Database
from store.locks import take_turns
from store.tables import calls, chats, conversions, offers, page_counts, placements, visitors
from visits.credit import Credit
from visits.records import (
    WINDOW,
    ArmResult,
    ButtonCounts,
    ButtonKey,
    ConversionRow,
    CountKey,
    OfferRow,
    VisitBatch,
    VisitorRow,
)

T = TypeVar("T")
#: Keys that are looked up in one statement.
_AT_ONCE = 400


class SqlVisits:
    """Visits in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, keys: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], VisitorRow]:
        """What is remembered of these visitors, each by site and id; strangers are missing."""
        return await self._database.read(_load, list(keys))

    async def write(self, batch: VisitBatch) -> None:
        """Write all of it, or nothing."""
        await self._database.write(_write, batch)

    async def convert(self, row: ConversionRow) -> ConversionRow | None:
        """Keep that somebody bought, with what they had of us within :data:`visits.records.WINDOW` before.

        None where this order is known, by the retailer's server or by a page; what a page claimed becomes the
        server's once the server says so, and is returned as that. Of an order that the server has told
        already, a greater ``refunded`` is kept: so it does not matter what comes twice, or late.
        """
        return await self._database.write(_convert, row)

    async def counts(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Mapping[CountKey, int]:
        """The counts of a period, by everything but the bucket, which is 0."""
        return await self._database.read(_counts, since, until, sites)

    async def placements(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Mapping[ButtonKey, ButtonCounts]:
        """The buttons of a period, by everything but the day, which is 0."""
        return await self._database.read(_placements, since, until, sites)

    async def arms(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[ArmResult]:
        """Visitors by rule, epoch, variant and arm who were first exposed in a period, and who of them bought
        within :data:`visits.records.WINDOW` after.
        """
        return await self._database.read(_arms, since, until, sites)

    async def holdouts(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[ArmResult]:
        """Visitors by site who were first exposed in a period, whatever the rule: those of its ``holdout``,
        and all others as ``shown``; and who of them bought within :data:`visits.records.WINDOW` after.
        """
        return await self._database.read(_holdouts, since, until, sites)

    async def sales(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[tuple[str, str, str, int, int]]:
        """Site, source, currency, number of orders and money in minor units of a period: what was paid back
        is taken off.
        """
        return await self._database.read(_sales, since, until, sites)

    async def credits(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[Credit]:
        """Of what the orders of a period came."""
        return await self._database.read(read_credits, since, until, sites)


# --- writing ------------------------------------------------------------------------------------------------


def _upsert(table: Table, change: Mapping[str, str], *, inserted: Collection[str] = ()) -> TextClause:
    """Insert a row, or change the one with its key: SQLite and PostgreSQL write that alike."""
    names = [column.name for column in table.columns if not inserted or column.name in inserted]
    key = ", ".join(column.name for column in table.primary_key)
    changes = ", ".join(f"{name} = {value}" for name, value in change.items())
    statement = text(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)}) "  # noqa: S608 - names of ours
        f"ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )
    typed = [bindparam(name, type_=table.c[name].type) for name in names]
    return statement.bindparams(*typed)


def _newer(*names: str) -> dict[str, str]:
    return {name: f"excluded.{name}" for name in names}


def _more(table: Table, *names: str) -> dict[str, str]:
    return {name: f"{table.name}.{name} + excluded.{name}" for name in names}


_COUNT = _upsert(page_counts, _more(page_counts, "n"))
_PLACE = _upsert(placements, _more(placements, "seen", "clicked"))
_VISITOR = _upsert(visitors, _newer("last_at", "visits", "memory", "call_id", "called_at"))
_OFFER = _upsert(offers, _newer("outcome", "answered_at"), inserted=[each.name for each in fields(OfferRow)])
_CALLED = text("UPDATE offers SET call_id = :call_id WHERE id = :id")


def _write(connection: Connection, batch: VisitBatch) -> None:
    if batch.counts or batch.placements:
        take_turns(connection, page_counts, placements)
    if batch.counts:
        connection.execute(_COUNT, [{**key._asdict(), "n": n} for key, n in batch.counts.items()])
    if batch.placements:
        found = batch.placements.items()
        connection.execute(
            _PLACE, [{**key._asdict(), "seen": each.seen, "clicked": each.clicked} for key, each in found]
        )
    if batch.visitors:
        connection.execute(_VISITOR, [_columns(row) for row in batch.visitors.values()])
    if batch.offers:
        connection.execute(_OFFER, [_columns(row) for row in batch.offers.values()])
    if batch.calls:
        connection.execute(_CALLED, [{"id": each, "call_id": call} for each, call in batch.calls.items()])
    for order in batch.orders:
        _convert(connection, order)


def _columns(row: VisitorRow | OfferRow) -> dict[str, Any]:
    """As ``asdict``, without copying what is in it."""
    return {each.name: getattr(row, each.name) for each in fields(row)}


def _convert(connection: Connection, row: ConversionRow) -> ConversionRow | None:
    here = and_(conversions.c.site == row.site, conversions.c.ref == row.ref)
    known = connection.execute(select(conversions.c.source, conversions.c.visitor).where(here)).first()
    if known is not None and (known.source == "server" or row.source == "page"):
        if row.source == "server" and row.refunded:
            less = and_(here, conversions.c.refunded < row.refunded, conversions.c.value >= row.refunded)
            connection.execute(update(conversions).where(less).values(refunded=row.refunded))
        return None
    values = asdict(row)
    if known is not None and row.visitor is None:
        values["visitor"] = known.visitor
    if values["visitor"] is not None:
        since = row.at - WINDOW
        values["offer_id"] = _last(connection, offers, offers.c.offered_at, values, since)
        values["call_id"] = _called(connection, values, since) or _last(
            connection, calls, calls.c.requested_at, values, since
        )
        values["chat_id"] = _last(
            connection, chats, chats.c.asked_at, values, since, chats.c.first_answer_at.is_not(None)
        )
    if known is None:
        connection.execute(insert(conversions).values(**values))
    else:
        connection.execute(update(conversions).where(here).values(**values))
    return ConversionRow(**values)


def _last(
    connection: Connection, table: Table, at: Any, values: Mapping[str, Any], since: float, *more: Any
) -> str | None:
    newest = (
        select(table.c.id)
        .where(
            table.c.site == values["site"],
            table.c.visitor == values["visitor"],
            at > since,
            at <= values["at"],
            *more,
        )
        .order_by(at.desc())
        .limit(1)
    )
    found: str | None = connection.scalar(newest)
    return found


def _called(connection: Connection, values: Mapping[str, Any], since: float) -> str | None:
    found: str | None = connection.scalar(
        select(visitors.c.call_id).where(
            visitors.c.site == values["site"],
            visitors.c.id == values["visitor"],
            visitors.c.called_at > since,
            visitors.c.called_at <= values["at"],
        )
    )
    return found


# --- reading ------------------------------------------------------------------------------------------------


def _pieces(keys: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(keys)
    while piece := list(islice(rest, size)):
        yield piece


def _load(connection: Connection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], VisitorRow]:
    found: dict[tuple[str, str], VisitorRow] = {}
    for piece in _pieces(keys, _AT_ONCE):
        wanted = select(visitors).where(tuple_(visitors.c.site, visitors.c.id).in_(piece))
        for row in connection.execute(wanted):
            found[row.site, row.id] = VisitorRow(**row._mapping)
    return found


def _within(statement: Any, table: Table, at: Any, since: float, until: float, sites: Any) -> Any:
    statement = statement.where(at >= since, at < until)
    return statement if sites is None else statement.where(table.c.site.in_(sites))


def _counts(
    connection: Connection, since: float, until: float, sites: Collection[str] | None
) -> dict[CountKey, int]:
    key = [page_counts.c[name] for name in CountKey._fields if name != "bucket"]
    statement = select(*key, func.sum(page_counts.c.n).label("n")).group_by(*key).order_by(*key)
    rows = connection.execute(_within(statement, page_counts, page_counts.c.bucket, since, until, sites))
    return {
        CountKey(**{column.name: row._mapping[column.name] for column in key}, bucket=0): int(row.n)
        for row in rows
    }


def _placements(
    connection: Connection, since: float, until: float, sites: Collection[str] | None
) -> dict[ButtonKey, ButtonCounts]:
    table = placements
    key = [table.c[name] for name in ButtonKey._fields if name != "day"]
    seen, clicked = func.sum(table.c.seen).label("seen"), func.sum(table.c.clicked).label("clicked")
    statement = select(*key, seen, clicked).group_by(*key).order_by(*key)
    rows = connection.execute(_within(statement, table, table.c.day, since, until, sites))
    return {
        ButtonKey(**{column.name: row._mapping[column.name] for column in key}, day=0): ButtonCounts(
            int(row.seen), int(row.clicked)
        )
        for row in rows
    }


def _bought(site: Any, visitor: Any, since: Any, *sources: str) -> Any:
    """Whether a visitor bought soon after a moment."""
    return exists().where(
        conversions.c.site == site,
        conversions.c.visitor == visitor,
        conversions.c.at >= since,
        conversions.c.at < since + WINDOW,
        conversions.c.source.in_(sources),
        STANDS,
    )


def _number(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _arms(
    connection: Connection, since: float, until: float, sites: Collection[str] | None
) -> list[ArmResult]:
    key = [offers.c[name] for name in ("site", "rule", "epoch", "variant", "arm")]
    who = (offers.c.site, offers.c.visitor, offers.c.offered_at)
    by_server, by_any = _bought(*who, "server"), _bought(*who, "page", "server")
    accepted = offers.c.outcome == "accepted"
    statement = (
        select(
            *key,
            func.count().label("visitors"),
            _number(accepted).label("accepted"),
            _number(offers.c.outcome == "declined").label("declined"),
            _number(offers.c.outcome == "ignored").label("ignored"),
            _number(offers.c.call_id.is_not(None)).label("calls"),
            _number(by_server).label("converted"),
            _number(by_any).label("claimed"),
            _number(and_(accepted, by_server)).label("accepted_converted"),
            _number(and_(accepted, by_any)).label("accepted_claimed"),
        )
        .group_by(*key)
        .order_by(*key)
    )
    rows = connection.execute(_within(statement, offers, offers.c.offered_at, since, until, sites))
    return [ArmResult(**row._mapping) for row in rows]


def _holdouts(
    connection: Connection, since: float, until: float, sites: Collection[str] | None
) -> list[ArmResult]:
    first = func.min(offers.c.offered_at).label("at")
    held = func.max(case((offers.c.arm == "holdout", 1), else_=0)).label("held")
    people = _within(
        select(offers.c.site, offers.c.visitor, first, held), offers, offers.c.offered_at, since, until, sites
    )
    who = people.group_by(offers.c.site, offers.c.visitor).subquery()
    key = (who.c.site, who.c.held)
    statement = select(
        who.c.site,
        who.c.held,
        func.count(),
        _number(_bought(who.c.site, who.c.visitor, who.c.at, "server")),
        _number(_bought(who.c.site, who.c.visitor, who.c.at, "page", "server")),
    )
    rows = connection.execute(statement.group_by(*key).order_by(*key))
    return [
        ArmResult(
            site=site, rule="", epoch="", variant="", arm="holdout" if held else "shown", visitors=visitors,
            accepted=0, declined=0, ignored=0, calls=0, converted=converted, claimed=claimed,
        )
        for site, held, visitors, converted, claimed in rows
    ]  # fmt: skip


def _sales(
    connection: Connection, since: float, until: float, sites: Collection[str] | None
) -> list[tuple[str, str, str, int, int]]:
    table = conversions
    key = [table.c.site, table.c.source, table.c.currency]
    money = func.coalesce(func.sum(table.c.value - table.c.refunded), 0)
    statement = select(*key, _number(STANDS), money).group_by(*key)
    rows = connection.execute(_within(statement.order_by(*key), table, table.c.at, since, until, sites))
    return [(site, source, currency, int(n), int(value)) for site, source, currency, n, value in rows]
