"""Who hears what, and what is heard of them, with phones on the wire. All scenes of an engine run at once."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

from bridge.causes import HangupCause
from bridge.commands import HangUp, Join, JudgeAnswerer, Play, RecordLeg, SendDtmf, StopRecording
from bridge.events import (
    AnswererJudged,
    LegDtmf,
    LegEnded,
    LegHeld,
    LegResumed,
    LegRinging,
    PromptFinished,
    RecordingFinished,
)
from routing.plan import Prompt, Tone
from tests.aio import asyncio_test
from tests.media.conformance.engines import Candidate, every_real_engine
from tests.media.conformance.far_side import EARLY, SPOKEN, Stage, stage
from tests.sip.test_media import write_wav
from tests.sip.uas import Dialog, level

GREETING, MUSIC = 700, 600
RINGBACK = Tone("us", ((440, 480, 2000, 4000),))
#: Amplitudes of a tone that is heard, and of one that is not.
LOUD, QUIET = 2000, 150


async def hears(here: Stage, dialog: Dialog, *hertz: int, but_not: tuple[int, ...] = ()) -> None:
    """Within seconds, for a fifth of one, the phone hears these tones in this dialog and not the others."""

    def right() -> bool:
        samples = dialog.rtp.heard(0.2)
        loud = all(level(samples, each) > LOUD for each in hertz)
        return len(samples) >= 1200 and loud and all(level(samples, each) < QUIET for each in but_not)

    try:
        await here.rig.until(right, 8)
    except AssertionError:
        heard = {each: round(level(dialog.rtp.heard(0.2), each)) for each in (*hertz, *but_not)}
        raise AssertionError(f"wanted {hertz} without {but_not}, heard {heard}") from None


async def answered(here: Stage, call_id: str, *names: str) -> list[Dialog]:
    """Legs ``CALL-NAME`` that were answered, of one open call."""
    dialogs = []
    for name in names:
        here.dial(call_id, f"{call_id}-{name}", f"at_once-{call_id}{name}")
        await here.rig.answered(f"{call_id}-{name}")
        dialogs.append(await here.dialog(f"at_once-{call_id}{name}"))
    return dialogs


async def prompts(here: Stage, folder: Path) -> None:
    greeting = Prompt("greeting", write_wav(folder / "greeting.wav", GREETING, 0.8))
    music = Prompt("music", write_wav(folder / "music.wav", MUSIC, 0.3))
    (phone,) = await answered(here, "prompts", "s")
    here.rig.media.perform("prompts", Play("prompts-s", greeting))
    await hears(here, phone, GREETING)
    await here.rig.until(lambda: here.rig.events(PromptFinished, "prompts-s"))
    assert here.rig.events(PromptFinished, "prompts-s") == [PromptFinished("prompts-s", "greeting")]
    await hears(here, phone, but_not=(GREETING,))
    here.rig.media.perform("prompts", Play("prompts-s", music, loop=True))
    await hears(here, phone, MUSIC)
    await asyncio.sleep(0.7)
    await hears(here, phone, MUSIC)
    here.rig.media.perform("prompts", Play("prompts-s", RINGBACK, loop=True))
    await hears(here, phone, 440, 480, but_not=(MUSIC,))
    assert len(here.rig.events(PromptFinished, "prompts-s")) == 1, "a loop does not finish"


async def joined(here: Stage, folder: Path) -> None:
    one, other = await answered(here, "joined", "s", "b")
    one.rtp.speak(1000)
    other.rtp.speak(SPOKEN)
    await hears(here, other, but_not=(1000,))
    here.rig.media.perform("joined", Join("joined-s", "joined-b"))
    await hears(here, one, SPOKEN, but_not=(1000,))
    await hears(here, other, 1000, but_not=(SPOKEN,))
    call_id = other.log[0].get("Call-ID")
    here.phone.request(call_id, "INVITE", here.phone.sdp(call_id, "inactive"))
    await here.rig.until(lambda: here.rig.events(LegHeld, "joined-b"))
    await hears(here, one, but_not=(SPOKEN,))
    here.phone.request(call_id, "INVITE", here.phone.sdp(call_id))
    await here.rig.until(lambda: here.rig.events(LegResumed, "joined-b"))
    await hears(here, one, SPOKEN)
    here.rig.media.perform("joined", Play("joined-s", RINGBACK, loop=True))
    # Whether the other leg still hears this one is the engine's own affair: the call then tells it something.
    await hears(here, one, 440, 480, but_not=(SPOKEN,))
    here.rig.media.perform("joined", Join("joined-s", "joined-b"))
    await hears(here, other, 1000, but_not=(SPOKEN,))
    here.rig.media.perform("joined", HangUp("joined-b", HangupCause.PEER_ENDED))
    stats = (await here.rig.ended("joined-b")).stats
    assert stats is not None
    assert (stats.codec, stats.received > 20) == ("PCMU", True)
    assert not here.rig.events(LegEnded, "joined-s")


async def early_media(here: Stage, folder: Path) -> None:
    (shopper,) = await answered(here, "early", "s")
    shopper.rtp.speak(1000)
    here.dial("early", "early-b", "early-b")
    await here.rig.until(lambda: LegRinging("early-b", early_media=True) in here.rig.events(LegRinging))
    here.rig.media.perform("early", Join("early-s", "early-b"))
    await hears(here, shopper, EARLY)
    await here.rig.answered("early-b")
    await hears(here, await here.dialog("early-b"), 1000)


async def keys_out(here: Stage, folder: Path) -> None:
    phone, other = await answered(here, "keys", "s", "b")
    phone.rtp.speak(0)
    other.rtp.speak(0)
    here.rig.media.perform("keys", Join("keys-s", "keys-b"))
    await here.rig.until(lambda: len(phone.rtp.packets) > 10)
    for digit in "1#":
        here.rig.media.perform("keys", SendDtmf("keys-s", digit))
    await here.rig.until(lambda: phone.rtp.keys() == [1, 11])
    phone.rtp.press(9)
    await here.rig.until(lambda: here.rig.events(LegDtmf, "keys-s") == [LegDtmf("keys-s", "9")])


async def recorded(here: Stage, folder: Path) -> None:
    speaks, silent = await answered(here, "record", "s", "b")
    speaks.rtp.speak(SPOKEN)
    silent.rtp.speak(0)
    spoken, nothing = folder / "spoken.wav", folder / "nothing.wav"
    here.rig.media.perform("record", RecordLeg("record-s", str(spoken), 30.0, 5.0))
    here.rig.media.perform("record", RecordLeg("record-b", str(nothing), 30.0, 1.0))
    await asyncio.sleep(1.5)
    here.rig.media.perform("record", StopRecording("record-s"))
    finished = await here.rig.until(lambda: here.rig.events(RecordingFinished, "record-s"), 8)
    assert 0.8 < finished[0].seconds < 6
    with wave.open(str(spoken)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        samples = memoryview(file.readframes(file.getnframes())).cast("h").tolist()
    assert level(samples[2000:6000], SPOKEN) > LOUD
    (finished,) = await here.rig.until(lambda: here.rig.events(RecordingFinished, "record-b"), 8)
    assert finished.seconds == 0


async def judged(here: Stage, folder: Path) -> None:
    says, nobody = await answered(here, "judged", "s", "b")
    says.rtp.speak(SPOKEN)  # a tone that goes on is a fax
    nobody.rtp.speak(0)
    for leg_id in ("judged-s", "judged-b"):
        here.rig.media.perform("judged", JudgeAnswerer(leg_id))
    await here.rig.until(lambda: len(_verdicts(here)) == 2, 12)
    assert _verdicts(here) == {"judged-s": "machine", "judged-b": "unknown"}


def _verdicts(here: Stage) -> dict[str, str]:
    return {event.leg_id: event.answerer for event in here.rig.events(AnswererJudged)}


SCENES: tuple[Callable[[Stage, Path], Awaitable[None]], ...] = (
    prompts, joined, early_media, keys_out, recorded, judged,
)  # fmt: skip
CALLS = ("prompts", "joined", "early", "keys", "record", "judged")


@every_real_engine
@asyncio_test(timeout=90)
async def test_who_hears_what(candidate: Candidate, tmp_path: Path) -> None:
    async with stage(candidate, spare=5) as here:
        for call_id in CALLS:
            here.open(call_id)
        ended = await asyncio.gather(*(scene(here, tmp_path) for scene in SCENES), return_exceptions=True)
        wrong = {scene.__name__: end for scene, end in zip(SCENES, ended, strict=True) if end is not None}
        assert wrong == {}
        for dialog in here.phone.dialogs.values():
            dialog.rtp.hush()
