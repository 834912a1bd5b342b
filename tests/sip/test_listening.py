"""Who answered, and messages: real workers, with simulated phones that talk, wait, and hang up."""

import asyncio
import contextlib
import os
import resource
import stat
import time
import wave

import pytest

from bridge.causes import HangupCause
from bridge.commands import JudgeAnswerer, Play, RecordLeg, StopRecording
from bridge.events import (
    AnswererJudged,
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegHeld,
    LegResumed,
    RecordingFinished,
)
from phones import wire
from phones.control import Phone
from phones.people import mute_person, person, voicemail
from phones.tones import Sound, only_hears
from phones.wire import Part, PhoneSpeech, Script
from routing.plan import Prompt, Tone
from tests.aio import asyncio_test
from tests.sip import core
from tests.sip.core import Worker, until
from tests.sip.ears import call_of
from tests.sip.test_media import write_wav

PROMPT_HZ = 700


@contextlib.asynccontextmanager
async def stage(*scripts: Script):
    """A worker and phones that it has called, which have answered: legs "0", "1", …"""
    async with contextlib.AsyncExitStack() as stack:
        phones = await asyncio.gather(
            *(stack.enter_async_context(Phone.start(f"p{n}", script)) for n, script in enumerate(scripts))
        )
        worker = await Worker.start()
        try:
            for leg, phone in enumerate(phones):
                worker.dial(str(leg), phone.uri)
            for leg in range(len(phones)):
                await reported(worker, LegAnswered, str(leg), 8)
            yield worker, *phones
        finally:
            await worker.stop()


def prompt(tmp_path, seconds: float = 5.0) -> Prompt:
    return Prompt("screening", write_wav(tmp_path / "prompt.wav", PROMPT_HZ, seconds))


async def reported(worker: Worker, kind: type, leg: str, within: float = 4.0, count: int = 1):
    """The report of this kind, the ``count``-th of that leg, whether it has come already or not."""
    try:
        await until(lambda: len(worker.got(kind, leg)) >= count, within)
    except AssertionError:
        raise AssertionError(f"no {kind.__name__}; {worker.reports}; said {worker.stderr}") from None
    return worker.got(kind, leg)[count - 1]


def seconds_until(worker: Worker, kind: type, leg_id: str) -> float:
    """From the leg's answer."""
    times = {type(event): at for at, event in reversed(worker.reports) if event.leg_id == leg_id}
    return times[kind] - times[LegAnswered]


@asyncio_test(timeout=90)
async def test_machine_person_and_nobody_are_told_apart_while_the_prompt_plays(tmp_path):
    scripts = (
        voicemail(6),
        person(waits=1.0, hello=1.0, key="1", prompt_hz=PROMPT_HZ, key_after=1.0),
        mute_person(),
    )
    async with stage(*scripts) as (worker, _, human, _):
        screening = prompt(tmp_path)
        for leg in ("0", "1", "2"):
            worker.do(Play(leg, screening))
            worker.do(JudgeAnswerer(leg))
        heard = await human.expect(wire.ToneHeard)
        answered = await human.expect(wire.Answered)
        assert heard.at - answered.at < 1.5, "it did not wait for the verdict, which takes seconds"
        assert (await reported(worker, LegDtmf, "1")).digit == "1"
        for leg in ("0", "1", "2"):
            worker.do(JudgeAnswerer(leg))  # asked twice, told once
        await asyncio.sleep(max(0, 6.5 - seconds_until(worker, LegDtmf, "1")))
        verdicts = {event.leg_id: event.answerer for event in worker.got(AnswererJudged)}
        assert verdicts == {"0": "machine", "1": "human", "2": "unknown"}
        assert len(worker.got(AnswererJudged)) == 3
        assert seconds_until(worker, AnswererJudged, "0") < 5.5
        assert seconds_until(worker, AnswererJudged, "1") < 4.5
        assert worker.stderr == []


@asyncio_test(timeout=90)
async def test_a_leg_that_ends_first_is_not_judged(tmp_path):
    async with stage(voicemail(6), voicemail(6)) as (worker, *_):
        for leg in ("0", "1"):
            worker.do(JudgeAnswerer(leg))
        await asyncio.sleep(0.5)
        worker.hang_up("0", HangupCause.CANCELLED)
        await reported(worker, LegEnded, "0")
        assert (await reported(worker, AnswererJudged, "1", 6)).leg_id == "1"
        assert len(worker.got(AnswererJudged)) == 1


