"""One leg's life, at a raw SIP phone."""

import asyncio
import os
import signal
import socket
import time

import pytest

from bridge.causes import HangupCause
from bridge.events import (
    LegAnswered,
    LegEnded,
    LegFaltered,
    LegHeld,
    LegRecovered,
    LegResumed,
    LegRinging,
    LegSilent,
)
from config.sections.trunks import Trunk
from tests.aio import asyncio_test
from tests.sip.core import Worker, refuse, stage, until
from tests.sip.ears import call_of
from tests.sip.uas import Phone


def ring(status: int = 180):
    return lambda phone, sip: phone.respond(sip, status, "Ringing")


def mute(phone: Phone, sip) -> None:
    """Says nothing at all."""


@asyncio_test(timeout=90)
async def test_a_leg_is_dialled_answered_and_hung_up():
    async with stage() as (worker, phone):
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
        if worker.engine != "rtpengine":  # which counts what it relays alone
            assert ended.stats.sent >= 75
        assert "cause=16" in (await phone.expect("BYE")).get("Reason")
    assert len(worker.got(LegEnded)) == 1
    assert worker.stderr == []


@asyncio_test(timeout=90)
async def test_the_far_side_hangs_up():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_id, call = next(iter(phone.dialogs.items()))
        call.rtp.speak(440)
        await until(lambda: len(call.rtp.packets) > 10)
        phone.request(call_id, "BYE")
        ended = await worker.expect(LegEnded, "a")
        assert ended.cause is HangupCause.NORMAL
        assert ended.stats.received > 5
        assert ended.stats.lost == 0
        await phone.expect("SIP/2.0 200")


@asyncio_test(timeout=90)
async def test_refusals_have_their_causes():
    expected = {
        486: HangupCause.BUSY, 503: HangupCause.CONGESTION, 408: HangupCause.NO_ANSWER,
        603: HangupCause.DECLINED, 480: HangupCause.UNREACHABLE, 404: HangupCause.NOT_FOUND,
        302: HangupCause.UNREACHABLE, 488: HangupCause.INCOMPATIBLE, 403: HangupCause.FORBIDDEN,
    }  # fmt: skip
    async with stage() as (worker, phone):
        for status, cause in expected.items():
            phone.script = refuse(status, provisional=180 if status == 486 else None)
            worker.dial(f"leg{status}", phone.uri)
            ended = await worker.expect(LegEnded, f"leg{status}")
            assert (ended.cause, ended.sip_status, ended.stats) == (cause, status, None)
        assert len(worker.got(LegRinging)) == 1
    assert len(worker.got(LegEnded)) == len(expected)


def with_trunk(**fields):
    return lambda phones: {"t": Trunk(host=f"127.0.0.1:{phones[0].port}", **fields)}


@pytest.mark.parametrize("status", [401, 407])
@asyncio_test(timeout=90)
async def test_digest_on_invite_reinvite_and_bye(status):
    trunk = with_trunk(username="shop", password="secret")
    async with stage(trunks=trunk) as (worker, phone):
        phone.password, phone.challenge_status = "secret", status
        phone.challenged.add("BYE")
        worker.dial("a", phone.uri, "t")
        await worker.expect(LegAnswered, "a")
        worker.hang_up("a", HangupCause.PEER_ENDED)
        bye = await phone.expect("BYE")
        if not phone.authorized(bye):  # what answered an earlier challenge may be said at once
            bye = await phone.expect("BYE")
        assert phone.authorized(bye)
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.PEER_ENDED


@asyncio_test(timeout=90)
async def test_a_wrong_password():
    async with stage(trunks=with_trunk(username="shop", password="wrong")) as (worker, phone):
        phone.password = "secret"
        worker.dial("a", phone.uri, "t")
        ended = await worker.expect(LegEnded, "a")
        assert (ended.cause, ended.sip_status) == (HangupCause.UNAUTHORIZED, 401)


