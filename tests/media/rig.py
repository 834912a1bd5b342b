"""A media service with stand-in or real workers, and what it reported."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.internet import reactor

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp
from bridge.events import LegAnswered, LegEnded, PromptFinished
from config.sections.media import Media
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc
from media.engines.description import MediaEngine, Program, Role
from media.engines.pjsua2 import PJSUA2
from media.service import MediaService
from media.spawners import ForkSpawner
from media.timing import Timing
from tests.media.plans import endpoint
from tests.scenarios.settings import free_block
from webrtc.signalling import read_to_browser, write

STAND_IN = "tests.media.stand_in.main"
BROWSER_STAND_IN = "tests.media.browser_stand_in.main"
#: The engine of pjsua2 and aiortc, with workers that stand in for it.
STAND_INS = replace(
    PJSUA2,
    programs={
        "calls": Program(STAND_IN),
        "registrar": Program(STAND_IN),
        "browser": Program(BROWSER_STAND_IN),
    },
)
HASTY = Timing(ping=0.3, ready=2.0, start=10.0, leave=0.5, tie=1.5, idle=0.3, tick=0.1)


def sip_settings(user_agent: str = "Ringback", workers: int = 24) -> Sip:
    first = free_block(workers)
    rtp = free_block(16 * workers + 1)
    return Sip(
        bind_address="127.0.0.1",
        ports=f"{first}-{first + workers - 1}",
        rtp_ports=f"{rtp}-{rtp + 16 * workers}",
        user_agent=user_agent,
    )


class Rig:
    """A running media service and all its reports."""

    def __init__(
        self, engine: MediaEngine = STAND_INS, timing: Timing = HASTY, dialogs: Path | None = None
    ) -> None:
        self.reports: list[tuple[str, Any]] = []
        #: What each leg's browser was told, and who waits for it.
        self.said: dict[str, list[Any]] = {}
        self.listeners: dict[str, asyncio.Queue] = {}
        self.stderr = "see what the test captured"
        #: What it was started with.
        self.sip = Sip()
        self.progress: list[tuple[int, int]] = []
        self.media = MediaService(
            reactor,
            lambda call_id, event: self.reports.append((call_id, event)),
            signalled=self.took,
            engine=engine,
            timing=timing,
            progress=lambda ready, wanted: self.progress.append((ready, wanted)),
            dialogs=dialogs,
        )

    def took(self, leg_id: str, message: str) -> None:
        said = read_to_browser(message)
        self.said.setdefault(leg_id, []).append(said)
        if queue := self.listeners.get(leg_id):
            queue.put_nowait(said)

    def signal(self, leg_id: str, message: Any) -> None:
        self.media.signal(leg_id, write(message))

    def told(self, leg_id: str) -> list[str]:
        """The types of what a leg's browser was told."""
        return [message.type for message in self.said.get(leg_id, [])]

    def got(self, leg_id: str, kind: type) -> list[Any]:
        """What a leg's browser was told, of this kind."""
        return [message for message in self.said.get(leg_id, []) if isinstance(message, kind)]

    def events(self, kind: type, leg_id: str | None = None) -> list[Any]:
        return [e for _, e in self.reports if isinstance(e, kind) and leg_id in (None, e.leg_id)]

    async def until(self, true: Callable[[], Any], seconds: float = 5.0) -> Any:
        give_up = asyncio.get_running_loop().time() + seconds
        while not (value := true()):
            assert asyncio.get_running_loop().time() < give_up, (
                f"never came true; reports {self.reports[-9:]}"
            )
            await asyncio.sleep(0.005)
        return value

    def dial(self, call_id: str, leg_id: str, user: str = "answer", at: str = "127.0.0.1") -> None:
        self.media.perform(call_id, Dial(leg_id, endpoint(user, at=at)))

    async def answered(self, leg_id: str) -> None:
        await self.until(lambda: self.events(LegAnswered, leg_id))

    async def ended(self, leg_id: str) -> LegEnded:
        return (await self.until(lambda: self.events(LegEnded, leg_id)))[0]

    async def where(self, leg_id: str) -> tuple[int, int, str]:
        """A stand-in's pid, SIP port and user agent, told when it dialled the leg."""
        told = await self.until(lambda: self.events(PromptFinished, leg_id))
        pid, port, agent = told[0].prompt.split(" ", 2)
        return int(pid), int(port), agent

    async def hang_up(self, call_id: str, *leg_ids: str) -> None:
        for leg_id in leg_ids:
            self.media.perform(call_id, HangUp(leg_id, HangupCause.NORMAL))
        for leg_id in leg_ids:
            await self.ended(leg_id)
        self.media.close_call(call_id)

    def workers(self, state: str) -> int:
        return self.media.snapshot().workers[state]


@asynccontextmanager
async def running(
    media: Media | None = None,
    sip: Sip | None = None,
    trunks: dict[str, Trunk] | None = None,
    engine: MediaEngine = STAND_INS,
    timing: Timing = HASTY,
    webrtc: WebRtc | None = None,
) -> AsyncIterator[Rig]:
    rig = Rig(engine, timing)
    rig.sip = sip or sip_settings()
    media = media or Media(max_workers=8, spare_workers=2)
    rig.media.configure(rig.sip, media, trunks or {}, webrtc)
    try:
        await rig.media.start()
        yield rig
    finally:
        await rig.media.stop()


def zygote(rig: Rig, role: Role = "calls") -> ForkSpawner:
    """Where the workers of a role come from."""
    supervisor = rig.media._supervisor
    return supervisor._spawners[supervisor._engine.programs[role]]


def gone(pid: int) -> bool:
    """Whether a process has ended and been reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def dead(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True
