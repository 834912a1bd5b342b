"""Counts of ended chats, for the operator and for a customer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chat.records import ChatOpening, KeepRow
from chat.standing import ChatRow
from chat.states import ChatState
from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import admin

OPENING = ChatOpening("th-1", "shop", "help", "ann", "/", {}, {}, "192.0.2.1", "https://x.example", "t", "k")


@asyncio_test
async def test_chats_are_reported_with_their_averages(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        store = server.stores.chats
        for number, waited in enumerate((10.0, 20.0)):
            opening = replace(OPENING, chat_id=f"th-{number}", key_digest=f"k{number}")
            await store.open_chat(opening, ChatRow("help", 1000.0 + 900.0 * number))
            row = ChatRow(
                "help", 1000.0 + 900.0 * number, ChatState.ENDED, last_agent="ann", accepted_at=1010.0,
                first_answer_at=1014.0, ended_at=2000.0, outcome="answered", waited=waited, handled=60.0,
                replies=2, reply_seconds=8.0,
            )  # fmt: skip
            await store.write([KeepRow(opening.chat_id, row, ended=True)])
        await store.rate("th-1", 4, "")
        asked = {"since": "0", "until": "9000"}
        answer = await server.http.get("/v1/reports/threads", params=asked, headers=admin())
        assert answer.json() == {
            "counts": [
                {
                    "site": "shop", "route": "help", "agent": "ann", "outcome": "answered", "chats": 2,
                    "accepted": 2, "wait": 15.0, "first_answer": 4.0, "reply": 4.0, "handle": 60.0,
                    "rated": 1, "rating": 4.0,
                }
            ]
        }  # fmt: skip
        nobody = await server.http.get("/v1/reports/threads", params=asked)
        assert nobody.status_code == 401
