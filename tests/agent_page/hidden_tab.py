"""A tab that is really hidden. Playwright keeps its pages visible, so this speaks Chromium's own protocol."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator
from typing import Any

from websockets.asyncio.client import connect

from tests.children import die_with_parent
from tests.plumbing.chromium import CHROMIUM, FLAGS, TALKS


class RawTab:
    """A tab, driven by the DevTools protocol alone."""

    def __init__(self, socket: Any, target: str, session: str) -> None:
        self._socket, self.target, self._session = socket, target, session

    async def js(self, expression: str) -> Any:
        """The value of an expression in the page."""
        given = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        answer = await _send(self._socket, "Runtime.evaluate", self._session, **given)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression: str, within: float = 15.0) -> None:
        """Wait until an expression is true."""
        async with asyncio.timeout(within):
            while not await self.js(expression):  # noqa: ASYNC110 - a page tells it no other way
                await asyncio.sleep(0.05)

    async def show(self) -> None:
        """Bring it to the front: the others of the window are hidden then."""
        await _send(self._socket, "Target.activateTarget", targetId=self.target)


class RawBrowser:
    """Chromium, with tabs of one window."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def tab(self, url: str, script: str = "") -> RawTab:
        """A tab at this address, in front; ``script`` runs before the page's own."""
        made = await _send(self._socket, "Target.createTarget", url="about:blank")
        attached = await _send(self._socket, "Target.attachToTarget", targetId=made["targetId"], flatten=True)
        session = attached["sessionId"]
        await _send(self._socket, "Page.enable", session)
        await _send(self._socket, "Page.addScriptToEvaluateOnNewDocument", session, source=script)
        await _send(self._socket, "Page.navigate", session, url=url)
        return RawTab(self._socket, made["targetId"], session)


@contextlib.asynccontextmanager
async def raw_browser() -> AsyncIterator[RawBrowser]:
    """A browser of the test's own."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(prefix="ringback-chromium-", ignore_cleanup_errors=True) as folder:
        flags = ("--headless", "--remote-debugging-port=0", f"--user-data-dir={folder}", *FLAGS, *TALKS)
        running = await asyncio.create_subprocess_exec(
            CHROMIUM, *flags, stderr=asyncio.subprocess.PIPE, preexec_fn=die_with_parent
        )
        try:
            assert running.stderr is not None
            address = ""
            while "DevTools listening on" not in address:
                address = (await running.stderr.readline()).decode()
                assert address, "Chromium has ended"
            draining = asyncio.ensure_future(running.stderr.read())
            async with connect(address.split(" on ", 1)[1].strip(), proxy=None, max_size=None) as socket:
                yield RawBrowser(socket)
            draining.cancel()
        finally:
            running.kill()
            await running.wait()


async def _send(socket: Any, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
    number = getattr(socket, "asked", 0) + 1
    socket.asked = number
    asked = {"id": number, "method": method, "params": params}
    await socket.send(json.dumps({**asked, "sessionId": session} if session else asked))
    while True:
        answer = json.loads(await socket.recv())
        if answer.get("id") == number:
            assert "error" not in answer, answer
            return dict(answer["result"])
