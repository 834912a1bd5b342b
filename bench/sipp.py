"""Phones played by SIPp (Debian's sip-tester): one process plays all phones of one side."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.processes import udp_ports_in_use
from bench.sound import write_speech

#: Ports that one side takes.
PORTS = 6
SCENARIOS = Path(__file__).with_name("scenarios")
#: Seconds that a phone can speak longer than a call is held.
_SPEECH_BEYOND = 20.0
_START_SECONDS = 5.0


class PhonesError(Exception):
    """The simulated phones cannot be had; the text says why and what to do."""


@dataclasses.dataclass(frozen=True)
class SippSide:
    """One side's phones: their name, what they say, and the first of their PORTS ports of 127.0.0.1.

    All phones of a side share one port for RTP.
    """

    name: str
    hz: int
    sip: int

    @property
    def rtp(self) -> int:
        """The port for RTP; SIPp also opens the next but one."""
        return self.sip + 2

    @property
    def control(self) -> int:
        """The port that SIPp takes its own commands on."""
        return self.sip + 1


@dataclasses.dataclass(frozen=True)
class Phones:
    """Running phones of both sides."""

    processes: tuple[subprocess.Popen[bytes], ...]

    @property
    def pids(self) -> list[int]:
        """Their processes."""
        return [process.pid for process in self.processes]


@contextlib.contextmanager
def phones(
    folder: Path, sides: tuple[SippSide, ...], ring: float, hold: float, most_seconds: float
) -> Iterator[Phones]:
    """Phones that ring for ``ring`` seconds; the business hangs up after ``hold`` seconds."""
    tool = shutil.which("sipp")
    if tool is None:
        raise PhonesError("sipp is not installed (Debian: sip-tester)")
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for side in sides:
            processes.append(_start(tool, folder, side, ring, hold, most_seconds))  # noqa: PERF401 - all end
        _wait_for_start(processes, sides)
        yield Phones(tuple(processes))
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def _start(
    tool: str, folder: Path, side: SippSide, ring: float, hold: float, most_seconds: float
) -> subprocess.Popen[bytes]:
    speech = write_speech(folder / f"{side.name}-speech.pcap", side.hz, hold + _SPEECH_BEYOND)
    scenario = (SCENARIOS / f"{side.name}.xml").read_text()
    for word, value in (
        ('"RING"', f'"{round(ring * 1000)}"'),
        ('"HOLD"', f'"{round(hold * 1000)}"'),
        ("SPEECH", str(speech)),
    ):
        scenario = scenario.replace(word, value)
    path = folder / f"{side.name}.xml"
    path.write_text(scenario)
    with (folder / f"{side.name}.log").open("wb") as log:
        return subprocess.Popen(
            [
                *(tool, "-sf", str(path), "-nostdin"),
                *("-i", "127.0.0.1", "-p", str(side.sip), "-ci", "127.0.0.1", "-cp", str(side.control)),
                *("-mi", "127.0.0.1", "-mp", str(side.rtp)),
                *("-trace_err", "-error_file", str(folder / f"{side.name}.errors")),
                *("-timeout", f"{round(most_seconds)}s", "-deadcall_wait", "0", "-timer_resol", "1"),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _wait_for_start(processes: list[subprocess.Popen[bytes]], sides: tuple[SippSide, ...]) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while not {side.sip for side in sides} <= udp_ports_in_use():
        if any(process.poll() is not None for process in processes):
            raise PhonesError("a SIPp ended at its start")
        if time.monotonic() > give_up:
            raise PhonesError(f"SIPp did not start within {_START_SECONDS} s")
        time.sleep(0.02)
