"""Phones of a worker that is killed are told by another one; after the core's death, by the next start."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import replace

from bridge.commands import Dial
from bridge.events import LegEnded
from config.sections.trunks import Trunk
from media.dialog_log import MOST_RECORDS, OLDEST, DialogLog
from media.engines.pjsua2 import PJSUA2
from tests.aio import asyncio_test
from tests.media.plans import endpoint, plan
from tests.media.rig import Rig, sip_settings
from tests.media.test_phone_workers import UNHURRIED, Media, dial, ring
from tests.sip.uas import Phone


async def started(dialog_log, workers: int = 4, spare: int = 2, trunks=None) -> Rig:
    rig = Rig(PJSUA2, replace(UNHURRIED, farewell=20.0), dialogs=dialog_log)
    rig.media.configure(sip_settings(), Media(max_workers=workers, spare_workers=spare), trunks or {})
    await rig.media.start()
    await rig.until(lambda: all(pids(rig)))  # a worker may be ready before its zygote has told of it
    return rig


def pids(rig: Rig) -> list[int]:
    """Of the workers that have legs, or may have: a spare one may have no process yet."""
    workers = rig.media._supervisor.workers.values()
    return [worker.pid for worker in workers if worker.role == "calls" and worker.pid is not None]


@asyncio_test(timeout=90)
async def test_both_phones_of_a_killed_worker_hear_a_bye_and_a_ringing_one_stops(tmp_path) -> None:
    """The business asks for a password on BYE as well."""
    shopper, business, third = await Phone.start(), await Phone.start(), await Phone.start(ring)
    business.password, business.challenged = "secret", {"INVITE", "BYE"}
    trunk = Trunk(host=f"127.0.0.1:{business.port}", username="shop", password="secret")
    rig = await started(tmp_path / "dialogs", trunks={"t": trunk})
    try:
        rig.media.open_call("c", plan(("all", 2)))
        dial(rig, "c", "s", shopper)
        await rig.answered("s")
        at = replace(endpoint("b", at=f"127.0.0.1:{business.port}"), trunk="t")
        rig.media.perform("c", Dial("b", at))
        await rig.answered("b")
        dial(rig, "c", "r", third)
        await third.expect("INVITE")
        await asyncio.sleep(0.2)
        carriers = {leg.worker.pid for leg in rig.media.legs.live.values()}
        assert len(carriers) == 1
        os.kill(carriers.pop(), signal.SIGKILL)
        bye = await shopper.expect("BYE", 5)
        cseq = next(iter(shopper.dialogs.values())).invite.cseq[0]
        assert bye.cseq[0] > cseq
        await business.expect("BYE", 5)
        proven = await business.expect("BYE", 5)
        assert business.authorized(proven)
        cancel = await third.expect("CANCEL", 5)
        invite = next(iter(third.dialogs.values())).invite
        assert (cancel.get("Via"), cancel.cseq) == (invite.get("Via"), (invite.cseq[0], "CANCEL"))
        for leg in "sbr":
            assert (await rig.ended(leg)).cause == "worker_lost"
        assert not len(rig.media._dialog_log)
    finally:
        await rig.media.stop()
        for phone in (shopper, business, third):
            phone.close()


@asyncio_test(timeout=90)
async def test_the_phones_hear_it_before_the_call_does(tmp_path) -> None:
    """on_loss: redial dials again on LegEnded: by then the phone is free. A new worker is born for it."""
    shopper = await Phone.start()
    rig = await started(tmp_path / "dialogs", workers=1, spare=1)
    try:
        rig.media.open_call("c", plan(("all", 1)))
        dial(rig, "c", "s", shopper)
        await rig.answered("s")
        os.kill(pids(rig)[0], signal.SIGKILL)
        await shopper.expect("BYE", 8)
        ended = [event for event in rig.events(LegEnded) if event.leg_id == "s"]
        assert not ended  # it is told when the phone has answered
        await rig.ended("s")
    finally:
        await rig.media.stop()
        shopper.close()


@asyncio_test(timeout=90)
async def test_what_a_dead_core_left_is_ended_at_the_next_start(tmp_path) -> None:
    shopper = await Phone.start()
    path = tmp_path / "dialogs"
    rig = await started(path)
    rig.media.open_call("c", plan(("all", 1)))
    dial(rig, "c", "s", shopper)
    await rig.answered("s")
    await asyncio.sleep(0.2)
    left = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    for pid in pids(rig):  # nobody can say goodbye
        os.kill(pid, signal.SIGSTOP)
    await rig.media.stop()
    assert not [sip for sip in shopper.log if sip.method == "BYE"]
    path.write_bytes(left)
    again = await started(path)
    try:
        await shopper.expect("BYE", 8)
        await again.until(lambda: not len(DialogLog(path, lambda: 0.0)._read(path)))
    finally:
        await again.media.stop()
        shopper.close()


def test_the_file_of_dialogs_is_bounded_and_survives_what_was_cut_off(tmp_path) -> None:
    path, now, files = tmp_path / "dialogs", [1000.0], set()
    dialog_log = DialogLog(path, lambda: now[0])
    assert dialog_log.open() == []
    for number in range(MOST_RECORDS + 50):
        dialog_log.note(1, f"l{number}", f"c{number}", "r" * 300)
        files.add(path.stat().st_ino)
    assert len(dialog_log) == MOST_RECORDS
    assert len(files) < 5  # rewritten now and then, however much is in it
    for number in range(MOST_RECORDS):
        dialog_log.note(1, f"l{number}", f"c{number}", "")
    dialog_log.note(2, "kept", "kept", "record")
    dialog_log.note(2, "gone", "gone", "record")
    dialog_log.note(2, "gone", "gone", "")
    assert path.stat().st_size < 2_000_000
    dialog_log.close()
    with path.open("a") as file:
        file.write('["half", "rec')
    again = DialogLog(path, lambda: now[0])
    (kept,) = again.open()
    assert kept.call_id == "kept"
    again.note(7, "x", "new", "record")
    (new,) = again.take(7)
    again.close()
    assert [json.loads(line)[0] for line in path.read_text().splitlines()] == ["kept", "new"]
    third = DialogLog(path, lambda: now[0])
    third.open()
    for dialog in (kept, new):
        third.ended(dialog)
    third.close()
    assert DialogLog(path, lambda: now[0]).open() == []
    late = DialogLog(path, lambda: now[0])
    late.open()
    late.note(1, "l", "late", "record")
    late.close()
    now[0] += OLDEST + 1
    assert DialogLog(path, lambda: now[0]).open() == []


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path) -> None:
    dialog_log = DialogLog(tmp_path / "no" / "dialogs", lambda: 0.0)
    assert dialog_log.open() == []
    dialog_log.note(1, "l", "c", "record")
    assert len(dialog_log.take(1)) == 1