@asyncio_test(timeout=90)
async def test_cancel_after_and_before_a_provisional_response():
    async with stage(ring(), mute) as (worker, ringing, silent):
        worker.dial("a", ringing.uri)
        assert not (await worker.expect(LegRinging, "a")).early_media
        worker.hang_up("a", HangupCause.ANSWERED_ELSEWHERE)
        cancel = await ringing.expect("CANCEL")
        assert cancel.get("Reason") == 'SIP;cause=200;text="Call completed elsewhere"'
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.ANSWERED_ELSEWHERE
        # Before any response a CANCEL must wait (RFC 3261 section 9.1): it follows the first provisional.
        worker.dial("b", silent.uri)
        invite = await silent.expect("INVITE")
        worker.hang_up("b", HangupCause.RING_TIMEOUT)
        assert (await worker.expect(LegEnded, "b")).cause is HangupCause.RING_TIMEOUT
        silent.respond(invite, 180, "Ringing")
        await silent.expect("CANCEL")
        await silent.expect("ACK")
    assert len(worker.got(LegEnded)) == 2


@asyncio_test(timeout=90)
async def test_a_200_that_crosses_our_cancel_is_acknowledged_and_ended():
    async with stage(ring()) as (worker, phone):
        phone.auto = False
        worker.dial("a", phone.uri)
        invite = await phone.expect("INVITE")
        await worker.expect(LegRinging, "a")
        worker.hang_up("a", HangupCause.ANSWERED_ELSEWHERE)
        cancel = await phone.expect("CANCEL")
        phone.respond(cancel, 200, "OK")
        phone.answer(invite)
        await phone.expect("ACK")
        bye = await phone.expect("BYE")
        phone.respond(bye, 200, "OK")
        await asyncio.sleep(0.1)
        assert [e.cause for e in worker.got(LegEnded)] == [HangupCause.ANSWERED_ELSEWHERE]
        assert not worker.got(LegAnswered)


@pytest.mark.pjsua2
@asyncio_test(timeout=90)
async def test_unanswered_byes_do_not_block_new_legs():
    """PJSIP keeps a slot until the far side confirms; a new leg waits for one instead of failing at once."""
    async with stage(mute) as (worker, phone):
        for leg in "abcd":
            worker.dial(leg, phone.uri)
        await until(lambda: len(phone.dialogs) == 4)
        worker.hang_up("a", HangupCause.RING_TIMEOUT)
        await worker.expect(LegEnded, "a")
        worker.dial("e", phone.uri)
        await asyncio.sleep(0.3)
        assert len(phone.dialogs) == 4
        first = next(iter(phone.dialogs.values())).invite
        phone.respond(first, 180, "Ringing")
        await until(lambda: len(phone.dialogs) == 5)


@asyncio_test(timeout=90)
async def test_hold_and_resume():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_id, call = next(iter(phone.dialogs.items()))
        for direction, reply in (("sendonly", "recvonly"), ("inactive", "inactive")):
            phone.request(call_id, "INVITE", phone.sdp(call_id, direction))
            await worker.expect(LegHeld, "a")
            assert f"a={reply}" in (await phone.expect("SIP/2.0 200")).body
            phone.request(call_id, "INVITE", phone.sdp(call_id))
            await worker.expect(LegResumed, "a")
            await phone.expect("SIP/2.0 200")
            before = len(call.rtp.packets)
            await until(lambda before=before: len(call.rtp.packets) > before + 10)
        worker.hang_up("a", HangupCause.PEER_ENDED)
        ended = await worker.expect(LegEnded, "a")
        if worker.engine != "rtpengine":  # which counts what it relays alone
            assert ended.stats.sent >= 20  # of all the streams that the re-INVITEs made
    assert len(worker.got(LegAnswered)) == 1
    assert len(worker.got(LegHeld)) == len(worker.got(LegResumed)) == 2


