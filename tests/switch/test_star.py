"""Who hears whom on a real rtpengine: from greeting to transfer, keys, ears, strangers, deaths."""

import asyncio
import os
import signal
from collections import deque

import pytest

from bridge.causes import HangupCause
from bridge.commands import Join, JudgeAnswerer, Play, RecordLeg, StopRecording
from bridge.events import (
    AnswererJudged,
    LegFaltered,
    LegRecovered,
    LegSilent,
    PromptFinished,
    RecordingFinished,
)
from routing.plan import Prompt, Tone
from tests.aio import asyncio_test
from tests.sip.core import until
from tests.sip.uas import linear, ulaw
from tests.switch.stage import describe, port_in, stage

RINGBACK = Tone("ringback", ((1000, 0, 400, 0),))
ALL = (440, 550, 660, 880, 1000)


def but(*hertz: int) -> tuple[int, ...]:
    return tuple(one for one in ALL if one not in hertz)


@asyncio_test(timeout=90)
async def test_a_call_from_greeting_to_transfer(tmp_path):
    async with stage(tmp_path) as it:
        media = it.media
        greeting = Prompt("greeting", it.wav("greeting", 660, 1.0))
        await it.dial("c-a", 440)
        await until(lambda: len(it.phones["c-a"].heard()) > 1000)  # silence, and not nothing
        await it.hears("c-a", not_=ALL)
        media.perform(Play("c-a", greeting))
        await it.hears("c-a", 660, not_=but(660))
        await until(lambda: it.owner.got(PromptFinished, "c-a") == [PromptFinished("c-a", "greeting")])
        media.perform(Play("c-a", RINGBACK, loop=True))
        await it.hears("c-a", 1000, not_=but(1000))
        # Screening: nothing crosses, and the key is heard.
        await it.dial("c-b", 880)
        media.perform(Play("c-b", greeting, loop=True))
        await it.hears("c-b", 660, not_=but(660))
        await it.hears("c-a", 1000, not_=but(1000))
        it.phones["c-b"].press(1)
        await until(lambda: it.owner.keys == [("c-b", "1", "rfc4733")])
        media.perform(Join("c-a", "c-b"))
        await it.hears("c-a", 880, not_=but(880))
        await it.hears("c-b", 440, not_=but(440))
        # Hold with music, and back.
        media.perform(Play("c-a", RINGBACK, loop=True))
        await it.hears("c-a", 1000, not_=but(1000))
        await it.hears("c-b", not_=ALL)
        # Consult while the shopper waits, then transfer.
        await it.dial("c-d", 550)
        media.perform(Join("c-b", "c-d"))
        await it.hears("c-b", 550, not_=but(550))
        await it.hears("c-d", 880, not_=but(880))
        await it.hears("c-a", 1000, not_=but(1000))
        media.perform(Join("c-a", "c-d"))
        await it.hears("c-a", 550, not_=but(550))
        await it.hears("c-d", 440, not_=but(440))
        await it.hears("c-b", not_=ALL)
        stats = await media.close("c-b")
        assert stats.received > 50
        await it.hears("c-a", 550, not_=but(550))
        assert not it.owner.broken
        await asyncio.sleep(0.5)  # it has spoken for long enough
        stats = await media.close("c-d")
        assert min(stats.received, stats.sent) > 20
        await it.hears("c-a", not_=ALL)
        await media.close("c-a")
        assert media.legs == 0


@asyncio_test(timeout=60)
async def test_hold_and_a_new_address_keep_our_port_and_tell_no_change_where_there_is_none(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 880)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-a", 880)
        before = await it.media.reoffer("c-b")
        assert before == await it.media.reoffer("c-b")
        phone = it.phones["c-b"]
        held, agreed = await it.media.take_offer(
            "c-b", describe(phone.port, "PCMU", direction="sendonly"), it.terms()
        )
        assert agreed.held
        assert "a=recvonly" in held
        assert port_in(held) == port_in(before)
        again, agreed = await it.media.take_offer("c-b", describe(phone.port, "PCMU"), it.terms())
        assert not agreed.held
        assert port_in(again) == port_in(before)
        await it.hears("c-a", 880)
        await it.hears("c-b", 440)