def read(path) -> tuple[float, Sound]:
    """Length by its header, and sound, of a file whose header and mode are right."""
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        assert path.stat().st_size == 44 + 2 * file.getnframes()
        return file.getnframes() / 8000, Sound.read(path)


def spoken(worker: Worker, leg: str, path) -> float:
    """Seconds reported, which are those of the file."""
    (finished,) = worker.got(RecordingFinished, leg)
    length, _ = read(path)
    assert finished.seconds == pytest.approx(length, abs=0.001)
    return length


TONE = Script(speak=PhoneSpeech(hz=440))


@asyncio_test(timeout=90)
async def test_recordings_end_by_stop_longest_silence_and_the_far_side_and_all_at_once(tmp_path):
    folder = tmp_path / "messages" / "sales"
    paths = [folder / f"{n}.wav" for n in range(4)]
    goes_silent = Script(first=(Part(PhoneSpeech(hz=880), 2.5),))
    hangs_up = Script(speak=PhoneSpeech(hz=660), hang_up_after=3.0)
    async with stage(TONE, Script(speak=PhoneSpeech(hz=550)), goes_silent, hangs_up) as (worker, *_):
        longest = (60, 1.5, 60, 60)
        for leg in range(4):
            worker.do(Play(str(leg), Tone("wait", ((PROMPT_HZ, 0, 1000, 0),)), loop=True))
            worker.do(RecordLeg(str(leg), str(paths[leg]), longest[leg], 1.5))
        began = time.monotonic()
        await reported(worker, RecordingFinished, "1")
        assert 1.4 < time.monotonic() - began < 2.2
        await asyncio.sleep(2.0 - (time.monotonic() - began))
        worker.do(StopRecording("0"))
        worker.do(StopRecording("0"))
        await reported(worker, RecordingFinished, "0")
        await reported(worker, LegEnded, "3", 6)
        order = [type(e) for _, e in worker.reports if e.leg_id == "3"][-2:]
        assert order == [RecordingFinished, LegEnded]
        await reported(worker, RecordingFinished, "2")
        assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
        lengths = [spoken(worker, str(leg), paths[leg]) for leg in range(4)]
        assert lengths[0] == pytest.approx(2.0, abs=0.35)
        assert lengths[1] == pytest.approx(1.5, abs=0.05)
        assert 1.5 < lengths[2] < 2.9  # without the silence that ended it
        assert 2.0 < lengths[3] < 3.3
        tones = {440, 550, 880, 660, PROMPT_HZ}
        for path, hertz in zip(paths, (440, 550, 880, 660), strict=True):
            assert only_hears(path, hertz, not_hz=tones - {hertz}, start=0.1, end=1.2)
        assert worker.stderr == []


@asyncio_test(timeout=90)
async def test_our_hang_up_and_a_second_recording_of_a_leg(tmp_path):
    one, two, three = (tmp_path / f"{name}.wav" for name in ("one", "two", "three"))
    async with stage(TONE, mute_person()) as (worker, *_):
        worker.do(RecordLeg("0", str(one), 60, 5))
        worker.do(RecordLeg("1", str(three), 60, 5))
        await asyncio.sleep(0.8)
        worker.do(RecordLeg("0", str(two), 60, 5))
        first = await reported(worker, RecordingFinished, "0")
        assert first.seconds == pytest.approx(read(one)[0], abs=0.001)
        await asyncio.sleep(0.8)
        hung_up = time.monotonic()
        worker.hang_up("0", HangupCause.CANCELLED)
        worker.hang_up("1", HangupCause.CANCELLED)
        second = await reported(worker, RecordingFinished, "0", count=2)
        await reported(worker, LegEnded, "0", 1)
        assert time.monotonic() - hung_up < 1.0
        assert second.seconds == pytest.approx(read(two)[0], abs=0.001)
        assert only_hears(two, 440, start=0.1)
        # Nobody said anything: there is no message, and no file.
        await reported(worker, RecordingFinished, "1")
        assert [(e.seconds, e.failed) for e in worker.got(RecordingFinished, "1")] == [
            (0.0, False)
        ]  # nothing failed
        await reported(worker, LegEnded, "1", 1)
        assert not three.exists()
        assert worker.stderr == []


