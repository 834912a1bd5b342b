"""What legs cost, on disk: a row for each leg and account, from its dial on; a restart forgets none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bridge.spend import Entry, Rate, Sum
from store.database import Database
from store.tables import spend


@dataclass(frozen=True, slots=True)
class Spent:
    """What an account's day has cost: the settled sum, and the legs that nobody has settled."""

    account: str
    day: str
    settled: Sum
    open: tuple[Entry, ...]


class SqlSpendStore:
    """Spending in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, entries: Sequence[Entry]) -> None:
        """Put legs on disk that are being dialled."""
        await self._database.write(_open, entries)

    async def settle(self, entry: Entry, cost: Sum) -> None:
        """Put on disk what a leg has cost in the end."""
        await self._database.write(_settle, entry, cost)

    async def spent_since(self, day: str) -> Sequence[Spent]:
        """What every account has spent on this day and later ones."""
        return await self._database.read(_spent_since, day)

    async def forget(self, before: str) -> int:
        """Delete the days before this one; how many rows."""
        return await self._database.write(_forget, before)


_OPEN = insert(spend)
_SETTLE = (
    update(spend)
    .where(spend.c.leg_id == bindparam("of_leg"), spend.c.account == bindparam("of_account"))
    .values(money=bindparam("cost"), minutes=bindparam("lasted"))
)
_SINCE = select(spend).where(spend.c.day >= bindparam("day"))
_FORGET = delete(spend).where(spend.c.day < bindparam("day"))


def _open(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "leg_id": entry.leg_id,
            "account": entry.account,
            "day": entry.day,
            "per_minute": str(entry.rate.per_minute),
            "increment": entry.rate.increment,
            "dialed_at": entry.dialed_at,
        }
        for entry in entries
    ]
    connection.execute(_OPEN, rows)


def _settle(connection: Connection, entry: Entry, cost: Sum) -> None:
    values = {
        "of_leg": entry.leg_id,
        "of_account": entry.account,
        "cost": str(cost.money),
        "lasted": str(cost.minutes),
    }
    connection.execute(_SETTLE, values)


def _spent_since(connection: Connection, day: str) -> Sequence[Spent]:
    settled: dict[tuple[str, str], Sum] = {}
    left: dict[tuple[str, str], list[Entry]] = {}
    for row in connection.execute(_SINCE, {"day": day}):
        key = (row.account, row.day)
        settled.setdefault(key, Sum())
        if row.money is None:
            rate = Rate(Decimal(row.per_minute), row.increment)
            left.setdefault(key, []).append(Entry(row.leg_id, row.account, row.day, rate, row.dialed_at))
        else:
            settled[key] += Sum(Decimal(row.money), Decimal(row.minutes))
    return [Spent(*key, total, tuple(left.get(key, ()))) for key, total in settled.items()]


def _forget(connection: Connection, before: str) -> int:
    return connection.execute(_FORGET, {"day": before}).rowcount
