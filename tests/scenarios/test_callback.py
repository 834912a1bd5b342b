"""Callbacks: booked without or after a call, dialled by Ringback, repeated, given up, cancelled, not lost."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from phones import wire
from phones.people import mute_person
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.notify.receivers import Office, Receiver, answer, post_office, receiver
from tests.phones.wav import tone_file
from tests.scenarios.settings import ORIGIN, step
from tests.scenarios.test_messages import SECRET, mail_of, posts_of
from tests.scenarios.world import (
    CALL_HEADER,
    RINGS,
    SHOPPER_ANSWERS,
    Click,
    World,
    answers,
    eventually,
    refuses,
    world,
)

PROMPT_HZ = 700
#: Times that suit at any hour, and so soon that a test can wait for them.
TERMS = {"daytime": "24/7", "shortest_delay": "0s", "pause": "10s", "tries": 2, "booked_text": "Bye."}
TAKES_IT = dataclasses.replace(
    mute_person(ring_for=0.1, key="1", key_after=0.2, prompt_hz=PROMPT_HZ),
    speak=wire.PhoneSpeech(hz=BUSINESS_HZ),
)


@contextlib.asynccontextmanager
async def shop(folder: Path, shopper: wire.Script = SHOPPER_ANSWERS) -> AsyncIterator[World]:
    """A world where the person who calls back hears a tone as the prompt."""
    async with world(folder) as here:
        await here.shopper(shopper)
        tone_file(folder / "ask.wav", PROMPT_HZ, 0.8)
        here.settings["prompts"]["ask"] = "ask.wav"
        here.site["screening"] = {"prompt": "ask", "timeout": "5s"}
        here.settings["callbacks"] = {}
        here.settings["hours"] = {"never": {"opening_hours": "off"}}
        yield here


def branch(here: World, name: str, *destinations: str, **terms: Any) -> None:
    """Clicks on a page of this name are called back by such terms."""
    here.settings["callbacks"][name] = {**TERMS, **terms}
    here.settings["routes"][name] = {
        "when": f"page.path == '/{name}'",
        "steps": [step(*destinations)],
        "callback": name,
    }
    here.route.setdefault("branches", []).append(name)


async def ask(here: World, page: str, number: int) -> Click:
    """A click on the page of that name."""
    return await here.click(page=f"{ORIGIN}/{page}", number=f"+1617555014{number}")


async def callback_of(here: World, click: Click) -> dict[str, Any]:
    """The callback as the shopper's page sees it."""
    headers = {"Authorization": f"Bearer {click.token}"}
    response = await here.server.client.get(f"/v1/calls/{click.id}/callback", headers=headers)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def entry_of(here: World, click: Click) -> dict[str, Any]:
    """The callback as the operator sees it."""
    listed = (await here.server.admin("GET", "/v1/callbacks")).json()["callbacks"]
    (entry,) = [each for each in listed if each["call_id"] == click.id]
    return dict(entry)


async def becomes(here: World, click: Click, state: str, within: float = 15.0) -> dict[str, Any]:
    """Wait until the callback is in a state."""
    give_up = time.monotonic() + within
    while (entry := await entry_of(here, click))["state"] != state:
        assert time.monotonic() < give_up, f"{entry}\n{here.server.tail()}"
        await asyncio.sleep(0.1)
    return entry


async def cdr_of(here: World, call_id: str) -> dict[str, Any]:
    """The CDR of a call that Ringback placed by itself."""
    give_up = time.monotonic() + 5
    while True:
        page = (await here.server.admin("GET", "/v1/cdrs")).json()
        for record in page["cdrs"]:
            if record["call_id"] == call_id:
                return dict(record)
        assert time.monotonic() < give_up, here.server.tail()
        await asyncio.sleep(0.1)


async def both_talked(here: World, click: Click, phone: str) -> dict[str, Any]:
    """Let the two of a callback that is bridged talk, and hang up; its CDR, once the tones were checked."""
    entry = await becomes(here, click, "done")
    await asyncio.sleep(1.4)
    shopper, business = here.phones["shopper"], here.phones[phone]
    ours = _shopper_legs(here, click)[-1]
    legs = business.seen(wire.Incoming)
    theirs = next(leg for leg in legs if leg.header(CALL_HEADER) == entry["last_call_id"])
    await shopper.send(wire.HangUpCall(ours.call))
    record = await cdr_of(here, entry["last_call_id"])
    assert record["disposition"] == "bridged"
    since, until = record["bridged_at"] + 0.6, record["ended_at"] - 0.1
    heard = await here.heard(shopper, ours.call)
    assert heard.only(BUSINESS_HZ, since=since, until=until, not_hz=(PROMPT_HZ,)), heard.story()
    heard = await here.heard(business, theirs.call)
    assert heard.only(SHOPPER_HZ, since=since, until=until, not_hz=(PROMPT_HZ,)), heard.story()
    return record


