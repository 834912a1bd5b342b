"""The judge alone: levels in, a verdict out."""

import array
import functools
import shutil
import subprocess
import tempfile
import wave

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phones.voices import write_talk
from sip.answerer import Judge, Manners
from sip.voice import Echo, Voice, VoiceThresholds, level_of

TICK = 0.02
FRAME = 160
SPEECH = 25


def seconds(length: float, level: int = 0) -> list[int]:
    return [level] * round(length / TICK)


@functools.cache
def talk(length: float, seed: int = 1) -> list[int]:
    """Levels of speech-like noise."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        write_talk(file.name, length, seed)
        return levels_of(file.name)


def levels_of(path: str) -> list[int]:
    with wave.open(str(path)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    return [level_of(samples[at : at + FRAME]) for at in range(0, len(samples) - FRAME + 1, FRAME)]


def judged(far: list[int], own: list[int] | None = None) -> tuple[str, float]:
    """The verdict and when it came; far and own are silent after their end."""
    judge = Judge(TICK)
    for tick in range(10_000):
        level = far[tick] if tick < len(far) else 0
        said = own[tick] if own and tick < len(own) else 0
        if (verdict := judge.hear(level, said)) is not None:
            return verdict, tick * TICK
    raise AssertionError("no verdict")


@pytest.mark.parametrize(
    ("far", "verdict", "by"),
    [
        ([], "unknown", 5.0),
        (seconds(0.5) + talk(0.5), "human", 2.3),
        (seconds(3.0) + talk(0.8), "human", 5.2),
        (talk(0.4) + seconds(1.0) + talk(0.4), "human", 3.1),  # hello? … hello?
        (seconds(0.5) + talk(2.0), "human", 3.8),  # good morning, Smith's shoes
        (seconds(0.5) + talk(8), "machine", 4.5),
        (talk(8), "machine", 4.0),  # cut in mid-sentence
        (seconds(2.5) + talk(8), "machine", 6.2),
        (talk(1.2) + seconds(0.9) + talk(8), "machine", 5.5),  # you have reached … please leave
        ([*seconds(1), 40, 40, *seconds(9)], "unknown", 5.0),  # a click
        (seconds(9, 12), "unknown", 5.0),  # a humming line
        (seconds(9, 15)[:200] + [30] * 20 + seconds(3, 15), "human", 5.7),  # hello over a humming line
        (seconds(9, 37), "machine", 3.1),  # a fax, music
        ([v for _ in range(40) for v in seconds(0.16, SPEECH) + seconds(0.9)], "unknown", 8.0),
    ],
)
def test_a_verdict_in_time(far: list[int], verdict: str, by: float) -> None:
    said, at = judged(far)
    assert (said, at <= by) == (verdict, True), at


@pytest.mark.parametrize("loss", [6, 9, 12, 20, 30])
@pytest.mark.parametrize("delay", [0, 0.04, 0.2, 0.48])
def test_our_own_echo_is_nobody(loss: int, delay: float) -> None:
    own = seconds(0.2) + [min(49, level + 12) for level in talk(7, 5)]
    echo = seconds(delay) + [max(0, level - loss) for level in own]
    assert judged(echo, own)[0] == "unknown"


def test_a_machine_is_known_through_our_prompt_and_a_person_never_taken_for_one() -> None:
    verdicts = []
    for seed in range(12):
        prompt = seconds(0.1) + [level and level + 8 for level in talk(6, 100 + seed)]
        verdicts.append(judged(seconds(0.4) + talk(8, seed), prompt)[0])
        assert judged(seconds(0.4) + talk(1.5, seed), prompt)[0] in ("human", "unknown")
        assert judged([], prompt)[0] == "unknown"
    assert verdicts.count("machine") >= 10


LEVELS = st.lists(st.integers(0, 49), max_size=600)


@given(LEVELS, LEVELS)
@settings(deadline=None, max_examples=40)
def test_whatever_is_heard_is_judged_in_time_and_the_same_twice(far: list[int], own: list[int]) -> None:
    verdict, at = judged(far, own)
    assert at <= Manners().longest_judgement
    assert (verdict, at) == judged(far, own)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 30)), max_size=60))
@settings(deadline=None, max_examples=40)
def test_clicks_alone_are_nobody(clicks: list[tuple[int, int]]) -> None:
    far = [level for sound, pause in clicks for level in seconds(sound * TICK, 40) + seconds(pause * TICK)]
    assert judged(far)[0] == "unknown"


@given(st.floats(0.14, 2.9), st.floats(0, 3.8), st.integers(21, 49))  # so that there is time for the silence
@settings(deadline=None, max_examples=40)
def test_a_short_sound_then_silence_is_a_human(sound: float, wait: float, level: int) -> None:
    assert judged(seconds(wait) + seconds(sound, level))[0] == "human"


@given(st.floats(3.1, 9), st.floats(0, 4.5), st.integers(21, 49))
@settings(deadline=None, max_examples=40)
def test_a_long_sound_is_a_machine(sound: float, wait: float, level: int) -> None:
    verdict, at = judged(seconds(wait) + seconds(sound, level))
    assert verdict == "machine"
    assert at - wait == pytest.approx(3.0, abs=0.1)


@given(LEVELS, LEVELS)
@settings(deadline=None, max_examples=40)
def test_less_is_no_voice(levels: list[int], own: list[int]) -> None:
    ear, voice = VoiceThresholds(), Voice(VoiceThresholds(), TICK)
    for at, level in enumerate(levels):
        assert not (voice.hears(level, own[at] if at < len(own) else 0) and level < ear.quietest)


@given(st.lists(st.tuples(st.integers(0, 49), st.integers(0, 49)), max_size=300))
@settings(deadline=None, max_examples=40)
def test_a_line_only_ever_turns_out_to_take_off_more(ticks: list[tuple[int, int]]) -> None:
    echo, before = Echo(10), [Echo.LEAST_LOSS] * 10
    for level, own in ticks:
        assert 0 <= echo.loudest(level, own) <= 49
        assert all(now >= then for now, then in zip(echo._losses, before, strict=True))
        before = list(echo._losses)


def test_levels_are_those_of_pjsip() -> None:
    """Measured at pjsua2's getTxLevel, from square waves."""
    measured = {
        0: 0,
        32: 1,
        64: 3,
        100: 5,
        256: 9,
        512: 14,
        1024: 19,
        2048: 25,
        8192: 37,
        16384: 43,
        32000: 49,
    }
    assert {amplitude: level_of([amplitude, -amplitude] * 80) for amplitude in measured} == measured


MACHINES = (
    "Hello. You have reached the voice mail of Anna Miller. Please leave a message after the tone.",
    "The person you are calling is not available. Please leave a message after the tone.",
    "Thank you for calling Acme Bikes. We are closed now. Our hours are nine to five.",
)
PEOPLE = ("Hello?", "Yes?", "Hello, this is Ben", "Anna speaking", "Smith's shoes, good morning")


@pytest.mark.skipif(not (shutil.which("espeak-ng") and shutil.which("sox")), reason="needs espeak-ng and sox")
@pytest.mark.parametrize("voice", ["en-us+f4", "en-gb+m3"])
def test_spoken_words(tmp_path, voice: str) -> None:
    def spoken(text: str) -> list[int]:
        raw, wav = tmp_path / "raw.wav", tmp_path / "said.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-w", raw, text], check=True)
        subprocess.run(["sox", raw, "-r", "8000", "-c", "1", "-b", "16", wav, "gain", "-n", "-6"], check=True)
        return seconds(0.5) + levels_of(wav)

    assert {judged(spoken(text))[0] for text in MACHINES} == {"machine"}
    assert {judged(spoken(text))[0] for text in PEOPLE} == {"human"}
