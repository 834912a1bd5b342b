"""Phone calls phone: what the simulated phones do, before anything is proven with them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from phones import wire
from phones.control import NotReportedError, Phone, PhoneError
from phones.tones import BUSINESS_HZ, SHOPPER_HZ, Sound, only_hears
from tests.aio import asyncio_test
from tests.phones.wav import tone_file

SHOPPER = wire.Script(speak=wire.PhoneSpeech(hz=SHOPPER_HZ))
BUSINESS = wire.Script(speak=wire.PhoneSpeech(hz=BUSINESS_HZ))


@asyncio_test(timeout=20)
async def test_each_hears_only_the_other(tmp_path: Path) -> None:
    for name in ("shopper", "business"):
        (tmp_path / name).mkdir()
    async with (
        Phone.start("shopper", recordings=tmp_path / "shopper") as shopper,
        Phone.start("business", BUSINESS, recordings=tmp_path / "business") as business,
    ):
        await shopper.send(wire.DialOut(business.uri, SHOPPER, (("X-Page", "shoes"),)))
        incoming = await business.expect(wire.Incoming)
        assert incoming.header("x-page") == "shoes"
        assert "sip:shopper@" in incoming.from_uri
        assert (await shopper.expect(wire.Ringing)).status == 180
        assert (await shopper.expect(wire.Answered)).codec == "PCMU"
        await business.expect(wire.Answered)
        await asyncio.sleep(1)
        await business.send(wire.HangUpCall(1))
        assert (await shopper.expect(wire.Ended)).was_answered
        assert (await business.expect(wire.Ended)).status == 200
        at_shopper = await shopper.expect(wire.Recorded)
        at_business = await business.expect(wire.Recorded)
    assert only_hears(at_shopper.path, BUSINESS_HZ, not_hz=SHOPPER_HZ, start=0.2)
    assert only_hears(at_business.path, SHOPPER_HZ, not_hz=BUSINESS_HZ, start=0.2)


@asyncio_test(timeout=20)
async def test_keys_by_both_ways_and_hold(tmp_path: Path) -> None:
    async with (
        Phone.start("shopper", recordings=tmp_path) as shopper,
        Phone.start("business", BUSINESS) as business,
    ):
        await shopper.send(wire.DialOut(business.uri, SHOPPER))
        await shopper.expect(wire.Answered)
        await shopper.send(wire.PressKeys(1, "1#"))
        keys = [await business.expect(wire.Dtmf) for _ in range(2)]
        assert [(key.digit, key.by) for key in keys] == [("1", "rfc4733"), ("#", "rfc4733")]
        await shopper.send(wire.PressKeys(1, "5", "info"))
        assert (await business.expect(wire.Dtmf)).by == "info"
        await asyncio.sleep(0.3)
        await business.send(wire.Hold(1))
        held = await shopper.expect(wire.Held)
        assert held.by == "peer"
        assert (await business.expect(wire.Held)).by == "self"
        await asyncio.sleep(0.6)
        await business.send(wire.Resume(1))
        resumed = await shopper.expect(wire.Resumed)
        await asyncio.sleep(0.6)
        await shopper.send(wire.HangUpCall(1))
        recorded = await shopper.expect(wire.Recorded)
    on_hold = (held.at - recorded.started_at + 0.2, resumed.at - recorded.started_at - 0.1)
    assert only_hears(recorded.path, None, not_hz=BUSINESS_HZ, start=on_hold[0], end=on_hold[1])
    assert only_hears(recorded.path, BUSINESS_HZ, start=on_hold[1] + 0.3)
    # Nothing is lost from the file while audio comes and goes.
    assert Sound.read(recorded.path).seconds == pytest.approx(recorded.at - recorded.started_at, abs=0.4)


@pytest.mark.parametrize("status", [404, 408, 480, 486, 503, 603])
@asyncio_test(timeout=10)
async def test_refusal(status: int) -> None:
    async with Phone.start("a") as one, Phone.start("b", wire.Script(then="refuse", status=status)) as other:
        await one.send(wire.DialOut(other.uri))
        ended = await one.expect(wire.Ended)
        assert (ended.status, ended.was_answered) == (status, False)


@asyncio_test(timeout=15)
async def test_early_media_then_answer(tmp_path: Path) -> None:
    script = wire.Script(
        ring="early_media",
        ring_for=1.0,
        speak=wire.PhoneSpeech(hz=880),
        speak_early=wire.PhoneSpeech(hz=660),
        hang_up_after=0.8,
        dtmf="7",
        dtmf_after=0.1,
    )
    async with Phone.start("a", recordings=tmp_path) as one, Phone.start("b", script) as other:
        await one.send(wire.DialOut(other.uri))
        assert (await one.expect(wire.Ringing)).status == 183
        await one.expect(wire.Answered)
        assert (await one.expect(wire.Dtmf)).digit == "7"
        recorded = await one.expect(wire.Recorded)
    assert only_hears(recorded.path, 660, not_hz=880, start=0.2, end=0.8)
    assert only_hears(recorded.path, 880, not_hz=660, start=1.4)


@asyncio_test(timeout=15)
async def test_never_answered_then_by_command() -> None:
    async with Phone.start("a") as one, Phone.start("b", wire.Script(then="nothing")) as other:
        await one.send(wire.DialOut(other.uri))
        await one.expect(wire.Ringing)
        with pytest.raises(NotReportedError, match="no Answered within"):
            await one.expect(wire.Answered, within=0.5)
        await other.send(wire.Answer(1))
        await one.expect(wire.Answered)
        await other.set_script(wire.Script(then="nothing", ring="silent"))
        await one.send(wire.DialOut(other.uri))
        await other.expect(wire.Incoming, call=2)
        await other.send(wire.Refuse(2, 600))
        assert (await one.expect(wire.Ended, call=2)).status == 600
        assert one.seen(wire.Ringing, call=2) == []


@asyncio_test(timeout=10)
async def test_a_wav_file_in_a_loop(tmp_path: Path) -> None:
    speech = tone_file(tmp_path / "speech.wav", 440)
    script = wire.Script(speak=wire.PhoneSpeech(wav=str(speech)))
    async with Phone.start("a", recordings=tmp_path) as one, Phone.start("b", script) as other:
        await one.send(wire.DialOut(other.uri))
        await one.expect(wire.Answered)
        await asyncio.sleep(1)
        await one.send(wire.HangUpCall(1))
        recorded = await one.expect(wire.Recorded)
    assert only_hears(recorded.path, 440, not_hz=880, start=0.5)


@asyncio_test(timeout=10)
async def test_what_is_impossible_is_said() -> None:
    async with Phone.start("a") as phone:
        await phone.send(wire.Answer(7))
        assert "no such call" in (await phone.expect(wire.Failed)).problem
        await phone.send(wire.DialOut("nonsense"))
        assert (await phone.expect(wire.Failed)).problem
        await phone.send(wire.Answer(8))
        with pytest.raises(PhoneError, match="no such call"):
            await phone.expect(wire.Answered)


@asyncio_test(timeout=10)
async def test_a_bad_script_is_refused() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "phones",
        "--script",
        '{"then": "explode"}',
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert b"--script.then: wants one of answer, refuse, nothing, not 'explode'" in errors


@asyncio_test(timeout=15)
async def test_no_phone_outlives_its_context_or_its_parent() -> None:
    async with Phone.start("a") as one, Phone.start("b") as frozen:
        frozen.freeze()
        pids = [one.pid, frozen.pid]
    assert not any(map(_runs, pids))

    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PARENT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    while _runs(pid):  # noqa: ASYNC110 - the kernel tells nobody but its parent
        await asyncio.sleep(0.02)


_PARENT = """
import asyncio
from phones.control import Phone

async def main():
    async with Phone.start() as phone:
        print(phone.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
