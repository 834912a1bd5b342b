"""Who hears whom, proven with tones; keys both ways; ties between workers."""

import asyncio
import math
import struct
import wave

import pytest

from bridge.causes import HangupCause
from bridge.commands import Join, Play, SendDtmf
from bridge.events import LegAnswered, LegDtmf, LegEnded, LegHeld, LegResumed, LegRinging, PromptFinished
from config.sections.trunks import Trunk
from routing.plan import Prompt, Screening, Tone
from tests.aio import asyncio_test
from tests.sip.core import Worker, stage, until
from tests.sip.ears import call_of, hears
from tests.sip.uas import Phone


async def answered(worker: Worker, **legs: Phone) -> None:
    for leg, phone in legs.items():
        worker.dial(leg, phone.uri)
    for leg in legs:
        await worker.expect(LegAnswered, leg)


def write_wav(path, hertz: int, seconds: float, rate: int = 8000) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = [
            round(10000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(int(rate * seconds))
        ]
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return str(path)


@asyncio_test(timeout=90)
async def test_two_joined_legs_hear_only_each_other_through_hold_and_resume():
    async with stage(None, None) as (worker, shopper, business):
        await answered(worker, s=shopper)
        worker.do(Play("s", Tone("ringback", ((440, 480, 2000, 100),)), loop=True))
        await hears(shopper, 440, 480)
        await answered(worker, b=business)
        call_of(shopper).rtp.speak(1000)
        call_of(business).rtp.speak(1800)
        await asyncio.sleep(0.2)
        await hears(business, not_=(1000, 440))
        worker.do(Join("s", "b"))
        await hears(shopper, 1800, not_=(440, 480, 1000))
        await hears(business, 1000, not_=(440, 480, 1800))

        call_id = next(iter(business.dialogs))
        business.request(call_id, "INVITE", business.sdp(call_id, "inactive"))
        await worker.expect(LegHeld, "b")
        await hears(shopper, not_=(1800, 1000))  # and is still sent RTP
        business.request(call_id, "INVITE", business.sdp(call_id))
        await worker.expect(LegResumed, "b")
        await hears(shopper, 1800, not_=(1000,))
        await hears(business, 1000, not_=(1800,))

        worker.do(Play("s", Tone("wait", ((600, 0, 1000, 0),)), loop=True))
        await hears(shopper, 600, not_=(1800,))
        worker.hang_up("b", HangupCause.PEER_ENDED)
        await worker.expect(LegEnded, "b")
        await hears(shopper, 600)
        assert worker.stderr == []


@asyncio_test(timeout=90)
async def test_prompts_once_looped_and_replaced(tmp_path):
    short = Prompt("short", write_wav(tmp_path / "short.wav", 1000, 1.0))
    long = Prompt("long", write_wav(tmp_path / "long.wav", 1000, 5.0))
    wide = Prompt("wide", write_wav(tmp_path / "wide.wav", 700, 0.3, 16000))
    async with stage() as (worker, phone):
        await answered(worker, a=phone)
        worker.do(Play("a", short))
        await hears(phone, 1000)
        assert (await worker.expect(PromptFinished, "a")).prompt == "short"
        await hears(phone, not_=(1000,))
        worker.do(Play("a", long))
        await hears(phone, 1000)
        worker.do(Play("a", wide, loop=True))
        await hears(phone, 700, not_=(1000,))
        await asyncio.sleep(0.7)
        await hears(phone, 700)
        assert len(worker.got(PromptFinished)) == 1
        worker.do(Play("a", Prompt("gone", str(tmp_path / "gone.wav"))))
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.FAILED
        await phone.expect("BYE")


@asyncio_test(timeout=90)
async def test_early_media_is_heard_but_nobody_is_heard_by_it():
    def progress(phone: Phone, sip) -> None:
        phone.respond(sip, 183, "Progress", body=phone.sdp(sip.get("Call-ID")))
        phone.dialogs[sip.get("Call-ID")].rtp.speak(1800)

    async with stage(None, progress) as (worker, shopper, business):
        await answered(worker, s=shopper)
        call_of(shopper).rtp.speak(1000)
        worker.dial("b", business.uri)
        await until(lambda: [event.early_media for event in worker.got(LegRinging, "b")] == [False, True])
        worker.do(Join("s", "b"))
        await hears(shopper, 1800)
        await hears(business, not_=(1000,))
        business.answer(call_of(business).invite)
        await worker.expect(LegAnswered, "b")
        await hears(business, 1000, not_=(1800,))
        await hears(shopper, 1800)


@asyncio_test(timeout=90)
async def test_g722_and_pcma_legs_are_bridged():
    def pcma(phone: Phone, sip) -> None:
        phone.respond(sip, 200, "OK", body=phone.sdp(sip.get("Call-ID"), formats="8 101"))

    def g722(phone: Phone, sip) -> None:
        phone.respond(sip, 200, "OK", body=phone.sdp(sip.get("Call-ID"), formats="9 101"))

    async with stage(pcma, g722) as (worker, one, other):
        await answered(worker, a=one, b=other)
        worker.do(Join("a", "b"))
        await until(lambda: any(kind == 8 for _, kind, _ in call_of(one).rtp.packets))
        await until(lambda: any(kind == 9 for _, kind, _ in call_of(other).rtp.packets))
        worker.hang_up("b", HangupCause.PEER_ENDED)
        assert (await worker.expect(LegEnded, "b")).stats.codec == "G722"


@asyncio_test(timeout=90)
async def test_keys_by_rfc_4733_and_info_both_ways():
    def trunks(phones):
        return {"info": Trunk(host=f"127.0.0.1:{phones[0].port}", dtmf="info")}

    async with stage(trunks=trunks) as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_id, call = next(iter(phone.dialogs.items()))
        call.rtp.press(5)
        call.rtp.press(5)
        call.rtp.press(11)
        await until(lambda: len(worker.got(LegDtmf)) == 3)
        phone.request(call_id, "INFO", "Signal=9\r\nDuration=160\r\n", "application/dtmf-relay")
        await until(lambda: len(worker.got(LegDtmf)) == 4)
        call.rtp.press(7)
        phone.request(call_id, "INFO", "Signal=7\r\nDuration=160\r\n", "application/dtmf-relay")
        await asyncio.sleep(0.2)
        assert [event.digit for event in worker.got(LegDtmf)] == ["5", "5", "#", "9", "7"]
        worker.do(SendDtmf("a", "3"))
        await until(lambda: call.rtp.keys(), 3)
        await asyncio.sleep(0.4)
        assert call.rtp.keys() == [3]
        worker.dial("b", phone.uri, "info")
        await worker.expect(LegAnswered, "b")
        worker.do(SendDtmf("b", "*"))
        info = await phone.expect("INFO")
        assert info.get("Content-Type") == "application/dtmf-relay"
        assert "Signal=*" in info.body.replace("Signal= ", "Signal=")


@asyncio_test(timeout=60)
async def test_a_partners_key_comes_by_info_alone_where_the_trunk_wants_that():
    def trunks(phones):
        return {"info": Trunk(host=f"127.0.0.1:{phones[1].port}", dtmf="info")}

    async with stage(None, None, trunks=trunks) as (worker, shopper, business):
        worker.dial("x-s", shopper.uri)
        worker.dial("x-b", business.uri, "info")
        for leg in ("x-s", "x-b"):
            await worker.expect(LegAnswered, leg)
        worker.do(Join("x-s", "x-b"))
        call_of(shopper).rtp.speak(1000)
        await hears(business, 1000)
        call_of(shopper).rtp.press(5)
        await worker.expect(LegDtmf, "x-s")
        worker.do(SendDtmf("x-b", "5"))  # as the core does
        info = await business.expect("INFO")
        assert "Signal=5" in info.body.replace("Signal= ", "Signal=")
        await asyncio.sleep(0.3)
        assert call_of(business).rtp.keys() == []


@pytest.mark.pjsua2
@asyncio_test(timeout=90)
async def test_a_tie_joins_legs_of_two_workers():
    shopper, business = await Phone.start(), await Phone.start()
    one = await Worker.start(ports="1024-65535")
    two = await Worker.start(ports="1024-65535")
    await answered(one, s=shopper)
    await answered(two, b=business)
    uri = await two.await_tie("two-tie", "s3cret")
    await one.dial_tie("one-tie", uri.replace("s3cret", "guess"))
    assert (await one.expect(LegEnded, "one-tie")).sip_status == 403
    two.do(Join("b", "two-tie"))  # before it has come
    await one.dial_tie("one-tie", uri)
    await one.expect(LegAnswered, "one-tie")
    await two.expect(LegAnswered, "two-tie")
    one.do(Join("s", "one-tie"))
    call_of(shopper).rtp.speak(1000)
    call_of(business).rtp.speak(1800)
    await hears(shopper, 1800, not_=(1000,))
    await hears(business, 1000, not_=(1800,))
    one.hang_up("one-tie", HangupCause.PEER_ENDED)
    assert (await two.expect(LegEnded, "two-tie")).cause is HangupCause.NORMAL
    await two.await_tie("never", "other")
    two.hang_up("never", HangupCause.CANCELLED)
    assert (await two.expect(LegEnded, "never")).cause is HangupCause.CANCELLED
    for phone in (shopper, business):
        phone.close()
    await one.stop()
    await two.stop()


@pytest.mark.parametrize("srtp", ["optional", "required"])
@asyncio_test(timeout=90)
async def test_srtp_is_offered(srtp):
    def trunks(phones):
        return {"t": Trunk(host=f"127.0.0.1:{phones[0].port}", srtp=srtp)}

    async with stage(trunks=trunks) as (worker, phone):
        worker.dial("a", phone.uri, "t")
        invite = await phone.expect("INVITE")
        assert "a=crypto:" in invite.body
        assert ("RTP/SAVP" in invite.body) == (srtp == "required")
        if srtp == "optional":
            await worker.expect(LegAnswered, "a")
        else:
            assert (await worker.expect(LegEnded, "a")).cause is HangupCause.INCOMPATIBLE


@asyncio_test(timeout=60)
async def test_an_info_that_presses_no_key_leaves_the_call_alone():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_id = next(iter(phone.dialogs))
        relay, plain = "application/dtmf-relay", "application/dtmf"
        for kind, body in (
            (relay, "Signal=!\r\nDuration=160\r\n"), (relay, "Signal=hf\r\nDuration=160\r\n"),
            (relay, "Signal=\r\nDuration=160\r\n"), (plain, "!"), (relay, "Signal=2\r\nDuration=160\r\n"),
            (plain, "d"), (relay, "Signal="), (relay, "Signal"), (relay, ""), (relay, "\r\n\r\n"),
            (plain, ""), (plain, "\r\n"), (relay, "Duration=160\r\n"), (relay, "Signal=\xe9"),
            ("application/x", "<x/>"),
            (relay, "Signal=3\r\nDuration=99999999999999999999\r\n"),
        ):  # fmt: skip
            phone.request(call_id, "INFO", body, kind)
            await phone.expect("SIP/2.0")
        await until(lambda: len(worker.got(LegDtmf)) == 3)
        assert [event.digit for event in worker.got(LegDtmf)] == ["2", "D", "3"]
        assert not worker.got(LegEnded)


@pytest.mark.parametrize("number", [96, 101, 120, 127])
@asyncio_test(timeout=60)
async def test_keys_under_any_number(number):
    """Whatever was offered and answered: one that takes 101 for static, one with a number of its own."""
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        invite = await phone.expect("INVITE")
        assert "a=rtpmap:101 telephone-event/8000" in invite.body
        await worker.expect(LegAnswered, "a")
        rtp = call_of(phone).rtp
        rtp.event_kind = number
        rtp.press(1)
        await until(lambda: worker.got(LegDtmf))
        await asyncio.sleep(0.3)
        assert [event.digit for event in worker.got(LegDtmf)] == ["1"]


@asyncio_test(timeout=60)
async def test_a_key_toward_who_knows_no_telephone_event_goes_by_info():
    def plain(phone: Phone, sip) -> None:
        body = phone.sdp(sip.get("Call-ID"), formats="0").replace("a=rtpmap:101 telephone-event/8000\r\n", "")
        phone.respond(sip, 200, "OK", body=body.replace("a=fmtp:101 0-15\r\n", ""))

    async with stage(plain) as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        worker.do(SendDtmf("a", "5"))
        info = await phone.expect("INFO")
        assert "Signal=5" in info.body.replace("Signal= ", "Signal=")
        await asyncio.sleep(0.3)
        assert not worker.got(LegEnded)


@pytest.mark.parametrize(("answered_as", "sends"), [("0 8", 8), ("8 0", 0), ("0", 8), ("9 0", 0), ("0 9", 9)])
@asyncio_test(timeout=60)
async def test_a_far_side_may_send_any_codec_of_the_answer(answered_as, sends):
    """PJSIP decodes the first alone (RFC 3264 section 7): tones both ways, and back to the first."""

    def two(phone: Phone, sip) -> None:
        phone.respond(sip, 200, "OK", body=phone.sdp(sip.get("Call-ID"), formats=f"{answered_as} 101"))

    async with stage(two, None) as (worker, odd, other):
        await answered(worker, a=odd, b=other)
        worker.do(Join("a", "b"))
        rtp = call_of(odd).rtp
        first = int(answered_as.split()[0])
        call_of(other).rtp.speak(1800)
        rtp.speak(1000, kind=sends)
        await hears(other, 1000, not_=(1800,))
        await until(lambda: rtp.packets and rtp.packets[-1][1] == first)
        await hears(odd, 1800, not_=(1000,))
        rtp.press(7)
        await until(lambda: worker.got(LegDtmf))
        rtp.speak(1000, kind=first)
        await asyncio.sleep(0.3)
        await hears(other, 1000, not_=(1800,))
        await hears(odd, 1800, not_=(1000,))
        worker.hang_up("a", HangupCause.PEER_ENDED)
        assert (await worker.expect(LegEnded, "a")).stats.received > 10


@pytest.mark.parametrize("asked", [True, False])
@asyncio_test(timeout=60)
async def test_who_is_asked_for_a_key_may_press_it_as_a_tone(asked):
    """A far side without telephone-event; tones are listened for until it is joined."""

    def plain(phone: Phone, sip) -> None:
        body = phone.sdp(sip.get("Call-ID"), formats="8").replace("a=rtpmap:101 telephone-event/8000\r\n", "")
        phone.respond(sip, 200, "OK", body=body.replace("a=fmtp:101 0-15\r\n", ""))

    async with stage(plain, None) as (worker, phone, shopper):
        await answered(worker, s=shopper)
        screening = Screening(Prompt("press", "/nowhere"), 5.0)
        worker.dial("a", phone.uri, screening=screening if asked else None)
        await worker.expect(LegAnswered, "a")
        rtp = call_of(phone).rtp
        rtp.speak(697, 8, and_=1209)
        if asked:
            assert (await worker.expect(LegDtmf, "a", 3)).digit == "1"
            await asyncio.sleep(0.3)
        else:
            await asyncio.sleep(0.5)
        assert len(worker.got(LegDtmf)) == asked
        worker.do(Join("s", "a"))
        call_of(shopper).rtp.speak(1800)
        rtp.speak(941, 8, and_=1336)
        await hears(phone, 1800)
        await hears(shopper, 941, 1336, not_=(1800,))
        assert len(worker.got(LegDtmf)) == asked


@pytest.mark.parametrize(
    ("told", "size"), [("a=maxptime:10", 80), ("a=ptime:40\r\na=maxptime:40", 320), ("a=ptime:60", 480)]
)
@asyncio_test(timeout=60)
async def test_packets_are_no_longer_than_a_far_side_takes_them(told, size):
    def picky(phone: Phone, sip) -> None:
        body = phone.sdp(sip.get("Call-ID")).replace("a=ptime:20", told)
        phone.respond(sip, 200, "OK", body=body)

    async with stage(picky) as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        await until(lambda: len(call_of(phone).rtp.packets) > 5)
        assert {len(payload) for _, _, payload in call_of(phone).rtp.packets} == {size}
