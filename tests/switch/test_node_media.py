"""rtpengine dies under calls, and the next call finds another one; prompts wait for who is on hold."""

import asyncio
import os
import signal

import pytest

from bridge.causes import HangupCause
from bridge.commands import Join, Play
from config.fields import PortRange
from routing.plan import Tone
from switch.media import MediaError, Terms
from switch.node_media import NodeMedia
from switch.rtpengine import Rtp
from tests.aio import asyncio_test
from tests.sip.core import free_range, until
from tests.switch.stage import Owner, describe, stage

TERMS = Terms("127.0.0.1", ("PCMU",))
MUSIC = Tone("music", ((1000, 0, 400, 0),))


@asyncio_test(timeout=60)
async def test_another_rtpengine_serves_the_calls_after_one_that_died(tmp_path):
    first = free_range(64)
    owner = Owner()
    media = NodeMedia(owner, tmp_path, Rtp(None, PortRange(first, first + 63)))
    await media.begin()
    try:
        assert "m=audio" in await media.offer("c-a", TERMS)
        before = media._engine.daemon
        os.kill(before.pid, signal.SIGKILL)
        await until(lambda: owner.broken)
        assert owner.broken == [("c-a", HangupCause.WORKER_LOST)]
        with pytest.raises(MediaError):
            await media.answer("c-a", describe(4000, "PCMU"), early=False)
        assert await media.close("c-a") is None
        await until(lambda: media._media is not None, 15)
        assert media._engine.daemon.pid != before.pid
        assert "m=audio" in await media.offer("d-a", TERMS)
        assert media.legs == 1
        await media.close("d-a")
        assert media.legs == 0
    finally:
        pid = media._engine.daemon.pid if media._engine.daemon else 0
        media.end()
    await until(lambda: not pid or not media._engine._lives(pid))


@asyncio_test(timeout=60)
async def test_without_rtpengine_the_reason_is_told(tmp_path):
    media = NodeMedia(Owner(), tmp_path, Rtp("nowhere", PortRange(30000, 30010)))
    with pytest.raises(MediaError, match="did not start"):
        await media.begin()
    with pytest.raises(MediaError):
        await media.offer("c-a", TERMS)


@asyncio_test(timeout=60)
async def test_who_is_on_hold_hears_what_it_was_played_when_it_comes_back(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        phone = it.phones["c-a"]
        await it.media.take_offer("c-a", describe(phone.port, "PCMU", direction="inactive"), it.terms())
        it.media.perform(Play("c-a", MUSIC, loop=True))
        await asyncio.sleep(0.3)
        assert not it.owner.broken
        await it.media.take_offer("c-a", describe(phone.port, "PCMU"), it.terms())
        await it.hears("c-a", 1000)


@asyncio_test(timeout=60)
async def test_a_bridge_whose_one_side_wants_no_audio_is_silent_until_it_does(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 880)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-a", 880)
        port = it.phones["c-b"].port
        await it.media.take_offer("c-b", describe(port, "PCMU", direction="inactive"), it.terms())
        await it.hears("c-a", not_=(880,))
        await until(lambda: len(it.phones["c-a"].heard(0.25)) > 1000)  # silence is sent
        await it.media.take_offer("c-b", describe(port, "PCMU"), it.terms())
        await it.hears("c-a", 880)
        await it.hears("c-b", 440)