@asyncio_test(timeout=90)
async def test_early_media_is_reported():
    def progress(phone: Phone, sip) -> None:
        phone.respond(sip, 180, "Ringing")
        phone.respond(sip, 183, "Progress", body=phone.sdp(sip.get("Call-ID")))

    async with stage(progress) as (worker, phone):
        worker.dial("a", phone.uri)
        await until(lambda: worker.got(LegRinging))
        await asyncio.sleep(0.5)
        assert [event.early_media for event in worker.got(LegRinging)] == [False]  # announced, not there yet
        call_of(phone).rtp.speak(425)
        await until(lambda: len(worker.got(LegRinging)) == 2)
        assert worker.got(LegRinging)[1].early_media
        phone.respond(phone.log[0], 180, "Ringing")  # RFC 3960: audio that arrives goes on being heard
        await asyncio.sleep(0.5)
        assert len(worker.got(LegRinging)) == 2
        phone.answer(phone.log[0])
        await worker.expect(LegAnswered, "a")


@asyncio_test(timeout=60)
async def test_a_bye_of_a_network_that_fails_is_nobody_hanging_up():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        reason = 'Q.850;cause=38;text="Network out of order", SIP;cause=503'
        phone.request(next(iter(phone.dialogs)), "BYE", headers=[("Reason", reason)])
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.FAILED


@asyncio_test(timeout=90)
async def test_silence_is_reported_once():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri, media_timeout=1.0)
        await worker.expect(LegAnswered, "a")
        call = next(iter(phone.dialogs.values()))
        call.rtp.speak(0)
        await asyncio.sleep(2.2)
        assert not worker.got(LegSilent)
        call.rtp.hush()
        await worker.expect(LegSilent, "a")
        await asyncio.sleep(1.5)
        assert len(worker.got(LegSilent)) == 1
        assert len(worker.got(LegFaltered)) == 1, "it was told before"
        assert not worker.got(LegRecovered)
        call.rtp.speak(0)
        await worker.expect(LegRecovered, "a")


@asyncio_test(timeout=60)
async def test_comfort_noise_keys_and_rtcp_are_signs_of_life():
    """A far side that detects silence sends no audio, but is not dead (RFC 3389)."""
    report = bytes.fromhex("81c90007") + bytes(28)
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri, media_timeout=1.0)
        await worker.expect(LegAnswered, "a")
        rtp = call_of(phone).rtp
        rtp.send(bytes(160))
        rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtcp.bind(("127.0.0.1", rtp.port + 1))
        host, port = rtp.peer
        for sign in (
            lambda: rtp.send(b"\x3c", 13),
            lambda: rtp.press(5),
            lambda: rtcp.sendto(report, (host, port + 1)),
        ):
            for _ in range(5):
                sign()
                await asyncio.sleep(0.5)
            assert not worker.got(LegSilent)
        rtcp.close()
        await worker.expect(LegSilent, "a")


@asyncio_test(timeout=60)
async def test_who_only_receives_is_not_dead():
    def recvonly(phone: Phone, sip) -> None:
        phone.respond(sip, 200, "OK", body=phone.sdp(sip.get("Call-ID"), "recvonly"))

    async with stage(recvonly) as (worker, phone):
        worker.dial("a", phone.uri, media_timeout=0.5)
        await worker.expect(LegAnswered, "a")
        await asyncio.sleep(2.5)
        assert not worker.got(LegSilent)
        call_id = next(iter(phone.dialogs))
        phone.request(call_id, "INVITE", phone.sdp(call_id))
        await worker.expect(LegSilent, "a")


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
@asyncio_test(timeout=90)
async def test_silence_means_nothing_on_hold(direction):
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri, media_timeout=1.0)
        await worker.expect(LegAnswered, "a")
        call_id, call = next(iter(phone.dialogs.items()))
        call.rtp.speak(0)
        await asyncio.sleep(0.3)
        phone.request(call_id, "INVITE", phone.sdp(call_id, direction))
        await worker.expect(LegHeld, "a")
        call.rtp.hush()
        await asyncio.sleep(3.5)
        assert not worker.got(LegSilent)
        resuming = time.monotonic()  # not when we hear of it: the worker's clock runs from before that
        phone.request(call_id, "INVITE", phone.sdp(call_id))
        await worker.expect(LegResumed, "a")
        await worker.expect(LegSilent, "a")
        assert time.monotonic() - resuming >= 1.0  # its patience starts over


