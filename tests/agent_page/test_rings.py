"""Ring tones, tabs, and a microphone that goes away: agents in Chromium, a whole Ringback behind."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.agent_page.chromium import Tab, agent, expect
from tests.agent_page.stand_in import BUILD
from tests.agent_page.test_calls import _available, _hire, _page
from tests.aio import asyncio_test
from tests.plumbing.chromium import CHROMIUM
from tests.scenarios.settings import step
from tests.scenarios.world import world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
#: Counts ring tones: of all sounds of the page they alone go round and round.
_RINGS = """
window.rings = { started: 0, sounding: 0, spans: [] };
const { start, stop } = AudioBufferSourceNode.prototype;
AudioBufferSourceNode.prototype.start = function (...all) {
  if (this.loop) { rings.started += 1; rings.sounding += 1; rings.spans.push([Date.now(), Infinity]); }
  return start.apply(this, all);
};
AudioBufferSourceNode.prototype.stop = function (...all) {
  if (this.loop) { rings.sounding -= 1; rings.spans.at(-1)[1] = Date.now(); }
  return stop.apply(this, all);
};
"""
#: Takes microphones away, and gives them back, as a hand with a plug does.
PLUG = """
const tracks = [];
window.missing = "";
const listen = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  if (missing) throw new DOMException("", missing);
  const stream = await listen(wish);
  tracks.push(...stream.getAudioTracks());
  return stream;
};
window.unplug = (why) => {
  window.missing = why;
  for (const track of tracks.filter(({ readyState }) => readyState === "live")) {
    track.stop();
    track.dispatchEvent(new Event("ended"));
  }
};
window.plugIn = () => {
  window.missing = "";
  navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
};
"""


async def _rings(*tabs: Tab) -> list[tuple[int, int]]:
    """How many ring tones each tab has started since it was loaded, and how many sound now."""
    return [tuple(await tab.page.evaluate("[rings.started, rings.sounding]")) for tab in tabs]


async def _sound(tabs: tuple[Tab, ...], *wanted: int) -> None:
    """Within a moment so many ring tones sound in each tab."""
    end = time.monotonic() + 8
    rings: list[tuple[int, int]] = []
    while [sounding for _, sounding in rings] != list(wanted):
        assert time.monotonic() < end, rings
        await asyncio.sleep(0.05)
        rings = await _rings(*tabs)


async def _one_sounds(*tabs: Tab) -> Tab:
    """The tab that sounds: within a moment there is one, and no second one."""
    end = time.monotonic() + 8
    sounding: list[Tab] = []
    while len(sounding) != 1:
        assert time.monotonic() < end, await _rings(*tabs)
        await asyncio.sleep(0.05)
        rings = await _rings(*tabs)
        sounding = [tab for tab, (_, sounds) in zip(tabs, rings, strict=True) if sounds]
    return sounding[0]


async def _spans(tab: Tab) -> list[tuple[float, float]]:
    """From when until when it rang since it was loaded, in ms since the epoch."""
    return [(since, until) for since, until in await tab.page.evaluate("rings.spans")]


def _together(spans: list[tuple[float, float]], others: list[tuple[float, float]]) -> float:
    """For how many ms of both at once."""
    return sum(
        max(0.0, min(until, end) - max(since, start)) for since, until in spans for start, end in others
    )


@asyncio_test(timeout=150)
async def test_one_tab_rings_for_a_call_that_pops_first_and_the_name_comes_first(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        _hire(here)
        await here.serve(step("agent:alice"))  # screen_pop.when is offer: the pop comes before the ring
        async with agent(_page(here)) as tab:
            await tab.page.context.add_init_script(_RINGS)
            await tab.page.reload()
            await _available(tab)
            other = await Tab.open(tab.page.context, _page(here))
            await other.shows("You are available")
            click = await here.click(context={"customer": {"name": "Jo Rivera"}})
            await tab.shows("Jo Rivera, for The shop", within=15)
            await other.shows("Jo Rivera, for The shop")
            await tab.says("Name not verified")
            # One of them rings, and whichever is used is the one.
            first = await _one_sounds(tab, other)
            second = other if first is tab else tab
            for used, unused in ((second, first), (first, second)):
                await used.page.mouse.click(5, 400)
                await _sound((used, unused), 1, 0)
            assert [started for started, _ in await _rings(first, second)] == [2, 1]
            # While the one that rings is reloaded, the other one rings; afterwards one of the two.
            await tab.page.mouse.click(5, 400)
            await _sound((tab, other), 1, 0)
            before, since = await _spans(tab), time.time()
            await tab.page.reload()
            before[-1] = (before[-1][0], 1000 * since)
            await tab.shows("Jo Rivera, for The shop")
            await _one_sounds(tab, other)
            await tab.press("Answer")
            await tab.says("You are talking", within=15)
            await other.shows("You are talking in another tab")
            await _sound((tab, other), 0, 0)
            # A turn changes hands within a moment: never do both ring on.
            assert _together(before + await _spans(tab), await _spans(other)) < 3000
            # In all tabs the same is true: what is chosen in one, and what became of calls.
            await tab.press("Away after this call")
            await expect(other.page.get_by_role("radio", name="Away")).to_be_checked()
            await tab.press("Hang up")
            await click.over()
            for each in (tab, other):
                await each.shows("You are away")
                await expect(each.page.locator("recent-calls")).to_contain_text("Jo Rivera, for The shop")
            await other.page.reload()
            await expect(other.page.locator("recent-calls")).to_contain_text("Jo Rivera, for The shop")
            other.expected += ("401 (Unauthorized)",)
            tab.is_fine()
            other.is_fine()


@asyncio_test(timeout=150)
async def test_a_microphone_that_goes_away_ends_no_call(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        phone = await here.shopper()
        _hire(here)
        here.settings["webrtc"]["grace_period"] = "1s"
        await here.serve(step("agent:alice"))
        async with agent(_page(here)) as tab:
            await tab.page.context.add_init_script(PLUG)
            await tab.page.reload()
            await _available(tab)
            click = await here.click()
            await tab.shows("The shop is calling", within=15)
            await tab.press("Answer")
            await tab.says("You are talking")
            await tab.hears(SHOPPER_HZ, BUSINESS_HZ)
            await tab.page.evaluate("unplug('NotFoundError')")
            await tab.says("Your microphone was disconnected: nobody can hear you.")
            await expect(tab.page.get_by_label("Your voice")).to_have_attribute("aria-valuenow", "0")
            # A button for it, though it cannot help yet; and well beyond the grace the call goes on.
            await tab.press("Try the microphone again")
            await tab.says("No microphone was found.")
            await tab.is_accessible()
            await asyncio.sleep(4.5)
            await tab.hears(SHOPPER_HZ, BUSINESS_HZ)
            await tab.says("You are talking")
            await tab.page.evaluate("plugIn()")
            await expect(tab.page.locator("problem-notice")).to_have_count(0)
            await tab.says("You now use")
            await tab.page.evaluate("unplug('NotReadableError')")
            await tab.says("Your microphone does not start.")
            await tab.page.evaluate("window.missing = ''")  # the other program lets go: nobody tells
            await expect(tab.page.locator("problem-notice")).to_have_count(0, timeout=8000)
            back = time.time()
            await asyncio.sleep(2.5)
            until = time.time()
            await tab.press("Hang up")
            record = await click.over()
            tab.is_fine()
        assert record.disposition == "bridged"
        assert record.causes[-1] == ("agent:alice", "normal")
        heard = await here.heard(phone)
        assert heard.mostly(BUSINESS_HZ, since=back + 0.7, until=until - 0.5), heard.story()
