"""Two networks that only a TURN server (coturn) stands in: the browser's, and the one the workers are in."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import stat
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.children import die_with_parent
from tests.sip.own_network import own_network

TURNSERVER = shutil.which("turnserver")
SECRET = "north"
WORKERS, TURN_AT_WORKERS = "10.2.0.1", "10.2.0.2"
BROWSER, TURN_AT_BROWSER = "10.1.0.1", "10.1.0.2"


@dataclass
class Networks:
    """``inside`` is the pid of a process in the browser's network."""

    inside: int
    directory: Path

    def chromium(self, path: str) -> str:
        """A program that is Chromium in the browser's network."""
        script = self.directory / "chromium"
        script.write_text(f'#!/bin/sh\nexec nsenter -t {self.inside} -n {path} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return str(script)


@contextlib.asynccontextmanager
async def only_turn() -> AsyncIterator[Networks]:
    """Be in the workers' network; needs root, and coturn."""
    if TURNSERVER is None or shutil.which("ip") is None:
        pytest.skip("needs Debian's coturn and iproute2")
    with own_network(), tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as processes:
        directory = Path(name)
        browser, middle = _holder(processes), _holder(processes)
        _cable("w0", WORKERS, None, "t0", TURN_AT_WORKERS, middle)
        _cable("b0", BROWSER, browser, "t1", TURN_AT_BROWSER, middle)
        turn = await _start_coturn(middle, directory)
        try:
            yield Networks(browser, directory)
        finally:
            turn.terminate()
            await turn.wait()


def _holder(processes: contextlib.ExitStack) -> int:
    """A process whose life keeps a network of its own."""
    process = subprocess.Popen(
        ["unshare", "-n", "sh", "-c", "ip link set lo up && echo up && exec sleep 300"],
        stdout=subprocess.PIPE,
        preexec_fn=die_with_parent,
    )
    processes.callback(process.wait)
    processes.callback(process.kill)
    processes.callback(process.stdout.close)
    assert process.stdout.readline() == b"up\n"
    return process.pid


def _cable(one: str, address: str, holder: int | None, other: str, far_address: str, far: int) -> None:
    """Plug a cable into two networks; no holder means the one that we are in."""
    here = [] if holder is None else ["nsenter", "-t", str(holder), "-n"]
    there = ["nsenter", "-t", str(far), "-n"]
    run = lambda *words: subprocess.run(words, check=True)  # noqa: E731
    run(*here, "ip", "link", "add", one, "type", "veth", "peer", "name", other, "netns", str(far))
    for where, device, own in ((here, one, address), (there, other, far_address)):
        run(*where, "ip", "addr", "add", f"{own}/24", "dev", device)
        run(*where, "ip", "link", "set", device, "up")


async def _start_coturn(holder: int, directory: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *("nsenter", "-t", str(holder), "-n", TURNSERVER, "-n", "--no-cli", "--no-tls", "--no-dtls"),
        *(f"--listening-ip={TURN_AT_BROWSER}", f"--relay-ip={TURN_AT_WORKERS}", "--listening-port=3478"),
        *("--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=ringback"),
        *("--log-file=stdout", f"--pidfile={directory}/pid", f"--db={directory}/turndb"),
        stdout=(directory / "turn.log").open("w"),
        stderr=asyncio.subprocess.STDOUT,
        cwd=directory,
        preexec_fn=die_with_parent,
    )
    for _ in range(100):
        if "initialization done" in (directory / "turn.log").read_text() or process.returncode is not None:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    assert process.returncode is None, (directory / "turn.log").read_text()
    return process
