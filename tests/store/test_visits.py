"""Visitors, offers, conversions and counts on disk: nothing counts twice, and an order counts once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bridge.causes import Disposition
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from store.visits import SqlVisits
from tests.aio import asyncio_test
from tests.store.records import a_record
from tests.store.test_reports import keep
from visits.records import (
    WINDOW,
    ButtonCounts,
    ButtonKey,
    ConversionRow,
    CountKey,
    OfferRow,
    VisitBatch,
    VisitorRow,
)

NOW = 1_780_000_000.0
KEY = CountKey("shop", 900, "promo", "short", "shown", "exposed", "", "phone")
OFFER = OfferRow(
    "o1", "shop", "v1", "promo", "2026-11-01", "short", "shown", "/cart", NOW, "exposed"
)  # fmt: skip
VISITOR = VisitorRow("shop", "v1", NOW, NOW, 1, {"visit": 1})
ORDER = ConversionRow("shop", "A-1", "v1", NOW + 60, 12_050, "EUR", "page")


@asynccontextmanager
async def kept(path: Path) -> AsyncIterator[SqlVisits]:
    async with Database(sqlite_url(path / "ringback.sqlite3")) as database:
        yield SqlVisits(database)


@asyncio_test
async def test_counts_add_up_over_batches_and_buckets(tmp_path: Path) -> None:
    async with kept(tmp_path) as store:
        declined = KEY._replace(outcome="declined")
        button = ButtonKey("shop", 0, "launcher", "/cart", "phone")
        await store.write(VisitBatch({KEY: 2, declined: 1}, {button: ButtonCounts(3, 1)}))
        more = {KEY: 5, KEY._replace(bucket=1800): 7, KEY._replace(site="other"): 1}
        await store.write(VisitBatch(more, {button: ButtonCounts(1, 0)}))

        whole = KEY._replace(bucket=0)
        assert await store.counts(0, 5000, {"shop"}) == {whole: 14, declined._replace(bucket=0): 1}
        assert await store.counts(1800, 5000, {"shop"}) == {whole: 7}
        assert await store.placements(0, 5000) == {button: ButtonCounts(4, 1)}


@asyncio_test
async def test_an_offer_is_one_row_from_its_first_exposure(tmp_path: Path) -> None:
    async with kept(tmp_path) as store:
        await store.write(VisitBatch(offers={"o1": OFFER}, visitors={("shop", "v1"): VISITOR}))
        later = replace(OFFER, offered_at=NOW + 999, outcome="accepted", answered_at=NOW + 1000)
        again = replace(VISITOR, last_at=NOW + 999, visits=2, memory={"visit": 2})
        await store.write(
            VisitBatch(offers={"o1": later}, visitors={("shop", "v1"): again}, calls={"o1": "c1"})
        )
        (arm,) = await store.arms(NOW - 1, NOW + 1)
        assert (arm.visitors, arm.accepted, arm.calls, arm.converted) == (1, 1, 1, 0)
        assert await store.load([("shop", "v1"), ("shop", "v2")]) == {
            ("shop", "v1"): replace(again, first_at=NOW)
        }


@asyncio_test
async def test_an_order_counts_once_and_the_server_overrides_what_a_page_claims(tmp_path: Path) -> None:
    async with kept(tmp_path) as store:
        caller = replace(VISITOR, call_id="c7", called_at=NOW + 5)
        await store.write(VisitBatch(offers={"o1": OFFER}, visitors={("shop", "v1"): caller}))
        claimed = await store.convert(ORDER)
        assert claimed == replace(ORDER, offer_id="o1", call_id="c7")
        assert await store.convert(replace(ORDER, value=1)) is None

        signed = replace(ORDER, visitor=None, value=9_900, source="server")
        proven = await store.convert(signed)
        assert proven is not None
        assert (proven.visitor, proven.value, proven.offer_id) == ("v1", 9_900, "o1")
        assert await store.convert(signed) is None
        assert await store.convert(replace(ORDER, value=2)) is None
        assert await store.convert(replace(ORDER, site="other")) is not None
        assert await store.sales(0, NOW + 100, {"shop"}) == [("shop", "server", "EUR", 1, 9_900)]


@asyncio_test
async def test_what_is_bought_long_after_an_offer_is_not_its_doing(tmp_path: Path) -> None:
    async with kept(tmp_path) as store:
        await store.write(VisitBatch(offers={"o1": OFFER}, visitors={("shop", "v1"): VISITOR}))
        late = replace(ORDER, at=NOW + WINDOW + 1, source="server")
        kept_late = await store.convert(late)
        assert kept_late is not None
        assert kept_late.offer_id is None
        before = replace(ORDER, ref="A-0", at=NOW - 1, source="server")
        await store.convert(before)
        (arm,) = await store.arms(0, NOW + 1)
        assert (arm.converted, arm.claimed) == (0, 0)


@asyncio_test
async def test_visitors_of_each_arm_that_bought(tmp_path: Path) -> None:
    async with kept(tmp_path) as store:
        rows = {
            f"o{number}": replace(
                OFFER,
                id=f"o{number}",
                visitor=f"v{number}",
                arm="control" if number % 2 else "shown",
                outcome="accepted" if number == 2 else "exposed",
            )
            for number in range(1000)
        }
        await store.write(VisitBatch(offers=rows))
        for number, source in ((1, "server"), (2, "server"), (3, "page"), (4, "server")):
            order = replace(ORDER, ref=f"A-{number}", visitor=f"v{number}")
            await store.convert(replace(order, source="page" if source == "page" else "server"))
        control, shown = await store.arms(0, NOW + 1)
        assert (control.arm, control.visitors, control.converted, control.claimed) == ("control", 500, 1, 2)
        assert (shown.visitors, shown.converted, shown.accepted, shown.accepted_converted) == (500, 2, 1, 1)


@asyncio_test
async def test_what_is_paid_back_is_taken_off_however_often_and_late_it_is_told(tmp_path: Path) -> None:
    async with kept(tmp_path) as store:
        await store.write(VisitBatch(offers={"o1": OFFER}))
        signed = replace(ORDER, source="server", value=10_000)
        await store.convert(signed)
        for refunded in (2_500, 4_000, 2_500, 0):
            assert await store.convert(replace(signed, refunded=refunded)) is None
        assert await store.sales(0, NOW + 100) == [("shop", "server", "EUR", 1, 6_000)]
        (arm,) = await store.arms(0, NOW + 1)
        assert arm.converted == 1
        # More than the order was worth is not believed; all of it, and the visitor has bought nothing.
        await store.convert(replace(signed, refunded=10_001))
        assert await store.sales(0, NOW + 100) == [("shop", "server", "EUR", 1, 6_000)]
        await store.convert(replace(signed, refunded=10_000))
        assert await store.sales(0, NOW + 100) == [("shop", "server", "EUR", 0, 0)]
        (arm,) = await store.arms(0, NOW + 1)
        assert arm.converted == 0


@asyncio_test
async def test_an_order_is_credited_to_the_last_talk_and_the_others_assisted(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlVisits(database)
        nobody = {"bridged_at": None, "disposition": Disposition.UNANSWERED}
        for name, more in (("talked", {"bridged_at": NOW + 15}), ("alone", nobody)):
            record = a_record(name, site="shop", requested_at=NOW + 5, ended_at=NOW + 50, **more)
            await keep(SqlCallStore(database), record)
        shown = {
            name: replace(OFFER, id=f"o-{name}", visitor=name, outcome="accepted" if yes else "seen", arm=arm)
            for name, yes, arm in (
                ("caller", True, "shown"), ("missed", True, "shown"), ("looker", False, "shown"),
                ("control", False, "control"),
            )
        }  # fmt: skip
        visitors = {
            ("shop", name): replace(VISITOR, id=name, call_id=call, called_at=NOW + 5)
            for name, call in (("caller", "talked"), ("missed", "alone"))
        }
        await store.write(VisitBatch(offers={each.id: each for each in shown.values()}, visitors=visitors))
        for number, name in enumerate((*shown, "stranger")):
            await store.convert(
                replace(ORDER, ref=name, visitor=name, source="server", value=1000 * (number + 1))
            )
        found = await store.credits(0, NOW + 100)
        assert [(each.way, each.orders, each.money, each.assists) for each in found] == [
            ("call", 1, 1000, 0),
            ("accepted", 1, 2000, 1),
            ("shown", 1, 3000, 0),
            ("nothing", 2, 9000, 0),
        ]
        assert sum(each.orders for each in found) == (await store.sales(0, NOW + 100))[0][3]