@asyncio_test(timeout=60)
async def test_early_media_is_heard_and_hears_nothing(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        _, phone = await asyncio.get_running_loop().create_datagram_endpoint(
            type(it.phones["c-a"]), local_addr=("127.0.0.1", 0)
        )
        it.phones["c-b"] = phone
        await it.answer("c-b", 880, await it.media.offer("c-b", it.terms()), early=True)
        await until(lambda: it.owner.early == [("c-b", True)])
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-a", 880, not_=but(880))
        await it.hears("c-b", not_=ALL)
        it.media.answered("c-b")
        await it.hears("c-b", 440, not_=but(440))
        await it.hears("c-a", 880)


@asyncio_test(timeout=60)
async def test_legs_of_different_codecs_are_transcoded_and_keys_are_sent(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440, "PCMU")
        await it.dial("c-b", 880, "PCMA")
        await it.dial("c-d", 550, "G722")
        for other, hertz in (("c-b", 880), ("c-d", 550)):
            it.media.perform(Join("c-a", other))
            await it.hears("c-a", hertz)
            await it.hears(other, 440)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-b", 440)
        assert await it.media.press("c-b", "7")
        await until(lambda: it.phones["c-b"].keys() == [7])
        await it.hears("c-b", 440)
        assert not it.owner.broken


def speech(phone, on: float, off: float):
    """Say something, pause, and so on."""

    async def speak() -> None:
        while True:
            phone.speak(440)
            await asyncio.sleep(on)
            phone.speak(0)
            await asyncio.sleep(off)

    return asyncio.ensure_future(speak())


@asyncio_test(timeout=60)
async def test_a_message_is_written_and_an_answerer_is_judged(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 0)
        await it.dial("d-a", 440)  # never stops
        phone = it.phones["c-a"]
        it.media.perform(JudgeAnswerer("c-a"))
        it.media.perform(JudgeAnswerer("d-a"))
        phone.speak(440)
        await asyncio.sleep(0.6)
        phone.speak(0)
        await until(lambda: len(it.owner.got(AnswererJudged)) == 2, 15)
        assert {e.leg_id: e.answerer for e in it.owner.got(AnswererJudged)} == {
            "c-a": "human",
            "d-a": "machine",
        }
        path = tmp_path / "messages" / "one.wav"
        it.media.perform(RecordLeg("c-a", str(path), 20.0, 5.0))
        talking = speech(phone, 0.5, 0.2)
        await asyncio.sleep(1.5)
        talking.cancel()
        it.media.perform(StopRecording("c-a"))
        await until(lambda: it.owner.got(RecordingFinished))
        (finished,) = it.owner.got(RecordingFinished)
        assert not finished.failed
        assert 0.9 < finished.seconds < 2.5
        assert path.stat().st_size == 44 + round(finished.seconds * 8000) * 2
        it.media.perform(RecordLeg("c-a", str(path), 20.0, 5.0))  # somebody's message is there
        await until(lambda: len(it.owner.got(RecordingFinished)) == 2)
        assert it.owner.got(RecordingFinished)[1].failed


@asyncio_test(timeout=60)
async def test_a_leg_that_goes_silent_is_told_and_one_that_comes_back(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440, media_timeout=3.0)
        await it.dial("c-b", 880)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-b", 440)
        it.phones["c-a"].hush()
        await until(lambda: it.owner.got(LegFaltered), 15)
        await until(lambda: it.owner.got(LegSilent), 15)
        it.phones["c-a"].speak(440)
        await until(lambda: it.owner.got(LegRecovered), 15)
        assert {e.leg_id for e in it.owner.got(LegFaltered)} == {"c-a"}


@asyncio_test(timeout=60)
async def test_nobody_else_is_heard_on_a_leg(tmp_path):
    """RTP bleed: what a stranger sends to the port of a call is dropped, whatever it looks like."""
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 880)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-b", 440)
        _, stranger = await asyncio.get_running_loop().create_datagram_endpoint(
            type(it.phones["c-a"]), local_addr=("127.0.0.9", 0)
        )
        stranger.peer = it.phones["c-a"].peer
        stranger.speak(550)
        await asyncio.sleep(1.5)
        await it.hears("c-b", 440, not_=(550,))
        await it.hears("c-a", 880)
        assert not stranger.packets
        stranger.hush()
        stranger.transport.close()


