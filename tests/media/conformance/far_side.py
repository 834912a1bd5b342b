"""What the far side of a leg does, by the user part that the leg dials: phones for a real engine.

The stand-ins for an engine do the same by themselves (:mod:`tests.media.stand_in`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bridge.commands import Dial
from config.sections.media import Media
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc
from media.timing import Timing
from tests.media.conformance.engines import Candidate
from tests.media.plans import endpoint, plan
from tests.media.rig import Rig, running
from tests.sip.uas import Dialog, Phone, Sip

#: For processes on a machine that is busy.
PATIENT = Timing(ping=2.0, tick=0.2, ready=20.0, start=20.0)
#: The frequency that a far side speaks as early media, and one that it speaks once it has answered.
EARLY, SPOKEN = 1800, 880


def _later(seconds: float, act: Callable[..., None], *arguments: object) -> None:
    asyncio.get_running_loop().call_later(seconds, act, *arguments)


def _ring(phone: Phone, invite: Sip) -> None:
    phone.respond(invite, 180, "Ringing")


def _pick_up(phone: Phone, invite: Sip) -> None:
    _ring(phone, invite)
    _later(0.2, phone.answer, invite)


def _early(phone: Phone, invite: Sip) -> None:
    call_id = invite.get("Call-ID")
    phone.respond(invite, 183, "Session Progress", body=phone.sdp(call_id))
    phone.dialogs[call_id].rtp.speak(EARLY)
    _later(1.2, phone.answer, invite)


def _refuse(status: int) -> Callable[[Phone, Sip], None]:
    return lambda phone, invite: phone.respond(invite, status, "No")


def _leave(phone: Phone, invite: Sip) -> None:
    phone.answer(invite)
    _later(0.4, phone.request, invite.get("Call-ID"), "BYE")


def _hold(phone: Phone, invite: Sip) -> None:
    call_id = invite.get("Call-ID")
    phone.answer(invite)
    _later(0.4, lambda: phone.request(call_id, "INVITE", phone.sdp(call_id, "inactive")))
    _later(1.2, lambda: phone.request(call_id, "INVITE", phone.sdp(call_id)))


def _keys(phone: Phone, invite: Sip) -> None:
    call_id = invite.get("Call-ID")
    phone.answer(invite)
    phone.dialogs[call_id].rtp.speak(0)
    _later(0.4, lambda: phone.dialogs[call_id].rtp.press(5))
    info = "Signal=#\r\nDuration=160\r\n"
    _later(1.0, lambda: phone.request(call_id, "INFO", info, "application/dtmf-relay"))


FAR_SIDES: dict[str, Callable[[Phone, Sip], None]] = {
    "answer": lambda phone, invite: phone.answer(invite),
    "at_once": lambda phone, invite: phone.answer(invite),
    "ring": _ring,
    "pick_up": _pick_up,
    "early": _early,
    "busy": _refuse(486),
    "decline": _refuse(603),
    "unknown": _refuse(404),
    "congested": _refuse(503),
    "leave": _leave,
    "hold": _hold,
    "keys": _keys,
}


class Stage:
    """A running media service of one engine, and where its legs find their far sides."""

    def __init__(self, rig: Rig, phone: Phone, candidate: Candidate) -> None:
        self.rig = rig
        self.phone = phone
        self.candidate = candidate

    def open(self, call_id: str) -> None:
        self.rig.media.open_call(call_id, plan(("in_order", 1)))

    def dial(self, call_id: str, leg_id: str, user: str) -> None:
        to = endpoint(user, at=f"127.0.0.1:{self.phone.port}", destination=leg_id)
        self.rig.media.perform(call_id, Dial(leg_id, to))

    async def dialog(self, user: str) -> Dialog:
        """The phone's dialog with the leg that dialled this user; the last one."""

        def find() -> Dialog | None:
            found = [each for each in self.phone.dialogs.values() if _user_of(each.log[0]) == user]
            return found[-1] if found else None

        return await self.rig.until(find)


def _user_of(invite: Sip) -> str:
    found = re.match(r"INVITE sip:([^@]+)@", invite.first)
    assert found, invite.first
    return found[1]


@asynccontextmanager
async def stage(
    candidate: Candidate, trunks: dict[str, Trunk] | None = None, webrtc: WebRtc | None = None, spare: int = 2
) -> AsyncIterator[Stage]:
    """A media service of this engine, and one phone that is all far sides."""
    phone = await Phone.start(lambda phone, invite: FAR_SIDES[_user_of(invite).split("-")[0]](phone, invite))
    if trunks:
        here = {"host": f"127.0.0.1:{phone.port}"}
        trunks = {name: trunk.model_copy(update=here) for name, trunk in trunks.items()}
    try:
        async with running(
            Media(max_workers=12, spare_workers=spare),
            trunks=trunks,
            engine=candidate.engine,
            timing=PATIENT,
            webrtc=webrtc,
        ) as rig:
            yield Stage(rig, phone, candidate)
    finally:
        phone.close()
