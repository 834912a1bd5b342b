"""The chat in the panel in each of its states, by axe and by keyboard; light and dark."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.aio import asyncio_test
from tests.widget.page import BASE, PLAN, WITH_THE_PANEL, StandIn, dark, expect, open_page, shoppers
from tests.widget.test_states import PHONE, is_accessible, picture

pytestmark = WITH_THE_PANEL
CHAT = {"fields": [], "guided": False, "escalate": ["phone", "pc"], "longest": 2000, "transcript": True}
FIELDS = [
    {"key": "customer.name", "label": "Your name", "required": True},
    {"key": "order.number", "label": "Order number", "required": False},
]


@dataclass
class Talk:
    """The server's side of a chat, which says what the test wants."""

    page: Any = None
    sockets: list[Any] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    seq: int = 0

    def tell(self, kind: str, **fields: Any) -> None:
        for socket in self.sockets:
            with contextlib.suppress(Exception):
                socket.send(json.dumps({"type": kind, **fields}))

    def stands(self, state: str, **more: Any) -> None:
        self.tell("chat_state", **{"state": state, "now": time.time(), "survey": False, **more})

    def entry(self, text: str, by: str = "agent", kind: str = "text", **more: Any) -> None:
        self.seq += 1
        agent = "Kim" if by == "agent" else None
        entry = {"seq": self.seq, "at": 1_796_000_000 + self.seq, "by": by, "kind": kind, "text": text}
        self.tell("chat_entries", entries=[{**entry, "agent": agent, "key": None, **more}], earlier=False)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == kind]


@asynccontextmanager
async def chatting(chat: dict[str, Any] | None = None, **options: Any) -> AsyncIterator[Talk]:
    site = {**PLAN["site"], "chat": {**CHAT, **(chat or {})}}
    ways = {"phone": "open", "pc": "open", "chat": "open"}
    async with shoppers(StandIn(plan=dark({**PLAN, "site": site, "ways": ways})), **options) as context:
        talk = Talk()

        async def open_chat(route: Any) -> None:
            cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
            if route.request.method == "OPTIONS":
                return await route.fulfill(status=204, headers=cors)
            if route.request.url.endswith("/transcript"):
                body = {"id": "limit_requests", "detail": "Too often."}
                return await route.fulfill(status=429, json=body, headers=cors)
            return await route.fulfill(status=201, json={"id": "th-1", "token": "t"}, headers=cors)

        def join(socket: Any) -> None:
            talk.sockets.append(socket)
            socket.on_message(lambda text: talk.heard.append(json.loads(text)))

        await context.route(f"{BASE}v1/threads**", open_chat)
        await context.route(f"{BASE}v1/threads/**", open_chat)
        await context.route_web_socket("ws://127.0.0.1:10/ringback/v1/threads/**", join)
        talk.page = await open_page(context)
        yield talk
        assert talk.page.troubles == []
        assert await talk.page.evaluate("violations") == []


@pytest.mark.parametrize("look", ["desk-light", "phone-dark"])
@asyncio_test(timeout=120)
async def test_every_state_by_axe(look: str) -> None:
    options: dict[str, Any] = {**PHONE, "color_scheme": "dark"} if look == "phone-dark" else {}
    async with chatting({"fields": FIELDS}, **options) as it:
        page = it.page

        async def seen(name: str, words: str) -> None:
            await expect(page.locator("ringback-chat")).to_contain_text(words)
            await picture(page, f"state-{look}-{name}")
            await is_accessible(page)

        await page.evaluate("panel.open({ way: 'chat' })")
        await seen("form", "Order number")
        await page.get_by_label("Your name").fill("Ann")
        await page.get_by_label("Your message").fill("Is it ready for rain?")
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator(".unsent")).to_contain_text("sending…")
        (said,) = await _heard(it, "chat_say")
        it.entry(said["text"], "shopper", key=said["key"])
        it.stands("waiting", position=3, wait=200)
        await seen("waiting", "number 3 in line, about 4 minutes")
        it.entry("long_wait", "system", "event")
        it.stands("waiting", position=2, wait=100, choices=["wait", "message", "callback"])
        await seen("choices", "Nobody is free. What would you like?")
        await page.get_by_role("button", name="Be called back").click()
        await seen("callback", "Your phone number")
        await page.get_by_role("button", name="Back", exact=True).click()
        await page.get_by_role("button", name="Go on waiting").click()
        assert (await _heard(it, "chat_choose"))[-1]["choice"] == "wait"
        it.entry("joined", "agent", "event")
        it.stands("talking", agent="Kim")
        it.entry("It is, with mudguards.")
        await seen("talking", "You are chatting with")
        it.entry("The Harbor rain cape\nhttps://shop.example/cape", kind="card")
        await seen("card", "Open the page")
        await page.get_by_role("button", name="No, thanks").click()
        assert (await _heard(it, "chat_card"))[-1]["accepted"] is False
        it.entry("page_declined", "system", "event")
        it.stands("talking", agent="Kim", call="asked")
        await seen("call-asked", "would like to talk to you.")
        for button in ("Call me instead", "Talk in the browser"):
            box = await page.get_by_role("button", name=button).bounding_box()
            assert box["height"] >= 40
        it.stands("talking", agent="Kim")
        await page.get_by_label("Your message").fill("again and again")
        await page.keyboard.press("Enter")
        said = (await _heard(it, "chat_say", 2))[-1]
        it.tell("refused", request="chat_say", key=said["key"], reason="too_fast")
        await seen("refused", "That was too fast.")
        await page.get_by_role("button", name="Edit").click()
        await expect(page.get_by_label("Your message")).to_have_value("again and again")
        await page.get_by_text("Transcript").click()
        await page.get_by_label("Your e-mail address").fill("ann@x.example")
        await page.get_by_role("button", name="Mail it").click()
        await seen("mail-refused", "That was too often.")
        it.entry("ended_by_agent", "agent", "event")
        it.stands("ended", outcome="answered", cause="agent", survey=True, reopens=True)
        await page.get_by_label("4 of 5").check()
        await seen("ended", "Anything to add?")
        await page.get_by_role("button", name="Send rating").click()
        assert (await _heard(it, "chat_rate"))[-1]["rating"] == 4
        it.stands("ended", outcome="answered", cause="agent", reopens=False)
        await seen("closed", "This chat is over.")


