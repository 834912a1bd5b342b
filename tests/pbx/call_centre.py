"""A call centre behind a real Asterisk: two queues, two agents on SIP phones, whose pages show their pops."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from phones import wire
from phones.control import Phone
from tests.pbx.asterisk import SECRET
from tests.pbx.office import Office, office
from tests.pbx.relay import Relay, relay
from tests.scenarios.pages import PASSWORD_HASH, Page, agent_page
from tests.scenarios.world import BUSINESS, Click, eventually

AGENTS = ("alice", "bob")
#: The PBX's queues, by the extension that leads there.
QUEUES = {"810": "orders", "811": "service"}
HEADERS = {"X-Cart": "{context.cart}"}


@dataclasses.dataclass
class CallCentre:
    """An office whose agents' pages are open."""

    office: Office
    pages: dict[str, Page]
    #: The way to the PBX's manager.
    way: Relay

    @property
    def phones(self) -> dict[str, Phone]:
        """The agents' phones."""
        return {"alice": self.office.alice, "bob": self.office.bob}

    def pops(self, call_id: str) -> list[tuple[str, str]]:
        """Who was shown a call, and in which state, in the order of time."""
        told = [
            (message["since"], agent, message["state"])
            for agent, page in self.pages.items()
            for message in page.told
            if message.get("type") == "pop" and message["call_id"] == call_id
        ]
        shown: list[tuple[str, str]] = []
        for _, agent, state in sorted(told):
            if (agent, state) not in shown[-1:]:
                shown.append((agent, state))
        return shown

    def rung(self, number: str) -> list[str]:
        """Whose phones the PBX rang for a shopper's number, in the order of time."""
        rings = [
            (incoming.at, agent)
            for agent, phone in self.phones.items()
            for incoming in phone.seen(wire.Incoming)
            if number in (incoming.header("from") or "")
        ]
        return [agent for _, agent in sorted(rings)]

    async def linked(self, state: str = "up", within: float = 15.0) -> dict[str, Any]:
        """Wait until the way to the PBX stands so; what readiness says of it."""
        give_up = time.monotonic() + within
        while True:
            told = (await self.office.world.server.readiness())["asterisk"]["pbx"]
            if told["state"] == state:
                return dict(told)
            assert time.monotonic() < give_up, (told, self.office.world.server.tail())

    async def popped(self, click: Click, agent: str, state: str, within: float = 8.0) -> None:
        """Wait until an agent is shown a call."""
        await eventually(lambda: (agent, state) in self.pops(click.id), within)

    async def reload(self) -> None:
        """Have Ringback take the settings as they are now."""
        self.office.world.write()
        reloaded = await self.office.world.server.admin("POST", "/v1/reload")
        assert reloaded.status_code == 200, reloaded.text

    async def channel_of(self, endpoint: str) -> str:
        """The PBX's only channel of this endpoint."""
        lines = (await self.office.pbx.command("core show channels concise")).splitlines()
        (channel,) = {line.split("!")[0] for line in lines if line.startswith(f"PJSIP/{endpoint}-")}
        return channel

    async def does(self, agent: str, state: str, within: float = 8.0) -> None:
        """Wait until an agent's page shows that they do this."""
        told = self.pages[agent].told
        await eventually(
            lambda: [each["state"] for each in told if each["type"] == "me"][-1:] == [state], within
        )

    async def desk(self, agent: str, call: Click, state: str, within: float = 8.0) -> None:
        """Wait until a call stands so at an agent's desk."""

        def stands() -> bool:
            told = [each for each in self.pages[agent].told if each["type"] == "desk_call"]
            return [each["state"] for each in told if each["call_id"] == call.id][-1:] == [state]

        await eventually(stands, within)

    async def hang_up(self, agent: str) -> None:
        """An agent ends the call that they have."""
        await self.phones[agent].send(wire.HangUpCall(self.phones[agent].seen(wire.Incoming)[-1].call))


@contextlib.asynccontextmanager
async def call_centre(
    folder: Path, *extensions: str, alice: wire.Script = BUSINESS, **more: Any
) -> AsyncIterator[CallCentre]:
    """Ringback, which rings these extensions of the PBX in turn, and reaches its manager through a relay."""
    async with office(folder, alice=alice) as the, relay(the.pbx.ports.manager) as way:
        settings = the.world.settings
        (folder / "ami.secret").write_text(SECRET)
        (folder / "ami.secret").chmod(0o600)
        settings["server"]["requests_per_ip"] = ["1000 per 1m"]
        settings["asterisk"] = {
            "pbx": {
                "manager": way.address,
                "username": "cti",
                "secret_file": "ami.secret",
                **more,
            }
        }
        settings["agents"] = {
            name: {"label": name.title(), "password_hash": PASSWORD_HASH, "interface": f"PJSIP/{name}"}
            for name in AGENTS
        }
        await the.serve(*extensions, headers=HEADERS)
        for extension in extensions:
            settings["destinations"][f"pbx-{extension}"]["shown_number"] = "shopper"
        the.world.route["steps"][0]["strategy"] = "round_robin"
        async with contextlib.AsyncExitStack() as stack:
            pages = {
                name: await stack.enter_async_context(agent_page(the.world.server, name)) for name in AGENTS
            }
            centre = CallCentre(the, pages, way)
            await centre.reload()
            await centre.linked()
            yield centre
