"""Ringback itself as a child process: the command that operators run, with the demo's settings."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from demo.errors import DemoError
from demo.preflight import ringback_command

_PR_SET_PDEATHSIG = 1
_READY_SECONDS = 60.0
_LEAVE_SECONDS = 8.0
_LOG_LINES = 15


@contextlib.asynccontextmanager
async def open_server(settings: Path, api: str, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Ringback that is ready for calls; it is gone when the context ends. Raises :class:`DemoError`."""
    parent = os.getpid()

    def die_with_parent() -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            ringback_command(),
            "serve",
            settings,
            cwd=settings.parent,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
    try:
        await _await_ready(process, api, log)
        yield process
    finally:
        await _end(process)


def obituary(process: asyncio.subprocess.Process, log: Path) -> DemoError:
    """Why the demo ends when the server has ended by itself."""
    last = log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
    return DemoError(
        f"Ringback ended by itself (exit {process.returncode}).", "\n".join([f"{log} ends:", *last])
    )


async def _await_ready(process: asyncio.subprocess.Process, api: str, log: Path) -> None:
    deadline = asyncio.get_running_loop().time() + _READY_SECONDS
    async with httpx.AsyncClient(base_url=api, timeout=2.0) as client:
        while process.returncode is None:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/readyz")).status_code == 200:
                    return
            if asyncio.get_running_loop().time() > deadline:
                raise DemoError(f"Ringback was not ready within {_READY_SECONDS:.0f} s; its log is {log}")
            await asyncio.sleep(0.1)
    raise obituary(process, log)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _LEAVE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
