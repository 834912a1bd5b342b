"""Talk by PC with Debian's Firefox: the shop's page, the real server, and a phone behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.causes import Disposition
from demo.preflight import BUILD
from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ, Sound
from tests.aio import asyncio_test
from tests.demo.firefox import FIREFOX, firefox
from tests.demo.tone_shop import tone_shop

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(FIREFOX is None, reason="needs Debian's firefox-esr"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]

#: Without a loudspeaker Firefox's AudioContext stands still: what is heard is recorded, and looked at.
EARS = """
    window.heard = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...settings) {
        super(...settings);
        this.addEventListener("track", ({ track }) => heard.push(track));
      }
    };
    // How much of each tone there is in a second of what is heard now: amplitudes, 1 at most.
    window.amplitudes = async (tones) => {
      const recorder = new MediaRecorder(new MediaStream([heard.at(-1)]));
      const stopped = new Promise((then) => (recorder.ondataavailable = ({ data }) => then(data)));
      recorder.start();
      await new Promise((then) => setTimeout(then, 1500));
      recorder.stop();
      const data = await (await stopped).arrayBuffer();
      const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(data);
      const samples = sound.getChannelData(0).slice(-48000);
      return tones.map((hertz) => {
        let [real, imaginary] = [0, 0];
        samples.forEach((sample, index) => {
          const angle = (2 * Math.PI * hertz * index) / 48000;
          real += sample * Math.cos(angle);
          imaginary += sample * Math.sin(angle);
        });
        return (2 * Math.hypot(real, imaginary)) / samples.length;
      });
    };
"""
READY = "all('button').some((each) => each.innerText.trim() === 'Call now')"
STATUS = "all('.status').map((each) => each.innerText).join()"


@asyncio_test(timeout=120)
async def test_a_shopper_with_firefox_and_the_business_hear_each_other(tmp_path: Path) -> None:
    async with tone_shop(tmp_path) as shop, firefox(tmp_path, SHOPPER_HZ, EARS) as page:
        await page.open(shop.url)
        await page.until("document.querySelector('[data-ringback-state=open]') !== null")
        await page.press("Talk by PC")
        # Where the browser allows it already, nobody is asked.
        await page.until(f"{READY} || (press('Check my microphone'), false)")
        await page.press("Call now")
        await page.until(f"{STATUS}.includes('Connected to the Boston store.')", within=30)
        business, shopper = await page.evaluate(f"amplitudes([{BUSINESS_HZ}, {SHOPPER_HZ}])")
        assert business > 0.05, (business, shopper)
        assert shopper < business / 30
        call = (await shop.phone.expect(wire.Answered)).call

        await page.press("Keypad")
        await page.press("5")
        assert (await shop.phone.expect(wire.Dtmf, call=call)).digit == "5"
        await page.until("all('.quality').some((each) => !each.innerText.includes('Looking'))", within=20)
        await page.press("Hang up")
        await page.until(f"{STATUS}.includes('Ended: you hung up.')")

        sound = Sound.read((await shop.phone.expect(wire.Recorded, call=call)).path)
        slices = sound.timeline([SHOPPER_HZ, BUSINESS_HZ])
        assert sum(SHOPPER_HZ in heard for _, heard in slices) / len(slices) > 0.3
        assert not any(BUSINESS_HZ in heard for _, heard in slices)
        record = await shop.record()
        assert record.disposition is Disposition.BRIDGED
        assert [leg.stats.codec for leg in record.legs if leg.stats] == ["PCMU", "PCMU"]
