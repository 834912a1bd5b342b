"""The media service with real phone workers: SIP and RTP on loopback."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import replace

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join, Play
from bridge.events import LegEnded, LegRinging, PromptFinished
from config.sections.media import Media
from media.engines.pjsua2 import PJSUA2
from media.timing import Timing
from routing.plan import Screening, Speech
from tests.aio import asyncio_test
from tests.media.plans import endpoint, plan
from tests.media.rig import Rig, running
from tests.sip.uas import Phone, level, linear

UNHURRIED = Timing(ping=1.0, tick=0.2, start=10.0)


def ring(phone: Phone, invite) -> None:
    phone.respond(invite, 180, "Ringing")


def dial(rig: Rig, call_id: str, leg_id: str, phone: Phone) -> None:
    rig.media.perform(call_id, Dial(leg_id, endpoint(leg_id, at=f"127.0.0.1:{phone.port}")))


async def hears(phone: Phone, hertz: float, not_hertz: float) -> None:
    """The phone's last call hears one tone and not the other."""
    rtp = list(phone.dialogs.values())[-1].rtp
    for _ in range(60):
        await asyncio.sleep(0.05)
        samples = rtp.heard(0.4)
        if level(samples, hertz) > 2000 and level(samples, not_hertz) < 200:
            return
    raise AssertionError((len(samples), level(samples, hertz), level(samples, not_hertz)))


@asyncio_test(timeout=90)
async def test_twelve_ring_at_once_and_the_last_is_heard_through_a_tie() -> None:
    shopper, losers, winner = await Phone.start(), await Phone.start(ring), await Phone.start(ring)
    try:
        async with running(Media(max_workers=8, spare_workers=2), engine=PJSUA2, timing=UNHURRIED) as rig:
            rig.media.open_call("c", plan(("all", 12)))
            dial(rig, "c", "s", shopper)
            await rig.answered("s")
            for number in range(12):
                dial(rig, "c", f"b{number}", winner if number == 11 else losers)
            await rig.until(lambda: len(rig.events(LegRinging)) >= 12)
            assert len(losers.dialogs) == 11
            winner.answer(next(iter(winner.dialogs.values())).invite)
            await rig.answered("b11")
            rig.media.perform("c", Join("s", "b11"))
            for number in range(11):
                rig.media.perform("c", HangUp(f"b{number}", HangupCause.ANSWERED_ELSEWHERE))
            next(iter(shopper.dialogs.values())).rtp.speak(440)
            next(iter(winner.dialogs.values())).rtp.speak(880)
            await hears(winner, 440, 880)
            await hears(shopper, 880, 440)
            await rig.until(lambda: len(rig.events(LegEnded)) == 11)
            await rig.hang_up("c", "s", "b11")
            await rig.until(lambda: rig.media.snapshot().slots_used == 0)
            assert rig.workers("draining") == 0
            assert rig.media.snapshot().workers_lost == 0
    finally:
        for phone in (shopper, losers, winner):
            phone.close()


@asyncio_test(timeout=90)
async def test_a_killed_worker_costs_its_own_calls_alone() -> None:
    phone = await Phone.start()
    try:
        async with running(engine=PJSUA2, timing=UNHURRIED) as rig:
            for call_id in ("c0", "c1", "c2"):
                rig.media.open_call(call_id, plan(("in_order", 1)))
                for leg_id in (f"{call_id}-s", f"{call_id}-b"):
                    dial(rig, call_id, leg_id, phone)
                    await rig.answered(leg_id)
                rig.media.perform(call_id, Join(f"{call_id}-s", f"{call_id}-b"))
            os.kill(rig.media.legs.live["c0-s"].worker.pid, signal.SIGKILL)
            await rig.until(lambda: len(rig.events(LegEnded)) == 4)
            assert {e.leg_id for e in rig.events(LegEnded)} == {"c0-s", "c0-b", "c1-s", "c1-b"}
            assert {e.cause for e in rig.events(LegEnded)} == {HangupCause.WORKER_LOST}
            dial(rig, "c0", "c0-s2", phone)
            await rig.answered("c0-s2")
            rtps = [dialog.rtp for dialog in phone.dialogs.values()]
            rtps[4].speak(440)  # c2 is still bridged
            for _ in range(40):
                await asyncio.sleep(0.05)
                if level(rtps[5].heard(0.4), 440) > 2000:
                    break
            else:
                raise AssertionError("the other call lost its audio")
    finally:
        phone.close()


@asyncio_test(timeout=90)
async def test_the_person_who_answers_hears_the_words_within_300_ms() -> None:
    words = Speech("Web call for Boston store, from Ann. Press 1 to take the call, or 2 to decline.")
    phone = await Phone.start()
    try:
        async with running(engine=PJSUA2, timing=UNHURRIED) as rig:
            at = f"127.0.0.1:{phone.port}"
            screened = replace(endpoint("b", at=at), screening=Screening(words, 20.0))
            base = plan(("all", 1))
            rig.media.open_call("c", replace(base, steps=(replace(base.steps[0], endpoints=(screened,)),)))
            await asyncio.sleep(0.5)  # a phone that rings longer than nothing
            rig.media.perform("c", Dial("b", screened))
            await rig.answered("b")
            answered = time.monotonic()
            rig.media.perform("c", Play("b", words))
            rtp = next(iter(phone.dialogs.values())).rtp
            loud = await rig.until(
                lambda: next(
                    (at for at, _, audio in rtp.packets if max(map(abs, map(linear, audio))) > 500), 0
                )
            )
            assert loud - answered < 0.3
            await rig.until(lambda: PromptFinished("b", "speech") in rig.events(PromptFinished), seconds=9)
            assert 4 < time.monotonic() - answered < 8
            await rig.hang_up("c", "b")
    finally:
        phone.close()
