"""Debian's Chromium as browser, without a window, its microphone a tone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

from tests.plumbing.chromium import CHROMIUM, FLAGS, TALKS, hears
from tests.webrtc.core import BrowserWorker
from webrtc.signalling import BrowserHangUp, Connected, read_to_worker, write

PAGE = Path(__file__).with_name("page.html")
URL = "http://localhost:9/"  # answered by the test, and a secure context


class Tab:
    """One tab, which talks to a browser worker about one leg."""

    def __init__(self, page: Page, worker: BrowserWorker, leg_id: str) -> None:
        self.page, self.worker, self.leg_id = page, worker, leg_id
        self._telling: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Load the page, or load it again."""
        await self.page.goto(URL)
        if self._telling is not None:
            self._telling.cancel()
        queue: asyncio.Queue = asyncio.Queue()
        self.worker.listeners[self.leg_id] = queue
        self._telling = asyncio.ensure_future(self._tell(queue))

    async def prepare(self) -> None:
        await self.page.route(
            "**/*", lambda route: route.fulfill(body=PAGE.read_text(), content_type="text/html")
        )
        await self.page.expose_function(
            "toServer", lambda text: self.worker.signal(self.leg_id, read_to_worker(text))
        )
        await self.load()

    async def connect(
        self,
        session: int = 1,
        audio: str = "auto",
        servers: list[dict[str, Any]] | None = None,
        policy: str = "all",
        within: float = 10.0,
    ) -> float:
        """Offer, and wait until audio flows; seconds that took."""
        start = asyncio.get_running_loop().time()
        await self.page.evaluate(
            "([session, audio, servers, policy]) => offer(session, audio, servers, policy)",
            [session, audio, servers or [], policy],
        )
        end = start + within
        while not any(m.session == session for m in self.worker.got(self.leg_id, Connected)):
            assert asyncio.get_running_loop().time() < end, (self.worker.said, self.worker.stderr)
            await asyncio.sleep(0.01)
        return asyncio.get_running_loop().time() - start

    async def hears(self, hertz: float, not_hertz: float, within: float = 12.0) -> None:
        """Within a moment it hears the one tone and not the other."""
        end = asyncio.get_running_loop().time() + within
        levels = None
        while asyncio.get_running_loop().time() < end:
            levels = await self.page.evaluate("tones => levels(tones)", [hertz, not_hertz])
            if levels and None not in levels and levels[0] > -35 and levels[1] < levels[0] - 35:
                return
            await asyncio.sleep(0.1)
        raise AssertionError((levels, await self.statistics()))

    async def statistics(self) -> dict[str, Any]:
        return await self.page.evaluate("statistics()")

    def hang_up(self) -> None:
        self.worker.signal(self.leg_id, BrowserHangUp())

    async def _tell(self, queue: asyncio.Queue) -> None:
        while True:
            message = await queue.get()
            await self.page.evaluate("text => fromServer(text)", write(message))


@contextlib.asynccontextmanager
async def tab(
    worker: BrowserWorker, leg_id: str, microphone: Path, *flags: str, program: str | None = None
) -> AsyncIterator[Tab]:
    """A Chromium with one tab for one leg."""
    async with async_playwright() as tool:
        browser = await tool.chromium.launch(
            executable_path=program or CHROMIUM,
            args=[*FLAGS, *TALKS, *hears(microphone), *flags],
        )
        try:
            made = Tab(await browser.new_page(), worker, leg_id)
            await made.prepare()
            yield made
            if made._telling is not None:
                made._telling.cancel()
        finally:
            await browser.close()
