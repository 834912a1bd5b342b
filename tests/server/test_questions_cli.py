"""``ringback questions`` against the real API over HTTP."""

from __future__ import annotations

import json
import time
from pathlib import Path

from store.questions import AskedQuestion
from tests.aio import asyncio_test
from tests.server.test_kept_cli import running


@asyncio_test
async def test_what_was_asked_is_listed(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        questions, now = server.stores.questions, time.time()
        for site, text, visitors, days in (
            ("shop", "do you rent bikes", 4, 1),
            ("shop", "is there a showroom", 3, 40),
            ("other", "gift wrapping", 3, 1),
            ("shop", "where is ann", 2, 1),
        ):
            for n in range(visitors):
                asked = AskedQuestion(site, "en", text, f"digest of {text}", f"{n:04x}")
                await questions.note(asked, "asked", 3, now - days * 86400)
        await questions.note_answer("shop", "returns", "helped", now)

        found = [json.loads(line) for line in (await ringback("questions", "--json")).splitlines()]
        assert [(each["question"], each["asked"]) for each in found] == [
            ("do you rent bikes", 4),
            ("gift wrapping", 3),
        ]
        table = await ringback("questions", "--site", "shop", "--days", "60")
        assert "do you rent bikes" in table
        assert "is there a showroom" in table
        assert "nothing" in table
        assert "gift" not in table
        assert "ann" not in table
        told = json.loads(await ringback("questions", "--answers", "--json"))
        assert (told["answer"], told["helped"]) == ("returns", 1)
        assert "returns" in await ringback("questions", "--answers")
