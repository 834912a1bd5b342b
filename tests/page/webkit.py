"""Debian's WebKit (WebKitGTK, as Safari) in a window that nobody sees, spoken to in WebDriver (W3C)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from tests.children import die_with_parent
from tests.sip.core import free_port, until

_DRIVER, _SCREEN = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
_BROWSER = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), None)
WEBKIT = _DRIVER if _SCREEN and _BROWSER else None


class WebKitPage:
    """The one tab."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._session = ""

    async def begin(self) -> None:
        """Have a session."""
        options = {"binary": str(_BROWSER), "args": ["--automation"]}
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._session = (await self._ask("session", capabilities=capabilities))["sessionId"]

    async def open(self, url: str) -> None:
        await self._ask(f"session/{self._session}/url", url=url)

    async def evaluate(self, expression: str) -> Any:
        """What an expression comes to; as JSON."""
        return await self._ask(
            f"session/{self._session}/execute/sync", script=f"return {expression}", args=[]
        )

    async def until(self, expression: str, within: float = 15.0) -> None:
        """Wait until an expression is true."""
        end = asyncio.get_running_loop().time() + within
        while not await self.evaluate(expression):
            assert asyncio.get_running_loop().time() < end, f"not within {within} s: {expression}"
            await asyncio.sleep(0.1)

    async def point(self, x: int, y: int, *, click: bool = False) -> None:
        """Move the mouse there, as people do: the page trusts it."""
        moves: list[dict[str, Any]] = [{"type": "pointerMove", "x": x, "y": y, "duration": 50}]
        if click:
            moves += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "actions": moves}
        await self._ask(f"session/{self._session}/actions", actions=[mouse])

    async def close(self) -> None:
        await self._http.delete(f"session/{self._session}")

    async def _ask(self, path: str, **parameters: Any) -> Any:
        answer = await self._http.post(path, json=parameters)
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value


@contextlib.asynccontextmanager
async def webkit(folder: Path) -> AsyncIterator[WebKitPage]:
    """A WebKit with nothing kept."""
    port, screen = free_port(), f":{free_port()}"
    environment = {
        **os.environ, "DISPLAY": screen, "GDK_BACKEND": "x11", "HOME": str(folder), "NO_AT_BRIDGE": "1",
        "LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
    }  # fmt: skip
    log = folder / "webkit.log"
    with log.open("wb") as output, contextlib.ExitStack() as programs:

        def start(*command: str) -> None:
            process = subprocess.Popen(
                command, env=environment, stdout=output, stderr=output, preexec_fn=die_with_parent
            )
            programs.callback(process.wait)
            programs.callback(process.kill)

        start(_SCREEN or "", screen, "-screen", "0", "1280x900x24", "-nolisten", "tcp")
        await until(lambda: Path(f"/tmp/.X11-unix/X{screen[1:]}").exists())
        start(_DRIVER or "", f"--port={port}")
        await until(lambda: _answers(port))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/", timeout=60) as http:
            page = WebKitPage(http)
            await page.begin()
            yield page
            await page.close()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/status").status_code == 200
    except httpx.TransportError:
        return False
