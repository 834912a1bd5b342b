"""Nobody takes the call: the shopper leaves a message, which is kept, listed, mailed and posted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook

from phones import wire
from phones.tones import Sound, only_hears
from tests.aio import asyncio_test
from tests.notify.receivers import Office, Receiver, answer, post_office, receiver
from tests.phones.wav import tone_file
from tests.scenarios.settings import ORIGIN, step
from tests.scenarios.world import Click, World, answers, eventually, refuses, world

GREETING_HZ = 700
BEEP_HZ = 1000
#: What shoppers say into the mailbox, one after the other.
SAID_HZ = (520, 640)
SECRET = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
SHOPPER_WAITS = wire.Script(ring_for=0.1, listen_for=BEEP_HZ)


@contextlib.asynccontextmanager
async def shop(folder: Path) -> AsyncIterator[tuple[World, Office, Receiver]]:
    """A world whose business declines, with a mail server and a webhook receiver beside it."""
    async with post_office() as office, receiver(answer("200 OK")) as hook, world(folder) as here:
        await here.shopper(SHOPPER_WAITS)
        await here.business("boston", refuses(486, after=0.1))
        tone_file(folder / "please.wav", GREETING_HZ, 0.6)
        (folder / "webhook.secret").write_text(SECRET + "\n")
        (folder / "webhook.secret").chmod(0o600)
        here.settings["prompts"]["please"] = "please.wav"
        here.settings["mail"] = {"server": f"127.0.0.1:{office.port}", "sender": "ringback@shop.example"}
        here.settings["mailboxes"]["office"] |= {
            "greeting": "please",
            "thanks": "Thanks.",
            "email": ["sales@shop.example"],
            "webhook": {"url": f"{hook.url}/messages", "secret_file": "webhook.secret"},
        }
        yield here, office, hook


async def say(here: World, click: Click, then: wire.Command | None = None, call: int | None = None) -> None:
    """Wait for the beep and say the two tones, of a second each; the last command ends the message."""
    shopper = here.phones["shopper"]
    if call is None:
        call = (await here.leg(shopper, click)).call
    await shopper.expect(wire.ToneHeard, call=call, within=12)
    await asyncio.sleep(0.4)  # the rest of the beep
    for hz in SAID_HZ:
        await shopper.send(wire.Speak(call, wire.PhoneSpeech(hz=hz)))
        await asyncio.sleep(1.0)
    await shopper.send(then or wire.PressKeys(call, "#"))


def says_it(path: Path) -> bool:
    """Whether a recording holds the two tones in their order, and neither greeting nor beep."""
    sound = Sound.read(path)
    tones = [heard for _, heard in sound.timeline((*SAID_HZ, BEEP_HZ, GREETING_HZ))]
    first, second = tones.index((SAID_HZ[0],)), tones.index((SAID_HZ[1],))
    return (
        only_hears(path, SAID_HZ[0], not_hz=SAID_HZ[1], start=first * 0.1, end=second * 0.1 - 0.2)
        and only_hears(path, SAID_HZ[1], not_hz=SAID_HZ[0], start=second * 0.1 + 0.1, end=second * 0.1 + 0.7)
        and not any(BEEP_HZ in heard or GREETING_HZ in heard for heard in tones)
        and 0.6 < (second - first) * 0.1 < 1.4
    )


async def kept(here: World, click: Click) -> dict[str, Any]:
    """The one message of a click, as the API lists it."""
    listed = (await here.server.admin("GET", "/v1/messages")).json()["messages"]
    (message,) = [each for each in listed if each["call_id"] == click.id]
    return dict(message)


def mail_of(office: Office, click: Click) -> EmailMessage | None:
    return next((mail for mail in office.mails if click.id in mail.as_string()), None)


def posts_of(hook: Receiver, click: Click) -> list[dict[str, Any]]:
    """What the receiver was told of a click; every signature is right."""
    found = []
    for request in hook.requests:
        payload = Webhook(SECRET).verify(request.body, request.headers)
        assert payload == json.loads(request.body)
        if payload["data"]["call_id"] == click.id:
            found.append(payload)
    return found


@asyncio_test(timeout=90)
async def test_a_message_is_kept_listed_mailed_and_posted(tmp_path: Path) -> None:
    """Four shoppers: nobody takes the call; the shop is closed; one hangs up while speaking, one before."""
    async with shop(tmp_path) as (here, office, hook):
        here.settings["hours"] = {"never": {"opening_hours": "off"}}
        here.settings["destinations"]["salem"] = {**here.settings["destinations"]["boston"], "hours": "never"}
        here.settings["routes"]["closed"] = {"when": "page.path == '/closed'", "steps": [step("salem")]}
        here.route["branches"] = ["closed"]
        await here.serve(step("boston"))
        shopper, boston = here.phones["shopper"], here.phones["boston"]

        async def nobody_takes_it() -> None:
            click = await here.click(context={"customer.name": "Ann"})
            await say(here, click)
            record = await click.over()
            assert (record.disposition, record.cause) == ("message_taken", "busy")
            assert record.causes == [("shopper", "peer_ended"), ("boston", "busy")]
            assert click.states == [
                *("calling_shopper", "hunting", "leaving_message", "ending", "ended"),
            ]
            message = await kept(here, click)
            assert (message["mailbox"], message["number"]) == ("office", click.number)
            assert message["context"] == {"customer.name": "Ann"}
            audio = await here.server.admin("GET", f"/v1/messages/{message['id']}/audio")
            assert audio.headers["content-type"] == "audio/wav"
            heard = tmp_path / "message.wav"
            heard.write_bytes(audio.content)
            assert says_it(heard), Sound.read(heard).timeline((*SAID_HZ, BEEP_HZ, GREETING_HZ))
            assert abs(message["seconds"] - Sound.read(heard).seconds) < 0.1

            mail = await eventually(lambda: mail_of(office, click))
            assert "Ann" in mail["subject"]
            (attached,) = mail.iter_attachments()
            assert attached.get_payload(decode=True) == audio.content
            (payload,) = await eventually(lambda: posts_of(hook, click))
            assert payload["type"] == "message.taken"
            assert payload["data"]["message_id"] == message["id"]

        async def closed() -> None:
            click = await here.click(page=f"{ORIGIN}/closed", number="+16175550101")
            await say(here, click)
            record = await click.over()
            assert record.disposition == "message_taken"
            assert record.causes == [("shopper", "peer_ended")]
            assert (await kept(here, click))["page"].endswith("/closed")
            await eventually(lambda: mail_of(office, click))

        async def hangs_up() -> None:
            click = await here.click(number="+16175550102")
            leg = await here.leg(shopper, click)
            await say(here, click, wire.HangUpCall(leg.call), leg.call)
            record = await click.over()
            assert record.disposition == "message_taken"
            assert ("shopper", "normal") in record.causes
            message = await kept(here, click)
            assert 1.5 < message["seconds"] < 3.5
            audio = await here.server.admin("GET", f"/v1/messages/{message['id']}/audio")
            (tmp_path / "cut.wav").write_bytes(audio.content)
            assert says_it(tmp_path / "cut.wav")
            assert (await eventually(lambda: posts_of(hook, click)))[0]["data"]["seconds"] > 1.5

        async def says_nothing() -> None:
            click = await here.click(number="+16175550103")
            leg = await here.leg(shopper, click)
            await shopper.expect(wire.ToneHeard, call=leg.call, within=12)
            await shopper.send(wire.HangUpCall(leg.call))
            assert (await click.over()).disposition == "cancelled"

        await asyncio.gather(nobody_takes_it(), closed(), hangs_up(), says_nothing())
        assert len((await here.server.admin("GET", "/v1/messages")).json()["messages"]) == 3
        assert len(boston.seen(wire.Incoming)) == 3
        assert len(office.contents) == len(hook.requests) == 3
        deliveries = (await here.server.admin("GET", "/v1/deliveries")).json()["deliveries"]
        assert all(each["delivered_at"] and each["tries"] == 1 for each in deliveries)


@asyncio_test(timeout=90)
async def test_a_message_outlives_a_killed_core(tmp_path: Path) -> None:
    """Mail server and receiver stand still when the core dies; once it lives again they get the message."""
    async with shop(tmp_path) as (here, office, hook):
        office.silent.add("MAIL")
        well = hook.reply

        async def nothing(_: Any) -> None:
            return None

        hook.reply = nothing
        await here.serve(step("boston"))
        click = await here.click()
        await say(here, click)
        await eventually(lambda: hook.requests, within=10)
        await click.over()
        message = await kept(here, click)
        await here.server.kill()
        click.forget()
        assert office.contents == []
        office.silent.clear()
        hook.reply = well
        await here.server.start()
        mail = await eventually(lambda: mail_of(office, click), within=10)
        (attached,) = mail.iter_attachments()
        (tmp_path / "mailed.wav").write_bytes(attached.get_payload(decode=True))
        assert says_it(tmp_path / "mailed.wav")
        await eventually(lambda: len(posts_of(hook, click)) == 2, within=10)
        first, again = (request.headers["webhook-id"] for request in hook.requests)
        assert first == again
        assert await kept(here, click) == message
        assert (await click.record()).disposition == "message_taken"
        await here.phones["shopper"].set_script(answers())


@asyncio_test(timeout=90)
async def test_nobody_is_left_without_an_ending_where_nothing_can_be_recorded(tmp_path: Path) -> None:
    """The folder goes while a shopper is being greeted; the next one is not even asked to speak."""
    async with world(tmp_path) as here:
        await here.shopper(SHOPPER_WAITS)
        await here.business("boston", refuses(486, after=0.1))
        tone_file(tmp_path / "please.wav", GREETING_HZ, 2.0)
        here.settings["prompts"]["please"] = "please.wav"
        here.settings["mailboxes"]["office"]["greeting"] = "please"
        here.settings["callbacks"] = {"soon": {"shortest_delay": "1h", "daytime": "Mo-Su 00:00-24:00"}}
        here.settings["server"]["recordings"] = "recordings"
        here.expected_complaints = "recordings_unusable"
        await here.serve(step("boston"))
        folder = tmp_path / "recordings"
        assert (await here.server.admin("GET", "/readyz")).json()["recordings"]["usable"]

        click = await here.click()
        await eventually(lambda: "leaving_message" in click.states, within=10)
        folder.rmdir()
        folder.symlink_to("/proc/nowhere")  # as a file system that is no more mounted
        record = await click.over()
        assert record.disposition == "callback_booked"
        assert click.states[-3:] == ["booking_callback", "ending", "ended"]

        async def noticed() -> bool:
            return not (await here.server.admin("GET", "/readyz")).json()["recordings"]["usable"]

        assert (await here.server.admin("POST", "/v1/reload")).status_code == 200  # which looks at once
        async with asyncio.timeout(15):
            while not await noticed():  # noqa: ASYNC110 - another process looks
                await asyncio.sleep(0.1)
        del here.settings["callbacks"]
        here.write()
        assert (await here.server.admin("POST", "/v1/reload")).status_code == 200
        click = await here.click()
        record = await click.over()
        assert record.disposition == "unanswered"
        assert "apologising" in click.states
        assert "leaving_message" not in click.states
