"""The call that goes well: who hears whom in each phase, and what crosses the bridge besides voice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.scenarios.settings import CALLER_ID, GREETING_HZ, GREETING_SECONDS, MUSIC_HZ, SHOPPER_NUMBER
from tests.scenarios.world import RINGS, answers, world

EU_RINGBACK_HZ = 425
#: What a shopper says who hears the "eu" ringback. The usual 440 Hz is too near to tell from it, once the
#: phone's jitter buffer has cut a piece out of the tone.
FAR_FROM_EU_HZ = 620


@asyncio_test(timeout=40)
async def test_each_phase_is_heard_by_the_right_one(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper(answers(hz=FAR_FROM_EU_HZ))
        boston = await here.business("boston", answers(after=2.5))
        here.site["greeting"] = "greeting"
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        await asyncio.sleep(1.2)
        await boston.send(wire.HangUpCall(1))
        record = await call.over()

        assert record.disposition == "bridged"
        assert record.causes == [("shopper", "peer_ended"), ("boston", "normal")]
        assert call.states == ["calling_shopper", "hunting", "bridged", "ending", "ended"]
        answered = (await shopper.expect(wire.Answered)).at
        bridged, ended = call.at("bridged"), call.at("ending")
        ear, said = await here.heard(shopper), FAR_FROM_EU_HZ
        greeting_ends = answered + GREETING_SECONDS
        until = greeting_ends - 0.1
        assert ear.only(GREETING_HZ, since=answered + 0.2, until=until, shopper_hz=said), ear.story(1000)
        # The tone of the "eu" pattern sounds for its first second.
        tone_ends = min(bridged - 0.3, greeting_ends + 0.9)
        since = greeting_ends + 0.2
        assert ear.only(EU_RINGBACK_HZ, since=since, until=tone_ends, shopper_hz=said), ear.story(425)
        talk = {"since": bridged + 0.3, "until": ended, "shopper_hz": said}
        assert ear.only(BUSINESS_HZ, **talk, not_hz=(GREETING_HZ,)), ear.story()
        ear = await here.heard(boston)
        assert ear.only(said, **talk, not_hz=(GREETING_HZ, EU_RINGBACK_HZ))


@asyncio_test(timeout=30)
async def test_the_business_is_dialled_while_the_greeting_plays(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston", answers(after=0.3))
        here.site["greeting"] = "greeting"
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        await asyncio.sleep(0.6)
        await shopper.send(wire.HangUpCall(1))
        record = await call.over()
        assert record.causes == [("shopper", "normal"), ("boston", "peer_ended")]
        dialled = (await boston.expect(wire.Incoming)).at
        assert dialled - (await shopper.expect(wire.Answered)).at < 0.25
        # Nobody waits for the greeting's end once somebody has answered.
        ear = await here.heard(shopper)
        assert ear.only(BUSINESS_HZ, since=call.at("bridged") + 0.3, until=call.at("ending"), not_hz=(1000,))


@asyncio_test(timeout=30)
async def test_the_business_is_dialled_after_the_greeting_where_the_route_says_so(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        here.site["greeting"] = "greeting"
        here.route["dial_business"] = "after_greeting"
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        assert "greeting" in call.states
        waited = (await boston.expect(wire.Incoming)).at - (await shopper.expect(wire.Answered)).at
        assert waited == pytest.approx(GREETING_SECONDS, abs=0.4)
        assert (await call.cancel()).status_code == 202
        assert (await call.over()).disposition == "bridged"


@asyncio_test(timeout=30)
async def test_music_while_the_business_rings(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        await here.business("boston", RINGS)
        here.site["music"] = "music"
        await here.serve()
        call = await here.click()
        await call.tells(lambda line: line["ringing"] == ["The boston store"])
        await asyncio.sleep(2.6)  # longer than the recording: it loops
        await call.cancel()
        await call.over()
        ear = await here.heard(shopper)
        hunting = call.at("hunting")
        assert ear.only(MUSIC_HZ, since=hunting + 0.3, until=hunting + 1.5), ear.story(MUSIC_HZ)
        assert ear.only(MUSIC_HZ, since=hunting + 1.9, until=hunting + 2.5), ear.story(MUSIC_HZ)


@pytest.mark.parametrize("wanted", [True, False])
@asyncio_test(timeout=30)
async def test_early_media_is_heard_where_the_route_wants_it(tmp_path: Path, wanted: bool) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        await here.business(
            "boston",
            answers(after=2.0, ring="early_media", speak_early=wire.PhoneSpeech(hz=660), hang_up_after=1.0),
        )
        here.route["early_media"] = wanted
        await here.serve()
        call = await here.click()
        record = await call.over()
        assert record.disposition == "bridged"
        ear = await here.heard(shopper)
        since, until = call.at("hunting") + 0.5, call.at("bridged") - 0.2
        assert ear.only(660 if wanted else None, since=since, until=until, not_hz=(660,)), ear.story(425, 660)
        assert ear.only(BUSINESS_HZ, since=until + 0.5, until=call.at("ending"), not_hz=(660,)), ear.story()


@pytest.mark.parametrize("to_business", ["rfc4733", "info"])
@pytest.mark.parametrize("from_shopper", ["rfc4733", "info"])
@asyncio_test(timeout=30)
async def test_keys_reach_the_business(tmp_path: Path, from_shopper: Any, to_business: str) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        here.settings["trunks"]["pbx"] = {"host": boston.address, "dtmf": to_business}
        here.settings["destinations"]["boston"]["trunk"] = "pbx"
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        await shopper.send(wire.PressKeys(1, "1*#", from_shopper))
        keys = [await boston.expect(wire.Dtmf) for _ in range(3)]
        assert [(key.digit, key.by) for key in keys] == [(digit, to_business) for digit in "1*#"]
        await call.cancel()
        await call.over()
        assert len(boston.seen(wire.Dtmf)) == 3


@asyncio_test(timeout=30)
async def test_hold_by_the_business(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        here.site["media_timeout"] = "2s"
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        await asyncio.sleep(0.5)
        await boston.send(wire.Hold(1))
        held = await call.tells(lambda line: line["held"])
        await asyncio.sleep(3)  # a held leg is silent, and not dead
        await boston.send(wire.Resume(1))
        resumed = await call.tells(lambda line: not line["held"] and line["at"] > held["at"])
        await asyncio.sleep(1)
        await shopper.send(wire.HangUpCall(1))
        assert (await call.over()).disposition == "bridged"
        ear = await here.heard(shopper)
        assert ear.only(None, since=held["at"] + 0.3, until=resumed["at"] - 0.1), ear.story()
        assert ear.only(BUSINESS_HZ, since=resumed["at"] + 0.4, until=call.at("ending")), ear.story()


@asyncio_test(timeout=30)
async def test_the_business_sees_who_and_what(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston", RINGS)
        here.settings["destinations"]["boston"] |= {
            "shown_number": "shopper",
            "headers": {
                "X-Call": "{call_id}",
                "X-Page": "{page}",
                "X-Cart": "{context.cart} dollars",
                "X-Site": "{site}",
            },
        }
        await here.serve()
        assert (await here.ask(context={"cart": "120\r\nX-Evil: yes"})).status_code == 400
        call = await here.click(context={"cart": 120}, page="https://shop.example/shoes?s=9")
        invite = await boston.expect(wire.Incoming)
        assert invite.header("x-call") == call.id
        assert invite.header("x-page") == "https://shop.example/shoes?s=9"
        assert invite.header("x-cart") == "120 dollars"
        assert invite.header("x-site") == "shop"
        assert SHOPPER_NUMBER.lstrip("+") in invite.from_uri
        to_shopper = await shopper.expect(wire.Incoming)
        assert CALLER_ID in to_shopper.from_uri
        assert '"The shop"' in to_shopper.from_uri
        assert SHOPPER_NUMBER in to_shopper.request_uri
        await call.cancel()
        await call.over()


@asyncio_test(timeout=30)
async def test_a_call_over_tcp_and_one_number_behind_a_trunk(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        boston = await here.business("boston")
        here.settings["trunks"]["pbx"] = {
            "host": boston.address,
            "transport": "tcp",
            "number_format": "digits",
        }
        here.settings["destinations"]["boston"] = {
            "label": "Boston by number",
            "number": "+16175550142",
            "trunk": "pbx",
        }
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        invite = await boston.expect(wire.Incoming)
        assert "16175550142@" in invite.request_uri
        assert "+" not in invite.request_uri
        assert "/TCP" in (invite.header("via") or "")
        await boston.send(wire.HangUpCall(1))
        assert (await call.over()).causes[1] == ("boston", "normal")


@asyncio_test(timeout=30)
async def test_codecs_differ_on_both_sides(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper(answers(hz=SHOPPER_HZ), codecs=("PCMA",))
        boston = await here.business("boston", codecs=("G722",))
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        await asyncio.sleep(0.8)
        await shopper.send(wire.HangUpCall(1))
        await call.over()
        assert (await shopper.expect(wire.Answered)).codec == "PCMA"
        assert (await boston.expect(wire.Answered)).codec == "G722"
        ear = await here.heard(shopper)
        assert ear.only(BUSINESS_HZ, since=call.at("bridged") + 0.3, until=call.at("ending")), ear.story()
