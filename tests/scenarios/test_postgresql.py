"""A call on a server with PostgreSQL, which drops every connection, and is gone as they hang up."""

from __future__ import annotations

import asyncio
from pathlib import Path

from phones import wire
from store.postgresql import POSTGRESQL
from tests.aio import asyncio_test
from tests.plumbing import databases, postgresql
from tests.scenarios.world import world

pytestmark = databases.kinds()[1].marks


@asyncio_test(timeout=60)
async def test_a_call_goes_on_without_its_database_and_its_record_is_written_after(tmp_path: Path) -> None:
    with postgresql.empty_database() as database:
        async with world(tmp_path) as here:
            await here.shopper()
            boston = await here.business("boston")
            here.settings["server"]["database"] = database.render_as_string()
            await here.serve()
            call = await here.click()
            await call.reaches("bridged")
            await asyncio.to_thread(postgresql.cut_off, database)
            await asyncio.sleep(0.3)
            with postgresql.gone(database):
                refused = await here.ask()
                assert (refused.status_code, refused.json()["id"]) == (503, "store_unavailable")
                await boston.send(wire.HangUpCall(1))
                await call.reaches("ended")
                await asyncio.sleep(0.5)
            await asyncio.sleep(POSTGRESQL.breather)
            record = await call.record(within=10.0)
            here.expected_complaints = "record_not_written|store_unavailable"
            assert record.causes == [("shopper", "peer_ended"), ("boston", "normal")]
            # What a dead server left over is closed by the next one.
            lost = await here.click()
            await lost.reaches("bridged")
            lost.forget()
            await here.server.kill()
            await here.server.start()
            listed = await here.server.admin("GET", "/v1/cdrs")
            assert [each["disposition"] for each in listed.json()["cdrs"]] == ["bridged", "bridged"]
