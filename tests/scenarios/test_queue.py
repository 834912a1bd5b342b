"""Everybody is busy: shoppers wait in line, hear how it stands, and are put through as they came."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from phones import wire
from phones.control import Phone
from phones.tones import BUSINESS_HZ, SHOPPER_HZ, Sound
from tests.aio import asyncio_test
from tests.scenarios.settings import MUSIC_HZ, ORIGIN, step
from tests.scenarios.world import RINGS, SHOPPER_ANSWERS, Click, World, answers, refuses, world

#: A phone takes four calls, so further shoppers have a trunk of their own.
SECOND_SITE_KEY = "second-site-key"
LINE = {
    "announcement": "You are number {position}.",
    "announcement_interval": "30s",
    "music": "music",
    "retry_interval": "1s",
}


async def second_shoppers(here: World, script: wire.Script = SHOPPER_ANSWERS) -> Phone:
    """Another phone for shoppers, who click on the pages of a second site with the same routes."""
    phone = await here.phone("shoppers", script)
    here.settings["trunks"]["second"] = {"host": phone.address}
    here.settings["sites"]["second"] = {**here.site, "key": SECOND_SITE_KEY, "trunk": "second"}
    return phone


async def talking(here: World, number: int) -> Click:
    """A call that has been put through."""
    click = await here.click(number=f"+1617555012{number}")
    await click.reaches("bridged")
    return click


async def waiting(here: World, number: int, **more: Any) -> Click:
    """A call that waits, and has been told where."""
    click = await here.click(site_key=SECOND_SITE_KEY, number=f"+1617555013{number}", **more)
    await click.tells(lambda line: line["position"])
    return click


def positions(click: Click) -> list[int]:
    """Where it stood, from time to time."""
    told = [line["position"] for line in click.story if line["state"] == "queued" and line["position"]]
    return [position for index, position in enumerate(told) if told[index - 1 : index] != [position]]


@asyncio_test(timeout=90)
async def test_three_wait_for_two_and_are_put_through_as_they_came(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        shoppers = await second_shoppers(here)
        ann = await here.business("ann")
        ben = await here.business("ben")
        for name in ("ann", "ben"):
            here.settings["destinations"][name]["max_calls"] = 1
        here.settings["queues"] = {"line": dict(LINE)}
        here.route["queue"] = "line"
        await here.serve(step("ann", "ben", strategy="longest_idle"))
        first, second = await talking(here, 1), await talking(here, 2)
        assert {call.story[-1]["connected_to"] for call in (first, second)} == {
            *("The ann store", "The ben store"),
        }
        line = [await waiting(here, number) for number in (1, 2, 3)]
        assert [positions(click) for click in line] == [[1], [2], [3]]
        assert all(line[1].story[-1]["wait"] > 0 for _ in line)
        assert line[0].story[-1]["wait"] < line[1].story[-1]["wait"] < line[2].story[-1]["wait"]
        await asyncio.sleep(4.0)  # the announcement, then music
        assert len(ann.seen(wire.Incoming)) == len(ben.seen(wire.Incoming)) == 1

        await first.cancel()
        await line[0].reaches("bridged")
        await line[1].tells(lambda told: told["position"] == 1)
        assert line[1].story[-1]["state"] == line[2].story[-1]["state"] == "queued"
        await second.cancel()
        await line[1].reaches("bridged")
        await line[2].tells(lambda told: told["position"] == 1)
        assert line[2].story[-1]["state"] == "queued"
        await line[1].cancel()
        await line[2].reaches("bridged")
        assert [positions(click) for click in line] == [[1], [2, 1], [3, 2, 1]]
        assert line[0].at("bridged") < line[1].at("bridged") < line[2].at("bridged")
        await asyncio.sleep(1.2)

        for call in (line[0], line[2]):
            await call.cancel()
        for call in (first, second, *line):
            assert (await call.over()).disposition == "bridged"
        leg = await here.leg(shoppers, line[2])
        ear = await here.heard(shoppers, leg.call)
        tones = [heard for _, heard in Sound.read(ear.path).timeline((MUSIC_HZ, BUSINESS_HZ))]
        # 4 s of waiting at least, in which the announcement was over soon.
        assert tones.count((MUSIC_HZ,)) > 10, tones
        since, until = line[2].at("bridged") + 0.5, line[2].at("ending") - 0.05
        assert ear.only(BUSINESS_HZ, since=since, until=until, not_hz=(MUSIC_HZ,)), ear.story(
            MUSIC_HZ, BUSINESS_HZ
        )
        spoken = Sound.read(ear.path).between(line[2].at("queued") - ear.started_at)
        assert (abs(spoken.samples) > 0.01).any()
        last = ann if line[2].story[-1]["connected_to"] == "The ann store" else ben
        theirs = await here.heard(last, (await here.leg(last, line[2])).call)
        assert theirs.only(SHOPPER_HZ, since=since, until=until, not_hz=(MUSIC_HZ,)), theirs.story()


@asyncio_test(timeout=90)
async def test_leaving_the_line(tmp_path: Path) -> None:
    """By a key for a callback, by hanging up, and after the longest wait; and a line that is full."""
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        await second_shoppers(here)
        ann = await here.business("ann")
        here.settings["destinations"]["ann"]["max_calls"] = 1
        here.settings["callbacks"] = {
            "soon": {"daytime": "24/7", "shortest_delay": "1h", "booked_text": "Until then."}
        }
        here.settings["queues"] = {
            "line": {**LINE, "callback": "soon", "most_waiting": 3, "longest_wait": "6s"}
        }
        here.route["queue"] = "line"
        await here.serve(step("ann"))
        busy = await talking(here, 1)
        keen = await waiting(here, 1)
        leaver = await waiting(here, 2)
        patient = await waiting(here, 3)
        turned_away = await here.click(number="+16175550124")
        await turned_away.reaches("leaving_message")
        assert "queued" not in turned_away.states

        shoppers = here.phones["shoppers"]
        leg = await here.leg(shoppers, keen)
        await shoppers.send(wire.PressKeys(leg.call, "5"))
        await shoppers.send(wire.PressKeys(leg.call, "1"))
        record = await keen.over()
        assert record.disposition == "callback_booked"
        assert keen.story[-1]["callback_at"] > keen.at("queued") + 3500
        await leaver.tells(lambda line: line["position"] == 1)
        await shoppers.send(wire.HangUpCall((await here.leg(shoppers, leaver)).call))
        assert (await leaver.over()).disposition == "cancelled"
        await patient.tells(lambda line: line["position"] == 1)
        await patient.reaches("leaving_message", within=10)
        assert 4.5 < patient.at("leaving_message") - patient.at("queued") < 9
        assert len(ann.seen(wire.Incoming)) == 1
        for call in (busy, patient, turned_away):
            await call.cancel()
            await call.over()
        assert len(shopper.seen(wire.Incoming)) == 2


@asyncio_test(timeout=90)
async def test_a_phone_that_alone_knows_that_it_is_busy(tmp_path: Path) -> None:
    """No caps: 486 lets the shopper wait, and it is rung again; where nobody answers, nobody waits."""
    async with world(tmp_path) as here:
        await here.shopper()
        ann = await here.business("ann", refuses(486, after=0.05))
        await here.business("carl", RINGS)
        here.settings["queues"] = {"line": dict(LINE)}
        here.route["queue"] = "line"
        here.settings["routes"]["silent"] = {
            "when": "page.path == '/silent'",
            "steps": [step("carl", timeout="700ms")],
        }
        here.route["branches"] = ["silent"]
        await here.serve(step("ann"))
        call = await here.click()
        await call.tells(lambda line: line["position"] == 1)
        second = await here.click(number="+16175550121")
        await second.tells(lambda line: line["position"] == 2)
        await ann.expect(wire.Ended, within=10)
        await ann.expect(wire.Ended, within=10)
        await ann.set_script(answers(after=0.05))
        await call.reaches("bridged", within=10)
        await second.reaches("bridged", within=10)
        turns = [
            max(line["at"] for line in each.story if line["state"] == "hunting") for each in (call, second)
        ]
        assert turns[0] < turns[1]  # her phone takes both, in whatever order the INVITEs arrive
        assert call.states.count("queued") >= 2
        silent = await here.click(number="+16175550122", page=f"{ORIGIN}/silent")
        await silent.reaches("leaving_message")
        assert silent.states == ["calling_shopper", "queued", "hunting", "queued", "leaving_message"]
        for click in (call, second, silent):
            await click.cancel()
            await click.over()
