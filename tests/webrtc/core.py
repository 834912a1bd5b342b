"""The core's end of the line to a browser worker, and a phone worker beside it, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile

from bridge.commands import Join
from bridge.events import LegAnswered
from config.fields import PortRange
from config.sections.sip import Sip
from config.sections.webrtc import WebRtc
from media.engines.pjsua2 import WorkerSettings
from media.protocol import (
    BrowserLegEnded,
    CloseBrowserLeg,
    Hello,
    Leave,
    OpenBrowserLeg,
    Ping,
    Ready,
    Report,
    Signal,
    Signalled,
    ToCore,
    Welcome,
)
from media.worker_link import FramedLink
from tests.plumbing.warm_programs import start_worker
from tests.sip.core import Worker, free_port, free_range
from tests.sip.uas import Phone, Script
from webrtc.signalling import read_to_browser, write


class _Core(FramedLink):
    def __init__(self, worker: BrowserWorker) -> None:
        super().__init__()
        self.worker = worker
        worker.line = self

    def taken(self, message: ToCore) -> None:
        worker = self.worker
        match message:
            case Hello(_, pid):
                worker.pid = pid
                self.tell(Welcome(worker.settings.dump()))
            case Ready(error):
                worker.ready.set_result(error)
            case Signalled(leg_id, text):
                worker.took(leg_id, read_to_browser(text))
            case Report(event):
                worker.reports.append(event)
            case BrowserLegEnded(leg_id, cause):
                worker.ends.setdefault(leg_id, []).append(cause)


class BrowserWorker:
    """One browser worker process; ``said`` is what it told each leg's browser."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self.ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.said: dict[str, list] = {}
        self.ends: dict[str, list[str]] = {}
        self.reports: list = []
        self.listeners: dict[str, asyncio.Queue] = {}
        self.stderr: list[str] = []
        self.pid = 0

    @classmethod
    async def start(cls, settings: WebRtc | None = None, sip_port: int = 0, ports: int = 32) -> BrowserWorker:
        port, media = sip_port or free_port(), free_range(ports)
        settings = settings or WebRtc(bind_address="127.0.0.1")
        worker = cls(
            WorkerSettings(
                role="browser",
                sip=Sip(bind_address="127.0.0.1", ports=f"{port}-{port}"),
                trunks={},
                sip_port=port,
                rtp_port=20000,
                webrtc=settings.model_copy(update={"media_ports": PortRange(media, media + ports - 1)}),
            )
        )
        worker.directory = tempfile.mkdtemp()
        path = os.path.join(worker.directory, "core.sock")
        worker.listening = await asyncio.get_running_loop().create_unix_server(lambda: _Core(worker), path)
        worker.process = await start_worker("media.browser_worker", path, "token")
        worker._reading = asyncio.ensure_future(worker._read())
        assert await asyncio.wait_for(worker.ready, 40) == ""
        return worker

    async def _read(self) -> None:
        async for line in self.process.stderr:
            self.stderr.append(line.decode())

    def took(self, leg_id: str, message) -> None:
        self.said.setdefault(leg_id, []).append(message)
        if queue := self.listeners.get(leg_id):
            queue.put_nowait(message)

    async def open(self, leg_id: str, codecs: str = "PCMU,PCMA", audio: str = "passthrough") -> str:
        return await self.line.ask(OpenBrowserLeg(leg_id, tuple(codecs.split(",")), audio))

    def signal(self, leg_id: str, message) -> None:
        self.line.tell(Signal(leg_id, write(message)))

    def close(self, leg_id: str) -> None:
        self.line.tell(CloseBrowserLeg(leg_id))

    async def ping(self) -> None:
        await self.line.ask(Ping())

    def got(self, leg_id: str, kind: type) -> list:
        return [message for message in self.said.get(leg_id, []) if isinstance(message, kind)]

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.line.tell(Leave())
            try:
                await asyncio.wait_for(self.process.wait(), 3)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        await self._reading
        self.listening.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        assert self.process.returncode == 0, self.stderr
        assert not any("Traceback" in line or "task_failed" in line for line in self.stderr), self.stderr


class Stage:
    """A browser worker, a phone worker and a phone."""

    def __init__(self, browsers: BrowserWorker, phones: Worker, phone: Phone) -> None:
        self.browsers, self.phones, self.phone = browsers, phones, phone

    async def talk(self, leg_id: str = "b", **options) -> str:
        """Dial the browser leg from the phone worker; the URI it was dialled at."""
        uri = await self.browsers.open(leg_id, **options)
        self.phones.dial(leg_id, uri)
        return uri

    async def bridge(self, leg_id: str = "b") -> None:
        """With the browser leg answered, dial the phone and join the two."""
        await self.phones.expect(LegAnswered, leg_id)
        self.phones.dial(f"{leg_id}-p", self.phone.uri)
        await self.phones.expect(LegAnswered, f"{leg_id}-p")
        self.phones.do(Join(leg_id, f"{leg_id}-p"))


@contextlib.asynccontextmanager
async def stage(settings: WebRtc | None = None, script: Script | None = None):
    """A browser worker, a phone worker and a phone, seen off at the end."""
    phone = await Phone.start(script)
    browsers = await BrowserWorker.start(settings)
    phones = await Worker.start()
    try:
        yield Stage(browsers, phones, phone)
    finally:
        phone.close()
        await phones.stop()
        await browsers.stop()
