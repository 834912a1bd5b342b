"""What every engine reports of a leg, by what its far side does and by what the core asks for.

All cases of an engine run at once, in one media service.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from bridge.causes import HangupCause
from bridge.commands import HangUp
from bridge.events import LegAnswered, LegDtmf, LegEnded, LegHeld, LegResumed, LegRinging, PromptFinished
from tests.aio import asyncio_test
from tests.media.conformance.engines import Candidate, every_engine
from tests.media.conformance.far_side import Stage, stage


@dataclass(frozen=True, slots=True)
class Case:
    """``events`` follow the Dial; then the core hangs up for ``cause``, where it does."""

    user: str
    events: tuple[Any, ...]
    cause: HangupCause | None = None


def ended(cause: HangupCause, status: int | None = None) -> LegEnded:
    return LegEnded("", cause, status)


RINGING, ANSWERED = LegRinging(""), LegAnswered("")
EARLY = LegRinging("", early_media=True)
CASES = (
    Case("at_once", (ANSWERED,), HangupCause.NORMAL),
    Case("pick_up", (RINGING, ANSWERED), HangupCause.PEER_ENDED),
    Case("early", (RINGING, EARLY, ANSWERED), HangupCause.TIME_LIMIT),
    Case("ring", (RINGING,), HangupCause.RING_TIMEOUT),
    Case("ring-elsewhere", (RINGING,), HangupCause.ANSWERED_ELSEWHERE),
    Case("ring-stop", (RINGING,), HangupCause.CANCELLED),
    Case("busy", (ended(HangupCause.BUSY, 486),)),
    Case("decline", (ended(HangupCause.DECLINED, 603),)),
    Case("unknown", (ended(HangupCause.NOT_FOUND, 404),)),
    Case("congested", (ended(HangupCause.CONGESTION, 503),)),
    Case("leave", (ANSWERED, ended(HangupCause.NORMAL))),
    Case("hold", (ANSWERED, LegHeld(""), LegResumed("")), HangupCause.NORMAL),
    Case("keys", (ANSWERED, LegDtmf("", "5"), LegDtmf("", "#")), HangupCause.NORMAL),
)


def told(here: Stage, leg_id: str) -> list[Any]:
    """What was reported of a leg, without what differs from call to call.

    A ring that is told twice in the same way is told once; the stand-ins tell what they do as a prompt.
    """
    events: list[Any] = []
    for _, event in here.rig.reports:
        if event.leg_id != leg_id or isinstance(event, PromptFinished):
            continue
        plain = replace(event, leg_id="")
        if isinstance(plain, LegEnded):
            refused = plain.sip_status is not None and plain.sip_status >= 400 and not events
            plain = ended(plain.cause, plain.sip_status if refused else None)
        if not (isinstance(plain, LegRinging) and events[-1:] == [plain]):
            events.append(plain)
    return events


async def play_out(here: Stage, case: Case) -> str:
    """Run one case; what was wrong, in words."""
    call_id, leg_id = f"call-{case.user}", f"leg-{case.user}"
    here.open(call_id)
    here.dial(call_id, leg_id, case.user)
    wanted = list(case.events)
    with suppress(AssertionError):  # what is missing is told below
        await here.rig.until(lambda: len(told(here, leg_id)) >= len(wanted), 10)
        if case.cause is not None:
            here.rig.media.perform(call_id, HangUp(leg_id, case.cause))
            wanted.append(ended(case.cause))
        await here.rig.ended(leg_id)
    await asyncio.sleep(0.2)  # nothing may be told of a leg after its end
    heard = told(here, leg_id)
    here.rig.media.close_call(call_id)
    return "" if heard == wanted else f"{case.user}: wanted {wanted}, was told {heard}"


@every_engine
@asyncio_test(timeout=60)
async def test_what_is_told_of_a_leg(candidate: Candidate) -> None:
    async with stage(candidate, spare=4) as here:
        wrong = await asyncio.gather(*(play_out(here, case) for case in CASES))
        assert [each for each in wrong if each] == []
        await here.rig.until(lambda: here.rig.media.snapshot().slots_used == 0, 10)
        if candidate.real:
            calls = {dialog.log[0].get("Call-ID") for dialog in here.phone.dialogs.values()}
            assert {e.sip_call_id for e in here.rig.events(LegAnswered)} <= calls
            assert all(event.stats for event in here.rig.events(LegEnded) if event.leg_id == "leg-hold")
