"""The rtpengine of this node: started where none runs, taken over where one does, and watched.

It outlives the switch: audio goes on while the switch is away, and the next switch finds it again by a file
in its folder. So it is ended when the node stops, and only then.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from config.fields import PortRange
from sip.journal import note
from switch.ng import NgClient, NgError

#: The binary of Debian's ``rtpengine-daemon``.
PROGRAM = "rtpengine"
#: What its interfaces are called: loopback, where placeholders are too, the way to other machines, and the
#: way to browsers where that is another one.
LOOP, EXTERNAL, BROWSERS = "loop", "external", "browsers"
#: Seconds for it to answer after its start, and for it to end before it is killed.
_START, _END = 10.0, 3.0
#: Seconds without any packet of a whole call after which rtpengine itself would drop it. We decide earlier.
_SILENCE_OF_ALL = 3600
_THREADS = 2
#: Priority of its threads among the real-time ones of the machine (sched(7)): low, but above all others.
_PRIORITY = 2
_CAP_SYS_NICE = 1 << 23


class RtpengineError(Exception):
    """rtpengine cannot be started; the text says what the operator can do."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running rtpengine: its process, and the ports of loopback where it listens and tells of keys."""

    pid: int
    ng_port: int
    keys_port: int


@dataclass(frozen=True, slots=True)
class Rtp:
    """Where calls have their audio."""

    #: Our address toward other machines; None for calls within this one alone.
    address: str | None
    ports: PortRange
    #: Our address toward browsers, where it is neither that one nor loopback's.
    browser_address: str | None = None
    #: All other ones, where calls may use any: each is an interface of its own.
    others: tuple[str, ...] = ()

    @property
    def interfaces(self) -> dict[str, str]:
        """Address → its interface."""
        named = {self.browser_address: BROWSERS, self.address: EXTERNAL}
        return {one: one for one in self.others} | {one: name for one, name in named.items() if one}


def command_line(
    program: str, rtp: Rtp, ng_port: int, keys_port: int, folder: Path, *, realtime: bool
) -> list[str]:
    """How it is started."""
    priority = ["--scheduling=rr", f"--priority={_PRIORITY}"] if realtime else []
    return [
        program,
        "--foreground",
        "--config-file=none",
        # In user space: the kernel's module is the operator's choice, and a service of its own then.
        "--table=-1",
        f"--num-threads={_THREADS}",
        f"--interface={LOOP}/127.0.0.1",
        *([f"--interface={EXTERNAL}/{rtp.address}"] if rtp.address else []),
        *([f"--interface={BROWSERS}/{rtp.browser_address}"] if rtp.browser_address else []),
        *(f"--interface={other}/{other}" for other in rtp.others),
        f"--listen-ng=127.0.0.1:{ng_port}",
        f"--dtmf-log-dest=127.0.0.1:{keys_port}",
        f"--port-min={rtp.ports.first}",
        f"--port-max={rtp.ports.last}",
        f"--timeout={_SILENCE_OF_ALL}",
        f"--silent-timeout={_SILENCE_OF_ALL}",
        f"--offer-timeout={_SILENCE_OF_ALL}",
        "--delete-delay=0",
        # Where the SDP says, as long as anything comes from there; else where the first packet shows.
        "--endpoint-learning=heuristic",
        # Generated in a tenth of RSA's time (measured), and what browsers themselves have.
        "--dtls-cert-cipher=prime256v1",
        f"--pidfile={folder / 'rtpengine.pid'}",
        "--log-stderr",
        "--log-level=3",
        *priority,
    ]


def may_be_realtime(status: str, limit: int) -> bool:
    """Whether threads may be real-time, by ``/proc/self/status`` and ``RLIMIT_RTPRIO``."""
    held = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(held, 16) & _CAP_SYS_NICE) or limit < 0 or limit >= _PRIORITY


