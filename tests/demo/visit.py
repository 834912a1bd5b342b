"""The demo as a process, its tones for ears, and its visitors with real browsers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.preflight import BUILD, ROOT
from tests.plumbing import chromium
from tests.plumbing.chromium import CHROMIUM, playwright
from tests.scenarios.settings import free_block

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: The marks of every test with a browser.
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
#: A folder that gets pictures of the page, for people to look at.
PICTURES = os.environ.get("RINGBACK_PICTURES")

DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
#: The demo itself gives Ringback a minute to be ready, and tells what is wrong after that.
_UP_SECONDS = 75.0


@dataclass
class Demo:
    process: asyncio.subprocess.Process
    port: int
    mark: str
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def living(self) -> list[str]:
        """The command lines of all processes that stem from this demo."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return (await client.get(url)).status_code == 200
    return False


@contextlib.asynccontextmanager
async def demo_running(folder: Path) -> AsyncIterator[Demo]:
    port, mark, output = free_block(2), uuid.uuid4().hex, folder / "demo.out"
    with output.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "demo",
            "--port",
            str(port),
            cwd=ROOT,
            env=os.environ | {"RINGBACK_TEST_MARK": mark, "COLUMNS": "100", "PYTHONUNBUFFERED": "1"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    demo = Demo(process, port, mark, output)
    try:
        end = time.monotonic() + _UP_SECONDS
        async with httpx.AsyncClient() as client:
            while not await _answers(client, demo.url):
                assert process.returncode is None, output.read_text()
                assert time.monotonic() < end, output.read_text()
                await asyncio.sleep(0.1)
        yield demo
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()
        shutil.rmtree(ROOT / "var" / f"demo-{port}", ignore_errors=True)


@dataclass
class Visitor:
    """A newcomer with a browser."""

    page: Any
    #: What went wrong on the page: exceptions, console errors, requests to elsewhere.
    troubles: list[str] = field(default_factory=list)

    async def open(self, url: str, button: str = "Talk by Phone") -> None:
        def request(asked: Any) -> None:
            if not asked.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:")):
                self.troubles.append(f"request to {asked.url}")

        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", request)
        self.page.on("console", lambda line: line.type == "error" and self.troubles.append(line.text))
        await self.page.goto(url)
        await self.page.get_by_role("button", name=button).wait_for()

    async def wants(self, way: str, story: str) -> None:
        """Choose a story in the shop's page, and open the panel; one that is open is closed first."""
        if await self.page.locator("ringback-panel .panel").count():
            await self.close_panel()
        await self.page.get_by_role("radio", name=story).check()
        await self.page.get_by_role("button", name=way).click()
        await self.page.locator("ringback-panel .panel").wait_for()
        if way == "Talk by Phone":
            await self.passes_the_answers()

    async def passes_the_answers(self) -> None:
        """Ask nothing, and go on to the form; a page shows answers once."""
        go_on = self.page.get_by_role("button", name="Talk to somebody")
        await go_on.or_(self.page.get_by_label("Your phone number")).first.wait_for()
        if await go_on.count():
            await go_on.click()

    async def close_panel(self) -> None:
        """Close the panel; a call in it goes on."""
        await self.page.get_by_role("button", name="Close").click()

    async def talk_by_pc(self, story: str = "The store answers") -> None:
        """Open the panel, check the microphone, and call."""
        await self.wants("Talk by PC", story)
        await self.page.get_by_role("button", name="Call now").click()

    async def tabs_to(self, name: str) -> None:
        """Go to a button with the Tab key alone."""
        button = self.page.get_by_role("button", name=name, exact=True)
        for _ in range(40):
            await self.page.keyboard.press("Tab")
            if await button.evaluate("each => each.getRootNode().activeElement === each"):
                return
        raise AssertionError(f"{name} is out of the keyboard's reach")

    async def call(self, story: str) -> None:
        """Open the panel, and ask to be called."""
        await self.wants("Talk by Phone", story)
        await self.page.get_by_role("button", name="Call me now").click()

    async def sees(self, words: str, seconds: float = 15.0) -> None:
        status = self.page.locator("ringback-call .status")
        await playwright.expect(status).to_contain_text(words, timeout=seconds * 1000)

    async def picture(self, name: str) -> None:
        if PICTURES:
            await asyncio.sleep(0.4)  # let what moves arrive
            await self.page.screenshot(path=Path(PICTURES) / f"{name}.png")

    async def is_accessible(self) -> None:
        """axe-core finds nothing that breaks WCAG 2.2 A and AA."""
        # Past the page's trusted types.
        session = await self.page.context.new_cdp_session(self.page)
        await session.send("Runtime.evaluate", {"expression": AXE.read_text()})
        found = await self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        broken = [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]]
        assert broken == [], broken


def microphone(sound: Path) -> tuple[str, ...]:
    """Flags that give Chromium a microphone, which hears a WAV file, and a user who allows it."""
    return ("--use-fake-ui-for-media-stream", *chromium.hears(sound))


@contextlib.asynccontextmanager
async def visitor(
    size: dict[str, int] = DESK, flags: Sequence[str] = (), **options: Any
) -> AsyncIterator[Visitor]:
    async with chromium.context(flags, viewport=size, timezone_id="America/New_York", **options) as own:
        yield Visitor(await own.new_page())


async def hears_speech(who: Visitor, labels: list[str]) -> None:
    """The players are there, load, and hold sound: not silence."""
    await who.page.locator("call-recording").first.wait_for(timeout=10_000)
    assert await who.page.locator("call-recording h3").all_inner_texts() == labels
    for index in range(len(labels)):
        seconds, loudest = (
            await who.page.locator("call-recording audio")
            .nth(index)
            .evaluate(
                """async (audio) => {
                const data = await (await fetch(audio.src)).arrayBuffer();
                const sound = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(data);
                const samples = sound.getChannelData(0);
                return [sound.duration, samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0)];
            }"""
            )
        )
        assert seconds > 2
        assert loudest > 0.1
