"""Debian's Firefox without a window, its microphone a tone, spoken to in WebDriver BiDi (W3C)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

FIREFOX = shutil.which("firefox-esr")
_LISTENS = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
#: Finds what a person sees, in open shadow trees too.
_EYES = """
    window.all = (selector, root = document) => [
      ...root.querySelectorAll(selector),
      ...[...root.querySelectorAll("*")]
        .filter((each) => each.shadowRoot)
        .flatMap((each) => all(selector, each.shadowRoot)),
    ];
    window.press = (name) => {
      const named = (each) => each.innerText.split("\\n")[0].trim() === name;  // a key has letters below
      const button = all("button").find((each) => named(each) && each.checkVisibility());
      if (!button || button.disabled) return false;
      button.click();
      return true;
    };
"""


class FirefoxError(Exception):
    """Firefox refused a command, or its page threw."""


class FirefoxPage:
    """The one tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._asked = 0
        self._tab = ""

    async def begin(self, *scripts: str) -> None:
        """Have a session, and these scripts before any of a page's own."""
        await self._ask("session.new", capabilities={})
        self._tab = (await self._ask("browsingContext.getTree"))["contexts"][0]["context"]
        for script in (_EYES, *scripts):
            await self._ask("script.addPreloadScript", functionDeclaration=f"() => {{{script}}}")

    async def open(self, url: str) -> None:
        await self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """What an expression comes to, or its promise; as JSON."""
        asked = f"(async () => JSON.stringify(await ({expression}) ?? null))()"
        answer = await self._ask(
            "script.evaluate", expression=asked, target={"context": self._tab}, awaitPromise=True
        )
        if answer["type"] == "exception":
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    async def until(self, expression: str, within: float = 15.0) -> Any:
        """Wait until an expression is true."""
        end = asyncio.get_running_loop().time() + within
        while not (value := await self.evaluate(expression)):
            if asyncio.get_running_loop().time() > end:
                seen = await self.evaluate("all('h2, button, .status, [role=alert]').map((e) => e.innerText)")
                raise AssertionError(f"not within {within} s: {expression}; seen: {seen}")
            await asyncio.sleep(0.1)
        return value

    async def press(self, button: str) -> None:
        """Press a button once it is there."""
        await self.until(f"press({json.dumps(button)})")

    async def point(self, x: int, y: int, *, click: bool = False) -> None:
        """Move the mouse there, as people do: the page trusts it."""
        moves: list[dict[str, Any]] = [{"type": "pointerMove", "x": x, "y": y}]
        if click:
            moves += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "actions": moves}
        await self._ask("input.performActions", context=self._tab, actions=[mouse])

    async def close(self) -> None:
        await self._ask("browser.close")

    async def _ask(self, method: str, **parameters: Any) -> Any:
        self._asked += 1
        await self._socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        async with asyncio.timeout(30):
            while (answer := json.loads(await self._socket.recv())).get("id") != self._asked:
                pass  # an event
        if answer["type"] == "error":
            raise FirefoxError(f"{method}: {answer['message']}")
        return answer["result"]


@contextlib.asynccontextmanager
async def firefox(folder: Path, hertz: int, *scripts: str) -> AsyncIterator[FirefoxPage]:
    """A Firefox whose microphone is a tone, and may be used."""
    profile = folder / "firefox"
    profile.mkdir()
    preferences = {
        "media.navigator.streams.fake": True,
        "media.navigator.permission.disabled": True,
        "permissions.default.microphone": 1,
        "media.navigator.audio.fake_frequency": hertz,
        "media.autoplay.default": 0,
        # The server of the tests is on loopback alone.
        "media.peerconnection.ice.loopback": True,
        "app.update.enabled": False,
        "browser.shell.checkDefaultBrowser": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "media.gmp-manager.updateEnabled": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "services.settings.server": "data:,",
    }
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items())
    (profile / "user.js").write_text("".join(lines))
    log = folder / "firefox.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            FIREFOX or "firefox-esr", "--headless", "--no-remote", "--profile", str(profile),
            "--remote-debugging-port", "0", "about:blank",
            env=os.environ | {"HOME": str(profile)}, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            while (found := _LISTENS.search(log.read_bytes())) is None:
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.1)
        async with connect(f"{found[1].decode()}/session", max_size=None) as socket:
            page = FirefoxPage(socket)
            await page.begin(*scripts)
            yield page
            await page.close()
            await asyncio.wait_for(process.wait(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
