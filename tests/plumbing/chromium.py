"""Debian's Chromium without a window: one browser for all tests that start it with the same flags.

A browser takes two seconds of a core to start. So it stays until the tests' process ends, and each test has a
context of its own in it, with its own cookies, storage, permissions and pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
import shutil
import struct
import tempfile
import wave
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.children import die_with_parent

playwright = pytest.importorskip("playwright.async_api")

CHROMIUM = shutil.which("chromium")
#: For every Chromium here: it runs as root, draws on no screen, and asks nobody on the Internet for anything.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: For a page that talks: nobody has to allow the microphone, or to click before it may sound.
TALKS = ("--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required")
#: For pages that are shown again as they were when somebody goes back; Playwright usually forbids it.
KEEPS_PAGES = ("--enable-features=BackForwardCache",)

_RATE = 48_000
_browsers: dict[tuple[str, ...], Any] = {}
_driver: list[Any] = []


def hears(sound: Path) -> tuple[str, ...]:
    """The flags of a browser whose microphone hears a WAV file, round and round."""
    return ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={sound}")


@functools.cache
def tone(hertz: int) -> Path:
    """A WAV file with ten seconds of a tone, whole waves only, so that it may go round and round."""
    path = Path(_folder().name) / f"{hertz}.wav"
    second = b"".join(
        struct.pack("<h", round(8000 * math.sin(2 * math.pi * hertz * index / _RATE)))
        for index in range(_RATE)
    )
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, _RATE, 0, "NONE", ""))
        out.writeframes(10 * second)
    return path


@contextlib.asynccontextmanager
async def context(flags: Sequence[str] = (), **options: Any) -> AsyncIterator[Any]:
    """A new context of the browser with these flags; its pages are closed with it."""
    made = await (await _browser(tuple(flags))).new_context(**options)
    try:
        yield made
    finally:
        with contextlib.suppress(playwright.Error):  # where the browser itself has died
            await made.close()


@contextlib.asynccontextmanager
async def process(flags: Sequence[str] = ()) -> AsyncIterator[tuple[Any, asyncio.subprocess.Process]]:
    """A browser of the test's own, and its process, which the test may kill."""
    assert CHROMIUM is not None
    await _driver_started()
    with tempfile.TemporaryDirectory(prefix="ringback-chromium-", ignore_cleanup_errors=True) as folder:
        debugged = ("--headless", "--remote-debugging-port=0", f"--user-data-dir={folder}")
        running = await asyncio.create_subprocess_exec(
            CHROMIUM, *FLAGS, *debugged, *flags, stderr=asyncio.subprocess.PIPE, preexec_fn=die_with_parent
        )
        try:
            assert running.stderr is not None
            address = ""
            while "DevTools listening on" not in address:
                address = (await running.stderr.readline()).decode()
                assert address, "Chromium has ended"
            draining = asyncio.ensure_future(running.stderr.read())
            browser = await _driver[0].chromium.connect_over_cdp(address.split(" on ", 1)[1].strip())
            yield browser, running
            with contextlib.suppress(playwright.Error):  # where the test has killed it
                await browser.close()
            draining.cancel()
        finally:
            with contextlib.suppress(ProcessLookupError):
                running.kill()
            await running.wait()


async def _driver_started() -> None:
    if not _driver:
        # It ends, and its browsers with it, when its standard input does: with this process.
        _driver.append(await playwright.async_playwright().start())


async def _browser(flags: tuple[str, ...]) -> Any:
    await _driver_started()
    browser = _browsers.get(flags)
    if browser is None or not browser.is_connected():
        unwanted = ["--disable-back-forward-cache"] if flags == KEEPS_PAGES else None
        browser = await _driver[0].chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, *flags], ignore_default_args=unwanted
        )
        _browsers[flags] = browser
    return browser


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="ringback-tones-")
