"""Recording of both sides on a real rtpengine: each file has what its own side says, and nothing else."""

from array import array

import pytest

from bridge.commands import Join, Play, RecordTalk, StopTalk
from bridge.events import TalkRecorded
from routing.plan import Tone
from sip.message_file import CLOCK_RATE, HEADER_LENGTH
from switch.ng import NgError
from switch.star import Star
from tests.aio import asyncio_test
from tests.sip.core import until
from tests.sip.uas import level
from tests.switch.stage import LOUD, QUIET, stage

MUSIC = Tone("music", ((1000, 0, 400, 0),))


def said(path):
    samples = array("h")
    samples.frombytes(path.read_bytes()[HEADER_LENGTH:])
    return samples


async def record(it, seconds, *legs):
    for leg in legs:
        it.media.perform(RecordTalk(leg, str(it.folder / f"{leg}.wav")))
    await until(lambda: all((it.folder / f"{leg}.wav").exists() for leg in legs))
    files = [it.folder / f"{leg}.wav" for leg in legs]
    await until(lambda: all(file.stat().st_size > seconds * CLOCK_RATE * 2 for file in files), 10)


def hears_alone(path, hertz, *others):
    samples = said(path)[CLOCK_RATE // 2 :]
    assert level(samples[:4000], hertz) > LOUD
    for other in others:
        assert level(samples, other) < QUIET


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
@asyncio_test(timeout=60)
async def test_each_side_has_a_file_with_what_it_says(tmp_path, codec):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 880, codec)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-a", 880)
        await record(it, 1.5, "c-a", "c-b")
        await it.hears("c-b", 440)
        for leg in ("c-a", "c-b"):
            it.media.perform(StopTalk(leg))
        await until(lambda: len(it.owner.got(TalkRecorded)) == 2)
        assert not any(event.failed for event in it.owner.got(TalkRecorded))
        hears_alone(tmp_path / "c-a.wav", 440, 880)
        hears_alone(tmp_path / "c-b.wav", 880, 440)
        await it.hears("c-a", 880)
        assert not it.owner.broken


@asyncio_test(timeout=60)
async def test_music_on_hold_is_in_no_file_and_the_end_of_a_leg_completes_its_own(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 880)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-a", 880)
        await record(it, 0.5, "c-a", "c-b")
        it.media.perform(Play("c-a", MUSIC, loop=True))
        await it.hears("c-a", 1000)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-a", 880)
        await it.media.close("c-b")
        assert [event.leg_id for event in it.owner.got(TalkRecorded)] == ["c-b"]
        await it.media.close("c-a")
        assert [event.leg_id for event in it.owner.got(TalkRecorded)] == ["c-b", "c-a"]
        hears_alone(tmp_path / "c-a.wav", 440, 880, 1000)
        hears_alone(tmp_path / "c-b.wav", 880, 440, 1000)


@asyncio_test(timeout=60)
async def test_a_disk_that_refuses_ends_no_call(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 880)
        it.media.perform(Join("c-a", "c-b"))
        (tmp_path / "c-a.wav").write_bytes(b"somebody's")
        it.media.perform(RecordTalk("c-a", str(tmp_path / "c-a.wav")))
        await until(
            lambda: it.owner.got(TalkRecorded) == [TalkRecorded("c-a", str(tmp_path / "c-a.wav"), True)]
        )
        await it.hears("c-a", 880)
        assert (tmp_path / "c-a.wav").read_bytes() == b"somebody's"
        assert not it.owner.broken


@asyncio_test(timeout=60)
async def test_a_side_that_rtpengine_does_not_send_is_not_called_complete(tmp_path, monkeypatch):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 880)
        it.media.perform(Join("c-a", "c-b"))

        async def refuses(star, tag, port):
            raise NgError("no such tag")

        monkeypatch.setattr(Star, "subscribe", refuses)
        await record(it, 0.2, "c-a")
        it.media.perform(StopTalk("c-a"))
        await until(
            lambda: it.owner.got(TalkRecorded) == [TalkRecorded("c-a", str(tmp_path / "c-a.wav"), True)]
        )
        await it.hears("c-a", 880)
        assert not it.owner.broken
