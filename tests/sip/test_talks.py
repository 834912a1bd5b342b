"""Talks recorded by real workers of pjsua2: each file has what its own side says."""

import asyncio

from bridge.causes import HangupCause
from bridge.commands import Join, Play, RecordTalk, StopTalk
from bridge.events import LegEnded, TalkRecorded
from phones.tones import only_hears
from phones.wire import PhoneSpeech, Script
from routing.plan import Tone
from tests.aio import asyncio_test
from tests.sip.test_listening import TONE, reported, stage

MUSIC = Tone("music", ((1000, 0, 1000, 0),))


@asyncio_test(timeout=90)
async def test_each_side_has_a_file_with_what_it_says(tmp_path):
    paths = [tmp_path / "talks" / f"{leg}.wav" for leg in range(2)]
    async with stage(TONE, Script(speak=PhoneSpeech(hz=880))) as (worker, *_):
        worker.do(Join("0", "1"))
        for leg, path in enumerate(paths):
            worker.do(RecordTalk(str(leg), str(path)))
        await asyncio.sleep(1.2)
        worker.do(Play("0", MUSIC, loop=True))  # what a leg hears is not what it says
        await asyncio.sleep(0.6)
        worker.do(StopTalk("0"))
        assert not (await reported(worker, TalkRecorded, "0")).failed
        worker.hang_up("1", HangupCause.NORMAL)
        await reported(worker, LegEnded, "1")
        order = [type(event) for _, event in worker.reports if event.leg_id == "1"][-2:]
        assert order == [TalkRecorded, LegEnded]
        assert only_hears(paths[0], 440, not_hz={880, 1000}, start=0.2, end=1.2)
        assert only_hears(paths[1], 880, not_hz={440, 1000}, start=0.2, end=1.2)
        assert worker.stderr == []


@asyncio_test(timeout=90)
async def test_a_file_that_cannot_be_made_is_told_and_ends_no_leg(tmp_path):
    taken = tmp_path / "taken.wav"
    taken.write_bytes(b"somebody's")
    async with stage(TONE) as (worker, _):
        worker.do(RecordTalk("0", str(taken)))
        assert await reported(worker, TalkRecorded, "0") == TalkRecorded("0", str(taken), failed=True)
        assert taken.read_bytes() == b"somebody's"
        assert not worker.got(LegEnded)