@asyncio_test(timeout=90)
async def test_what_cannot_be_recorded_is_said_and_the_worker_lives_on(tmp_path):
    taken = tmp_path / "taken.wav"
    taken.write_bytes(b"somebody's message")
    (tmp_path / "file").write_text("no folder")
    async with stage(TONE) as (worker, _):
        bad = (taken, tmp_path / "file" / "x.wav", tmp_path / "x.exe", tmp_path / ("x" * 250 + ".wav"))
        for count, path in enumerate(bad, 1):
            worker.do(RecordLeg("0", str(path), 10, 5))
            finished = await reported(worker, RecordingFinished, "0", count=count)
            assert (finished.seconds, finished.failed) == (0, True)
        assert taken.read_bytes() == b"somebody's message"
        assert not (tmp_path / "x.exe").exists()
        assert len(worker.stderr) == 4
        assert all('"recording_failed"' in line for line in worker.stderr)

        # A disk that fills up in mid-message: what is there is kept, and its header is right.
        full = tmp_path / "full.wav"
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        worker.do(RecordLeg("0", str(full), 3, 5))
        finished = await reported(worker, RecordingFinished, "0", 6, count=5)
        assert 0.5 < finished.seconds < 1.3
        assert finished.failed
        assert finished.seconds == pytest.approx(read(full)[0], abs=0.001)
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        worker.do(RecordLeg("0", str(tmp_path / "fine.wav"), 1, 5))
        assert (await reported(worker, RecordingFinished, "0", count=6)).seconds == pytest.approx(1, abs=0.2)


@asyncio_test(timeout=90)
async def test_many_recordings_one_after_the_other(tmp_path):
    async with stage(TONE, TONE, TONE) as (worker, *_):
        for turn in range(8):
            for leg in ("0", "1", "2"):
                worker.do(RecordLeg(leg, str(tmp_path / f"{leg}-{turn}.wav"), 0.5, 5))
            for leg in ("0", "1", "2"):
                await reported(worker, RecordingFinished, leg, count=turn + 1)
        assert all(0.4 < event.seconds <= 0.5 for event in worker.got(RecordingFinished))
        assert all(only_hears(path, 440, start=0.1) for path in tmp_path.glob("*.wav"))
        assert len(list(tmp_path.glob("*.wav"))) == 24
        assert worker.stderr == []


@asyncio_test(timeout=90)
async def test_a_recording_goes_on_through_hold_and_is_complete_when_the_worker_leaves(tmp_path):
    held, left = tmp_path / "held.wav", tmp_path / "left.wav"
    async with core.stage(None, None) as (worker, one, other):
        for leg, phone in (("a", one), ("b", other)):
            worker.dial(leg, phone.uri)
            await worker.expect(LegAnswered, leg)
            call_of(phone).rtp.speak(440)
        worker.do(JudgeAnswerer("a"))
        worker.do(RecordLeg("a", str(held), 60, 9))
        worker.do(RecordLeg("b", str(left), 60, 9))
        await asyncio.sleep(0.8)
        call_id = next(iter(one.dialogs))
        one.request(call_id, "INVITE", one.sdp(call_id, "inactive"))
        await worker.expect(LegHeld, "a")
        call_of(one).rtp.speak(880)
        await asyncio.sleep(0.8)
        one.request(call_id, "INVITE", one.sdp(call_id))
        await worker.expect(LegResumed, "a")
        await asyncio.sleep(0.8)
        worker.do(StopRecording("a"))
        finished = await worker.expect(RecordingFinished, "a")
        length, sound = read(held)
        assert finished.seconds == pytest.approx(length, abs=0.001)
        assert length == pytest.approx(2.4, abs=0.6)
        assert only_hears(held, 440, not_hz=880, start=0.2, end=0.6)
        assert only_hears(held, 880, not_hz=440, start=-0.4)
        assert sound.between(1.1, 1.4).level(440) < -40
    assert read(left)[0] > 2
    assert worker.stderr == []