@asyncio_test(timeout=90)
async def test_booked_dialled_and_done(tmp_path: Path) -> None:
    """While closed, nobody is dialled; once open, the business first; and a shopper who is dialled first."""
    async with shop(tmp_path) as here:
        salem = await here.business("salem", TAKES_IT)
        dover = await here.business("dover", refuses(486, after=0.05))
        here.settings["destinations"]["salem"]["hours"] = "never"
        branch(here, "closed", "salem", shortest_delay="4s")
        branch(here, "busy", "dover", shortest_delay="2s", first_leg="shopper")
        await here.serve(step("dover"))

        async def closed() -> None:
            click = await ask(here, "closed", 1)
            record = await click.over()
            assert (record.disposition, record.causes) == ("callback_booked", [])
            assert set(click.states) <= {"booking_callback", "ended"}
            at = click.story[-1]["callback_at"]
            assert 3 < at - click.story[-1]["at"] < 5
            told = await callback_of(here, click)
            assert (told["state"], told["at"]) == ("booked", at)
            assert told["link"].startswith("http://127.0.0.1:8080/callbacks/")
            assert salem.seen(wire.Incoming) == []
            del here.settings["destinations"]["salem"]["hours"]
            here.write()
            assert (await here.server.admin("POST", "/v1/reload")).status_code == 200
            record = await both_talked(here, click, "salem")
            assert [leg["destination"] for leg in record["legs"]] == ["salem", "shopper"]
            # The shopper's phone rings only once the key was pressed.
            pressed = salem.seen(wire.ToneHeard)[0].at + 0.2
            (rung,) = _shopper_legs(here, click)
            assert 0 < rung.at - pressed < 1.5
            assert salem.seen(wire.Incoming)[0].at >= at - 0.1
            assert (await entry_of(here, click))["tries"] == 1

        async def busy() -> None:
            click = await ask(here, "busy", 2)
            record = await click.over()
            assert record.disposition == "callback_booked"
            assert record.causes == [("shopper", "peer_ended"), ("dover", "busy")]
            await dover.set_script(answers(after=0.1))
            record = await both_talked(here, click, "dover")
            assert [leg["destination"] for leg in record["legs"]] == ["shopper", "dover"]

        await asyncio.gather(closed(), busy())


@asyncio_test(timeout=90)
async def test_tried_again_given_up_and_told(tmp_path: Path) -> None:
    async with post_office() as office, receiver(answer("200 OK")) as hook, shop(tmp_path) as here:
        _told(here, office, hook)
        boston = await here.business("boston", refuses(486, after=0.05))
        machine = await here.business("machine", mute_person(ring_for=0.05))
        here.site["screening"]["timeout"] = "1s"
        branch(here, "vain", "boston", mailbox="office")
        branch(here, "machine", "machine", mailbox="office", pause="11s", shortest_delay="1s")
        here.settings["destinations"]["machine"]["hours"] = "never"
        await here.serve(step("boston"))

        async def vain() -> None:
            click = await ask(here, "vain", 1)
            assert (await click.over()).disposition == "callback_booked"
            entry = await becomes(here, click, "given_up", within=25)
            assert entry["tries"] == 2
            calls = boston.seen(wire.Incoming)
            assert len(calls) == 3
            assert 9.5 < calls[2].at - calls[1].at < 13
            assert len(_shopper_legs(here, click)) == 1
            (payload,) = await eventually(lambda: posts_of(hook, click))
            assert (payload["type"], payload["data"]["tries"]) == ("callback.given_up", 2)
            mail = await eventually(lambda: mail_of(office, click))
            assert "given up" in mail["subject"].lower()
            assert (await callback_of(here, click))["state"] == "given_up"

        async def nobody_presses() -> None:
            """The callee is screened although the destination is not: no machine takes a callback."""
            click = await ask(here, "machine", 2)
            assert (await click.over()).disposition == "callback_booked"
            del here.settings["destinations"]["machine"]["hours"]
            here.write()
            await here.server.admin("POST", "/v1/reload")
            await machine.expect(wire.Answered, within=8)
            record = await cdr_of(here, (await entry_of(here, click))["last_call_id"])
            assert [(leg["destination"], leg["cause"]) for leg in record["legs"]] == [
                ("machine", "not_accepted"),
            ]
            assert _shopper_legs(here, click) == []
            secret = (await callback_of(here, click))["link"].rsplit("/", 1)[1]
            await here.server.client.delete(f"/v1/callbacks/{secret}")

        await asyncio.gather(vain(), nobody_presses())


def _told(here: World, office: Office, hook: Receiver) -> None:
    secret = here.folder / "webhook.secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    here.settings["mail"] = {"server": f"127.0.0.1:{office.port}", "sender": "ringback@shop.example"}
    here.settings["mailboxes"]["office"] |= {
        "email": ["sales@shop.example"],
        "webhook": {"url": f"{hook.url}/hook", "secret_file": "webhook.secret"},
    }