@asyncio_test(timeout=60)
async def test_the_death_of_rtpengine_breaks_every_leg_at_once(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("d-a", 880)
        began = asyncio.get_running_loop().time()
        os.kill(it.engine.daemon.pid, signal.SIGKILL)
        await until(lambda: len(it.owner.broken) == 2)
        assert asyncio.get_running_loop().time() - began < 3
        assert set(it.owner.broken) == {("c-a", HangupCause.WORKER_LOST), ("d-a", HangupCause.WORKER_LOST)}
        assert await it.media.close("c-a") is None


@asyncio_test(timeout=60)
async def test_our_own_prompt_that_comes_back_is_nobody(tmp_path):
    """A line without echo cancelling: what we say returns 60 ms later, 8 dB down. It is no answerer."""
    async with stage(tmp_path) as it:
        await it.dial("c-a", 0)
        phone = it.phones["c-a"]
        phone.hush()
        fainter = bytes(ulaw(round(linear(code) * 0.4)) for code in range(256))
        late: deque[bytes] = deque([b"\xff" * 160] * 3)
        hear = phone.datagram_received

        def echo(data: bytes, addr) -> None:
            hear(data, addr)
            if data[1] & 0x7F == 0:
                late.append(data[12:].translate(fainter))
                phone.send(late.popleft())

        phone.datagram_received = echo
        it.media.perform(Play("c-a", Prompt("long", it.wav("long", 660, 9.0))))
        it.media.perform(JudgeAnswerer("c-a"))
        await until(lambda: it.owner.got(AnswererJudged), 15)
        assert [event.answerer for event in it.owner.got(AnswererJudged)] == ["unknown"]


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
@asyncio_test(timeout=60)
async def test_a_partner_whose_keys_come_by_info_gets_none_in_the_audio(tmp_path, codec):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 440, codec, keys_by_info=True)
        await it.dial("c-d", 440)
        pressed = it.phones["c-a"]
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-b", 440)
        for _ in range(3):
            pressed.press(5)
            await asyncio.sleep(0.15)
        await until(lambda: it.owner.keys == [("c-a", "5", "kept")] * 3)
        assert it.phones["c-b"].keys() == []
        # The other way they are heard, and so are those toward the next partner.
        it.phones["c-b"].press(7)
        await until(lambda: pressed.keys() == [7])
        it.media.perform(Join("c-a", "c-d"))
        await it.hears("c-d", 440)
        pressed.press(8)
        await until(lambda: it.phones["c-d"].keys() == [8])
        assert not it.owner.broken


@asyncio_test(timeout=60)
async def test_keys_that_stay_reach_the_partner_where_the_core_says_so_alone(tmp_path):
    """An agent pushes a page by ``*12#``: the shopper hears none of that, but other keys."""
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440, keys_stay=True)
        await it.dial("c-b", 880)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-b", 440)
        for digit in (10, 1, 2, 11):
            it.phones["c-a"].press(digit)
            await asyncio.sleep(0.15)
        await until(lambda: [key for _, key, _ in it.owner.keys] == ["*", "1", "2", "#"])
        assert it.phones["c-b"].keys() == []
        await it.media.press("c-b", "5")
        await it.media.press("c-b", "6")
        await until(lambda: it.phones["c-b"].keys() == [5, 6])
        it.phones["c-b"].press(9)
        await until(lambda: it.phones["c-a"].keys() == [9])
        it.phones["c-a"].press(8)
        await until(lambda: it.owner.keys[-1] == ("c-a", "8", "kept"))
        assert it.phones["c-b"].keys() == [5, 6]
        await it.hears("c-a", 880)
        await it.hears("c-b", 440)
        assert not it.owner.broken
