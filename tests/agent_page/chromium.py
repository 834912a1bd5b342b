"""An agent with Debian's Chromium, its microphone a tone, its ears an analyser in the page."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, expect

from demo.preflight import ROOT
from tests.plumbing import chromium

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: A folder that gets pictures of the page, for people to look at.
PICTURES = os.environ.get("RINGBACK_PICTURES")
AGENT_HZ = 880
DESK = {"width": 1280, "height": 860}
PHONE = {"width": 375, "height": 780}
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
#: Lets a tone through, which the browser would take for noise, and keeps what each peer connection hears
#: where the test finds it.
_EARS = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
navigator.mediaDevices.getUserMedia = ({ audio }) => ask({ audio: { ...audio, ...raw } });
window.heard = null;
const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(...more) {
    super(...more);
    this.addEventListener("track", ({ track }) => {
      const context = new AudioContext();
      const analyser = context.createAnalyser();
      analyser.fftSize = 8192;
      analyser.smoothingTimeConstant = 0;
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      window.heard = (tones) => {
        const bins = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(bins);
        const width = context.sampleRate / analyser.fftSize;
        return tones.map((hertz) => {
          const at = Math.round(hertz / width);
          return Math.max(...bins.slice(at - 1, at + 2));
        });
      };
    });
  }
};
"""


@dataclass
class Tab:
    """One tab of an agent's browser."""

    page: Page
    #: What went wrong on it: exceptions, console errors, requests to elsewhere.
    troubles: list[str] = field(default_factory=list)
    #: What its console may complain of.
    expected: tuple[str, ...] = ()

    @classmethod
    async def open(cls, context: BrowserContext, url: str) -> Tab:
        tab = cls(await context.new_page())
        tab.page.on("pageerror", lambda error: tab.troubles.append(str(error)))
        tab.page.on("console", lambda line: line.type == "error" and tab.troubles.append(line.text))
        await tab.page.goto(url)
        return tab

    async def log_in(self, agent: str, password: str) -> None:
        await self.page.get_by_label("Agent").fill(agent)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Log in").click()

    async def becomes_available(self) -> None:
        await self.page.get_by_text("Available", exact=True).click()
        await self.shows("You are available")

    async def shows(self, title: str, within: float = 8.0) -> None:
        """The page's matter has this heading, and the focus unless somebody moved it."""
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(title, timeout=within * 1000)

    async def says(self, words: str, within: float = 8.0) -> None:
        await expect(self.page.locator("main")).to_contain_text(words, timeout=within * 1000)

    async def tells_quality(self) -> None:
        """It says how good the connection is, which on a busy machine need not be good."""
        await expect(self.page.locator(".quality")).to_contain_text("connection", timeout=15_000)

    async def press(self, button: str) -> None:
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def access_key(self, letter: str) -> None:
        """Alt and a letter. Chromium looks for access keys in characters, which Playwright does not send."""
        debugger = await self.page.context.new_cdp_session(self.page)
        key = {"key": letter, "code": f"Key{letter.upper()}", "windowsVirtualKeyCode": ord(letter.upper())}
        text = {"text": letter, "unmodifiedText": letter}
        for kind in ({"type": "rawKeyDown", **key}, {"type": "char", **text}, {"type": "keyUp", **key}):
            await debugger.send("Input.dispatchKeyEvent", {"modifiers": 1, **kind})
        await debugger.detach()

    async def hears(self, hertz: float, not_hertz: float, within: float = 6.0) -> None:
        """Within a moment it hears the one tone and not the other."""
        end = asyncio.get_running_loop().time() + within
        levels = None
        while asyncio.get_running_loop().time() < end:
            levels = await self.page.evaluate("tones => window.heard?.(tones)", [hertz, not_hertz])
            if levels and None not in levels and levels[0] > -40 and levels[1] < levels[0] - 30:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(levels)

    async def picture(self, name: str) -> None:
        if PICTURES:
            await asyncio.sleep(0.4)  # let what moves arrive
            await self.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)

    async def is_accessible(self) -> None:
        """axe-core finds nothing that breaks WCAG 2.2 A and AA."""
        # The page's own policy lets no foreign script in; the debugger may.
        await self.page.evaluate(AXE.read_text())
        found = await self.page.evaluate("tags => axe.run(document, {runOnly: tags})", list(_RULES))
        wrong = [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]]
        assert wrong == [], wrong

    def is_fine(self) -> None:
        left = [line for line in self.troubles if not any(known in line for known in self.expected)]
        assert left == []


@contextlib.asynccontextmanager
async def agent(
    url: str,
    size: dict[str, int] = DESK,
    *,
    microphone: bool = True,
    permissions: tuple[str, ...] = ("microphone", "notifications"),
    **options: Any,
) -> AsyncIterator[Tab]:
    """A Chromium with one tab of the agents' page."""
    flags = chromium.hears(chromium.tone(AGENT_HZ)) if microphone else ()
    async with chromium.context(flags, viewport=size, permissions=list(permissions), **options) as own:
        await own.add_init_script(_EARS)
        yield await Tab.open(own, url)
