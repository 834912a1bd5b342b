"""Ringback itself as a process: started from a config file, asked over HTTP, stopped, or killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from phones import wire
from tests.plumbing import warm_servers
from tests.plumbing.warm_servers import WarmProcess
from tests.scenarios.settings import ADMIN_KEY

START_SECONDS = 40.0


class Server:
    """``ringback serve CONFIG``. One object may be started again after it was killed."""

    def __init__(self, config: Path, listen: str) -> None:
        self.config = config
        self.listen = listen
        self.log = config.with_name("server.log")
        # Without TLS, of which making a context takes longer than most requests here.
        self.client = httpx.AsyncClient(base_url=f"http://{listen}", verify=False, trust_env=False)
        self._process: WarmProcess | None = None

    @property
    def pid(self) -> int:
        """The core process."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the core process lives."""
        return self._process is not None and self._process.returncode is None

    async def start(self, *, ready: bool = True) -> None:
        """Start it and wait until it takes calls; with ``ready`` False, until it says why not."""
        self._process = warm_servers.start(self.config, self.log)
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            assert self.running, f"the server ended at its start:\n{self.tail()}"
            try:
                answer = await self.client.get("/readyz")
                if answer.status_code == (200 if ready else 503):
                    return
                assert answer.status_code == 503, f"{answer.text}\n{self.tail(3)}"
            except httpx.TransportError:
                pass  # not listening yet
            await asyncio.sleep(0.05)
        raise AssertionError(f"the server was not ready within {START_SECONDS} s:\n{self.tail()}")

    async def stop(self, within: float = 20.0) -> int:
        """SIGTERM, and its exit code; it is killed when it does not end in time."""
        if not self.running:
            return self.exit_code
        self.signal(signal.SIGTERM)
        return await self.ended(within)

    async def ended(self, within: float) -> int:
        """Wait for its end; kill it when that does not come."""
        assert self._process is not None
        try:
            return await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"the server did not stop within {within} s:\n{self.tail()}") from None

    async def kill(self) -> None:
        """End it as a crash would, with no chance to tidy up."""
        assert self._process is not None
        if self.running:
            self._process.kill()
        await self._process.wait()

    @property
    def exit_code(self) -> int:
        """What it left with."""
        assert self._process is not None
        assert self._process.returncode is not None
        return self._process.returncode

    def signal(self, number: signal.Signals) -> None:
        """Send the core a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def worker_of(self, invite: wire.Incoming) -> int:
        """The pid of the media worker that sent this INVITE: its Via names the worker's SIP port."""
        return next(pid for pid in _descendants(self.pid) if came_from(invite) in udp_ports(pid))

    def tail(self, lines: int = 40) -> str:
        """The end of its log."""
        return "\n".join(line[:1500] for line in self.log.read_text(errors="replace").splitlines()[-lines:])

    def complaints(self, expected: str | None = None) -> list[str]:
        """Lines of its log that no healthy run has, except those that match ``expected``."""
        bad = re.compile(r"Traceback|Unhandled|\"level\": ?\"(error|critical)\"|Assertion .* failed")
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if bad.search(line) and not (expected and re.search(expected, line))]

    async def admin(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request to the operator's side of the API."""
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        return await self.client.request(method, path, headers=headers, **options)

    @contextlib.asynccontextmanager
    async def following(self, path: str, **params: str) -> AsyncIterator[AsyncIterator[str]]:
        """The lines of an answer of the operator's side that comes bit by bit."""
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        async with self.client.stream("GET", path, params=params, headers=headers, timeout=15) as answer:
            assert answer.status_code == 200
            yield answer.aiter_lines()

    async def readiness(self) -> dict[str, Any]:
        """What /readyz says, ready or not."""
        return dict((await self.admin("GET", "/readyz")).json())


def _descendants(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += map(int, (task / "children").read_text().split())
    return [each for child in children for each in (child, *_descendants(child))]


def came_from(invite: wire.Incoming) -> int:
    """The SIP port that an INVITE was sent from."""
    return int((invite.header("via") or "").split(";")[0].rsplit(":", 1)[1])


def udp_ports(pid: int) -> set[int]:
    """The UDP ports that a process has open."""
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    ports = {f"socket:[{row[9]}]": int(row[1].split(":")[1], 16) for row in rows}
    owned = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            owned.add(os.readlink(descriptor))
    return {ports[socket] for socket in owned & ports.keys()}
