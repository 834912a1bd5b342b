"""A business whose phones are behind a real Asterisk: alice's registers there, bob's has a fixed address."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

from phones import wire
from phones.control import Phone
from tests.pbx.asterisk import Asterisk, asterisk
from tests.scenarios.settings import Settings, step
from tests.scenarios.world import BUSINESS, SHOPPER_ANSWERS, World, answers, world

BOB_HZ = 1200
USERNAME, PASSWORD = "shop", "shop-password"

#: Ways in which the PBX knows Ringback, as sections of pjsip.conf.
BY_ADDRESS = """
[open](ringback)

[open]
type = identify
endpoint = open
match = 127.0.0.1
"""
BY_DIGEST = f"""
[{USERNAME}](ringback)
identify_by = auth_username
auth = {USERNAME}
aors = {USERNAME}

[{USERNAME}]
type = auth
auth_type = digest
username = {USERNAME}
password = {PASSWORD}

[{USERNAME}]
type = aor
max_contacts = 1
remove_existing = yes
"""
_DEFAULTS = {
    "trunk": BY_ADDRESS,
    "tls_transport": "",
    "codecs": "ulaw",
    "timers": "yes",
    "dtmf_mode": "rfc4733",
    "moh_passthrough": "no",
    "media_encryption": "no",
}


@dataclasses.dataclass
class Office:
    """A world with a PBX in it."""

    world: World
    pbx: Asterisk
    shopper: Phone
    alice: Phone
    bob: Phone

    @property
    def trunk(self) -> Settings:
        """Ringback's settings of the trunk to the PBX."""
        return self.world.settings["trunks"]["pbx"]

    async def serve(self, *extensions: str, headers: dict[str, str] | None = None) -> None:
        """Start Ringback; these extensions of the PBX ring one after the other."""
        for extension in extensions:
            self.world.settings["destinations"][f"pbx-{extension}"] = {
                "label": f"Extension {extension}",
                "sip": f"sip:{extension}@{self.trunk['host']}",
                "trunk": "pbx",
                "headers": headers or {},
            }
        destinations = [f"pbx-{extension}" for extension in extensions]
        await self.world.serve(step(*destinations, strategy="in_order", timeout="10s"))


@contextlib.asynccontextmanager
async def office(
    folder: Path,
    *,
    shopper: wire.Script = SHOPPER_ANSWERS,
    alice: wire.Script = BUSINESS,
    pbx_settings: dict[str, str] | None = None,
) -> AsyncIterator[Office]:
    """Phones, then the PBX, then alice's registration; ``serve`` starts Ringback."""
    async with world(folder) as here:
        shopper_phone = await here.shopper(shopper)
        alice_phone = await here.phone("alice", alice)
        bob_phone = await here.phone("bob", answers(hz=BOB_HZ))
        settings = {**_DEFAULTS, "bob": bob_phone.address, **(pbx_settings or {})}
        async with asterisk(folder / "pbx", **settings) as pbx:
            await alice_phone.send(wire.Register(f"sip:{pbx.address}", "alice", "alice-password"))
            assert (await alice_phone.expect(wire.Registered)).status == 200, pbx.log()[-3000:]
            here.settings["trunks"]["pbx"] = {"host": pbx.address, "codecs": ["PCMU"]}
            yield Office(here, pbx, shopper_phone, alice_phone, bob_phone)
            await here.check_nothing_is_left()
            await _no_channels(pbx)


async def _no_channels(pbx: Asterisk) -> None:
    for _ in range(30):
        if await pbx.channels() == 0:
            return
    raise AssertionError(await pbx.command("core show channels"))
