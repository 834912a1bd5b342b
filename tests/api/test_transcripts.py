"""Transcripts for shoppers: saved or mailed, for who has the chat's token, and not without end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from api.shop.transcripts import PER_ADDRESS
from config.models import Config
from tests.aio import asyncio_test
from tests.api.chat_shop import ChatShop, chat_shop, chatting
from tests.api.shop import ORIGIN


def with_mail() -> Config:
    dumped = chatting().model_dump(mode="json", context={"reveal": True})
    return Config.model_validate({**dumped, "mail": {"sender": "ringback@shop.example"}}, strict=False)


async def ask(it: ChatShop, chat: dict[str, Any], origin: str = ORIGIN, **changed: Any) -> httpx.Response:
    body = {"token": chat["token"], **changed}
    path = f"/v1/threads/{chat['id']}/transcript"
    return await it.server.http.post(path, json=body, headers={"Origin": origin})


@asyncio_test
async def test_the_shopper_saves_all_that_was_said_but_notes(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, with_mail()) as it:
        chat, shopper, alice = await it.talking()
        await shopper.write("Is it <b>blue</b>?")
        await alice.hears("Is it <b>blue</b>?")
        await alice.say("chat_whisper", chat_id=chat["id"], key="12345678", text="hesitates")
        await alice.write("Yes.", chat_id=chat["id"])
        await shopper.hears("Yes.")
        answer = await ask(it, chat)
        assert answer.status_code == 200
        told = answer.json()
        assert told["mailed"] is False
        assert "] You: Is it <b>blue</b>?\n" in told["text"]
        assert "] Alice: Yes.\n" in told["text"]
        assert "&lt;b&gt;blue&lt;/b&gt;" in told["html"]
        assert "hesitates" not in told["text"] + told["html"]
        assert it.server.office.chats.mails == []


@asyncio_test
async def test_it_is_mailed_to_the_typed_address_and_not_too_often(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, with_mail()) as it:
        chat, _, _ = await it.talking()
        for _ in range(PER_ADDRESS[0].times):
            assert (await ask(it, chat, email="Ann@x.example")).json()["mailed"] is True
        refused = await ask(it, chat, email="ann@x.example")
        assert (refused.status_code, refused.json()["id"]) == (429, "limit_requests")
        assert float(refused.headers["Retry-After"]) > 0
        mails = it.server.office.chats.mails
        assert len(mails) == PER_ADDRESS[0].times
        assert (mails[0].target, mails[0].about) == ("Ann@x.example", f"chat:{chat['id']}")
        assert mails[0].html.startswith("<!doctype html>")


@asyncio_test
async def test_without_the_chats_token_there_is_none(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, with_mail()) as it:
        chat, _, _ = await it.talking()
        for wrong in ({"token": "x" * 43}, {"origin": "https://other.example"}):
            answer = await ask(it, chat, **wrong)
            assert (answer.status_code, answer.json()["id"]) == (404, "chat_unknown")
        other = {"id": "th-0", "token": chat["token"]}
        assert (await ask(it, other)).status_code == 404
        for odd in ("ann", "a@b.example\r\nBcc: c@d.example", "a b@c.example", ""):
            assert (await ask(it, chat, email=odd)).status_code == 400
        assert it.server.office.chats.mails == []


@asyncio_test
async def test_a_server_that_sends_no_mail_says_so(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        chat, _, _ = await it.talking()
        answer = await ask(it, chat, email="ann@x.example")
        assert (answer.status_code, answer.json()["id"]) == (403, "mail_off")
        assert (await ask(it, chat)).status_code == 200


@asyncio_test
async def test_a_site_may_give_none(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, chatting({"transcript": {"shopper": False}})) as it:
        chat, _, _ = await it.talking()
        answer = await ask(it, chat)
        assert (answer.status_code, answer.json()["id"]) == (403, "transcript_off")
