"""Calls of the days before the demo was started: what reports and the replay of a draft are about."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, LegRecord
from demo.desks import DESKS
from routing.plan import ClickToCall
from store.calls import SqlCallStore
from store.database import Database, sqlite_url

ZONE = ZoneInfo("America/New_York")
SITE = "acme"
#: Eight days, so that there is a whole week at any time of the day.
_DAYS = 8
_SATURDAY, _SUNDAY = 5, 6
#: Of the page where repairs are asked for: the hour of the first call of a Saturday, and of the last.
_REPAIRS_ON_SATURDAY = (10, 15)


def last_week(now: float, shop: str, seed: int = 11) -> Iterator[CallRecord]:
    """Calls that ended before ``now``, in epoch seconds; ``shop`` is the address of the shop's page."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    today = datetime.fromtimestamp(now, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(_DAYS, -1, -1):
        day = today - timedelta(days=back)
        for at, path in _clicks(day, chance):
            record = _call(f"week-{at:.0f}-{chance.getrandbits(32):08x}", at, f"{shop}{path}", chance)
            if record.ended_at < now:
                yield record


async def keep_last_week(database: Path, records: Iterator[CallRecord]) -> None:
    """Put the calls into the demo's database, before its server opens it."""
    async with Database(sqlite_url(database)) as opened:
        store = SqlCallStore(opened)
        for record in records:
            click = ClickToCall(record.site, record.number, record.page, {}, "", "phone", {})
            await store.open_call(record.call_id, click, record.route, record.requested_at)
            await store.write_cdr(record)


def _clicks(day: datetime, chance: random.Random) -> Iterator[tuple[float, str]]:
    """When somebody clicked on a day, and on which page."""
    weekday = day.weekday()
    if weekday != _SUNDAY:
        first, last = _REPAIRS_ON_SATURDAY if weekday == _SATURDAY else (9, 17)
        for hour in range(first, last + 1):
            yield _at(day, hour, chance), "/repairs"
    for _ in range(6 if weekday == _SUNDAY else 12):
        yield _at(day, chance.randint(8, 20), chance), chance.choice(("/", "/", "/cart"))


def _at(day: datetime, hour: int, chance: random.Random) -> float:
    return day.replace(hour=hour, minute=chance.randint(3, 55), second=chance.randint(0, 59)).timestamp()


def _call(call_id: str, at: float, page: str, chance: random.Random) -> CallRecord:
    """A call with what became of it: most are answered."""
    repairs = page.endswith("/repairs")
    route, desk = ("repairs", "workbench") if repairs else ("sales", chance.choice(("boston", "cambridge")))
    rung = at + chance.uniform(3, 6)
    kinds = (Disposition.BRIDGED, Disposition.UNANSWERED, Disposition.CANCELLED)
    (became,) = chance.choices(kinds, (16, 3, 1))
    answered = rung + chance.uniform(2, 11)
    bridged = answered if became is Disposition.BRIDGED else None
    ended = answered + (chance.uniform(40, 420) if bridged else chance.uniform(6, 15))
    cause = HangupCause.NO_ANSWER if became is Disposition.UNANSWERED else HangupCause.NORMAL
    number = f"+161755501{chance.randint(50, 98)}"
    return CallRecord(
        call_id=call_id,
        site=SITE,
        route=route,
        number=number,
        page=page,
        requested_at=at,
        bridged_at=bridged,
        ended_at=ended,
        disposition=became,
        cause=cause,
        legs=(
            _leg(f"{call_id}-shopper", "", f"sip:{number}@carrier", (at + 0.2, rung, bridged, ended)),
            _leg(f"{call_id}-desk", desk, f"sip:{desk}@shop", (rung, bridged, bridged, ended)),
        ),
        number_verified=True,
    )


def _leg(
    leg_id: str, desk: str, uri: str, times: tuple[float, float | None, float | None, float]
) -> LegRecord:
    """A leg; its times are those of dialling, of the answer, of the bridge and of the end."""
    dialed, answered, joined, ended = times
    return LegRecord(
        leg_id=leg_id,
        role="business" if desk else "shopper",
        destination=desk or "shopper",
        label=DESKS[desk].label if desk else "Shopper",
        uri=uri,
        dialed_at=dialed,
        ringing_at=dialed + 0.4,
        answered_at=answered,
        joined_at=joined,
        ended_at=ended,
        cause=HangupCause.NORMAL if answered else HangupCause.NO_ANSWER,
        sip_status=200 if answered else 487,
        sip_call_id=None,
        stats=None,
    )
