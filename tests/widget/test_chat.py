"""The chat in the panel with the real server: a shopper and an agent, over reloads, tabs and cut lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from config.models import Config
from tests.aio import asyncio_test
from tests.api.chat_shop import ChatPage, ChatShop, chat_shop, chatting
from tests.api.test_guided_chats import FLOW
from tests.plumbing.chromium import playwright
from tests.widget.page import BASE, PLAN, SHOP, WITH_THE_PANEL, StandIn, dark, open_page, shoppers
from tests.widget.test_states import PHONE, is_accessible, picture

pytestmark = WITH_THE_PANEL
expect = playwright.expect
ORIGIN = SHOP.rstrip("/")
CHAT = {"fields": [], "guided": False, "escalate": ["phone"], "longest": 2000, "transcript": True}
EVIL = '<img src=x onerror="window.hacked = 1">'


@dataclass
class Chatting:
    """A shopper's browser beside a server that chats."""

    shop: ChatShop
    page: Any
    stand_in: StandIn
    context: Any
    #: The WebSockets between the two, the newest last: a test may cut them.
    lines: list[Line]

    def log(self, page: Any = None) -> Any:
        return (page or self.page).get_by_role("log", name="Chat")

    async def write(self, text: str, label: str = "Your message") -> None:
        await self.page.get_by_label(label).fill(text)
        await self.page.keyboard.press("Enter")

    async def reload(self) -> None:
        await self.page.reload()
        await self.page.wait_for_function("window.ready")

    async def accepts(self, agent: ChatPage) -> str:
        """The agent takes the chat that is offered."""
        offered = await agent.until("desk_chat", state="offered")
        chat_id = str(offered["chat_id"])
        await agent.say("chat_accept", chat_id=chat_id)
        await agent.until("desk_chat", state="talking")
        await agent.say("desk_follow", chat_id=chat_id, after=None)
        return chat_id


def settings(**chat: Any) -> Config:
    """A shop whose pages are on the test's origin."""
    return chatting(chat, origins=[ORIGIN])


def plan(chat: dict[str, Any] | None = None, **ways: str) -> dict[str, Any]:
    ways = {"phone": "open", "pc": "hidden", "chat": "open", **ways}
    return dark({**PLAN, "site": {**PLAN["site"], "chat": {**CHAT, **(chat or {})}}, "ways": ways})


class Line:
    """A page's WebSocket, passed on to the server: a test may cut it."""

    def __init__(self, page_side: Any, address: str, token: str) -> None:
        self._page_side = page_side
        self._said: asyncio.Queue[str] = asyncio.Queue()
        self._working = asyncio.ensure_future(self._work(address, token))
        page_side.on_message(self._said.put_nowait)
        page_side.on_close(lambda code, reason: self._working.cancel())

    async def cut(self) -> None:
        """As a network does."""
        self._working.cancel()
        await self._page_side.close(code=1011)

    async def _work(self, address: str, token: str) -> None:
        subprotocols: Any = ["ringback.v2", f"token.{token}"]
        try:
            async with connect(address, proxy=None, origin=ORIGIN, subprotocols=subprotocols) as server:  # type: ignore[arg-type]
                sending = asyncio.ensure_future(self._send(server))
                try:
                    async for text in server:
                        self._page_side.send(text)
                finally:
                    sending.cancel()
        except ConnectionClosed:
            pass

    async def _send(self, server: Any) -> None:
        while True:
            await server.send(await self._said.get())


