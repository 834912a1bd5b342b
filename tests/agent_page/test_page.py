"""The agents' page in Chromium, beside a stand-in for the server: every state, and what goes wrong."""

from __future__ import annotations

import contextlib

import pytest
from playwright.async_api import TimeoutError as PlaywrightTimeout

from tests.agent_page.chromium import AGENT_HZ, PHONE, Tab, agent, expect
from tests.agent_page.stand_in import BUILD, CALLER_HZ, PASSWORD, Caller, StandIn, stand_in
from tests.aio import asyncio_test
from tests.plumbing.chromium import CHROMIUM
from tests.sip.core import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
#: What a browser's console says of a log-in that is wrong, or not there yet.
NOT_LOGGED_IN = ("401 (Unauthorized)",)


async def _available(tab: Tab) -> None:
    tab.expected += NOT_LOGGED_IN
    await tab.log_in("alice", PASSWORD)
    await tab.shows("You are away")
    await tab.becomes_available()


async def _talks(tab: Tab, server: StandIn) -> Caller:
    caller = await server.call()
    await tab.shows("Acme Bikes is calling")
    await tab.press("Answer")
    await tab.says("Connecting the caller")
    await caller.joined()
    await tab.says("You are talking")
    await hears(caller, AGENT_HZ)
    await tab.hears(CALLER_HZ, AGENT_HZ)
    return caller


async def hears(caller: Caller, hertz: float) -> None:
    await until(lambda: caller.level(hertz) > 200, 6)


@asyncio_test(timeout=150)
async def test_an_agent_logs_in_answers_and_talks() -> None:
    async with stand_in() as server, agent(server.url) as tab:
        tab.expected = (*NOT_LOGGED_IN, "429 (Too Many Requests)")
        await tab.shows("Log in to take calls")
        await expect(tab.page.get_by_label("Agent")).to_be_focused()
        await tab.picture("login")
        await tab.is_accessible()
        await tab.log_in("alice", "wrong")
        await tab.says("The name or password is wrong")
        await expect(tab.page.get_by_label("Password")).to_be_focused()
        await tab.is_accessible()
        server.wait = 120
        await tab.press("Log in")
        await tab.says("try again in 2 minutes")
        await tab.picture("login-too-often")
        server.wait = 0
        await tab.log_in("alice", PASSWORD)
        await tab.shows("You are away")
        assert await tab.page.title() == "Away · Ringback"
        await tab.picture("away")
        await tab.becomes_available()
        assert server.chosen == "available"
        await tab.picture("available")
        await tab.is_accessible()

        caller = await server.call()
        await tab.shows("Acme Bikes is calling")
        await expect(tab.page.get_by_role("heading", level=1)).to_be_focused()
        await until_title(tab, "☎ Acme Bikes is calling")
        await until_title(tab, "Available · Ringback")
        await tab.picture("ringing")
        await tab.is_accessible()
        await tab.access_key("a")
        await tab.says("Connecting the caller")
        await caller.joined()
        await tab.says("You are talking")
        assert await tab.page.title() == "In a call · Acme Bikes"
        await hears(caller, AGENT_HZ)
        await tab.hears(CALLER_HZ, AGENT_HZ)
        await tab.tells_quality()
        await tab.picture("talking")
        await tab.is_accessible()

        await tab.press("Mute")
        await until(lambda: caller.level(AGENT_HZ) < 20, 4)
        await tab.picture("muted")
        await tab.press("Muted")
        await hears(caller, AGENT_HZ)
        await tab.press("Keypad")
        await tab.page.keyboard.type("4#")
        await tab.press("star")
        await until(lambda: [each["digit"] for each in caller.of("dtmf")] == ["4", "#", "*"])
        await tab.picture("keypad")
        await tab.is_accessible()
        await tab.page.get_by_label("Volume").fill("0.3")
        await until(lambda: caller.of("heard_quality"), 8)
        await tab.access_key("h")
        await tab.shows("You are available")
        await expect(tab.page.get_by_role("heading", level=1)).to_be_focused()
        assert [each["reason"] for each in caller.of("hang_up")] == ["hung_up"]
        await tab.says("You hung up")
        await tab.picture("after-a-call")
        await tab.is_accessible()

        await server.call("c2-b1", context={}, page="")
        await tab.shows("is calling")
        await tab.press("Decline")
        await tab.says("You declined")
        missed = await server.call("c3-b1")
        await tab.shows("is calling")
        await missed.gone("ring_timeout")
        await tab.says("Missed: rang too long")
        await tab.press("Log out")
        await tab.shows("Log in to take calls")
        tab.is_fine()


async def until_title(tab: Tab, title: str) -> None:
    await expect(tab.page).to_have_title(title, timeout=4000)


@asyncio_test(timeout=150)
async def test_on_a_phone_in_the_dark() -> None:
    async with (
        stand_in() as server,
        agent(server.url, PHONE, color_scheme="dark", has_touch=True, is_mobile=True) as tab,
    ):
        await tab.picture("phone-login")
        await _available(tab)
        await tab.picture("phone-available")
        await tab.is_accessible()
        await tab.press("Check the microphone")
        await tab.says("You can be heard")
        await tab.picture("phone-check")
        await tab.is_accessible()
        await tab.press("Done")
        caller = await server.call()
        await tab.shows("is calling")
        await expect(tab.page.get_by_role("button", name="Answer")).to_be_in_viewport()
        await tab.picture("phone-ringing")
        await tab.is_accessible()
        await tab.press("Answer")
        await tab.says("Connecting the caller")
        await caller.joined()
        await tab.tells_quality()
        await expect(tab.page.get_by_role("button", name="Hang up")).to_be_in_viewport()
        await tab.picture("phone-talking")
        await tab.is_accessible()
        await tab.press("Keypad")
        await tab.picture("phone-keypad")
        wide = await tab.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        await caller.gone("peer_ended")
        await tab.says("The caller hung up")
        await tab.picture("phone-after")
        tab.is_fine()


