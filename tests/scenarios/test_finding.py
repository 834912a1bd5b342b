"""Who a call finds: later phones, further places of a person, the nearest store; what a failure changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from phones import wire
from phones.people import mute_person
from tests.aio import asyncio_test
from tests.phones.wav import tone_file
from tests.scenarios.settings import ORIGIN, Settings, step
from tests.scenarios.world import RINGS, Click, Record, World, answers, refuses, world


def branch(here: World, name: str, *steps: Settings, **more: Any) -> None:
    """A route of its own for clicks on a page of this name."""
    here.settings["routes"][name] = {"when": f"page.path == '/{name}'", "steps": list(steps), **more}
    here.route.setdefault("branches", []).append(name)


async def until(here: World, page: str, state: str = "bridged", **more: Any) -> tuple[Click, Record]:
    """A click on that page, ended by the shopper as soon as it has come so far."""
    click = await here.click(page=f"{ORIGIN}/{page}", **more)
    await click.reaches(state)
    await click.cancel()
    return click, await click.over()


def arrivals(phone: Any, name: str) -> list[float]:
    """When a phone was rung under a name."""
    return [leg.at for leg in phone.seen(wire.Incoming) if f"sip:{name}@" in leg.request_uri]


@asyncio_test(timeout=90)
async def test_some_ring_later(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        desk = await here.business("desk", RINGS)
        mobile = await here.business("mobile", answers(after=0.1))
        busy = await here.business("busy", refuses(486, after=0.1))
        late = {"delay": {"mobile": "1500ms"}}
        branch(here, "later", step("desk", "mobile") | late)
        branch(here, "nobody-else", step("busy", "mobile") | {"delay": {"mobile": "15s"}})
        await here.serve(step("desk"))

        click, record = await until(here, "later")
        assert dict(record.causes) == {
            **{"shopper": "cancelled", "desk": "answered_elsewhere", "mobile": "cancelled"},
        }
        apart = mobile.seen(wire.Incoming)[0].at - desk.seen(wire.Incoming)[0].at
        assert apart == pytest.approx(1.5, abs=0.4)
        assert [line["ringing"] for line in click.story if line["state"] == "hunting"][:2] == [
            *(["The desk store"], ["The desk store", "The mobile store"]),
        ]

        _, record = await until(here, "nobody-else")
        assert record.causes[1:] == [("busy", "busy"), ("mobile", "cancelled")]
        ended = await busy.expect(wire.Ended)
        assert mobile.seen(wire.Incoming)[1].at - ended.at < 0.5


@asyncio_test(timeout=90)
async def test_one_person_is_found_place_by_place(tmp_path: Path) -> None:
    """A busy phone leads to the next place at once, an unanswered one later, a declined call to none."""
    async with world(tmp_path) as here:
        await here.shopper()
        desk = await here.business("desk", refuses(486, after=0.1))
        await here.business("rings", RINGS)
        await here.business("declines", refuses(603, after=0.1))
        mobile = await here.phone("mobile", answers(after=0.1))
        home = await here.phone("home", mute_person(ring_for=0.1, key="1", key_after=0.3, prompt_hz=700))
        tone_file(tmp_path / "ask.wav", 700, 0.8)
        here.settings["prompts"]["ask"] = "ask.wav"
        here.site["screening"] = {"prompt": "ask"}
        here.settings["hours"] = {"never": {"opening_hours": "off"}}
        closed = {"sip": f"sip:away@{mobile.address}", "hours": "never"}
        places = [closed, {"sip": f"sip:mobile@{mobile.address}", "timeout": "5s"}]
        screened = [{"sip": f"sip:home@{home.address}", "timeout": "5s", "screening": "press_1"}]
        people = here.settings["destinations"]
        people["desk"]["find_me"] = people["declines"]["find_me"] = places
        people["rings"]["find_me"] = screened
        for name in ("desk", "rings"):
            branch(here, name, step(name, timeout="1s"))
        branch(here, "declines", step("declines", "desk", strategy="in_order", timeout="1s"))
        await here.serve(step("desk"))

        click, record = await until(here, "desk")
        assert record.causes[1:] == [("desk", "busy"), ("desk", "cancelled")]
        assert click.story[-2]["connected_to"] == "The desk store"
        assert mobile.seen(wire.Incoming)[0].at - (await desk.expect(wire.Ended)).at < 0.5

        click, record = await until(here, "rings")
        assert record.causes[1:] == [("rings", "ring_timeout"), ("rings", "cancelled")]
        assert click.at("bridged") >= home.seen(wire.ToneHeard)[0].at + 0.2
        assert next(line["attempts"] for line in click.story if line["ringing"]) == 2

        _, record = await until(here, "declines")
        assert record.causes[1:] == [("declines", "declined"), ("desk", "busy"), ("desk", "cancelled")]
        assert arrivals(mobile, "away") == []
        assert len(arrivals(mobile, "mobile")) == 2


@asyncio_test(timeout=90)
async def test_what_a_failure_changes(tmp_path: Path) -> None:
    """Each cause has its action, one after the other or all at once."""
    async with world(tmp_path) as here:
        await here.shopper()
        for name, script in {
            "busy": refuses(486, after=0.1),
            "declines": refuses(603, after=0.1),
            "gone": refuses(480, after=0.1),
            "unknown": refuses(404, after=0.1),
            "rings": RINGS,
        }.items():
            await here.business(name, script)
        rest = step("busy")

        def one_by_one(*names: str, **actions: str) -> Settings:
            return step(*names, strategy="in_order", timeout="500ms") | actions

        cases: dict[str, tuple[list[Settings], list[tuple[str, str]]]] = {
            "busy-next-step": (
                [one_by_one("busy", "declines", on_busy="next_step"), one_by_one("rings")],
                [("busy", "busy"), ("rings", "ring_timeout")],
            ),
            "declined-end": (
                [one_by_one("declines", "busy", on_declined="end"), rest],
                [("declines", "declined")],
            ),
            "unreachable-retry": (
                [one_by_one("gone", "unknown", "busy", on_unreachable="retry")],
                [
                    *[("gone", "unreachable"), ("unknown", "not_found"), ("busy", "busy")],
                    *[("gone", "unreachable"), ("unknown", "not_found")],
                ],
            ),
            "no-answer-retry": (
                [one_by_one("rings", "busy", on_no_answer="retry", on_busy="retry")],
                [*[("rings", "ring_timeout"), ("busy", "busy")] * 2],
            ),
            "all-declined-next-step": (
                [step("declines", "rings") | {"on_declined": "next_step"}, rest],
                [("declines", "declined"), ("rings", "ring_timeout"), ("busy", "busy")],
            ),
            "all-busy-end": (
                [step("busy", "rings") | {"on_busy": "end"}, rest],
                [("busy", "busy"), ("rings", "ring_timeout")],
            ),
        }
        for name, (steps, _) in cases.items():
            branch(here, name, *steps)
        await here.serve(rest)
        for name, (_, expected) in cases.items():
            _, record = await until(here, name, "leaving_message")
            assert record.causes[1:] == expected, name


STORES = """\
name,label,sip,latitude,longitude,postal_code,country,region,area,hours,max_calls
boston,Boston,sip:boston@{address},42.3601,-71.0589,02108,US,MA,Boston,,
salem,Salem,sip:salem@{address},42.5195,-70.8967,01970,US,MA,Salem,off,
albany,Albany,sip:albany@{address},42.6526,-73.7562,12207,US,NY,Albany,,
manhattan,Manhattan,sip:manhattan@{address},40.7580,-73.9855,10036,US,NY,New York,,
miami,Miami,sip:miami@{address},25.7617,-80.1918,33101,US,FL,Miami,,
"""


@asyncio_test(timeout=90)
async def test_the_nearest_store_rings_first(tmp_path: Path) -> None:
    """By coordinates, postal code, and number; closed ones are passed over; at last the call centre."""
    async with world(tmp_path) as here:
        await here.shopper()
        stores = await here.phone("stores", refuses(486, after=0.05))
        await here.business("centre", answers(after=0.1))
        (tmp_path / "shops.csv").write_text(STORES.format(address=stores.address))
        here.settings["stores"] = {"shops": {"file": "shops.csv"}}
        nearest = step("shops", strategy="nearest") | {"limit": 2}
        here.settings["routes"]["national"] = {"steps": [step("centre")], "message": "office"}
        del here.route["message"]
        here.route["otherwise"] = "national"
        branch(here, "near", nearest | {"max_distance_km": 400})
        await here.serve(nearest)
        expected = {
            # Salem is closed.
            ("", "+16175550100", "latitude=42.52;longitude=-70.9"): ("boston", "albany"),
            ("", "+16175550100", "postal_code=10036"): ("manhattan", "albany"),
            # Of a number the area code says where about it is from: a guess, good enough to sort by.
            ("", "+16175550100", ""): ("boston", "albany"),
            ("", "+12125550100", ""): ("manhattan", "albany"),
            ("", "+13055550100", ""): ("miami", "manhattan"),
            ("near", "+16175550100", "latitude=25.8;longitude=-80.2"): ("miami",),
            ("near", "+16175550100", "latitude=61.2;longitude=-149.9"): (),
        }
        for (page, number, passed), names in expected.items():
            context = dict(part.split("=") for part in passed.split(";")) if passed else {}
            click, record = await until(here, page, number=number, context=context)
            rung = [name.removeprefix("shops/") for name, _ in record.causes[1:]]
            assert rung == [*names, "centre"], (passed, number, record.causes)
            assert click.story[-1]["attempts"] == len(rung)
