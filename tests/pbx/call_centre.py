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
from tests.pbx.asterisk import MANAGER, SECRET
from tests.pbx.office import Office, office
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


@contextlib.asynccontextmanager
async def call_centre(
    folder: Path, *extensions: str, alice: wire.Script = BUSINESS, manager: str | None = None, **more: Any
) -> AsyncIterator[CallCentre]:
    """Ringback, which rings these extensions of the PBX, and reaches its manager at ``manager``."""
    async with office(folder, alice=alice) as the:
        settings = the.world.settings
        (folder / "ami.secret").write_text(SECRET)
        (folder / "ami.secret").chmod(0o600)
        settings["asterisk"] = {
            "pbx": {
                "manager": manager or f"127.0.0.1:{the.pbx.ports.manager}",
                "username": MANAGER,
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
            settings["destinations"][f"pbx-{extension}"]["show"] = "shopper"
        the.world.write()
        reloaded = await the.world.server.admin("POST", "/v1/reload")
        assert reloaded.status_code == 200, reloaded.text
        async with contextlib.AsyncExitStack() as stack:
            pages = {
                name: await stack.enter_async_context(agent_page(the.world.server, name)) for name in AGENTS
            }
            centre = CallCentre(the, pages)
            await centre.linked()
            yield centre
