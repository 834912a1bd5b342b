"""Make the pictures of docs/images/ from the demo: ``python scripts/make_pictures.py``.

Needs what the tests need: Playwright and Debian's chromium. The pictures are WebP, 100 KiB at most each.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PORT = 8890
SHOP = f"http://127.0.0.1:{PORT}/"
DESK = {"width": 1200, "height": 750}
PHONE = {"width": 390, "height": 780}
LARGEST = 100 * 1024
#: Seconds that the demo has to start.
PATIENCE = 60


@contextlib.asynccontextmanager
async def demo() -> AsyncIterator[dict[str, Any]]:
    """The demo, ready; what its shop's page is told."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "demo", "--port", str(PORT), cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(PATIENCE * 4):
                with contextlib.suppress(httpx.TransportError):
                    setup = (await client.get(f"{SHOP}demo/setup.json")).json()
                    break
                await asyncio.sleep(0.25)
            else:
                raise SystemExit("the demo does not start: try make demo")
        yield setup
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()


async def tab(browser: Browser, size: dict[str, int], address: str, **options: Any) -> Page:
    """A tab of a browser profile of its own, at this address."""
    context = await browser.new_context(viewport=size, timezone_id="America/New_York", **options)
    page = await context.new_page()
    await page.goto(address)
    return page


async def log_in(page: Page, agent: dict[str, str]) -> None:
    """An agent who takes calls and chats."""
    await page.get_by_label("Agent").fill(agent["name"])
    await page.get_by_label("Password").fill(agent["password"])
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_text("Available", exact=True).click()


async def picture(page: Page, name: str) -> None:
    """Keep what the page shows now."""
    await page.mouse.click(2, 300)  # beside everything: nothing has the focus, or is pointed at
    await page.evaluate("window.scrollTo(0, 0)")
    await asyncio.sleep(0.6)  # let what moves arrive
    debugger = await page.context.new_cdp_session(page)
    shot = await debugger.send("Page.captureScreenshot", {"format": "webp", "quality": 82})
    data = base64.b64decode(shot["data"])
    if len(data) > LARGEST:
        raise SystemExit(f"{name} has {len(data)} bytes")
    (IMAGES / f"{name}.webp").write_bytes(data)
    print(f"{len(data) / 1024:5.0f} KiB  docs/images/{name}.webp")


async def radiator(browser: Browser, workshop: dict[str, Any]) -> None:
    """The guided chat on a desk and on a phone, and the workshop's page while its phone rings."""
    hank = await tab(browser, DESK, workshop["agent"]["url"])
    await log_in(hank, workshop["agent"])
    desk = await tab(browser, DESK, f"{SHOP}radiators")
    phone = await tab(browser, PHONE, f"{SHOP}radiators", device_scale_factor=1.5, has_touch=True)
    for page, answers in ((desk, 5), (phone, 2)):
        await page.get_by_role("button", name="Find my radiator").click()
        await page.get_by_role("button", name="Start").click()
        log, field = page.get_by_role("log", name="Chat"), page.get_by_label("Your message")
        questions = ("Which year?", "Which make?", "Which model?", "Which engine?", "What is your ZIP code?")
        for question, answer in list(zip(questions, workshop["vehicle"], strict=True))[:answers]:
            await log.get_by_text(question).wait_for()
            await field.fill(answer)
            await page.keyboard.press("Enter")
    await phone.get_by_role("log").get_by_text("Which model?").wait_for()
    await picture(phone, "guided-chat-phone")
    await desk.get_by_role("button", name="Call me", exact=True).wait_for()
    await picture(desk, "guided-chat")
    await desk.get_by_role("button", name="Call me", exact=True).click()
    await desk.get_by_role("log").get_by_text("Which number").wait_for()
    await desk.get_by_label("Your message").fill(workshop["number"])
    await desk.keyboard.press("Enter")
    await hank.get_by_text("5.0 V8").wait_for()
    await picture(hank, "desk-before-the-answer")


async def bikes(browser: Browser, agent: dict[str, str]) -> None:
    """A call in the panel of the bike shop, and a chat at the desk."""
    kim = await tab(browser, DESK, agent["url"])
    await log_in(kim, agent)
    shop = await tab(browser, DESK, SHOP)
    await shop.get_by_role("button", name="Talk by Phone").click()
    await shop.get_by_role("button", name="Talk to somebody").click()
    await shop.get_by_role("button", name="Call me now").click()
    await shop.get_by_text("Connected to the Boston store").first.wait_for()
    await picture(shop, "panel")
    other = await tab(browser, PHONE, SHOP)
    await other.get_by_role("button", name="Talk by Phone").click()
    await other.get_by_role("radio", name="Chat").check()
    await other.get_by_label("Your message").fill("Does the Harbor have lights?")
    await other.keyboard.press("Enter")
    await kim.get_by_role("button", name="Accept").click()
    await kim.get_by_placeholder("Write, or / for canned replies").fill(
        "It has, front and rear. Both are bright."
    )
    await kim.keyboard.press("Enter")
    await other.get_by_role("log").get_by_text("Both are bright.").wait_for()
    await other.get_by_label("Your message").fill("And in the rain?")
    await other.keyboard.press("Enter")
    await kim.get_by_role("log").get_by_text("And in the rain?").wait_for()
    await kim.get_by_role("button", name="The Harbor rain cape").click()
    await other.get_by_role("button", name="Open the page").wait_for()
    await picture(kim, "desk-chat")


async def main() -> None:
    """All of them."""
    IMAGES.mkdir(exist_ok=True)
    async with demo() as setup, async_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = await driver.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        await radiator(browser, setup["workshop"])
        await bikes(browser, setup["agent"])
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
