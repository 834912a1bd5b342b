"""A whisper: who takes the call hears it, the shopper does not, and who leaves meanwhile loses nobody."""

from __future__ import annotations

import asyncio
from pathlib import Path

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.phones.wav import tone_file
from tests.scenarios.settings import MUSIC_HZ, step
from tests.scenarios.world import answers, world

WHISPER_HZ = 700
SECONDS = 2.0


@asyncio_test(timeout=90)
async def test_only_the_business_hears_it_and_the_hunt_goes_on_past_who_leaves(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        await here.business("hasty", answers(after=0.1, hang_up_after=0.6))
        patient = await here.business("patient", answers(after=0.1))
        tone_file(tmp_path / "whisper.wav", WHISPER_HZ, SECONDS)
        here.settings["prompts"]["whisper"] = "whisper.wav"
        here.site.update(whisper={"prompt": "whisper"}, music="music")
        await here.serve(step("hasty", "patient", strategy="in_order"))

        call = await here.click()
        leg = await here.leg(patient, call, within=20)
        answered = await patient.expect(wire.Answered, call=leg.call)
        bridged = await call.reaches("bridged", within=20)
        assert bridged["connected_to"] == "The patient store"
        assert bridged["at"] - answered.at > SECONDS - 0.5
        await asyncio.sleep(2.0)
        await patient.send(wire.HangUpCall(leg.call))
        record = await call.over()
        assert [name for name, _ in record.causes] == ["shopper", "hasty", "patient"]
        assert record.disposition == "bridged"

        theirs, ours = await here.heard(patient, leg.call), await here.heard(shopper)
        tones = (WHISPER_HZ, MUSIC_HZ, SHOPPER_HZ, BUSINESS_HZ)
        alone = {"since": answered.at + 0.5, "until": answered.at + SECONDS - 0.3}
        assert theirs.only(WHISPER_HZ, **alone), theirs.story(*tones)
        assert ours.only(MUSIC_HZ, **alone, not_hz=(WHISPER_HZ,)), ours.story(*tones)
        talk = {"since": call.at("bridged") + 0.7, "until": call.at("ending") - 0.1, "not_hz": (WHISPER_HZ,)}
        assert theirs.only(SHOPPER_HZ, **talk), theirs.story(*tones)
        assert ours.only(BUSINESS_HZ, **talk), ours.story(*tones)
