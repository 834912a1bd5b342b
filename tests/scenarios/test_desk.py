"""What an agent does with a call on a phone, from the desk and by touch-tone: who hears whom meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.scenarios.pages import PASSWORD_HASH, agent_page
from tests.scenarios.settings import MUSIC_HZ, ORIGIN, step
from tests.scenarios.test_browsers import with_agents
from tests.scenarios.world import answers, eventually, world

#: What the phone says to which the call is passed on.
OTHER_HZ = 660


@asyncio_test(timeout=90)
async def test_a_page_by_keys_hold_and_an_attended_transfer(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston", answers())
        cambridge = await here.business("cambridge", answers(hz=OTHER_HZ))
        hours = {"title": "Opening hours", "url": f"{ORIGIN}/hours"}
        here.site["page_push"] = {"keys": True, "catalogue": {"12": hours}}
        here.site["hold_music"] = "music"
        here.settings["agents"] = {
            "alice": {"label": "Alice", "password_hash": PASSWORD_HASH, "phones": ["boston"]}
        }
        here.settings["desk"] = {
            "wrap_up": "60s",
            "codes": {"sale": "Sale"},
            "transfers": {"destinations": ["cambridge"]},
        }
        await here.serve(step("boston"))
        async with agent_page(here.server) as alice:
            call = await here.click()
            state = await alice.tells(type="desk_call", state="talking")
            assert state["call_id"] == call.id

            await boston.send(wire.PressKeys(1, "*12#"))
            (pushed,) = await eventually(lambda: call.told)
            assert (pushed["type"], pushed["url"]) == ("open_page", f"{ORIGIN}/hours")
            await alice.tells(type="push_state", state="sent")

            await alice.say("hold", call_id=call.id)
            held = (await call.tells(lambda line: line["held"]))["at"]
            await asyncio.sleep(1.0)
            await alice.say("transfer", call_id=call.id, to="destination:cambridge", mode="attended")
            await alice.tells(type="desk_call", transfer="talking", consulting="The cambridge store")
            consulted = (await call.tells(lambda line: line["transfer"] == "talking"))["at"]
            await asyncio.sleep(1.2)
            await alice.say("note", call_id=call.id, text="Wants size 9")
            await alice.tells(type="kept", note="Wants size 9")
            await alice.say("complete_transfer", call_id=call.id)
            await alice.tells(type="desk_call", state="wrap_up")
            passed = (await call.tells(lambda line: line["connected_to"] == "The cambridge store"))["at"]
            await alice.tells(type="me", state="wrap_up")
            await asyncio.sleep(1.2)
            await cambridge.send(wire.HangUpCall(1))
            await alice.say("wrap_up", call_id=call.id, code="sale")
            await alice.tells(type="me", state="available")
            await alice.tells(type="kept", code="sale")
            record = await call.over()

        assert record.causes == [
            ("shopper", "peer_ended"),
            ("boston", "transferred"),
            ("cambridge", "normal"),
        ]
        (written,) = record.raw["wrap_ups"]
        assert (written["agent"], written["code"], written["note"]) == ("alice", "sale", "Wants size 9")
        assert not shopper.seen(wire.Dtmf), "keys of a page are not the shopper's"
        ear = await here.heard(shopper)
        assert ear.only(MUSIC_HZ, since=held + 0.3, until=passed - 0.1, not_hz=(BUSINESS_HZ, OTHER_HZ)), (
            ear.story(MUSIC_HZ, BUSINESS_HZ, OTHER_HZ)
        )
        assert ear.only(OTHER_HZ, since=passed + 0.3, until=call.at("ending"), not_hz=(MUSIC_HZ,))
        ear = await here.heard(boston)
        assert ear.only(OTHER_HZ, since=consulted + 0.3, until=passed - 0.1, not_hz=(SHOPPER_HZ,)), (
            ear.story()
        )
        ear = await here.heard(cambridge)
        assert ear.only(BUSINESS_HZ, since=consulted + 0.3, until=passed - 0.1), ear.story()
        assert ear.only(SHOPPER_HZ, since=passed + 0.3, until=call.at("ending")), ear.story()


@asyncio_test(timeout=90)
async def test_agents_in_browsers_pass_a_call_on(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        with_agents(here, "alice", "ben")
        await here.serve(step("agent:alice"))
        async with agent_page(here.server, "alice") as alice, agent_page(here.server, "ben") as ben:
            await alice.tells(type="me", state="available")
            await ben.tells(type="me", state="available")
            call = await here.click()
            first = await alice.talk((await alice.tells(type="ring"))["leg"], OTHER_HZ)
            await alice.tells(type="desk_call", state="talking")
            await first.hears(SHOPPER_HZ, BUSINESS_HZ)

            await alice.say("transfer", call_id=call.id, to="agent:ben", mode="attended")
            ring = await ben.tells(type="ring")
            second = await ben.talk(ring["leg"], BUSINESS_HZ)
            await alice.tells(type="desk_call", transfer="talking", consulting="Ben")
            first.forget()
            await first.hears(BUSINESS_HZ, SHOPPER_HZ)
            await second.hears(OTHER_HZ, SHOPPER_HZ)
            # Back to the shopper, and then away without a word.
            await alice.say("resume", call_id=call.id)
            await ben.tells(type="gone", leg=ring["leg"])
            first.forget()
            await first.hears(SHOPPER_HZ, BUSINESS_HZ)
            await ben.tells(type="me", state="available")
            await alice.say("transfer", call_id=call.id, to="agent:ben", mode="blind")
            await alice.tells(type="desk_call", state="over")
            third = await ben.talk((await ben.tells(type="ring"))["leg"], BUSINESS_HZ)
            await ben.tells(type="desk_call", state="talking")
            passed = (await call.tells(lambda line: line["connected_to"] == "Ben"))["at"]
            await third.hears(SHOPPER_HZ, OTHER_HZ)
            await asyncio.sleep(0.8)
            await ben.say("end_call", call_id=call.id)
            record = await call.over()
        assert record.causes == [
            ("shopper", "peer_ended"), ("agent:alice", "transferred"), ("agent:ben", "cancelled"),
            ("agent:ben", "normal"),
        ]  # fmt: skip
        ear = await here.heard(shopper)
        assert ear.mostly(BUSINESS_HZ, since=passed + 0.3, until=call.at("ending")), ear.story()
