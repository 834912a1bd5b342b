"""A phone that is a SIPp scenario: for what no well-behaved user agent would do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.settings import free_block

SCENARIOS = Path(__file__).with_name("sipp")


class SippPhone:
    """One call of one scenario."""

    def __init__(self, port: int, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.address = f"127.0.0.1:{port}"
        self._process = process
        self._folder = folder

    async def finished(self, within: float = 10.0) -> None:
        """The scenario went through to its end; else what SIPp did not like."""
        code = await asyncio.wait_for(self._process.wait(), within)
        errors = "\n".join(path.read_text() for path in self._folder.glob("*errors*.log"))
        assert code == 0, f"SIPp ended with {code}: {errors}"


@contextlib.asynccontextmanager
async def sipp_phone(scenario: str, folder: Path, transport: str = "udp") -> AsyncIterator[SippPhone]:
    """A SIPp that waits for one call, over UDP or TCP."""
    if shutil.which("sipp") is None:
        assert os.environ.get("CI") != "true", "CI needs SIPp (Debian: sip-tester)"
        pytest.skip("SIPp is not installed (Debian: sip-tester)")
    os.mkdir(folder)
    port = free_block(4)
    process = await asyncio.create_subprocess_exec(
        "sipp",
        *("-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1", "-p", str(port)),
        *("-t", "t1" if transport == "tcp" else "u1", "-mp", str(port + 2), "-m", "1"),
        *("-timeout", "30s", "-timeout_error", "-nostdin", "-trace_err"),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await asyncio.sleep(0.3)  # SIPp tells nobody when it listens
    try:
        yield SippPhone(port, process, folder)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
