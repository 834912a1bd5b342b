"""deploy/ringback.service: systemd reads it, it is closed up, and its commands work."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.aio import asyncio_test
from tests.children import die_with_parent
from tests.scenarios.settings import settings, step, write
from tests.scenarios.world import eventually

UNIT = Path(__file__).parents[2] / "deploy" / "ringback.service"
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze")


def _installed(folder: Path, config: Path) -> Path:
    """The unit as it would be, were Ringback installed where these tests run from."""
    unit = folder / "ringback.service"
    text = UNIT.read_text().replace("/opt/ringback/bin", str(Path(sys.executable).parent))
    unit.write_text(text.replace("/etc/ringback/ringback.yaml", str(config)))
    return unit


def _config(folder: Path) -> tuple[Path, str]:
    made = settings(folder, "127.0.0.1:9")
    made["destinations"]["store"] = {"label": "Store", "sip": "sip:store@127.0.0.1:9"}
    made["routes"]["main"]["steps"] = [step("store")]
    return write(folder / "ringback.yaml", made), made["server"]["listen_address"]


def _setting(unit: Path, name: str) -> list[str]:
    """A command of the unit, in words."""
    found = re.findall(rf"(?m)^{name}=(.*)$", unit.read_text())
    assert len(found) == 1, found
    return shlex.split(found[0])


@needs_systemd
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    assert ANALYZE is not None
    unit = _installed(tmp_path, _config(tmp_path)[0])
    done = subprocess.run([ANALYZE, "verify", unit], capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
def test_it_is_closed_up() -> None:
    """systemd's own measure, from 0 (closed) to 10: a service that talks to networks gets no lower than 1."""
    assert ANALYZE is not None
    command = [ANALYZE, "security", "--offline=true", "--threshold=20", UNIT]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stdout[-500:]


def test_workers_may_be_nice_and_what_is_stopped_may_say_goodbye() -> None:
    text = UNIT.read_text()
    assert "\nLimitNICE=-10\n" in text
    # A stopping server ends its workers itself; after a crash, they are to outlive it.
    assert "\nKillMode=process\n" in text
    assert "\nRestart=on-failure\n" in text
    assert "\nTimeoutStopSec=15min\n" in text


@asyncio_test(timeout=120)
async def test_its_commands_check_start_reload_and_stop_a_server(tmp_path: Path) -> None:
    config, listen = _config(tmp_path)
    unit = _installed(tmp_path, config)
    checked = await asyncio.create_subprocess_exec(*_setting(unit, "ExecStartPre"), cwd=tmp_path)
    assert await checked.wait() == 0
    log = tmp_path / "journal"
    with log.open("wb") as output:
        server = await asyncio.create_subprocess_exec(
            *_setting(unit, "ExecStart"),
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://{listen}", trust_env=False) as client:

            async def healthy() -> bool:
                with contextlib.suppress(httpx.TransportError):
                    return (await client.get("/healthz")).status_code == 200
                return False

            async with asyncio.timeout(60):
                while not await healthy():
                    assert server.returncode is None, log.read_text()
                    await asyncio.sleep(0.1)
            command = [
                str(server.pid) if word == "$MAINPID" else word for word in _setting(unit, "ExecReload")
            ]
            reloading = await asyncio.create_subprocess_exec(*command)
            assert await reloading.wait() == 0
            await eventually(lambda: '"reloaded"' in log.read_text(), 15)
            assert await healthy()
        server.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(server.wait(), 30) == 0, log.read_text()
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.kill()