@asynccontextmanager
async def talking(
    tmp_path: Path,
    config: Config | None = None,
    chat: dict[str, Any] | None = None,
    language: str = "en",
    **options: Any,
) -> AsyncIterator[Chatting]:
    stand_in = StandIn(plan=plan(chat), language=language)
    async with chat_shop(tmp_path, config or settings()) as shop, shoppers(stand_in, **options) as context:
        lines: list[Line] = []
        tokens: dict[str, str] = {}

        async def ask(route: Any) -> None:
            request = route.request
            answer = await shop.server.http.request(
                request.method,
                "/" + request.url.removeprefix(BASE),
                content=request.post_data_buffer or b"",
                headers={**request.headers, "origin": ORIGIN},
            )
            if answer.status_code == 201:
                tokens[answer.json()["id"]] = answer.json()["token"]
            await route.fulfill(status=answer.status_code, body=answer.content, headers=dict(answer.headers))

        def join(page_side: Any) -> None:
            path = page_side.url.partition("/ringback")[2]
            lines.append(Line(page_side, f"ws://{shop.address}{path}", tokens[path.split("/")[3]]))

        await context.route(f"{BASE}v1/threads", ask)
        await context.route(f"{BASE}v1/threads/*/transcript", ask)
        await context.route_web_socket("ws://127.0.0.1:10/ringback/v1/threads/**", join)
        yield Chatting(shop, await open_page(context), stand_in, context, lines)


@pytest.mark.parametrize("look", ["desk-light", "phone-dark"])
@asyncio_test(timeout=90)
async def test_a_shopper_chats_with_an_agent_from_the_first_word_to_the_rating(
    look: str, tmp_path: Path
) -> None:
    options: dict[str, Any] = {**PHONE, "color_scheme": "dark"} if look == "phone-dark" else {}
    async with talking(tmp_path, **options) as it:
        page, alice = it.page, await it.shop.desk()
        await page.get_by_role("button", name="Talk to us").click()
        await page.get_by_role("radio", name="Chat").check()
        await page.get_by_text("Write to us. We answer here.").wait_for()
        await picture(page, f"chat-{look}-welcome")
        await is_accessible(page)

        await it.write(f"Is it ready for rain? {EVIL}")
        chat_id = await it.accepts(alice)
        await expect(it.log()).to_contain_text(EVIL)
        await expect(page.get_by_role("status").first).to_contain_text("You are chatting with")
        await alice.say("desk_typing", chat_id=chat_id)
        await page.get_by_text("is typing…").wait_for()
        words = "See https://bikes.example/rain, not http://bad.example. " + "x" * 1900
        await alice.write(words, chat_id=chat_id)
        link = it.log().get_by_role("link")
        await link.wait_for()
        assert await link.evaluate_all("links => links.map(link => [link.href, link.rel])") == [
            ["https://bikes.example/rain", "noopener noreferrer nofollow"]
        ]
        assert await it.log().evaluate("log => log.scrollWidth <= log.clientWidth")
        await page.get_by_label("Your message").fill("שלום, thank you")
        await alice.until("shopper_typing")
        await page.get_by_role("button", name="Send").click()
        await alice.hears("שלום, thank you")
        assert await page.evaluate("inContact && comesBack")
        assert ["contact", {"way": "chat", "id": chat_id}] in await page.evaluate("told")
        await picture(page, f"chat-{look}-talking")
        await is_accessible(page)

        await alice.say("chat_whisper", chat_id=chat_id, key="a-whisper-1", text="A difficult one.")
        await alice.say("desk_end", chat_id=chat_id, code=None)
        await page.get_by_text("How was it?").wait_for()
        await expect(it.log()).not_to_contain_text("difficult")
        await page.get_by_label("4 of 5").check()
        await page.get_by_label("Anything to add?").fill("Quick.")
        await picture(page, f"chat-{look}-ended")
        await is_accessible(page)
        await page.get_by_role("button", name="Send rating").click()
        await page.get_by_text("Thank you.").wait_for()
        await page.get_by_text("Transcript").click()
        async with page.expect_download() as saving:
            await page.get_by_role("button", name="Save as a file").click()
        saved = await asyncio.to_thread(Path(await (await saving.value).path()).read_text)
        assert "Is it ready for rain?" in saved
        assert "difficult" not in saved
        stored = await it.shop.server.stores.chats.chat(chat_id)
        assert stored is not None
        assert stored.rating == 4
        assert await page.evaluate("inContact") is False
        assert page.troubles == []
        assert await page.evaluate("[violations, window.hacked ?? null]") == [[], None]
        # Who writes again goes on with the same chat.
        await it.write("One more thing", "Write here to go on with this chat.")
        await page.get_by_role("button", name="End chat").wait_for()
        await expect(it.log()).to_contain_text("One more thing")
        await expect(page.locator(".unsent")).to_have_count(0)


