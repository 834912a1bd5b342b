"""``ringback reports`` against the real API over HTTP."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.aio import asyncio_test
from tests.server.test_kept_cli import running
from tests.store.records import a_click, a_record


@asyncio_test
async def test_counts_are_made_again_and_shown(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        now = time.time()
        for number, (at, talk) in enumerate(
            ((now - 60, 30.0), (now - 3600, 90.0), (now - 20 * 86400, 600.0))
        ):
            record = a_record(
                f"c{number}",
                site="shop",
                requested_at=at,
                bridged_at=at + 10,
                ended_at=at + 10 + talk,
                legs=(),
            )
            await server.store.open_call(record.call_id, a_click(site="shop"), "sales", at)
            await server.store.write_cdr(record)
        assert json.loads(await ringback("reports show", "--json") or "{}") == {}, "nothing is counted yet"
        assert (await ringback("reports rebuild")).endswith("counted: 3 calls\n")
        entry = json.loads(await ringback("reports show", "--json"))
        assert (entry["site"], entry["disposition"], entry["calls"], entry["talk"]) == (
            "shop",
            "bridged",
            2,
            120.0,
        )
        assert 9.5 <= entry["wait_p50"] <= 10.5
        table = await ringback("reports show", "--days", "30")
        assert "bridged" in table
        assert "12.0" in table, "all three talked for twelve minutes"
