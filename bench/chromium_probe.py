"""One call by a real Chromium among the peers': its page offers and listens, its signalling is theirs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from playwright.async_api import Browser, Error, Page, async_playwright

from bench.processes import family
from bench.servers import ServerError
from bench.sound import BUSINESS_HZ, SHOPPER_HZ
from bench.web_signalling import SignallingError, WebServer, web_call
from tests.plumbing.chromium import CHROMIUM, FLAGS, TALKS, hears

#: The number that the probe calls as.
NUMBER = "+16174550000"
PAGE = Path(__file__).with_name("probe.html")
_ADDRESS = "http://localhost:9/"  # answered here, and a secure context
_RATE = 48000


class Probe:
    """A tab that has its microphone open already. Make one with :func:`probe`."""

    def __init__(self, page: Page, server: WebServer, pid: int) -> None:
        self.pid = pid
        self._page, self._server = page, server
        self._times: dict[str, float] = {}
        self._problem = ""
        self._statistics: dict[str, Any] = {}
        self._talking: asyncio.Task[None] | None = None

    async def call(self) -> None:
        """Click; ServerError where the call is refused."""
        self._times["clicked"] = time.time()
        accepted = asyncio.get_running_loop().create_future()
        self._talking = asyncio.ensure_future(self._talk(accepted))
        await asyncio.wait([accepted, self._talking], return_when=asyncio.FIRST_COMPLETED)
        if not accepted.done():
            raise ServerError(f"Chromium: {self._problem}")

    async def story(self) -> dict[str, Any]:
        """What became of its call."""
        if self._talking is not None and not self._talking.done():
            self._talking.cancel()
        return {"problem": self._problem, **self._times, "statistics": self._statistics}

    async def _talk(self, accepted: asyncio.Future[None]) -> None:
        try:
            base = self._server.url if self._server.kind == "ringback" else "http://127.0.0.1"
            async with (
                httpx.AsyncClient(base_url=base, verify=False, trust_env=False, timeout=20) as http,
                web_call(self._server, NUMBER, http) as call,
            ):
                accepted.set_result(None)
                sdp = await self._page.evaluate("offer()")
                await self._page.evaluate("sdp => answer(sdp)", await call.answer_to(sdp))
                await call.connected()
                await self._page.evaluate("connected()")
                self._times["connected"] = time.time()
                watching = asyncio.ensure_future(self._watch())
                try:
                    await call.over()
                finally:
                    watching.cancel()
        except (SignallingError, httpx.HTTPError, OSError, Error, TimeoutError) as error:
            self._problem = f"{type(error).__name__}: {error}"[:300]

    async def _watch(self) -> None:
        """The newest statistics, as the connection has none once it is over."""
        while True:
            await asyncio.sleep(1)
            tones = [BUSINESS_HZ, SHOPPER_HZ]
            self._statistics = await self._page.evaluate("tones => statistics(tones)", tones)


@contextlib.asynccontextmanager
async def probe(server: WebServer, folder: Path) -> AsyncIterator[Probe]:
    """A Chromium, ready to call."""
    microphone = _microphone(folder / "probe.wav")
    async with async_playwright() as tool:
        before = set(family(os.getpid()))
        browser = await tool.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, *TALKS, *hears(microphone)]
        )
        try:
            page = await _page(browser)
            pid = min(set(family(os.getpid())) - before)
            yield Probe(page, server, pid)
        finally:
            await browser.close()


async def _page(browser: Browser) -> Page:
    page = await browser.new_page()
    await page.route("**/*", lambda route: route.fulfill(body=PAGE.read_text(), content_type="text/html"))
    await page.goto(_ADDRESS)
    await page.evaluate("microphone()")
    return page


def _microphone(path: Path) -> Path:
    """The shopper's tone; ten seconds hold a whole number of waves, and go round and round."""
    samples = 3000 * np.sin(2 * np.pi * SHOPPER_HZ * np.arange(10 * _RATE) / _RATE)
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, _RATE, 0, "NONE", ""))
        out.writeframes(samples.astype("<i2").tobytes())
    return path
