"""Agents behind a real Asterisk: who is shown a call, whatever the PBX does with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from phones import wire
from tests.aio import asyncio_test
from tests.pbx.call_centre import call_centre

pytestmark = pytest.mark.pbx


@asyncio_test(timeout=60)
async def test_the_agent_whose_phone_rings_is_shown_the_call(tmp_path: Path) -> None:
    async with call_centre(tmp_path, "810") as centre:
        call = await centre.office.world.click(context={"cart": "120 dollars"})
        await call.reaches("bridged")
        await centre.phones["alice"].expect(wire.Answered)
        await centre.popped(call, "alice", "answered")
        await centre.office.shopper.send(wire.HangUp(1))
        await call.over()
        await centre.popped(call, "alice", "over")
        assert centre.pops(call.id) == [("alice", "offered"), ("alice", "answered"), ("alice", "over")]
        assert centre.rung(call.number) == ["alice"]
