"""Spoken texts: by the real espeak-ng, and by programs in its place that fail."""

from __future__ import annotations

import array
import asyncio
import math
import os
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.commands import Play
from media import speech_files as phrases_module
from media.espeak import LONGEST_TEXT, EspeakError, clean, render
from media.spare import WORDS as WORDS_OF_SPARES
from media.spare import file_of
from media.speech import SpeechPlayer, texts_of
from media.speech_files import SpeechFiles
from routing.plan import CallPlan, OfferCallback, Prompt, Queueing, Screening, Speech, TakeMessage, Tone
from tests.aio import asyncio_test
from tests.media.plans import endpoint, plan

EXAMPLE = Path("config/examples/prompts/greeting.wav")


@contextmanager
def started(program: str = "espeak-ng", seconds: float = 5.0) -> Iterator[SpeechFiles]:
    phrases = SpeechFiles(seconds, program)
    phrases.start()
    try:
        yield phrases
    finally:
        phrases.stop()


def program(folder: Path, script: str) -> str:
    path = folder / "speaks"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def loudness(path: str | Path) -> tuple[float, float]:
    """RMS and seconds of a WAV file."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = array.array("h", file.readframes(file.getnframes()))
        return math.sqrt(sum(s * s for s in samples) / len(samples)), len(samples) / file.getframerate()


def exists(path: str | Path) -> bool:
    return Path(path).exists()


async def until(true: Callable[[], object]) -> None:
    give_up = time.monotonic() + 8
    while not true():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.005)


def files(phrases: SpeechFiles) -> int:
    return len(list(Path(phrases.beep).parent.glob("*.wav"))) - 1


# --- espeak-ng ------------------------------------------------------------------------------------------


@asyncio_test(timeout=60)
async def test_a_text_is_spoken_as_loud_as_the_recorded_prompts(tmp_path: Path) -> None:
    path = str(tmp_path / "a.wav")
    await render("Web call for Boston store, from Ann. Press 1 to take the call.", "en-us", path, 5)
    rms, seconds = loudness(path)
    assert 0.7 < rms / loudness(EXAMPLE)[0] < 1.4
    assert 3 < seconds < 6


@asyncio_test(timeout=60)
@pytest.mark.parametrize(
    "text", ["-h", "--version", "-w /tmp/x.wav", "$(reboot)", "`id`; 'x\"", "Zoë, 张伟, Łukasz 😀"]
)
async def test_no_text_is_an_option_or_a_command(tmp_path: Path, text: str) -> None:
    path = str(tmp_path / "a.wav")
    await render(text, "en-us", path, 5)
    assert loudness(path)[1] > 0.2


def test_texts_are_cleaned() -> None:
    assert clean("a\x01Ic\r\nb\0\udc80 \t c") == "a Ic b c"
    assert len(clean("x" * 5000)) == LONGEST_TEXT


@asyncio_test(timeout=60)
@pytest.mark.parametrize("voice", ["nonesuch", "../../../etc/passwd", "-h", "", "en us", "en\n"])
async def test_voices_that_do_not_exist_are_refused(tmp_path: Path, voice: str) -> None:
    with pytest.raises(EspeakError) as caught:
        await render("Hello.", voice, str(tmp_path / "a.wav"), 5)
    assert caught.value.refused


@asyncio_test(timeout=60)
async def test_the_text_is_in_no_command_line_and_a_slow_program_is_killed(tmp_path: Path) -> None:
    slow = program(tmp_path, f"echo $$ > {tmp_path}/pid; echo $* > {tmp_path}/args; exec sleep 30")
    begun = time.monotonic()
    with pytest.raises(EspeakError, match="longer than"):
        await render("Ann Smith", "en-us", str(tmp_path / "a.wav"), 0.5, slow)
    assert time.monotonic() - begun < 2
    assert "Ann" not in (tmp_path / "args").read_text()
    pid = int((tmp_path / "pid").read_text())
    await until(lambda: not exists(f"/proc/{pid}"))


# --- what is kept ---------------------------------------------------------------------------------------


@asyncio_test(timeout=60)
async def test_a_text_is_spoken_once_and_deleted_with_the_last_call_that_held_it() -> None:
    with started() as phrases:
        folder = Path(phrases.beep).parent
        assert folder.stat().st_mode & 0o777 == 0o700
        ann = Speech("Call from Ann.")
        path = await phrases.hold("c1", "sip:ann@x", ann)
        assert await phrases.hold("c2", "sip:ann@x", ann) == path
        assert phrases.hold("c1", "sip:ann@x", ann).done()
        assert "Ann" not in path
        phrases.release("c1")
        assert exists(path)
        phrases.release("c2")
        assert not exists(path)
    assert not folder.exists()


@asyncio_test(timeout=60)
async def test_what_two_shoppers_heard_names_neither_and_stays() -> None:
    with started() as phrases:
        sorry = Speech("We are sorry.")
        for number, hearer in enumerate(("ann", "ann", "bob")):
            path = await phrases.hold(f"c{number}", hearer, sorry)
            phrases.release(f"c{number}")
            assert exists(path) == (hearer == "bob")
        assert phrases.hold("c9", "carl", sorry).done()


@asyncio_test(timeout=60)
async def test_the_least_recently_used_goes_but_never_one_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases_module, "KEPT", 2)
    with started() as phrases:
        path = {}
        for number in range(4):
            for hearer in ("ann", "bob"):
                path[number] = await phrases.hold(f"{hearer}{number}", hearer, Speech(f"{number}."))
        for number in (0, 1, 2, 3):
            phrases.release(f"ann{number}")
        assert files(phrases) == 4
        for number in (1, 2, 3):
            phrases.release(f"bob{number}")
        assert [exists(path[number]) for number in range(4)] == [True, False, True, True]


@asyncio_test(timeout=60)
async def test_a_call_that_ends_early_leaves_nothing(tmp_path: Path) -> None:
    slow = program(tmp_path, 'while [ "$1" != -w ]; do shift; done; echo Ann > "$2"; exec sleep 30')
    with started(slow) as phrases:
        rendering = phrases.hold("c", "ann", Speech("Ann."))
        await until(lambda: files(phrases))
        waiting = phrases.hold("d", "bob", Speech("Bob."))
        phrases.release("c")
        phrases.release("d")
        await asyncio.sleep(0.2)
        assert rendering.cancelled()
        assert waiting.cancelled()
        assert files(phrases) == 0


def test_folders_of_dead_nodes_are_removed_and_those_of_living_ones_are_not() -> None:
    dead = subprocess.run(
        [
            *(sys.executable, "-c"),
            "from media.speech_files import SpeechFiles; p = SpeechFiles(1); p.start();"
            "print(p.beep, flush=True);"
            "import os; os._exit(1)",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    left = Path(dead.stdout.splitlines()[-1]).parent  # a note may come first
    assert left.exists()
    assert left.parent == Path(tempfile.gettempdir())
    with started() as one, started() as other:
        assert not left.exists()
        assert exists(one.beep)
        assert exists(other.beep)


@asyncio_test(timeout=60)
async def test_what_cannot_be_spoken_is_a_beep_and_is_tried_again(tmp_path: Path) -> None:
    fails = program(tmp_path, f'[ -e {tmp_path}/works ] && exec espeak-ng "$@"; exit 1')
    for broken in ("no-such-program-at-all", fails):
        with started(broken) as phrases:
            assert await phrases.hold("c", "ann", Speech("Hello.")) == phrases.beep
            assert 1.9 < loudness(phrases.beep)[1] < 2.1
            assert files(phrases) == 0
    with started(fails) as phrases:
        assert await phrases.hold("c", "ann", Speech("Hello.")) == phrases.beep
        (tmp_path / "works").touch()
        assert await phrases.hold("c", "ann", Speech("Hello.")) != phrases.beep


@asyncio_test(timeout=60)
async def test_an_unknown_voice_is_replaced() -> None:
    with started() as phrases:
        english = await phrases.hold("c", "ann", Speech("Hello."))
        for _ in range(2):
            path = await phrases.hold("c", "ann", Speech("Hello.", "xx-nowhere"))
            assert loudness(path) == loudness(english)
        assert phrases._unknown_voices == {"xx-nowhere"}
        german = await phrases.hold("c", "ann", Speech("Hello.", "de"))
        assert loudness(german) != loudness(english)
        bavarian = await phrases.hold("c", "ann", Speech("Hello.", "de-by"))
        assert loudness(bavarian) == loudness(german)  # of the same language at least


@asyncio_test(timeout=60)
async def test_what_people_must_understand_is_said_by_a_shipped_recording(tmp_path: Path) -> None:
    names = {
        "mailboxes.box.text": "message_greeting",
        "mailboxes.box.thanks": "message_thanks",
        "callbacks.soon.booked_text": "callback_booked",
        "callback": "callback_booked",
        "callbacks.soon.sorry_text": "sorry",
        "queues.line.announcement": "announcement",
        "announcement": "announcement",
        "screening": "screening",
        "whisper": "whisper",
    }
    with started("no-such-program-at-all") as phrases:
        for name, kind in names.items():
            for voice, language in (
                ("en-us", "en"),
                ("de", "de"),
                ("fr-be", "fr"),
                ("es-419", "es"),
                ("cs", "en"),
            ):
                path = Path(await phrases.hold("c", "ann", Speech("Whatever.", voice, name)))
                assert path.parts[-2:] == (language, f"{kind}.wav")
                phrases.release("c")


@pytest.mark.parametrize("kind", WORDS_OF_SPARES)
@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_shipped_recordings_are_what_phones_play(kind: str, language: str) -> None:
    with wave.open(str(file_of(kind, language))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
    assert set(WORDS_OF_SPARES[kind]) == {"en", "de", "es", "fr"}
    rms, seconds = loudness(file_of(kind, language))
    assert rms > 500
    assert seconds > 0.04 * len(WORDS_OF_SPARES[kind][language])


# --- what legs hear -------------------------------------------------------------------------------------

WORDS = Speech("Press 1.", name="screening")


@contextmanager
def speaking(
    program: str = "espeak-ng", seconds: float = 5.0
) -> Iterator[tuple[SpeechPlayer, list[Play], SpeechFiles]]:
    with started(program, seconds) as phrases:
        yield SpeechPlayer(phrases, seconds), [], phrases


@asyncio_test(timeout=60)
async def test_a_text_is_played_when_it_is_ready_and_at_once_the_next_time() -> None:
    with speaking() as (speaker, played, _):
        speaker.open_call("c", plan())
        speaker.play("c", Play("b", WORDS, loop=True), played.append)
        assert not played
        await until(lambda: played)
        assert played[0].audio.name == "screening"
        assert played[0].loop
        assert isinstance(played[0].audio, Prompt)
        speaker.play("c", Play("b", WORDS), played.append)
        assert played[1].audio == played[0].audio


@asyncio_test(timeout=60)
async def test_what_waits_is_not_said_to_a_leg_that_hears_something_else_by_now() -> None:
    tone = Tone("us", ((440, 480, 2000, 4000),))
    with speaking() as (speaker, played, _):
        speaker.open_call("c", plan())
        speaker.play("c", Play("b", WORDS), played.append)
        speaker.play("c", Play("b", tone), played.append)
        speaker.play("c", Play("b2", Speech("Two.")), played.append)
        speaker.hush("b2")
        speaker.play("c", Play("b3", Speech("Three.")), played.append)
        speaker.play("c", Play("b3", Speech("Three!", name="later")), played.append)
        await until(lambda: len(played) == 2)
        await asyncio.sleep(0.2)
        assert [(play.leg_id, play.audio.name) for play in played] == [("b", "us"), ("b3", "later")]


@asyncio_test(timeout=60)
async def test_nobody_waits_longer_than_that_for_a_text(tmp_path: Path) -> None:
    slow = program(tmp_path, "exec sleep 30")
    with speaking(slow, seconds=0.3) as (speaker, played, _):
        speaker.open_call("c", plan())
        begun = time.monotonic()
        speaker.play("c", Play("b", WORDS), played.append)
        await until(lambda: played)
        assert 0.25 < time.monotonic() - begun < 1
        assert played[0].audio == Prompt("screening", str(file_of("screening", "en")))


def full_plan() -> CallPlan:
    screened = replace(endpoint("b"), screening=Screening(WORDS, 20.0), whisper=Speech("Web call."))
    offer = OfferCallback("terms", Speech("We call you {when}."), Speech("Sorry."))
    base = plan(("all", 2))
    return replace(
        base,
        steps=(replace(base.steps[0], endpoints=(screened, endpoint("c"))),),
        ending=TakeMessage("box", Speech("Please speak."), Prompt("thanks", "thanks.wav"), "x.wav"),
        queue=Queueing("q", Speech("Number {position}."), Tone("t", ()), 30, 900, offer),
    )


@asyncio_test(timeout=60)
async def test_what_a_call_may_come_to_say_is_rendered_ahead() -> None:
    assert [speech.text for speech in texts_of(full_plan())] == [
        *("Press 1.", "Web call.", "Please speak.", "Sorry."),
    ]
    with speaking() as (speaker, played, phrases):
        speaker.open_call("c", full_plan())
        speaker.dialled("c", replace(endpoint("d"), screening=Screening(Speech("Press 2."), 20.0)))
        await until(lambda: files(phrases) == 5 and phrases.hold("c", "x", Speech("Press 2.")).done())
        speaker.play("c", Play("d", Speech("Press 2.")), played.append)
        assert len(played) == 1
        speaker.close_call("c")
        assert files(phrases) <= 1  # "x" stood for a second shopper
        os.stat(phrases.beep)
