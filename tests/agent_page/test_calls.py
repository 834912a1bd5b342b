"""Phone to browser through a whole Ringback: a simulated shopper's phone, and agents in Chromium."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from api.passwords import hash_password
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.agent_page.chromium import AGENT_HZ, Tab, agent, expect
from tests.agent_page.stand_in import BUILD
from tests.aio import asyncio_test
from tests.plumbing.chromium import CHROMIUM
from tests.scenarios.settings import free_block, step
from tests.scenarios.world import World, world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
assert AGENT_HZ == BUSINESS_HZ
PASSWORD = "correct horse"


def _hire(here: World) -> None:
    """Let Alice take calls in a browser."""
    ports = free_block(32)
    here.settings["agents"] = {"alice": {"label": "Alice", "password_hash": hash_password(PASSWORD)}}
    here.settings["webrtc"] = {"bind_address": "127.0.0.1", "media_ports": f"{ports}-{ports + 31}"}


def _page(here: World) -> str:
    return f"http://{here.server.listen}/agent/"


async def _available(tab: Tab) -> None:
    tab.expected += ("401 (Unauthorized)",)
    await tab.log_in("alice", PASSWORD)
    await tab.shows("You are away")
    await tab.becomes_available()


@asyncio_test(timeout=150)
async def test_an_agent_in_two_tabs_talks_with_a_phone_through_a_reload(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        phone = await here.shopper()
        _hire(here)
        await here.serve(step("agent:alice"))
        async with agent(_page(here)) as tab:
            await _available(tab)
            other = await Tab.open(tab.page.context, _page(here))
            await other.shows("You are available")
            click = await here.click(context={"cart": "120.50"})
            await tab.shows("The shop is calling", within=15)
            await other.shows("The shop is calling")
            await expect(tab.page.get_by_role("region", name="Not verified")).to_contain_text("120.50")
            await tab.press("Answer")
            line = await click.reaches("bridged")
            assert line["connected_to"] == "Alice"
            await tab.says("You are talking")
            await other.shows("You are talking in another tab")
            await tab.hears(SHOPPER_HZ, BUSINESS_HZ)
            first = time.time()
            await tab.tells_quality()
            talked = time.time()

            # On hold through a reload: the call is still theirs.
            await tab.press("Hold")
            await tab.says("The caller is on hold")
            await tab.page.reload()
            await tab.says("The caller is on hold", within=15)
            await tab.press("On hold")
            await tab.says("You are talking", within=15)
            await tab.hears(SHOPPER_HZ, BUSINESS_HZ)
            rejoined = time.time()
            await tab.tells_quality()
            await tab.picture("real-call")
            await asyncio.sleep(max(0.0, rejoined + 2.5 - time.time()))
            rejoined_until = time.time()
            await tab.press("Hang up")
            record = await click.over()
            await tab.shows("You are available")
            await other.shows("You are available")
            tab.is_fine()
            other.is_fine()
        assert record.disposition == "bridged"
        assert record.causes[-1] == ("agent:alice", "normal")
        heard = await here.heard(phone)
        # Audio takes a moment to the phone, on a busy machine.
        for since, until in ((first + 0.7, talked - 0.7), (rejoined + 0.7, rejoined_until - 0.7)):
            assert heard.mostly(BUSINESS_HZ, since=since, until=until), (since, until, heard.story())


@asyncio_test(timeout=150)
async def test_who_declines_is_passed_over(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        _hire(here)
        await here.serve(step("agent:alice"), step("boston"))
        async with agent(_page(here)) as tab:
            await _available(tab)
            click = await here.click()
            await tab.shows("The shop is calling", within=15)
            await tab.press("Decline")
            line = await click.reaches("bridged", within=15)
            assert line["connected_to"] == "The boston store"
            await tab.says("You declined")
            await click.cancel()
            record = await click.over()
            tab.is_fine()
        assert ("agent:alice", "declined") in record.causes