async def _heard(it: Talk, kind: str, least: int = 1) -> list[dict[str, Any]]:
    """What the page has said of a kind, once it has said so much."""
    for _ in range(600):
        if len(it.of(kind)) >= least:
            return it.of(kind)
        await it.page.wait_for_timeout(25)
    raise AssertionError(it.heard)


@asyncio_test(timeout=60)
async def test_questions_and_lost_connections_by_axe() -> None:
    async with chatting({"guided": True}, **PHONE) as it:
        page = it.page
        await page.evaluate("panel.open({ way: 'chat' })")
        await page.get_by_role("button", name="Start").click()
        await _heard(it, "chat_follow")
        it.stands("guided")
        it.entry("Which make?", "flow")
        question = {"key": "make", "text": "Which make?", "kind": "choice", "may_skip": True, "consent": ""}
        answers = [{"key": "year", "label": "Year", "value": "2009"}]
        it.tell("chat_flow", question={**question, "choices": ["Ford", "Honda"], "value": ""}, ways=[],
                answers=answers, over=False)  # fmt: skip
        await page.get_by_role("button", name="Ford").wait_for()
        await picture(page, "state-question")
        await is_accessible(page)
        consent = {**question, "kind": "phone", "choices": [], "value": "", "consent": "We may call you."}
        it.tell("chat_flow", question=consent, ways=[], answers=answers, over=False)
        await page.get_by_text("We may call you.").wait_for()
        assert await page.get_by_label("Your message").get_attribute("inputmode") == "tel"
        await is_accessible(page)
        ways = [{"way": "pc", "label": "Talk in the browser"}, {"way": "chat", "label": "Chat with a person"}]
        it.tell("chat_flow", question=None, ways=ways, answers=answers, over=False)
        await page.get_by_role("button", name="Chat with a person").wait_for()
        await picture(page, "state-ways")
        await is_accessible(page)
        # A call in the browser is the panel's to place: the chat hears of it, and the panel goes there.
        await page.get_by_role("button", name="Talk in the browser").click()
        assert (await _heard(it, "chat_step"))[-1] == {"type": "chat_step", "do": "way", "to": "pc"}
        await page.get_by_role("heading", name=re.compile("Talk (in the browser|by PC)")).wait_for()
        await page.get_by_role("button", name="Back to the chat").click()
        it.stands("guided", call="asked")
        await page.locator(".asked").get_by_role("button", name="Talk in the browser").wait_for()
        for socket in it.sockets:
            await socket.close(code=1011)
        await expect(page.get_by_role("status").first).to_contain_text("The connection is lost.")
        await is_accessible(page)


@asyncio_test(timeout=60)
async def test_a_chat_by_keyboard_alone() -> None:
    async with chatting() as it:
        page = it.page
        await page.focus("#opener")
        await page.keyboard.press("Enter")

        async def tabs_to(find: Any) -> None:
            for _ in range(30):
                await page.keyboard.press("Tab")
                if await find.evaluate("each => each.getRootNode().activeElement === each"):
                    return
            raise AssertionError(f"{find} is out of the keyboard's reach")

        await tabs_to(page.get_by_role("radio").first)
        await page.keyboard.press("ArrowLeft")  # round to the last way
        await tabs_to(page.get_by_label("Your message"))
        await page.keyboard.type("Hello?")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("Anybody?")
        await page.keyboard.press("Enter")
        (said,) = await _heard(it, "chat_say")
        assert said["text"] == "Hello?\nAnybody?"
        it.entry(said["text"], "shopper", key=said["key"])
        it.stands("talking", agent="Kim")
        await expect(page.get_by_label("Your message")).to_be_focused()
        for number in range(30):
            it.entry(f"line {number}")
        # What was said is read by arrows, the card is answered, and the chat is ended, all without a mouse.
        it.entry("Sizes\nhttps://shop.example/sizes", kind="card")
        await page.keyboard.press("Shift+Tab")
        await tabs_to(page.get_by_role("log"))
        await page.keyboard.press("Home")
        await tabs_to(page.get_by_role("button", name="No, thanks"))
        await page.keyboard.press("Enter")
        assert (await _heard(it, "chat_card"))[-1]["accepted"] is False
        await tabs_to(page.get_by_role("button", name="End chat"))
        await page.keyboard.press("Enter")
        await _heard(it, "chat_end")
        it.stands("ended", outcome="answered", cause="shopper", survey=True, reopens=True)
        await tabs_to(page.get_by_label("1 of 5"))
        await page.keyboard.press("ArrowRight")
        await tabs_to(page.get_by_role("button", name="Send rating"))
        await page.keyboard.press("Enter")
        assert (await _heard(it, "chat_rate"))[-1]["rating"] == 2
        # What was pressed is gone, and the focus is not lost with it.
        await expect(page.get_by_role("log")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("#opener")).to_be_focused()
