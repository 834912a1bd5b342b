"""Peers that a well-behaved phone cannot play: SIPp scripts of what goes over the wire."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from phones import wire
from tests.aio import asyncio_test
from tests.scenarios.settings import step
from tests.scenarios.sipp_phone import sipp_phone
from tests.scenarios.world import World, answers, world


def _destination(here: World, name: str, address: str, **trunk: object) -> None:
    here.settings["trunks"][name] = {"host": address, **trunk}
    here.settings["destinations"][name] = {"label": name, "sip": f"sip:sipp@{address}", "trunk": name}


@asyncio_test(timeout=40)
async def test_credentials_are_given_for_invite_and_bye(tmp_path: Path) -> None:
    async with sipp_phone("challenge", tmp_path / "sipp") as pbx, world(tmp_path) as here:
        shopper = await here.shopper()
        (tmp_path / "password").write_text("shop-password")
        (tmp_path / "password").chmod(0o600)
        _destination(here, "pbx", pbx.address, username="shop", password_file="password")
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        await asyncio.sleep(0.3)
        await shopper.send(wire.HangUpCall(1))
        record = await call.over()
        assert record.causes == [("shopper", "normal"), ("pbx", "peer_ended")]
        await pbx.finished()


@asyncio_test(timeout=40)
async def test_an_answer_that_crosses_our_cancel(tmp_path: Path) -> None:
    async with sipp_phone("late_answer", tmp_path / "sipp") as late, world(tmp_path) as here:
        await here.shopper()
        await here.business("boston", answers(after=0.8))
        _destination(here, "late", late.address)
        await here.serve(step("boston", "late"))
        call = await here.click()
        await call.reaches("bridged")
        await late.finished()
        await asyncio.sleep(0.3)
        assert (await call.look()).json()["state"] == "bridged"
        await call.cancel()
        assert dict((await call.over()).causes)["late"] == "answered_elsewhere"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@asyncio_test(timeout=40)
async def test_hold_and_resume_by_reinvite(tmp_path: Path, transport: str) -> None:
    async with sipp_phone("hold", tmp_path / "sipp", transport) as phone, world(tmp_path) as here:
        await here.shopper()
        _destination(here, "phone", phone.address, transport=transport)
        await here.serve()
        call = await here.click()
        await call.tells(lambda line: line["held"])
        record = await call.over()
        await phone.finished()
        assert record.causes == [("shopper", "peer_ended"), ("phone", "normal")]
        held = [line["held"] for line in call.story if line["state"] == "bridged"]
        assert held == [False, True, False]