@asyncio_test(timeout=90)
async def test_session_timer_is_offered_and_refreshed_by_the_far_side():
    async with stage(trunks=with_trunk(session_expires="90s")) as (worker, phone):
        phone.script = lambda phone, sip: phone.answer(
            sip, [("Session-Expires", "90;refresher=uas"), ("Require", "timer"), ("Supported", "timer")]
        )
        worker.dial("a", phone.uri, "t")
        invite = await phone.expect("INVITE")
        assert "timer" in invite.get("Supported")
        assert invite.get("Session-Expires").startswith("90")
        await worker.expect(LegAnswered, "a")
        call_id = next(iter(phone.dialogs))
        phone.request(call_id, "UPDATE", headers=[
            ("Session-Expires", "90;refresher=uac"), ("Supported", "timer"), ("Min-SE", "90")
        ])  # fmt: skip
        assert "90" in (await phone.expect("SIP/2.0 200")).get("Session-Expires")


@asyncio_test(timeout=90)
async def test_headers_cannot_be_injected():
    async with stage() as (worker, phone):
        worker.dial(
            "a", phone.uri,
            caller_number="+16175550100", caller_name="x\r\nX-Evil: 1",
            headers=(("X-Page", "a\r\nX-Evil: 2\r\n\r\nb"), ("X-Evil:", "3"), ("Via", "4"), ("X-Good", "1")),
        )  # fmt: skip
        invite = await phone.expect("INVITE")
        assert not invite.get("X-Evil")
        assert invite.get("X-Page") == "a X-Evil: 2 b"
        assert invite.get("X-Good") == "1"
        assert len(invite.all("Via")) == 1
        worker.dial("b", "sip:x@127.0.0.1\r\nX-Evil: 1")
        assert (await worker.expect(LegEnded, "b")).cause is HangupCause.FAILED
        worker.dial("c", phone.uri, caller_number="1>\r\nX-Evil: 1")
        assert (await worker.expect(LegEnded, "c")).cause is HangupCause.FAILED
        worker.dial("d", phone.uri, "no_such_trunk")
        assert (await worker.expect(LegEnded, "d")).cause is HangupCause.FAILED
    assert "6175550100" not in "".join(worker.stderr)


@asyncio_test(timeout=90)
async def test_trunk_caller_codecs_and_outbound_proxy():
    def trunks(phones):
        return {
            "t": Trunk(
                host="carrier.invalid", outbound_proxy=f"sip:127.0.0.1:{phones[0].port}", codecs=("PCMA",),
                caller_id={"number": "+16175550000"},
            )
        }  # fmt: skip

    async with stage(trunks=trunks) as (worker, phone):
        phone.script = lambda phone, sip: phone.respond(
            sip, 200, "OK", body=phone.sdp(sip.get("Call-ID"), formats="8 101")
        )
        worker.dial("a", "sip:+16175550199@carrier.invalid", "t", caller_number="+16175550111")
        invite = await phone.expect("INVITE sip:+16175550199@carrier.invalid")
        assert invite.get("Route") == f"<sip:127.0.0.1:{phone.port};lr>"
        assert "<sip:+16175550111@carrier.invalid>" in invite.get("From")
        assert invite.get("P-Asserted-Identity") == "<sip:+16175550000@carrier.invalid>"
        assert "RTP/AVP 8 1" in invite.body
        assert "PCMU" not in invite.body
        await worker.expect(LegAnswered, "a")
        worker.hang_up("a", HangupCause.PEER_ENDED)
        assert (await worker.expect(LegEnded, "a")).stats.codec == "PCMA"