@asyncio_test(timeout=90)
async def test_a_chat_goes_on_over_reloads_pages_tabs_and_lost_connections(tmp_path: Path) -> None:
    async with talking(tmp_path) as it:
        page, alice = it.page, await it.shop.desk()
        await page.evaluate("panel.open({ way: 'chat' })")
        await it.write("one")
        chat_id = await it.accepts(alice)
        await page.get_by_label("Your message").fill("half a sen")
        for go in (it.reload, lambda: page.click("text=Next page")):
            await go()
            await expect(it.log()).to_contain_text("one")
            await expect(page.get_by_label("Your message")).to_have_value("half a sen")
        other = await open_page(it.context, "other")
        await other.click("#opener")
        await expect(it.log(other)).to_contain_text("one")

        # A cut: what both say meanwhile comes once and in order.
        await page.get_by_label("Your message").fill("")
        for line in it.lines:
            await line.cut()
        await it.write("two")
        await alice.write("three", chat_id=chat_id)
        await alice.hears("two")
        await alice.hears("three")
        for each in (page, other):
            entries = it.log(each).locator(".entry .said")
            await expect(entries).to_have_count(3)
            assert sorted(await entries.all_inner_texts()) == ["one", "three", "two"]
            assert await entries.all_inner_texts() == alice.texts
        await expect(page.locator(".unsent")).to_have_count(0)

        # A closed panel tells what is new, and leads back.
        await page.get_by_role("button", name="Close").click()
        await alice.write("four", chat_id=chat_id)
        await page.get_by_role("button", name="Chat · 1 new message").click()
        await expect(it.log()).to_contain_text("four")

        await other.get_by_role("button", name="End chat").click()
        await expect(page.get_by_role("status").first).to_have_text("This chat is over.")
        await page.get_by_role("button", name="New chat").click()
        await page.get_by_text("Write to us. We answer here.").wait_for()
        await expect(other.get_by_text("Write to us. We answer here.")).to_be_visible()
        assert page.troubles + other.troubles == []


