"""What the kernel knows of a family of processes: CPU, memory, and datagrams it had to drop."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_GONE = (FileNotFoundError, ProcessLookupError)


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    members = [pid]
    for member in members:
        with contextlib.suppress(*_GONE):
            for task in Path(f"/proc/{member}/task").iterdir():
                with contextlib.suppress(*_GONE):
                    members += map(int, (task / "children").read_text().split())
    return members


def command_line(pid: int) -> str:
    """How a process was started; empty for one that is gone."""
    with contextlib.suppress(*_GONE):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


class Cpu:
    """CPU seconds, user and system, that each of some processes has used since its birth."""

    def __init__(self, pids: Iterable[int]) -> None:
        self.seconds: dict[int, float] = {}
        for pid in pids:
            with contextlib.suppress(*_GONE):
                # The name in parentheses may hold spaces.
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                self.seconds[pid] = (int(fields[11]) + int(fields[12])) / _TICKS

    def since(self, earlier: Cpu) -> float:
        """Seconds used between two looks; what died in between is left out, what was born counts whole."""
        return sum(self.each_since(earlier).values())

    def each_since(self, earlier: Cpu) -> dict[int, float]:
        """The same by process."""
        return {pid: used - earlier.seconds.get(pid, 0.0) for pid, used in self.seconds.items()}


@dataclasses.dataclass(frozen=True)
class MachineCpu:
    """CPU seconds of the whole machine since its start: at work, and withheld by the host it runs on."""

    busy: float
    stolen: float

    @classmethod
    def now(cls) -> MachineCpu:
        """A look at it."""
        line = Path("/proc/stat").read_text().partition("\n")[0]
        user, nice, system, _, _, irq, soft_irq, stolen = (int(field) / _TICKS for field in line.split()[1:9])
        return cls(user + nice + system + irq + soft_irq, stolen)


def memory_kb(pids: Iterable[int]) -> int:
    """Proportional set size in kB: shared pages count once, split between those that share them."""
    total = 0
    for pid in pids:
        with contextlib.suppress(*_GONE):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total


class UdpDrops:
    """Datagrams that the kernel dropped at full sockets of some ports; to be looked at now and then."""

    def __init__(self, ports: Iterable[range]) -> None:
        self._ports = {port for some in ports for port in some}
        self._of_socket: dict[str, int] = {}

    def look(self) -> None:
        """Note what there is now; a socket's count is gone with it."""
        for port, inode, drops in _udp_sockets():
            if port in self._ports:
                self._of_socket[inode] = max(drops, self._of_socket.get(inode, 0))

    @property
    def total(self) -> int:
        """All drops seen."""
        return sum(self._of_socket.values())


def udp_ports_in_use() -> set[int]:
    """The UDP ports of IPv4 that somebody has open."""
    return {port for port, _, _ in _udp_sockets()}


def _udp_sockets() -> Iterable[tuple[int, str, int]]:
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        fields = line.split()
        yield int(fields[1].split(":")[1], 16), fields[9], int(fields[12])