@asyncio_test(timeout=150)
async def test_a_reload_and_a_lost_socket_keep_the_call() -> None:
    async with stand_in() as server, agent(server.url) as tab:
        await _available(tab)
        caller = await _talks(tab, server)
        await tab.page.reload()
        await tab.says("You are talking", within=10)
        await tab.hears(CALLER_HZ, AGENT_HZ)
        await hears(caller, AGENT_HZ)
        sessions = [each["session"] for each in caller.of("offer")]
        assert len(sessions) == 2
        assert sessions[1] != sessions[0], "neither page knows what the other called its own"

        server.closes = 1013
        await server.cut()
        await tab.says("The connection to the server is lost. Your call goes on")
        await tab.picture("line-lost")
        await tab.is_accessible()
        await hears(caller, AGENT_HZ)
        server.closes = None
        with contextlib.suppress(PlaywrightTimeout):  # the page may be faster to try by itself
            await tab.page.get_by_role("button", name="Try now").dispatch_event("click", timeout=1000)
        await until(lambda: caller.of("reattach"), 10)
        await expect(tab.page.locator("[data-line]")).to_have_count(0)
        assert len(caller.of("offer")) == 2
        await tab.press("Hang up")
        await until(lambda: caller.of("hang_up"))
        tab.is_fine()


@asyncio_test(timeout=150)
async def test_after_a_lost_network_the_page_offers_again() -> None:
    async with stand_in() as server, agent(server.url) as tab:
        await _available(tab)
        caller = await _talks(tab, server)
        first, caller.reachable = caller.peers.popitem()[1], False
        await first.close()
        await tab.says("The audio was lost. Reconnecting", within=12)
        await tab.picture("reconnecting")
        caller.reachable = True
        await tab.says("You are talking", within=15)
        await tab.hears(CALLER_HZ, AGENT_HZ)
        tab.is_fine()


@asyncio_test(timeout=150)
async def test_two_tabs() -> None:
    async with stand_in() as server, agent(server.url) as first:
        await _available(first)
        second = await Tab.open(first.page.context, server.url)
        await second.shows("You are available")
        caller = await server.call()
        await first.shows("is calling")
        await second.shows("is calling")
        await second.press("Answer")
        await second.says("Connecting the caller")
        await caller.joined()
        await first.shows("You are talking in another tab")
        await first.picture("other-tab")
        # The tab with the call is closed: the other one may go on with it, and asks first.
        await second.page.close()
        await first.shows("You are in a call with Acme Bikes")
        await first.picture("bring-here")
        await first.is_accessible()
        await first.press("Bring the call here")
        await first.says("You are talking", within=8)
        await first.hears(CALLER_HZ, AGENT_HZ)
        first.is_fine()


@asyncio_test(timeout=150)
async def test_no_microphone_and_no_permission() -> None:
    async with stand_in() as server:
        async with agent(server.url, microphone=False) as tab:
            await _available(tab)
            await tab.press("Check the microphone")
            await tab.says("No microphone was found. Plug in a headset")
            await tab.picture("no-microphone")
            await tab.is_accessible()
            caller = await server.call()
            await tab.shows("is calling")
            await tab.press("Answer")
            await tab.says("No microphone was found. Plug in a headset")
            await tab.picture("no-microphone-ringing")
            await tab.is_accessible()
            assert not caller.of("offer")
            await tab.press("Decline")
            await until(lambda: caller.of("hang_up"))
            tab.is_fine()
        async with agent(server.url, permissions=()) as tab:
            tab.expected = NOT_LOGGED_IN
            await tab.log_in("alice", PASSWORD)
            await tab.shows("You are a")
            await tab.press("Check the microphone")
            await tab.says("This page may not use your microphone")
            await tab.picture("permission-refused")
            await tab.is_accessible()
            tab.is_fine()


@asyncio_test(timeout=150)
async def test_no_path_and_too_many_tabs_and_being_logged_out() -> None:
    async with stand_in() as server, agent(server.url) as tab:
        await _available(tab)
        caller = await server.call()
        caller.refusal = "no_common_codec"
        await tab.shows("is calling")
        await tab.press("Answer")
        await tab.says("This browser cannot make calls. Use a current", within=5)
        await tab.says("Could not be connected")
        await tab.picture("unsupported")
        await tab.is_accessible()
        await tab.press("All right")
        await until(lambda: caller.of("hang_up"))
        server.closes = 4429
        await server.cut()
        await tab.says("Too many tabs of this page are open", within=10)
        await tab.picture("too-many")
        server.closes = None
        server.tokens.clear()
        await tab.page.reload()
        await tab.shows("Log in to take calls")
        await tab.log_in("alice", PASSWORD)
        await tab.shows("You are a")
        server.tokens.clear()
        await server.cut(4401)
        await tab.says("You were logged out")
        await tab.picture("logged-out")
        tab.is_fine()
