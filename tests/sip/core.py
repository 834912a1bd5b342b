"""The core's end of the line to a phone worker, for tests: starts the worker, commands it, reads reports."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable

from bridge.commands import Dial, HangUp
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from media.engines.pjsua2 import WorkerSettings
from media.protocol import (
    AwaitTie,
    DialogNoted,
    DialTie,
    EndDialog,
    Hello,
    Leave,
    Perform,
    Ready,
    Report,
    ToCore,
    TrunkHeard,
    TrunkRegistered,
    TrunkRouted,
    Welcome,
)  # fmt: skip
from media.switch_worker import SwitchSettings
from media.worker_link import FramedLink
from routing.plan import SipEndpoint
from tests.plumbing.engine import TESTED
from tests.plumbing.warm_programs import start_worker
from tests.sip.uas import Phone, Script


def free_port(host: str = "127.0.0.1", kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind((host, 0))
        return sock.getsockname()[1]


def free_sip_port() -> int:
    """A port that is free for UDP and for TCP."""
    while True:
        port = free_port()
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def free_range(length: int = 16) -> int:
    """First of so many free, even-numbered UDP ports."""
    for _ in range(50):
        first = free_port() & ~1
        socks = []
        try:
            for port in range(first, first + length):
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                socks.append(sock)
                sock.bind(("127.0.0.1", port))
            return first
        except (OSError, OverflowError):
            continue
        finally:
            for sock in socks:
                sock.close()
    raise RuntimeError("no free ports")


def endpoint(uri: str, trunk: str | None = None, **fields) -> SipEndpoint:
    return SipEndpoint("shopper", "the shopper", uri, trunk, **fields)


#: By engine; ``switch`` is the signalling half alone.
PROGRAMS = {
    "pjsua2": "media.phone_worker",
    "switch": "tests.switch.plain_media",
    "rtpengine": "media.rtpengine_worker",
}


class _Core(FramedLink):
    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self.worker = worker
        worker.core = self

    def taken(self, message: ToCore) -> None:
        worker = self.worker
        match message:
            case Hello(token, pid):
                worker.pid, worker.token = pid, token
                self.tell(Welcome(worker.settings.dump()))
            case Ready(error):
                if not worker.ready.done():
                    worker.ready.set_result(error)
            case Report(event):
                worker.reports.append((time.monotonic(), event))
                worker.queue.put_nowait(event)
            case TrunkRouted(trunk, routes):
                worker.routes[trunk] = routes
            case DialogNoted(leg_id, _, record):
                worker.dialogs[leg_id] = record
            case TrunkHeard(trunk, outcome, status, retry_after):
                worker.heard.append((trunk, outcome, status, retry_after))
            case TrunkRegistered(trunk, registered, status):
                worker.registrations.put_nowait((trunk, registered, status))


class Worker:
    """One worker process and all that it reported."""

    #: Whose: ``pjsua2``, or ``switch`` for the signalling half of the switch with a plain media half.
    engine: str = TESTED

    def __init__(self, settings: WorkerSettings | SwitchSettings) -> None:
        self.settings = settings
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[str] = loop.create_future()
        self.reports: list[tuple[float, object]] = []
        self.queue: asyncio.Queue = asyncio.Queue()
        self.registrations: asyncio.Queue = asyncio.Queue()
        #: The Route headers that registrars ask for, by trunk.
        self.routes: dict[str, tuple[str, ...]] = {}
        #: What placing legs taught of trunks.
        self.heard: list[tuple[str, str, int, float]] = []
        #: How each leg's dialog would be ended; empty once it is over.
        self.dialogs: dict[str, str] = {}
        self.pid = 0
        self.token = ""

    @property
    def sip_port(self) -> int:
        return self.settings.sip.ports.first if self.engine != "pjsua2" else self.settings.sip_port

    @classmethod
    async def start(
        cls,
        trunks: dict[str, Trunk] | None = None,
        *,
        role: str = "calls",
        sip_port: int | None = None,
        expect_error: bool = False,
        shared_ports: tuple[int, ...] = (),
        directory: str | None = None,
        **sip,
    ) -> Worker:
        port = sip_port or free_sip_port()
        if cls.engine != "pjsua2":
            rtp = free_range(160)
            ours = {"ports": f"{port}-{port + 9}", "rtp_ports": f"{rtp}-{rtp + 159}"}
            told = Sip(**{"bind_address": "127.0.0.1"} | ours | sip)
            worker = cls(SwitchSettings(sip=told, trunks=trunks or {}))
        else:
            told = Sip(**{"bind_address": "127.0.0.1", "ports": f"{port}-{port}"} | sip)
            worker = cls(WorkerSettings(
                role=role, sip=told, trunks=trunks or {}, sip_port=port, rtp_port=free_range(),
                shared_ports=shared_ports, tell_dialogs=bool(shared_ports) and role == "calls",
            ))  # fmt: skip
        await worker._run(directory)
        error = await asyncio.wait_for(worker.ready, 30)
        if not expect_error:
            assert error == ""
        return worker

    async def _run(self, directory: str | None) -> None:
        self.directory = tempfile.mkdtemp(dir=directory)
        path = os.path.join(directory or self.directory, os.path.basename(self.directory) + ".sock")
        self.listening = await asyncio.get_running_loop().create_unix_server(lambda: _Core(self), path)
        program = PROGRAMS[self.engine]
        self.process = await start_worker(program, path, "token")
        self.stderr: list[str] = []
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for line in self.process.stderr:
            self.stderr.append(line.decode())

    def do(self, command) -> None:
        self.core.tell(Perform(command))

    def dial(self, leg_id: str, uri: str, trunk: str | None = None, **fields) -> None:
        self.do(Dial(leg_id, endpoint(uri, trunk, **fields)))

    def hang_up(self, leg_id: str, cause) -> None:
        self.do(HangUp(leg_id, cause))

    async def await_tie(self, leg_id: str, secret: str) -> str:
        return await self.core.ask(AwaitTie(leg_id, secret))

    async def dial_tie(self, leg_id: str, uri: str) -> None:
        await self.core.ask(DialTie(leg_id, uri))

    async def expect(self, kind: type, leg_id: str | None = None, within: float = 15.0):
        """The next report of this kind; others before it are passed over."""

        async def look():
            while True:
                event = await self.queue.get()
                if isinstance(event, kind) and leg_id in (None, event.leg_id):
                    return event

        try:
            return await asyncio.wait_for(look(), within)
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__}; got {self.reports}; said {self.stderr}") from None

    def got(self, kind: type, leg_id: str | None = None) -> list:
        return [e for _, e in self.reports if isinstance(e, kind) and leg_id in (None, e.leg_id)]

    async def end_dialog(self, record: str) -> bool:
        """End the dialog of a worker that died."""
        return await self.core.ask(EndDialog(record))

    async def die(self) -> None:
        """Be killed."""
        self.process.kill()
        await self.process.wait()
        await self._reading
        self.listening.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.core.tell(Leave())
            try:
                await asyncio.wait_for(self.process.wait(), 3)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        await self._reading
        self.listening.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        assert self.process.returncode == 0, self.stderr


async def until(condition: Callable[[], object], within: float = 10.0) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it never came about"
        await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def stage(*scripts: Script | None, trunks: Callable[[list[Phone]], dict] | dict | None = None, **sip):
    """A worker and so many phones; yields them in that order, and sees them off."""
    phones = [await Phone.start(script) for script in scripts or (None,)]
    made = trunks(phones) if callable(trunks) else trunks
    worker = await Worker.start(made, **sip)
    try:
        yield worker, *phones
    finally:
        for phone in phones:
            phone.close()
        await worker.stop()


def refuse(status: int, reason: str = "No", provisional: int | None = None) -> Script:
    def script(phone: Phone, sip) -> None:
        if provisional:
            phone.respond(sip, provisional, "Wait")
        phone.respond(sip, status, reason)

    return script
