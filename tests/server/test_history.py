"""Earlier calls: found by number and by customer, of this site alone, without reading all calls."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, event

from bridge.causes import Disposition
from config.models import Config
from cti.pop import EarlierCall
from routing.plan import ClickToCall
from server.history import CallHistory, visitor_of
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from tests.aio import asyncio_test
from tests.cti.shops import CLICK, shop
from tests.store.records import a_record

CONFIG = shop(visitor="customer.id")
ANN = replace(CLICK, signed={"customer.id": "7"})


async def history(
    store: SqlCallStore, click: ClickToCall, config: Config = CONFIG, limit: int = 5
) -> list[str]:
    """The ids of the earlier calls that are found."""
    looked: asyncio.Future[Sequence[EarlierCall]] = asyncio.get_running_loop().create_future()
    CallHistory(store, lambda: config).look_up("now", click, limit, looked.set_result)
    return [call.call_id for call in await asyncio.wait_for(looked, 5)]


@asyncio_test
async def test_earlier_calls_of_a_number_and_of_a_customer(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlCallStore(database, lambda click: visitor_of(click, CONFIG))
        at_home, by_pc = replace(ANN, number="+16175550999"), replace(ANN, number="", by="pc")
        for at, (call_id, click, disposition) in enumerate(
            [
                ("same number", CLICK, Disposition.BRIDGED),
                ("refused", CLICK, Disposition.REFUSED),
                ("elsewhere", replace(CLICK, site="other"), Disposition.BRIDGED),
                ("from home", at_home, Disposition.UNANSWERED),
                ("by pc", by_pc, Disposition.BRIDGED),
                ("claimed", replace(at_home, signed={}, context={"customer.id": "7"}), Disposition.BRIDGED),
                ("typed by a stranger", replace(CLICK, by="pc"), Disposition.BRIDGED),
                ("never answered", replace(CLICK, client_ip="203.0.113.9"), Disposition.UNANSWERED),
                ("both", ANN, Disposition.CANCELLED),
            ]
        ):
            await store.open_call(call_id, click, "sales", float(at))
            record = a_record(call_id, site=click.site, number=click.number, requested_at=float(at))
            answered = click.by == "phone" and call_id != "never answered"
            legs = record.legs[:1] if answered else ()
            await store.write_cdr(replace(record, disposition=disposition, legs=legs))
        await store.open_call("now", ANN, "sales", 100.0)  # lives, and is no earlier call
        assert await history(store, ANN) == ["both", "by pc", "from home", "same number"]
        assert await history(store, ANN, limit=2) == ["both", "by pc"]
        assert await history(store, by_pc) == ["both", "by pc", "from home"]
        assert await history(store, CLICK) == ["both", "same number"]
        # A number that was only typed opens nothing; one that was signed does.
        assert await history(store, replace(CLICK, by="pc")) == []
        assert await history(store, replace(CLICK, reached=False)) == []
        signed = replace(CLICK, by="pc", signed={"customer.phone": "+1 617-555-0123"})
        assert await history(store, signed) == ["both", "same number"]
        assert await history(store, replace(by_pc, signed={"customer.id": "8"})) == []
        assert await history(store, replace(by_pc, signed={})) == []
        assert await history(store, ANN, shop()) == ["both", "same number"]


@asyncio_test
async def test_nothing_reads_all_calls(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        asked: list[tuple[str, object]] = []

        def listen(connection: Connection) -> None:
            event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))

        def plans(connection: Connection) -> list[str]:
            return [
                step[3]
                for text, values in list(asked)
                for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
            ]

        await database.read(listen)
        await history(SqlCallStore(database), ANN)
        steps = await database.read(plans)
    assert [step.split(" (")[0] for step in steps] == [
        "SEARCH calls USING INDEX ix_calls_number",
        "SEARCH calls USING INDEX ix_calls_visitor",
    ]