@asyncio_test(timeout=90)
async def test_nobody_there_a_page_that_is_shown_and_a_call_from_the_chat(tmp_path: Path) -> None:
    async with talking(tmp_path, viewport={"width": 320, "height": 640}) as it:
        page = it.page
        await page.evaluate("panel.open({ way: 'chat' })")
        await it.write("Anybody?")
        choices = page.get_by_role("group", name="Nobody is free. What would you like?")
        await choices.get_by_role("button", name="Leave a message").click()
        await page.get_by_label("Your e-mail address or phone number").wait_for()
        await picture(page, "chat-320-message")
        await is_accessible(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        await page.get_by_role("button", name="Back").click()

        alice = await it.shop.desk()
        chat_id = await it.accepts(alice)
        await expect(choices).to_have_count(0)
        await alice.say("chat_call", chat_id=chat_id)
        await page.get_by_text("would like to talk to you.").wait_for()
        await picture(page, "chat-320-call")
        await page.get_by_role("button", name="Call me instead").click()
        await page.get_by_label("Your phone number").fill("617 555 0123")
        await page.get_by_role("button", name="Call me now").click()
        await page.get_by_role("button", name="Hang up").wait_for()
        (asked,) = it.stand_in.asked
        assert asked["thread"]["id"] == chat_id
        await page.get_by_role("button", name="Back to the chat").click()
        await it.write("I am here")
        await alice.hears("I am here")
        assert page.troubles == []


@asyncio_test(timeout=90)
async def test_questions_are_answered_changed_and_left_for_a_person(tmp_path: Path) -> None:
    dumped = settings(flow="radiator").model_dump(mode="json", context={"reveal": True})
    config = Config.model_validate({**dumped, "flows": {"radiator": FLOW}}, strict=False)
    async with talking(tmp_path, config, {"guided": True}) as it:
        page, alice = it.page, await it.shop.desk()
        await page.evaluate("panel.open({ way: 'chat' })")
        await page.get_by_role("button", name="Start").click()
        await expect(it.log()).to_contain_text("Year?")
        await it.write("'09 please")
        await page.get_by_role("button", name="Ford", exact=True).click()
        await expect(it.log()).to_contain_text("Engine?")
        await it.reload()
        await page.get_by_role("button", name="Skip").click()
        await page.get_by_role("button", name="Call me", exact=True).wait_for()
        await page.get_by_text("Your answers (").click()
        await picture(page, "chat-questions")
        await is_accessible(page)
        await page.get_by_role("button", name="Edit: make").click()
        await page.get_by_role("button", name="Honda", exact=True).click()
        await expect(it.log()).to_contain_text("A Honda?")
        await page.get_by_role("button", name="Chat with a person").click()
        await it.accepts(alice)
        await expect(page.get_by_role("status").first).to_contain_text("You are chatting with")
        await expect(page.locator(".ask")).to_have_count(0)
        assert page.troubles == []


@asyncio_test(timeout=60)
async def test_without_the_chats_file_the_other_ways_are_there(tmp_path: Path) -> None:
    async with talking(tmp_path, language="de") as it:
        page = it.page
        await page.route("**/thread-pane-*.js", lambda route: route.abort())
        await page.evaluate("panel.open({ way: 'chat' })")
        await page.get_by_text("Der Chat lädt nicht.").wait_for()
        await page.get_by_role("radio", name="Per Telefon").check()
        await page.get_by_label("Ihre Telefonnummer").wait_for()


@asyncio_test(timeout=90)
async def test_who_waits_too_long_goes_on_waiting_and_then_leaves_a_number(tmp_path: Path) -> None:
    dumped = settings(longest_wait="1s").model_dump(mode="json", context={"reveal": True})
    mailing = Config.model_validate({**dumped, "mail": {"sender": "ringback@shop.example"}}, strict=False)
    async with talking(tmp_path, mailing) as it:
        page, alice = it.page, await it.shop.desk()
        await page.evaluate("panel.open({ way: 'chat' })")
        await it.write("Anybody?")
        # Somebody is there, and does not accept: after the longest wait the shopper chooses.
        await alice.until("desk_chat", state="offered")
        choices = page.get_by_role("group", name="Nobody is free. What would you like?")
        await choices.get_by_role("button", name="Go on waiting").click()
        await expect(choices).to_have_count(0)
        await choices.get_by_role("button", name="Be called back").click()
        await page.get_by_label("Your phone number").fill("617 555 0123")
        await page.get_by_role("button", name="Call me back").click()
        await expect(it.log()).to_contain_text("We will call you back.")
        ((_, click, _),) = it.shop.server.office.chats.promised
        assert click.number == "+16175550123"
        assert ["booked", {"kind": "callback"}] in await page.evaluate("told")
        # The transcript, by mail to the address that was typed.
        await page.get_by_text("Transcript").click()
        await page.get_by_label("Your e-mail address").fill("ann@x.example")
        await page.get_by_role("button", name="Mail it").click()
        await page.get_by_text("It is on its way.").wait_for()
        (mail,) = it.shop.server.office.chats.mails
        assert mail.target == "ann@x.example"
        assert page.troubles == []


@asyncio_test(timeout=60)
async def test_nobody_there_so_a_message_is_left(tmp_path: Path) -> None:
    async with talking(tmp_path) as it:
        page = it.page
        await page.evaluate("plan.ways.chat = 'later'; panel.planChanged(); panel.open({ way: 'chat' })")
        await expect(page.locator(".notice")).to_contain_text("We are closed now.")
        await it.write("Is the blue one in stock?")
        await page.get_by_role("button", name="Leave a message").click()
        await page.get_by_label("Message (optional)").fill("Please write back.")
        await page.get_by_label("Your e-mail address or phone number").fill("ann@x.example")
        await page.locator("form.ask").get_by_role("button", name="Send").click()
        await expect(it.log()).to_contain_text("We have your message.")
        (mail,) = it.shop.server.office.chats.mails
        for line in ("Is the blue one in stock?", "Please write back.", "ann@x.example"):
            assert line in mail.body
        assert page.troubles == []