class Rtpengine:
    """One daemon. ``gone()`` is called once, as soon as it is known to be dead."""

    def __init__(self, folder: Path, rtp: Rtp, gone: Callable[[], None], program: str = PROGRAM) -> None:
        self._folder, self._rtp, self._gone, self._program = folder, rtp, gone, program
        self.daemon: Daemon | None = None
        self._process: subprocess.Popen[bytes] | None = None
        #: A pidfd: readable once the process ends, whatever its parent is (pidfd_open(2)).
        self._watching: int | None = None
        self.client: NgClient | None = None

    async def start(self) -> NgClient:
        """Take over the one that runs, or start one; :class:`RtpengineError` where that fails."""
        known = self._known()
        if known is not None and await self._reach(known, patience=0.5):
            note("rtpengine_taken_over", level="info", pid=known.pid)
        else:
            await self._start()
        if self.client is None or self.daemon is None:
            raise RtpengineError("rtpengine does not answer")
        try:
            self._watching = os.pidfd_open(self.daemon.pid)
        except ProcessLookupError:
            raise RtpengineError("rtpengine ended as it was started") from None
        asyncio.get_running_loop().add_reader(self._watching, self._died)
        return self.client

    def let_go(self) -> None:
        """Watch it no more; its audio goes on."""
        if self._watching is not None:
            asyncio.get_running_loop().remove_reader(self._watching)
            os.close(self._watching)
            self._watching = None
        if self.client is not None:
            self.client.close()
            self.client = None

    def kill(self) -> None:
        """End it at once, because this process ends."""
        daemon = self.daemon
        self.let_go()
        if daemon is not None:
            with suppress(ProcessLookupError):
                os.kill(daemon.pid, signal.SIGKILL)
            self._state.unlink(missing_ok=True)

    async def stop(self) -> None:
        """End it, and with it all audio."""
        daemon = self.daemon
        self.let_go()
        self.daemon = None
        if daemon is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(daemon.pid, sign)
            for _ in range(round(_END / 0.05)):
                if not self._lives(daemon.pid):
                    self._state.unlink(missing_ok=True)
                    return
                await asyncio.sleep(0.05)

    # --- starting ---------------------------------------------------------------------------------------

    @property
    def _state(self) -> Path:
        return self._folder / "rtpengine.json"

    @property
    def _log(self) -> Path:
        return self._folder / "rtpengine.log"

    def _known(self) -> Daemon | None:
        try:
            daemon = Daemon(**json.loads(self._state.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return daemon if self._lives(daemon.pid) else None

    def _lives(self, pid: int) -> bool:
        """Whether this process is an rtpengine, and no zombie."""
        if self._process is not None and self._process.pid == pid and self._process.poll() is not None:
            return False
        try:
            name, state = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rsplit(")", 1)
        except (OSError, ValueError):
            return False
        return name.startswith("rtpengine"[:15]) and state.split()[0] not in ("Z", "X")

    async def _start(self) -> None:
        daemon = self._launch()
        if not await self._reach(daemon, patience=_START):
            said = self._last_words()
            with suppress(ProcessLookupError):
                os.kill(daemon.pid, signal.SIGKILL)
            raise RtpengineError(f"rtpengine did not start: {said or 'it said nothing'}")
        self._state.write_text(json.dumps(asdict(daemon)))

    def _launch(self) -> Daemon:
        program = shutil.which(self._program)
        if program is None:
            raise RtpengineError(f"{self._program} is not installed: apt-get install rtpengine-daemon")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ng_port, keys_port = _free_ports(2)
        status = Path("/proc/self/status").read_text()
        realtime = may_be_realtime(status, resource.getrlimit(resource.RLIMIT_RTPRIO)[0])
        line = command_line(program, self._rtp, ng_port, keys_port, self._folder, realtime=realtime)
        with open(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
            # A session of its own: it must not end with the switch's terminal or group.
            self._process = subprocess.Popen(
                line,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
            )
        return Daemon(self._process.pid, ng_port, keys_port)

    def _last_words(self) -> str:
        return " / ".join(self._log.read_text(errors="replace").strip().splitlines()[-3:])

    async def _reach(self, daemon: Daemon, patience: float) -> bool:
        client = await NgClient.connect("127.0.0.1", daemon.ng_port, self._look)
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        while loop.time() < until and self._lives(daemon.pid):
            try:
                await client.ask("ping")
            except NgError:
                await asyncio.sleep(0.05)
                continue
            self.client, self.daemon = client, daemon
            return True
        client.close()
        return False

    # --- watching ---------------------------------------------------------------------------------------

    def _look(self) -> None:
        """The kernel says that nobody listens: is it dead?"""
        if self._watching is not None and self.daemon is not None and not self._lives(self.daemon.pid):
            self._died()

    def _died(self) -> None:
        if self._watching is None:
            return
        self.let_go()
        if self._process is not None:
            self._process.poll()
        self.daemon = None
        self._state.unlink(missing_ok=True)
        note("rtpengine_died", level="error")
        self._gone()


def _free_ports(many: int) -> list[int]:
    """UDP ports of loopback that nobody has now."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(many)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
