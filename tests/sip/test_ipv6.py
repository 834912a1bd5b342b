"""The wheel of pjsua2 has no IPv6, and aborts on some of it: it is refused in words, and hurts nobody."""

import pytest

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded
from config.sections.trunks import Trunk
from tests.aio import asyncio_test
from tests.sip.core import Worker, stage
from tests.sip.ears import call_of, hears


@pytest.mark.pjsua2
@pytest.mark.parametrize("setting", ["bind_address", "public_address"])
@asyncio_test(timeout=90)
async def test_an_ipv6_address_of_ours_is_refused(setting):
    worker = await Worker.start(expect_error=True, **{setting: "::1"})
    assert f"sip.{setting} is ::1" in worker.ready.result()
    assert "without IPv6" in worker.ready.result()
    await worker.stop()


@pytest.mark.parametrize("bind", ["127.0.0.1", "0.0.0.0"])
@asyncio_test(timeout=90)
async def test_a_peer_with_ipv6_alone_is_unreachable(bind):
    trunks = {"t": Trunk(host="[::1]:5070"), "tcp": Trunk(host="[::1]:5070", transport="tcp")}
    async with stage(trunks=trunks, bind_address=bind) as (worker, phone):
        worker.dial("kept", phone.uri)
        await worker.expect(LegAnswered, "kept")
        for leg, trunk, cause in (
            ("uri", None, HangupCause.UNREACHABLE),
            ("trunk", "t", HangupCause.TRUNK_UNRESOLVED),
            ("connection", "tcp", HangupCause.TRUNK_UNRESOLVED),
        ):
            worker.dial(leg, "sip:x@[::1]:5070", trunk)
            assert (await worker.expect(LegEnded, leg)).cause is cause
        call_of(phone).rtp.speak(0)
        await hears(phone)
        assert not worker.got(LegEnded, "kept")


@pytest.mark.parametrize("change", ["sdp", "contact", "record-route"])
@asyncio_test(timeout=90)
async def test_an_answer_that_names_ipv6(change):
    """It may end that leg, and no other."""

    def answer(phone, sip):
        body = phone.sdp(sip.get("Call-ID"))
        headers = []
        if change == "sdp":
            body = body.replace(f"IP4 {phone.host}", "IP6 ::1")
        elif change == "contact":
            phone.host = "[::1]"
            body = body.replace("IP4 [::1]", "IP4 127.0.0.1")
        else:
            headers = [("Record-Route", "<sip:[::1]:5070;lr>")]
        phone.respond(sip, 200, "OK", headers, body)

    async with stage(None, answer) as (worker, phone, odd):
        worker.dial("kept", phone.uri)
        await worker.expect(LegAnswered, "kept")
        worker.dial("odd", odd.uri)
        await odd.expect("INVITE")
        await hears(phone)
        if change == "sdp":
            ended = await worker.expect(LegEnded, "odd")
            assert ended.cause is HangupCause.INCOMPATIBLE
        else:
            worker.hang_up("odd", HangupCause.PEER_ENDED)
            await worker.expect(LegEnded, "odd")
        await hears(phone)
        assert not worker.got(LegEnded, "kept")
