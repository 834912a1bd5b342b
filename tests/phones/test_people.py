"""Machines, persons who say hello, and persons who say nothing, as those hear them who call."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from phones import wire
from phones.control import Phone
from phones.people import BEEP_HZ, mute_person, person, voicemail
from phones.tones import Sound, only_hears
from phones.voices import write_talk
from tests.aio import asyncio_test


def loud(sound: Sound, start: float, end: float) -> bool:
    part = sound.between(start, end).samples
    return bool(len(part) and np.abs(part).max() > 0.02)


@asyncio_test(timeout=25)
async def test_a_machine_talks_beeps_and_records(tmp_path: Path) -> None:
    for name in ("caller", "machine"):
        (tmp_path / name).mkdir()
    async with (
        Phone.start("caller", recordings=tmp_path / "caller") as caller,
        Phone.start("machine", voicemail(2.0, waits=0.3), recordings=tmp_path / "machine") as machine,
    ):
        await caller.send(wire.DialOut(machine.uri, wire.Script(listen_for=BEEP_HZ)))
        answered = await caller.expect(wire.Answered)
        beep = await caller.expect(wire.ToneHeard, within=6)
        assert beep.hz == BEEP_HZ
        assert beep.at - answered.at == pytest.approx(2.7, abs=0.5)
        await asyncio.sleep(0.6)
        await caller.send(wire.Speak(1, wire.PhoneSpeech(hz=440)))
        await asyncio.sleep(0.8)
        await caller.send(wire.HangUpCall(1))
        heard = await caller.expect(wire.Recorded)
        message = await machine.expect(wire.Recorded)
    sound = Sound.read(heard.path)
    begun = beep.at - heard.started_at
    assert all(loud(sound, start, start + 0.4) for start in np.arange(begun - 2.0, begun - 0.8, 0.4))
    assert only_hears(heard.path, BEEP_HZ, start=begun, end=begun + 0.2)
    assert not loud(sound, begun + 0.7, begun + 1.2)
    assert only_hears(message.path, 440, start=-0.5)


@asyncio_test(timeout=25)
async def test_a_person_says_hello_waits_and_presses_a_key_when_the_prompt_is_heard(tmp_path: Path) -> None:
    script = person(waits=0.2, hello=0.5, key="1", key_after=0.3, prompt_hz=700)
    async with (
        Phone.start("caller", recordings=tmp_path) as caller,
        Phone.start("person", script) as answerer,
    ):
        await caller.send(wire.DialOut(answerer.uri, wire.Script(speak=wire.PhoneSpeech(hz=440))))
        await caller.expect(wire.Answered)
        await asyncio.sleep(1.2)
        assert answerer.seen(wire.ToneHeard) == []  # another tone
        await caller.send(wire.Speak(1, wire.PhoneSpeech(hz=700)))
        heard = await answerer.expect(wire.ToneHeard)
        key = await caller.expect(wire.Dtmf)
        assert key.digit == "1"
        assert key.at - heard.at == pytest.approx(0.4, abs=0.3)
        await caller.send(wire.HangUpCall(1))
        recorded = await caller.expect(wire.Recorded)
    sound = Sound.read(recorded.path)
    assert loud(sound, 0, 1.0)
    assert not loud(sound, 1.3, 2.0)
    assert len(answerer.seen(wire.ToneHeard)) == 1


@asyncio_test(timeout=25)
async def test_somebody_who_says_nothing_may_press_a_key_after_the_answer(tmp_path: Path) -> None:
    async with (
        Phone.start("caller", recordings=tmp_path) as caller,
        Phone.start("mute", mute_person(key="2", key_after=0.6)) as mute,
    ):
        await caller.send(wire.DialOut(mute.uri))
        answered = await caller.expect(wire.Answered)
        key = await caller.expect(wire.Dtmf)
        assert key.at - answered.at == pytest.approx(0.7, abs=0.4)
        await caller.send(wire.HangUpCall(1))
        recorded = await caller.expect(wire.Recorded)
    assert not loud(Sound.read(recorded.path), 0, 5)


def test_talk_is_lively_and_always_the_same(tmp_path: Path) -> None:
    one, two = tmp_path / "one.wav", tmp_path / "two.wav"
    write_talk(one, 3.0)
    write_talk(two, 3.0)
    assert one.read_bytes() == two.read_bytes()
    with wave.open(str(one)) as file:
        assert file.getnframes() == 24_000
    levels = np.abs(Sound.read(one).samples).reshape(-1, 160).mean(axis=1)
    assert 0.5 < (levels > 0.01).mean() < 0.95


def test_people_survive_the_wire() -> None:
    command = wire.SetScript(voicemail(3))
    assert wire.decode(wire.encode(command), wire.COMMANDS) == command
