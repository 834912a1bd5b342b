"""The whole demo as a newcomer meets it: ``python -m demo``, a real browser, real calls, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.preflight import BUILD, ROOT
from tests.aio import asyncio_test

playwright = pytest.importorskip("playwright.async_api")

CHROMIUM = shutil.which("chromium")
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
#: A folder that gets pictures of the page, for people to look at.
PICTURES = os.environ.get("RINGBACK_PICTURES")

DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}


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


@contextlib.asynccontextmanager
async def demo_running(folder: Path) -> AsyncIterator[Demo]:
    port, mark, output = _two_free_ports(), uuid.uuid4().hex, folder / "demo.out"
    with output.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "demo",
            "--port",
            str(port),
            cwd=ROOT,
            env=os.environ | {"RINGBACK_TEST_MARK": mark, "COLUMNS": "100"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    demo = Demo(process, port, mark, output)
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(300):
                assert process.returncode is None, output.read_text()
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(demo.url)).status_code == 200:
                        break
                await asyncio.sleep(0.1)
            else:
                raise AssertionError(output.read_text())
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

    async def open(self, url: str) -> None:
        def request(asked: Any) -> None:
            if not asked.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:")):
                self.troubles.append(f"request to {asked.url}")

        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", request)
        self.page.on("console", lambda line: line.type == "error" and self.troubles.append(line.text))
        await self.page.goto(url)
        await self.page.get_by_role("button", name="Talk by Phone").wait_for()

    async def call(self, story: str) -> None:
        await self.page.get_by_role("button", name="Talk by Phone").click()
        await self.page.get_by_role("radio", name=story).check()
        await self.page.get_by_role("button", name="Call me now").click()

    async def sees(self, words: str, seconds: float = 15.0) -> None:
        status = self.page.locator("call-progress .status")
        await playwright.expect(status).to_contain_text(words, timeout=seconds * 1000)

    async def picture(self, name: str) -> None:
        if PICTURES:
            await asyncio.sleep(0.4)  # let what moves arrive
            await self.page.screenshot(path=Path(PICTURES) / f"{name}.png")

    async def is_accessible(self) -> None:
        """axe-core finds nothing that breaks WCAG 2.2 A and AA."""
        await self.page.evaluate(AXE.read_text())
        found = await self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        assert [
            (each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]
        ] == []


@contextlib.asynccontextmanager
async def visitor(size: dict[str, int] = DESK, **options: Any) -> AsyncIterator[Visitor]:
    async with playwright.async_playwright() as tool:
        browser = await tool.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        try:
            context = await browser.new_context(viewport=size, timezone_id="America/New_York", **options)
            yield Visitor(await context.new_page())
        finally:
            await browser.close()


@asyncio_test(timeout=150)
async def test_a_newcomer_clicks_watches_and_listens(tmp_path: Path) -> None:
    async with (
        demo_running(tmp_path) as demo,
        visitor() as desk,
        visitor(PHONE, color_scheme="dark", has_touch=True) as phone,
    ):
        await desk.open(demo.url)
        await desk.picture("desk-shop")
        await desk.is_accessible()
        await phone.open(demo.url)
        await phone.picture("phone-shop")
        # Two calls at once, each with its own story.
        async with asyncio.TaskGroup() as both:
            both.create_task(_is_answered(desk))
            both.create_task(_gets_the_call_centre(phone))
        assert desk.troubles == []
        assert phone.troubles == []
    assert demo.process.returncode == 0, demo.output.read_text()
    assert demo.living() == []


async def _is_answered(who: Visitor) -> None:
    await who.call("The store answers")
    await who.sees("Your phone is ringing")
    await who.sees("Ringing the Boston store")
    await who.picture("desk-ringing")
    await who.sees("Connected to the Boston store")
    await who.picture("desk-connected")
    await who.is_accessible()
    await who.sees("Ended: your call with the Boston store is over.", seconds=25)
    await _hears_speech(who, ["What you heard", "What the Boston store heard"])
    await who.picture("desk-ended")
    await who.is_accessible()


async def _gets_the_call_centre(who: Visitor) -> None:
    await who.call("The first store is busy")
    await who.sees("Your phone is ringing")
    await who.picture("phone-calling")
    await who.sees("Trying the Cambridge store (2 of 3)")
    await who.sees("Trying the call centre (3 of 3)")
    await who.sees("Connected to the call centre")
    # The drawer may be closed while talking; a button leads back.
    await who.page.get_by_role("button", name="Close").click()
    await who.picture("phone-pill")
    await who.page.get_by_role("button", name="Connected to the call centre").click()
    await who.sees("Ended: your call with the call centre is over.", seconds=25)
    await _hears_speech(who, ["What you heard", "What the call centre heard"])
    await who.picture("phone-ended")
    await who.page.locator("call-recording").last.scroll_into_view_if_needed()
    await who.picture("phone-recordings")
    await who.is_accessible()


@asyncio_test(timeout=150)
async def test_calls_in_vain_a_callback_a_hang_up_and_wrong_numbers(tmp_path: Path) -> None:
    async with demo_running(tmp_path) as demo:
        async with visitor() as first, visitor(PHONE) as second:
            await first.open(demo.url)
            await second.open(demo.url)
            await first.page.get_by_role("button", name="Talk by Phone").click()
            await first.picture("desk-form")
            await first.page.get_by_role("button", name="Close").click()
            await first.call("You do not pick up")
            await second.page.get_by_role("button", name="Talk by Phone").click()
            number = second.page.get_by_label("Your phone number")
            for wrong, words in (
                ("", "Please give the phone number"),
                ("12", "does not look like a phone number"),
                ("+1 900 555 0123", "This kind of number cannot be called"),
                ("+49 30 23125 000", "cannot call numbers of this country"),
            ):
                await number.fill(wrong)
                await second.page.get_by_role("button", name="Call me now").click()
                await playwright.expect(second.page.get_by_role("alert")).to_contain_text(words)
                await playwright.expect(number).to_be_focused()
            await second.picture("phone-wrong-number")
            await second.is_accessible()
            await second.page.get_by_role("radio", name="Nobody answers").check()
            await second.page.get_by_role("button", name="Call me now").click()
            await second.sees("Trying the call centre (3 of 3)")
            await second.page.get_by_role("button", name="Hang up").click()
            await second.sees("Ended: you ended the call before anybody picked up.")
            await first.sees("Ended: you did not pick up.", seconds=20)
            await first.page.locator("call-timeline").wait_for()
            await first.picture("desk-absent")
            await first.page.get_by_role("button", name="Try another call").click()
            await first.page.get_by_role("radio", name="The store is closed").check()
            await first.page.get_by_role("button", name="Call me now").click()
            await first.sees("We will call you back tomorrow at")
            await playwright.expect(first.page.locator("call-record")).to_contain_text("No phone rang")
            await first.picture("desk-callback")
            await first.is_accessible()
            await first.page.get_by_role("button", name="Cancel the callback").click()
            await first.sees("Your callback is cancelled. We will not call you.")
            await playwright.expect(first.page.locator("call-progress .status")).to_be_focused()
            await first.picture("desk-callback-cancelled")
            await first.is_accessible()
            assert first.troubles == []
        # A demo that dies takes everything along.
        demo.process.kill()
        for _ in range(100):
            if not (left := demo.living()):
                break
            await asyncio.sleep(0.1)
        assert left == []


@asyncio_test(timeout=150)
async def test_a_message_a_line_and_a_voicemail(tmp_path: Path) -> None:
    async with (
        demo_running(tmp_path) as demo,
        visitor() as desk,
        visitor(PHONE, color_scheme="dark", has_touch=True) as phone,
    ):
        await desk.open(demo.url)
        await phone.open(demo.url)
        async with asyncio.TaskGroup() as both:
            both.create_task(_leaves_a_message(desk))
            both.create_task(_waits_in_line(phone))
        await desk.page.get_by_role("button", name="Try another call").click()
        await _meets_a_voicemail(desk)
        assert desk.troubles == []
        assert phone.troubles == []


async def _leaves_a_message(who: Visitor) -> None:
    await who.call("Nobody answers")
    await who.sees("Please leave your message after the tone")
    await who.picture("desk-message")
    await who.is_accessible()
    await who.sees("Your message has been taken.", seconds=30)
    await _hears_speech(who, ["Your message", "What you heard"])
    await who.picture("desk-message-taken")
    await who.is_accessible()


async def _waits_in_line(who: Visitor) -> None:
    await who.call("Everybody is talking")
    await who.sees("You are number 2 in line, about 1 minute.")
    await who.picture("phone-line")
    await who.sees("You are next in line", seconds=25)
    await who.picture("phone-next")
    await who.is_accessible()
    await who.sees("Connected to the call centre.", seconds=25)
    await who.sees("Ended: your call with the call centre is over.", seconds=25)
    await _hears_speech(who, ["What you heard", "What the call centre heard"])
    await who.picture("phone-line-ended")


async def _meets_a_voicemail(who: Visitor) -> None:
    await who.page.get_by_role("radio", name="A voicemail picks up").check()
    await who.page.get_by_role("button", name="Call me now").click()
    await who.sees("Ringing the Boston store and the Cambridge store…")
    await who.sees("Connected to the Cambridge store.", seconds=25)
    await who.page.get_by_role("button", name="Hang up").click()
    heard = ["What you heard", "What the Boston store heard", "What the Cambridge store heard"]
    await _hears_speech(who, heard)
    await playwright.expect(who.page.locator("call-timeline")).to_contain_text("an answering machine")
    await who.page.locator("call-timeline").scroll_into_view_if_needed()
    await who.picture("desk-voicemail")


@asyncio_test(timeout=60)
async def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as other:
        port = _two_free_ports()
        other.bind(("127.0.0.1", port + 1))
        other.listen()
        result = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "demo", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=40,
        )
    assert result.returncode == 1
    assert f"Port {port + 1} on 127.0.0.1, for Ringback, is not free" in result.stdout
    assert "--port" in result.stdout


async def _hears_speech(who: Visitor, labels: list[str]) -> None:
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


def _two_free_ports() -> int:
    """The first of two neighbouring free ports of 127.0.0.1."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port
    raise AssertionError("no two free ports in a row")