@pytest.mark.parametrize("proxy_host", ["127.0.0.1", "localhost"])
@asyncio_test(timeout=90)
async def test_every_request_goes_through_the_outbound_proxy(proxy_host):
    """The trunk's own host is there too, and must hear nothing: its domain is in the request URI alone."""

    def trunks(phones):
        proxy, carrier = phones
        return {
            "t": Trunk(host=f"{carrier.host}:{carrier.port}", outbound_proxy=f"{proxy_host}:{proxy.port}")
        }

    async with stage(None, None, trunks=trunks) as (worker, proxy, carrier):
        route = f"<sip:127.0.0.1:{proxy.port};lr>"
        proxy.script = lambda phone, sip: phone.answer(sip, [("Record-Route", route)])
        domain = f"127.0.0.1:{carrier.port}"
        proxy.tell_contact = f"sip:gateway@{domain}"
        worker.dial("a", f"sip:+16175550199@{domain}", "t")
        invite = await proxy.expect("INVITE")
        assert invite.first == f"INVITE sip:+16175550199@{domain} SIP/2.0"
        assert proxy_host in invite.get("Route")
        await worker.expect(LegAnswered, "a")
        assert (await proxy.expect("ACK")).first == f"ACK sip:gateway@{domain} SIP/2.0"
        worker.hang_up("a", HangupCause.PEER_ENDED)
        assert (await proxy.expect("BYE")).first == f"BYE sip:gateway@{domain} SIP/2.0"
        await worker.expect(LegEnded, "a")
        assert not carrier.log


@asyncio_test(timeout=90)
async def test_an_unknown_host_is_unreachable():
    async with stage() as (worker, _):
        worker.dial("a", "sip:x@no-such-host.invalid")
        assert (await worker.expect(LegEnded, "a", within=15)).cause is HangupCause.UNREACHABLE


@asyncio_test(timeout=90)
async def test_a_taken_sip_port_is_said_in_words():
    phone = await Phone.start()
    worker = await Worker.start(sip_port=phone.port, expect_error=True)
    assert f"SIP port {phone.port} on 127.0.0.1 cannot be opened" in worker.ready.result()
    phone.close()
    await worker.stop()


@asyncio_test(timeout=90)
async def test_a_worker_whose_core_is_gone_hangs_up_and_exits():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        os.kill(worker.pid, signal.SIGTERM)  # which drains the core, and is no business of the worker's
        began = time.monotonic()
        worker.core._transport.abort()
        await phone.expect("BYE")
        assert await asyncio.wait_for(worker.process.wait(), 3) == 0
        assert time.monotonic() - began < 2


@asyncio_test(timeout=90)
async def test_a_transfer_asked_for_by_the_far_side_is_declined():
    async with stage(None, None) as (worker, phone, other):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_id = next(iter(phone.dialogs))
        phone.request(call_id, "REFER", headers=[("Refer-To", f"<{other.uri}>")])
        answer = await phone.expect("SIP/2.0 ")
        assert answer.cseq[1] == "REFER"
        assert answer.first.split()[1] in ("405", "603")
        assert not other.log


@asyncio_test(timeout=90)
async def test_a_leg_hangs_up_in_every_state_only_once():
    async with stage() as (worker, phone):
        worker.hang_up("nobody", HangupCause.CANCELLED)
        worker.dial("a", phone.uri)
        worker.hang_up("a", HangupCause.CANCELLED)
        worker.hang_up("a", HangupCause.CANCELLED)
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.CANCELLED
        if worker.engine == "pjsua2":  # the switch has not sent the INVITE by then, and does not
            await phone.expect("BYE")
        assert len(worker.got(LegEnded)) == 1


@asyncio_test(timeout=90)
async def test_more_trunks_than_pjsip_has_accounts():
    def trunks(phones):
        return {f"t{n}": Trunk(host=f"127.0.0.1:{phones[0].port}") for n in range(12)}

    async with stage(trunks=trunks) as (worker, phone):
        worker.dial("kept", phone.uri, "t0")
        await worker.expect(LegAnswered, "kept")
        for n in range(1, 12):
            worker.dial(f"leg{n}", phone.uri, f"t{n}")
            await worker.expect(LegAnswered, f"leg{n}")
            worker.hang_up(f"leg{n}", HangupCause.PEER_ENDED)
            await phone.expect("BYE")
        call_id = next(iter(phone.dialogs))
        phone.request(call_id, "BYE")
        assert (await worker.expect(LegEnded, "kept")).cause is HangupCause.NORMAL