def _shopper_legs(here: World, click: Click) -> list[wire.Incoming]:
    return [leg for leg in here.phones["shopper"].seen(wire.Incoming) if click.number in leg.request_uri]


@asyncio_test(timeout=90)
async def test_cancelled(tmp_path: Path) -> None:
    """On its page, by a program, and while it is being dialled; and nobody has two."""
    async with shop(tmp_path) as here:
        salem = await here.business("salem", RINGS)
        closed = await here.business("closed")
        here.settings["destinations"]["closed"]["hours"] = "never"
        branch(here, "later", "closed", shortest_delay="1h")
        branch(here, "now", "salem", shortest_delay="0s")
        here.settings["routes"]["now"]["steps"][0]["timeout"] = "500ms"
        await here.serve(step("closed"))
        client = here.server.client

        click = await ask(here, "later", 1)
        record = await click.over()
        assert record.disposition == "callback_booked"
        told = await callback_of(here, click)
        page = urlsplit(told["link"]).path
        secret = page.rsplit("/", 1)[1]
        again = await ask(here, "later", 1)
        await again.over()
        # A stranger with the same number is told just what the first one was, and learns nothing of them.
        theirs = await callback_of(here, again)
        assert theirs.keys() == told.keys()
        assert theirs["at"] == again.story[-1]["callback_at"] > told["at"]
        assert (theirs["state"], theirs["link"] != told["link"]) == ("booked", True)
        strangers = theirs["link"].rsplit("/", 1)[1]
        assert (await client.delete(f"/v1/callbacks/{strangers}")).json()["state"] == "cancelled"
        assert (await callback_of(here, click))["state"] == "booked"

        shown = await client.get(page)
        assert shown.status_code == 200
        assert "We will call you back" in shown.text
        assert "<button" in shown.text
        gone = await client.post(page)
        assert gone.status_code == 303
        shown = await client.get(f"{page.rsplit('/', 1)[0]}/{gone.headers['location']}")
        assert "The callback is cancelled" in shown.text
        assert "<button" not in shown.text
        assert (await client.get(f"/v1/callbacks/{secret}")).json()["state"] == "cancelled"
        assert (await client.delete(f"/v1/callbacks/{secret}")).json()["state"] == "cancelled"

        other = await ask(here, "later", 2)
        await other.over()
        secret = (await callback_of(here, other))["link"].rsplit("/", 1)[1]
        assert (await client.delete(f"/v1/callbacks/{secret}")).json()["state"] == "cancelled"
        assert (await callback_of(here, other))["state"] == "cancelled"

        dialled = await ask(here, "now", 3)
        await here.leg(salem, dialled)
        await dialled.over()
        await becomes(here, dialled, "dialling")
        entry = await entry_of(here, dialled)
        rung = await salem.expect(wire.Ringing, call=2)
        secret = (await callback_of(here, dialled))["link"].rsplit("/", 1)[1]
        await client.delete(f"/v1/callbacks/{secret}")
        assert (await salem.expect(wire.Ended, call=rung.call)).status == 487
        assert (await cdr_of(here, entry["last_call_id"]))["cause"] in ("cancelled", "ring_timeout")
        await asyncio.sleep(0.5)
        assert (await entry_of(here, dialled))["state"] == "cancelled"
        assert closed.seen(wire.Incoming) == []


@asyncio_test(timeout=120)
async def test_a_callback_outlives_a_killed_core(tmp_path: Path) -> None:
    """Killed when it was booked, and again while it was being dialled: that counts as a try."""
    async with shop(tmp_path) as here:
        # A media worker may be about to report when its core dies.
        here.expected_complaints = "ConnectionDone|ConnectionLost"
        salem = await here.business("salem", RINGS)
        # Late enough for the first core to be dead by then on the busiest machine.
        branch(here, "soon", "salem", shortest_delay="5s")
        here.settings["routes"]["soon"]["steps"][0]["timeout"] = "1s"
        await here.serve(step("salem"))
        click = await ask(here, "soon", 1)
        await click.reaches("ended")
        assert click.story[-1]["disposition"] == "callback_booked"
        await here.server.kill()
        click.forget()
        here.settings["routes"]["soon"]["steps"][0]["timeout"] = "20s"
        here.write()
        await here.server.start()
        await salem.expect(wire.Ringing, call=2, within=10)
        assert (await entry_of(here, click))["state"] == "dialling"
        await here.server.kill()
        await salem.expect(wire.Ended, call=2, within=10)
        await salem.set_script(TAKES_IT)
        await here.server.start()
        entry = await becomes(here, click, "booked")
        assert entry["tries"] == 1
        await salem.expect(wire.Answered, within=20)
        await both_talked(here, click, "salem")
        assert (await entry_of(here, click))["tries"] == 2
