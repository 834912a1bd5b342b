"""Chats at the desk in Chromium, beside a stand-in for the server."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.agent_page.chromium import PHONE, Tab, agent, expect
from tests.agent_page.stand_in import BUILD, PASSWORD, StandIn, stand_in
from tests.agent_page.test_desk import DESK, pop
from tests.aio import asyncio_test
from tests.plumbing.chromium import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
EVIL = '<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>'
REPLIES = [
    {
        "name": "late",
        "title": "Delivery is late",
        "text": "Order ⟦Order number⟧ is late.",
        "gaps": ["Order number"],
    },
    {"name": "hello", "title": "Hello", "text": "Hello Ann, this is Alice.", "gaps": []},
]


def at_desk(state: str, chat_id: str = "chat-1", name: str = "Ann Lee", **more: Any) -> dict[str, Any]:
    """The message ``desk_chat``."""
    now = time.time()
    chat = {"state": "ended" if state == "over" else state, "now": now, **more.pop("chat", {})}
    if chat["state"] == "watching":
        chat["state"] = "talking"
    known = pop(name=name, name_signed=True, history=[])["pop"]
    told = {"chat_id": chat_id, "site": "bikes", "state": state, "chat": chat}
    return {**told, "asked_at": now - 30, "pop": known, **more}


def entry(seq: int, text: str, by: str = "shopper", **more: Any) -> dict[str, Any]:
    return {"seq": seq, "at": time.time(), "by": by, "kind": "text", "text": text, **more}


async def _says(server: StandIn, *entries: dict[str, Any], chat_id: str = "chat-1", **more: Any) -> None:
    await server.say("desk_entries", chat_id=chat_id, entries=list(entries), **more)


async def _ready(tab: Tab, server: StandIn) -> None:
    server.desk = DESK
    tab.expected += ("401 (Unauthorized)",)
    await tab.log_in("alice", PASSWORD)
    await tab.shows("You are away")
    await tab.becomes_available()


@asyncio_test(timeout=120)
async def test_a_chat_from_the_offer_to_the_wrap_up() -> None:
    async with stand_in() as server, agent(server.url) as tab:
        page = tab.page
        await _ready(tab, server)
        await server.say("desk_chat", **at_desk("offered", until=time.time() + 20))
        await tab.shows("Ann Lee")
        await tab.says("wants to chat")
        assert await page.title() in ("☎ Ann Lee wants to chat", "Available · Ringback")
        assert (await server.asks("desk_follow"))["after"] is None
        await _says(server, entry(1, "Is the blue one in stock?"), entry(2, EVIL))
        await tab.picture("chat-offered")
        await tab.is_accessible()
        await tab.press("Accept")
        await server.asks("chat_accept")
        await server.say("desk_chat", **at_desk("talking"))
        await server.asks("desk_follow")
        await _says(server, entry(3, "joined", "system", kind="event", agent="Alice Young"))
        box = page.get_by_role("textbox", name="Your answer")
        await expect(box).to_be_focused()

        # What people write is text, and only https is a link.
        log = page.get_by_role("log")
        await expect(log).to_contain_text(EVIL)
        await _says(server, entry(4, "see https://bikes.example/blue or http://x.example, ‮evil"))
        await expect(log.get_by_role("link")).to_have_count(1)
        await expect(log.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer nofollow")
        assert await page.evaluate("window.hacked") is None

        # A canned reply by keyboard: its gap must be filled first.
        await box.press_sequentially("/late")
        assert (await server.asks("ask_canned"))["chat_id"] == "chat-1"
        await server.say("chat_canned", chat_id="chat-1", replies=REPLIES)
        await expect(page.get_by_role("option")).to_have_count(1)
        await tab.picture("chat-canned")
        await tab.is_accessible()
        await page.keyboard.press("Enter")
        await expect(box).to_have_value("Order ⟦Order number⟧ is late.")
        await page.keyboard.press("Enter")
        await tab.says("Fill what stands between")
        await page.keyboard.type("A 17")
        await expect(box).to_have_value("Order A 17 is late.")
        await page.keyboard.press("Enter")
        typing = await server.asks("desk_typing")
        assert typing["chat_id"] == "chat-1"
        said = await server.asks("desk_say")
        assert (said["text"], said["canned"]) == ("Order A 17 is late.", "late")
        await expect(log).to_contain_text("sending…")
        await _says(server, entry(5, said["text"], "agent", agent="Alice Young", key=said["key"]))
        await expect(log).not_to_contain_text("sending…")

        # What the server does not take is told, and can be sent again.
        await box.fill("too fast")
        await page.keyboard.press("Enter")
        said = await server.asks("desk_say")
        await server.say("refused", request="desk_say", chat_id="chat-1", key=said["key"], reason="too_fast")
        await expect(log.get_by_role("alert")).to_contain_text("Not sent: too many at once")
        await tab.picture("chat-not-sent")
        await tab.press("Try again")
        assert (await server.asks("desk_say"))["key"] == said["key"]
        await _says(server, entry(6, "too fast", "agent", agent="Alice Young", key=said["key"]))

        # A note is for agents alone.
        await page.get_by_label("Note for agents").check()
        await page.get_by_role("textbox", name="A note, for agents alone").fill("wants a discount")
        await page.keyboard.press("Enter")
        assert (await server.asks("chat_whisper"))["text"] == "wants a discount"
        await _says(server, entry(-1, "wants a discount", "agent", kind="note", agent="Alice Young"))
        await page.get_by_label("Note for agents").uncheck()
        await server.say("shopper_typing", chat_id="chat-1")
        await tab.says("is typing…")
        await tab.picture("chat-talking")
        await tab.is_accessible()

        # Passed on to somebody who does not take it, and ended.
        await tab.press("Pass on")
        await page.get_by_label("Pass the chat on to").select_option("agent:bob")
        await page.get_by_label("What they should know").fill("the blue one")
        await page.locator("form.pass").get_by_role("button", name="Pass on").click()
        passed = await server.asks("chat_pass")
        assert (passed["to"], passed["note"]) == ("agent:bob", "the blue one")
        await server.say("desk_chat", **at_desk("talking", passing="failed"))
        await tab.says("nobody took it")
        await tab.press("End chat")
        await server.asks("desk_end")
        await server.say("desk_chat", **at_desk("over", why="over", chat={"cause": "agent"}))
        await tab.says("You ended it")
        await page.get_by_text("Question answered").click()
        assert (await server.asks("chat_wrap_up"))["code"] == "question"
        await server.say("chat_kept", chat_id="chat-1", note="", code="question")
        await tab.picture("chat-over")
        await tab.is_accessible()
        await tab.press("Done")
        await tab.shows("You are available")
        tab.is_fine()


@asyncio_test(timeout=120)
async def test_several_chats_beside_a_call_on_a_narrow_dark_screen() -> None:
    narrow = {"width": 390, "height": 780}
    async with stand_in() as server, agent(server.url, narrow, color_scheme="dark") as tab:
        page = tab.page
        await _ready(tab, server)
        await server.say("desk_chat", **at_desk("talking"))
        await server.say("desk_chat", **at_desk("talking", "chat-2", "Zoë Ó Briain"))
        for _ in range(2):
            await server.asks("desk_follow")
        for chat_id in ("chat-1", "chat-2"):
            await _says(server, entry(1, f"first in {chat_id}"), chat_id=chat_id)
        await tab.shows("Ann Lee")
        await _says(server, entry(2, "are you there?"), chat_id="chat-2")
        other = page.get_by_role("button", name="Zoë Ó Briain: chat")
        await expect(other).to_contain_text("1 new")
        assert await page.title() == "(1) Available · Ringback"
        await page.get_by_role("textbox", name="Your answer").fill("half a sentence")
        assert (await server.asks("desk_typing"))["chat_id"] == "chat-1"
        await other.click()
        await tab.shows("Zoë Ó Briain")
        await expect(page.get_by_role("textbox", name="Your answer")).to_have_value("")
        await tab.picture("chat-narrow-dark")
        await tab.is_accessible()
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, "something has to be scrolled sideways"

        # A call that rings comes first, and the chat is as it was left.
        caller = await server.call()
        await tab.shows("Acme Bikes is calling")
        await page.get_by_role("button", name="Ann Lee: chat").click()
        await tab.shows("Acme Bikes is calling")
        await caller.gone("cancelled")
        await tab.shows("Ann Lee")
        await expect(page.get_by_role("textbox", name="Your answer")).to_have_value("half a sentence")

        # The line breaks: what was missed is asked for, by the number of the last entry.
        server.asked.clear()
        await server.cut()
        await tab.says("lost")
        follows = {(await server.asks("desk_follow"))["chat_id"] for _ in range(2)}
        assert follows == {"chat-1", "chat-2"}
        # The server tells of no chat any more: they are over, and may be wrapped up.
        await tab.says("It is over")
        tab.expected += ("WebSocket",)


@asyncio_test(timeout=90)
async def test_a_supervisor_looks_in_and_takes_over() -> None:
    async with stand_in() as server, agent(server.url, PHONE) as tab:
        page = tab.page
        await _ready(tab, server)
        open_chat = {"chat_id": "chat-9", "site": "bikes", "state": "talking", "agent": "Bob Mayer"}
        await server.say("chat_board", chats=[{**open_chat, "asked_at": time.time() - 300, "away": True}])
        await tab.says("connection lost")
        await tab.picture("chat-board")
        await tab.is_accessible()
        await tab.press("Look in")
        assert (await server.asks("chat_watch"))["on"] is True
        await server.say("desk_chat", **at_desk("watching", "chat-9"))
        await server.asks("desk_follow")
        await _says(server, entry(1, "hello"), chat_id="chat-9")
        await tab.shows("Ann Lee")
        await expect(page.get_by_role("log")).to_contain_text("hello")
        await tab.press("Take over")
        await server.asks("chat_take")
        await server.say("desk_chat", **at_desk("talking", "chat-9"))
        await expect(page.get_by_role("textbox", name="Your answer")).to_be_visible()
        tab.is_fine()
