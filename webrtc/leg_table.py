"""All browser legs of one worker: opened and closed by the core, called by phone workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from aioice.ice import get_host_addresses
from pydantic import BaseModel, ValidationError

from bridge.events import LegEvent
from config.sections.sip import Sip
from config.sections.webrtc import WebRtc
from webrtc.browser_leg import BrowserLeg, Cause, LegContext
from webrtc.ice import media_addresses
from webrtc.rtp import STATIC_TYPES
from webrtc.signalling import read_to_worker
from webrtc.transcoder import Transcoder
from webrtc.uas import LoopbackUas

#: Where plain RTP goes between a phone worker and us, whatever address SIP uses.
_LOOPBACK = "127.0.0.1"
#: Seconds for which a leg that ended before it was called refuses the call by its own status.
_REMEMBERED = 32.0


class BrowserWorkerError(Exception):
    """The worker cannot start; the text says what the operator can do."""


class LegTable:
    """All legs of this worker, by id and by secret."""

    def __init__(self, around: LegContext, note: Callable[..., None]) -> None:
        self._around = around
        self._note = note
        self._legs: dict[str, BrowserLeg] = {}
        self._by_secret: dict[str, BrowserLeg] = {}
        self._agent: LoopbackUas | None = None

    @classmethod
    async def start(
        cls,
        settings: WebRtc,
        sip: Sip,
        sip_port: int,
        tell: Callable[[str, BaseModel], None],
        ended: Callable[[str, str], None],
        report: Callable[[LegEvent], None],
        note: Callable[..., None],
    ) -> LegTable:
        """Listen for phone workers on their address; :class:`BrowserWorkerError` if that fails."""
        address = "127.0.0.1" if sip.bind_address == "0.0.0.0" else sip.bind_address  # noqa: S104 - compared, not bound
        own = get_host_addresses(use_ipv4=True, use_ipv6=True)
        tasks: set[asyncio.Task[None]] = set()

        def spawn(work: Coroutine[Any, Any, None]) -> None:
            task = asyncio.get_running_loop().create_task(work)
            tasks.add(task)
            task.add_done_callback(finished)

        def finished(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                note("browser_task_failed", kind=type(error).__name__, reason=error)

        def forget(leg: BrowserLeg, cause: Cause) -> None:
            legs.forget(leg)
            ended(leg.leg_id, cause)

        around = LegContext(
            media_addresses(settings, sip.bind_address, sip.public_address, own),
            _LOOPBACK,
            settings.grace_period,
            Transcoder(note),
            spawn,
            tell,
            forget,
            report,
            note,
        )
        legs = cls(around, note)
        try:
            legs._agent = await LoopbackUas.open(address, sip_port, legs.callee)
        except OSError as error:
            raise BrowserWorkerError(
                f"SIP port {sip_port} on {address} cannot be opened ({error.strerror}): "
                "another program uses it; choose other sip.ports"
            ) from error
        return legs

    def open(self, leg_id: str, codecs: tuple[str, ...], audio: str) -> str:
        """Expect a browser for this leg; returns the URI to dial. ValueError for invalid values."""
        if leg_id in self._legs or self._agent is None:
            raise ValueError("a leg with this id exists already")
        if not codecs or not set(codecs) <= STATIC_TYPES.keys() or audio not in ("passthrough", "opus"):
            raise ValueError(f"no leg can speak {codecs} with {audio}")
        mode: Literal["passthrough", "opus"] = "opus" if audio == "opus" else "passthrough"
        leg = BrowserLeg(leg_id, codecs, mode, self._around)
        leg.open()
        self._legs[leg_id] = self._by_secret[leg.secret] = leg
        return self._agent.uri_of(leg.secret)

    def close(self, leg_id: str) -> None:
        """End a leg; does nothing if there is none with this id."""
        if leg := self._legs.get(leg_id):
            leg.close()

    def close_all(self) -> bool:
        """End every leg; returns whether there was any."""
        legs = list(self._legs.values())
        for leg in legs:
            leg.close()
        return bool(legs)

    def signal(self, leg_id: str, message: str) -> None:
        """Pass a browser's message to its leg; does nothing if the leg is gone."""
        try:
            known = read_to_worker(message)
        except ValidationError as error:
            self._note("signal_refused", leg=leg_id, reason=error)
            return
        leg = self._legs.get(leg_id)
        if leg is None:
            return
        try:
            leg.signal(known)
        except Exception as error:  # noqa: BLE001 - a fault of ours costs this leg, not the worker
            self._note("leg_broke", leg=leg_id, kind=type(error).__name__, reason=error)
            leg.close()

    def callee(self, secret: str) -> BrowserLeg | None:
        """The leg with this secret."""
        return self._by_secret.get(secret)

    def forget(self, leg: BrowserLeg) -> None:
        """A leg is over. A call that still comes for it is refused with the reason."""
        self._legs.pop(leg.leg_id, None)
        asyncio.get_running_loop().call_later(_REMEMBERED, self._by_secret.pop, leg.secret, None)
