"""Talks that are recorded: the shopper is told, may refuse, and each side is on its own channel."""

from __future__ import annotations

import asyncio
import wave
from array import array
from pathlib import Path
from typing import Any

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.phones.wav import tone_file
from tests.scenarios.world import Click, World, answers, world
from tests.sip.uas import level

NOTICE_HZ, DECLINED_HZ = 700, 1000


async def recordings(here: World, click: Click) -> list[dict[str, Any]]:
    listed = await here.server.admin("GET", "/v1/recordings", params={"call_id": click.id})
    return list(listed.json()["recordings"])


def sides(path: Path) -> tuple[array[int], array[int]]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        both = array("h", file.readframes(file.getnframes()))
    return both[0::2], both[1::2]


def files(folder: Path, pattern: str) -> list[Path]:
    return list(folder.rglob(pattern))


@asyncio_test(timeout=60)
async def test_a_talk_is_recorded_and_a_shopper_who_refuses_is_not(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston", answers(after=0.2))
        for name, hz in (("notice", NOTICE_HZ), ("declined", DECLINED_HZ)):
            tone_file(tmp_path / f"{name}.wav", hz, 0.6)
            here.settings["prompts"][name] = f"{name}.wav"
        here.site["recording"] = {"prompt": "notice", "declined_prompt": "declined"}
        await here.serve()
        call = await here.click()
        await call.reaches("greeting")
        await call.reaches("bridged")
        # Nobody was rung before the shopper knew.
        answered = (await shopper.expect(wire.Answered)).at
        assert (await boston.expect(wire.Incoming)).at - answered > 0.55
        await asyncio.sleep(1.5)
        await boston.send(wire.HangUpCall(1))
        assert (await call.over()).disposition == "bridged"
        (kept,) = await eventually_kept(here, call)
        assert (kept["destination"], kept["complete"]) == ("boston", True)
        audio = await here.server.admin("GET", f"/v1/recordings/{kept['id']}/audio")
        assert audio.headers["content-type"] == "audio/wav"
        (tmp_path / "heard.wav").write_bytes(audio.content)
        left, right = sides(tmp_path / "heard.wav")
        assert abs(len(left) / 8000 - kept["seconds"]) < 0.1
        assert 1.0 < kept["seconds"] < 2.5
        middle = slice(len(left) // 2 - 2000, len(left) // 2 + 2000)
        assert level(left[middle], SHOPPER_HZ) > 1000 > 10 * level(left[middle], BUSINESS_HZ)
        assert level(right[middle], BUSINESS_HZ) > 1000 > 10 * level(right[middle], SHOPPER_HZ)
        assert not files(tmp_path, "*.shopper.wav"), "the sides are put together"

        refused = await here.click(number="+16175550101")
        leg = await here.leg(shopper, refused)
        await refused.reaches("greeting")
        await asyncio.sleep(0.3)
        await shopper.send(wire.PressKeys(leg.call, "9"))
        await refused.reaches("bridged")
        await asyncio.sleep(0.6)
        await boston.send(wire.HangUpCall(2))
        await refused.over()
        assert await recordings(here, refused) == []
        ear = await here.heard(shopper, leg.call)
        assert str(DECLINED_HZ) in ear.story(NOTICE_HZ, DECLINED_HZ)

        deleted = await here.server.admin("DELETE", f"/v1/recordings/{kept['id']}")
        assert deleted.status_code == 204
        assert await recordings(here, call) == []
        assert not files(tmp_path, f"{kept['id']}*")


async def eventually_kept(here: World, click: Click) -> list[dict[str, Any]]:
    for _ in range(50):
        if found := await recordings(here, click):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("nothing was recorded")
