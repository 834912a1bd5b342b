"""A capture of the bench's own datagrams on loopback, by dumpcap, with the kernel's times."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

#: Where the file stops growing, in kB; 100 calls make about 6 MB a second.
MOST_KB = 1_500_000
_KERNEL_BUFFER_MB = 64


class CaptureError(Exception):
    """The capture cannot be had; the text says why and what to do."""


class Capture:
    """A running capture. Make one with :func:`capture`."""

    def __init__(self, path: Path, process: subprocess.Popen[bytes], log: Path) -> None:
        self.path = path
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        """The process that captures."""
        return self._process.pid

    def stop(self) -> None:
        """Stop, and have everything on disk."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def missed(self) -> int:
        """How many datagrams the capture itself missed; to be asked after its stop."""
        found = re.search(r"received/dropped on interface '.*?': \d+/(\d+)", self._log.read_text())
        if not found:
            raise CaptureError(f"dumpcap said nothing of what it missed:\n{self._log.read_text()[-500:]}")
        return int(found.group(1))


@contextlib.contextmanager
def capture(folder: Path, ports: Sequence[range], seconds: float) -> Iterator[Capture]:
    """Capture UDP from or to these ports on loopback for ``seconds`` at most."""
    wanted = " or ".join(f"udp portrange {some.start}-{some.stop - 1}" for some in ports)
    tool = shutil.which("dumpcap")
    if tool is None:
        raise CaptureError("dumpcap is not installed (Debian: wireshark-common)")
    path, log = folder / "wire.pcap", folder / "dumpcap.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(tool, "-q", "-P", "-i", "lo", "-B", str(_KERNEL_BUFFER_MB), "-w", str(path)),
                *("-f", f"ip and ({wanted})"),
                *("-a", f"duration:{int(seconds) + 1}", "-a", f"filesize:{MOST_KB}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    running = Capture(path, process, log)
    try:
        _wait_for_start(running, process, log)
        yield running
    finally:
        running.stop()


def _wait_for_start(running: Capture, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        if running.path.exists() and running.path.stat().st_size:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            raise CaptureError(f"dumpcap ended at its start; it wants root:\n{log.read_text()[-500:]}")
    raise CaptureError("dumpcap did not start within 5 s")
