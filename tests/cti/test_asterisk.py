"""Every Asterisk of the settings: what they tell, how settings replace them, what they cannot place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

from twisted.internet import reactor

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp
from bridge.events import LegEnded, LegRinging
from bridge.legs import Leg
from config.sections.asterisk import Asterisk
from cti.asterisk import Asterisks, PlacedMedia
from routing.plan import BrowserEndpoint, ClickToCall, Originate, SipEndpoint
from server.clock import LoopClock
from tests.aio import asyncio_test
from tests.bridge.told import Teller
from tests.cti.ami.fake import SECRET, Manager, manager, until
from tests.cti.ami.recorded import ALICE, OURS, event, to

QUEUE = SipEndpoint("queue", "Queue", "sip:810@pbx.example", "pbx")


def config(**asterisks: Manager) -> Any:
    """The settings that count here; alice's phone is behind the office, bob's behind the warehouse."""
    return SimpleNamespace(
        asterisk={
            name: Asterisk.model_validate(
                {"manager": f"127.0.0.1:{there.port}", "username": "ringback", "secret": SECRET}
            )
            for name, there in asterisks.items()
        },
        agents={
            "alice": SimpleNamespace(interface="PJSIP/alice", asterisk="office"),
            "bob": SimpleNamespace(interface="PJSIP/bob", asterisk="warehouse"),
            "eve": SimpleNamespace(interface=None, asterisk=None),
        },
    )


@asynccontextmanager
async def asterisks() -> AsyncIterator[tuple[Asterisks, Mock]]:
    """Asterisks that were not started, and everything that they tell."""
    told = Mock()
    made = Asterisks(
        click=lambda call_id: None,
        handle=told.handle,
        perform=told.perform,
        pops=told.pops,
        agents=told.agents,
        desks=told.desks,
        reactor=reactor,
        clock=LoopClock(asyncio.get_running_loop()),
    )
    try:
        yield made, told
    finally:
        await made.stop()


@asyncio_test(timeout=20)
async def test_settings_replace_asterisks() -> None:
    async with manager() as office, manager() as warehouse, asterisks() as (made, told):
        made.configure(config(office=office))
        assert made.states() == {}, "nothing is begun before the node is"
        made.start()
        await until(lambda: made.places("office"))
        assert not made.places("warehouse")
        office.tell(event("DeviceStateChange", Device="PJSIP/alice", State="INUSE"))
        await until(lambda: told.agents.phone_told.called)
        told.agents.phone_told.assert_called_with("alice", "on_call", ())
        # What stays as it is keeps its connection.
        made.configure(config(office=office, warehouse=warehouse))
        await until(lambda: made.places("warehouse"))
        assert office.connections == 1
        told.reset_mock()
        warehouse.tell(
            event("DeviceStateChange", Device="PJSIP/alice", State="RINGING"),
            event("DeviceStateChange", Device="PJSIP/bob", State="RINGING"),
        )
        await until(lambda: told.agents.phone_told.called)
        told.agents.phone_told.assert_called_once_with("bob", "ringing", ())
        made.configure(config(warehouse=warehouse))
        assert set(made.states()) == {"warehouse"}
        await until(lambda: office.actions("Logoff"))


@asyncio_test(timeout=20)
async def test_at_whose_desk_a_call_is() -> None:
    async with asterisks() as (made, told):
        for agent, stage in (
            ("alice", "rang"), ("alice", "answered"),
            ("bob", "rang"), ("bob", "answered"),  # consulted
            ("alice", "answered"),  # told once more, after a reload
        ):  # fmt: skip
            made.phone_rings("c1", agent, stage)  # type: ignore[arg-type]
        assert {each.args for each in told.desks.took.call_args_list} == {("c1", "alice")}
        made.phone_rings("c1", "alice", "gone")
        told.desks.took.assert_called_with("c1", "bob")
        told.desks.left.assert_not_called()
        made.phone_rings("c1", "bob", "gone")
        told.desks.left.assert_called_once_with("c1", "bob")
        made.phone_rings("c1", "bob", "gone")
        assert told.desks.left.call_count == 1
        assert [each.args for each in told.pops.answered.call_args_list] == [
            ("c1", "alice"), ("c1", "bob"), ("c1", "alice"),
        ]  # fmt: skip


@asyncio_test(timeout=20)
async def test_what_is_sensitive_is_for_the_site_to_say() -> None:
    click = ClickToCall("shop", "", "", {"cart": "1", "card": "4111"}, "198.51.100.7", signed={"id": "7"})
    async with asterisks() as (made, _):
        assert made.sensitive(click) == {"cart", "card", "id"}
        settings = config()
        settings.sites = {"shop": SimpleNamespace(data_pass=Mock(is_sensitive=lambda key: key == "card"))}
        made.configure(settings)
        assert made.sensitive(click) == {"card"}


@asyncio_test(timeout=20)
async def test_legs_that_asterisk_places_are_told_of() -> None:
    async with asterisks() as (made, told):
        made.leg_rings("c1", "c1-b1")
        told.handle.assert_called_once_with("c1", LegRinging("c1-b1"))
        made.leg_failed("c1", "c1-b1", HangupCause.BUSY)
        told.perform.assert_called_once_with("c1", HangUp("c1-b1", HangupCause.BUSY))


def test_what_cannot_be_placed_is_dialled() -> None:
    media = Mock()
    placed = PlacedMedia(media, lambda asterisk: asterisk == "office")
    for asterisk, kept in (("office", True), ("warehouse", False)):
        originate = Originate(asterisk, "PJSIP/alice", "ringback")
        command = Dial("c1-b1", SipEndpoint("q", "Q", "sip:1@pbx", "pbx", originate=originate))
        placed.perform("c1", command)
        call_id, performed = media.perform.call_args.args
        assert (call_id, performed.endpoint.uri) == ("c1", "sip:1@pbx")
        assert performed.endpoint.originate == (originate if kept else None)
    for other in (HangUp("c1-b1", HangupCause.BUSY), Dial("c1-b2", BrowserEndpoint("agent:a", "A", "a"))):
        placed.perform("c1", other)
        media.perform.assert_called_with("c1", other)
    placed.open_call("c1", plan := Mock())
    media.open_call.assert_called_once_with("c1", plan)
    placed.close_call("c1")
    media.close_call.assert_called_once_with("c1")


@asyncio_test(timeout=20)
async def test_an_asterisk_that_settings_add_is_told_of_the_legs_that_live() -> None:
    async with manager() as office, asterisks() as (made, told):
        made.start()
        teller, leg = Teller(made), Leg("c1-b1", "business", QUEUE, 1000.0)
        over = Leg("c2-b1", "business", QUEUE, 1000.0)
        for each, name in ((leg, "sip-1"), (over, "sip-2")):
            teller.legs(each)
            each.take(LegRinging(each.leg_id, False, name), 1001.0)
            teller.legs(each)
        over.take(LegEnded(over.leg_id, HangupCause.NORMAL), 1002.0)
        teller.legs(over)
        office.variables["PJSIP/open-00000000"] = "sip-1"
        made.configure(config(office=office))
        await until(lambda: made.places("office"))
        office.tell(event("Newchannel", **OURS), event("DialBegin", **to(ALICE)))
        await until(lambda: told.pops.rang.called)
        told.pops.rang.assert_called_once_with("c1", "alice")
