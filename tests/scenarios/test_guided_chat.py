"""The Radiator story: questions in a chat, a number typed into it, a franchise that sees the vehicle."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.scenarios.pages import agent_page
from tests.scenarios.server import Server
from tests.scenarios.settings import ORIGIN
from tests.scenarios.test_examples import EXAMPLES, example, serve
from tests.scenarios.world import RINGS, SHOPPER_NUMBER, world


class Shopper:
    """A shopper's page of a chat."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.texts: list[str] = []
        self.outcome: str | None = None

    async def types(self, text: str) -> None:
        message = {"type": "chat_say", "key": secrets.token_hex(8), "text": text}
        await self._socket.send(json.dumps(message))

    async def reads(self, words: str, within: float = 20.0) -> str:
        """Wait for an entry with these words."""
        async with asyncio.timeout(within):
            while True:
                found = next((text for text in self.texts if words in text), None)
                if found is not None:
                    return found
                message = json.loads(await self._socket.recv())
                self.texts += [entry["text"] for entry in message.get("entries", ())]
                self.outcome = message.get("outcome", self.outcome)


async def _call_of(server: Server, chat_id: str) -> dict[str, Any]:
    """The record of the call that came of a chat, once it is written."""
    async with asyncio.timeout(10):
        while True:
            found = await server.admin("GET", "/v1/cdrs", params={"chat_id": chat_id})
            if found.json()["cdrs"]:
                (call,) = found.json()["cdrs"]
                return dict(call)
            await asyncio.sleep(0.1)


@asyncio_test(timeout=120)
async def test_the_number_typed_into_the_chat_rings_and_the_franchise_sees_it_all(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        phone = await here.shopper()
        counters = await here.phone("counters", RINGS)
        settings = example(here, "radiator", carrier=phone.address, pbx=counters.address)
        for question in settings["flows"]["radiator"]["questions"]:
            if "table" in question:
                question["table"] = str(EXAMPLES / question["table"])
        await serve(here, settings)
        ((_, site),) = here.settings["sites"].items()
        asked = {"site_key": site["key"], "key": secrets.token_urlsafe(24), "page": f"{ORIGIN}/parts"}
        opened = await here.server.client.post("/v1/threads", json=asked, headers={"Origin": ORIGIN})
        assert opened.status_code == 201, opened.text
        chat = opened.json()
        address = f"ws://{here.server.listen}{chat['events']}"
        protocols: Any = ["ringback.v2", f"token.{chat['token']}"]
        async with (
            agent_page(here.server, "hank") as hank,
            connect(address, subprotocols=protocols, origin=ORIGIN, proxy=None) as socket,
        ):
            shopper = Shopper(socket)
            await socket.send(json.dumps({"type": "chat_follow", "after": None}))
            for question, answer in (
                ("Which year?", "'98"),
                ("Which make?", "a frod please"),
                ("Which model?", "f150"),
                ("Which engine?", "5.0"),
                ("ZIP code?", "my zip is 06103"),
            ):
                await shopper.reads(question)
                await shopper.types(answer)
            offer = await shopper.reads("Coolway Hartford is open now")
            assert "and 0.2 miles away" in offer
            assert "your 1998 Ford?" in offer
            await shopper.types(f"yes, call me at {SHOPPER_NUMBER}")
            await shopper.reads("call_placed")

            leg = await counters.expect(wire.Incoming, within=20)
            assert "sip:hartford@" in leg.request_uri
            octets = bytes.fromhex((leg.header("User-to-User") or "").removesuffix(";encoding=hex"))
            assert octets == b"\x001998 Ford F-150; 5.0 V8; 06103; part "
            # It rings, and nobody has answered: the franchise's agent sees the vehicle.
            pop = (await hank.tells(type="pop", state="offered"))["pop"]
            claimed = {field["label"]: field["value"] for field in pop["claimed"]}
            assert (claimed["Make"], claimed["Model"], claimed["Engine"]) == ("Ford", "F-150", "5.0 V8")
            await counters.send(wire.Answer(leg.call))
            await counters.expect(wire.Answered)
            await counters.send(wire.Speak(leg.call, wire.PhoneSpeech(hz=BUSINESS_HZ)))
            await shopper.reads("call_bridged", within=40)
            since = time.time() + 0.7
            await asyncio.sleep(2.5)
            until = time.time() - 0.05
            await counters.send(wire.HangUpCall(leg.call))
            await shopper.reads("call_over")
            await shopper.reads("flow_done")
            assert shopper.outcome == "escalated"
            assert (await _call_of(here.server, chat["id"]))["disposition"] == "bridged"
            theirs, ours = await here.heard(counters, leg.call), await here.heard(phone)
            assert theirs.mostly(SHOPPER_HZ, since=since, until=until), theirs.story()
            assert ours.mostly(BUSINESS_HZ, since=since, until=until), ours.story()
