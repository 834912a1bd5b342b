"""One leg's life, at a raw SIP phone."""

import asyncio

import pytest

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded, LegRinging
from tests.aio import asyncio_test
from tests.sip.core import Worker, until
from tests.sip.uas import Phone


@asyncio_test(timeout=20)
async def test_a_leg_is_dialled_answered_and_hung_up():
    worker, phone = await Worker.start(), await Phone.start()
    worker.dial("a", phone.uri, caller_number="+16175550100", caller_name='The "Shop"')
    invite = await phone.expect("INVITE")
    assert invite.get("From").startswith('"The \\"Shop\\"" <sip:+16175550100@')
    await worker.expect(LegAnswered, "a")
    call = next(iter(phone.dialogs.values()))
    await until(lambda: len(call.rtp.packets) > 75)  # silence is sent too, for longer than a second
    worker.hang_up("a", HangupCause.PEER_ENDED)
    ended = await worker.expect(LegEnded, "a")
    assert ended.cause is HangupCause.PEER_ENDED
    assert ended.sip_call_id == invite.get("Call-ID")
    assert ended.stats.codec == "PCMU"
    assert ended.stats.sent >= 75
    bye = await phone.expect("BYE")
    assert "cause=16" in bye.get("Reason")
    await worker.stop()
    phone.close()
    assert len(worker.got(LegEnded)) == 1
    assert worker.stderr == []
