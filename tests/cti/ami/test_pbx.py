"""The way to an Asterisk that is slow, lies, says no, and goes away: nothing of that holds anybody up."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from twisted.internet import reactor

from bridge.causes import HangupCause
from bridge.events import LegAwaited, LegRinging
from bridge.legs import Leg
from config.sections.asterisk import Asterisk
from cti.ami import link, pbx, protocol
from cti.ami.calls import Stage
from cti.ami.pbx import Pbx
from routing.directory import AgentState
from routing.plan import ClickToCall, Originate, SipEndpoint
from server.clock import LoopClock
from tests.aio import asyncio_test
from tests.bridge.told import look
from tests.cti.ami.fake import SECRET, Manager, manager, until
from tests.cti.ami.recorded import ALICE, OURS, channel, event, to
from tests.pbx.certificates import make_certificate

CLICK = ClickToCall(
    "shop", "+16175550100", "https://shop.example/cart",
    {"cart.value": "120", "note": "a\r\nAction: Originate", "card": "4111"},
    "198.51.100.7", signed={"customer.name": "Ann"},
)  # fmt: skip


class Office:
    """The part that is told."""

    def __init__(self) -> None:
        self.rings: list[tuple[str, str, Stage]] = []
        self.does: dict[str, AgentState | None] = {}
        self.paused: dict[str, tuple[str, ...]] = {}
        self.legs: list[tuple[str, HangupCause | None]] = []
        self.fails = False

    def click(self, call_id: str) -> ClickToCall | None:
        return CLICK if call_id == "c1" else None

    def sensitive(self, click: ClickToCall) -> frozenset[str]:
        return frozenset({"card"})

    def phone_rings(self, call_id: str, agent: str, stage: Stage) -> None:
        if self.fails:
            raise RuntimeError("a mistake of ours")
        self.rings.append((call_id, agent, stage))

    def leg_rings(self, call_id: str, leg_id: str) -> None:
        assert leg_id.startswith(call_id)
        self.legs.append((leg_id, None))

    def leg_failed(self, call_id: str, leg_id: str, cause: HangupCause) -> None:
        assert leg_id.startswith(call_id)
        self.legs.append((leg_id, cause))

    def phone_does(self, agent: str, state: AgentState | None, paused: tuple[str, ...]) -> None:
        self.does[agent] = state
        self.paused[agent] = paused


def settings(port: int, secret: str = SECRET, **more: object) -> Asterisk:
    said = {"manager": f"127.0.0.1:{port}", "username": "ringback", "secret": secret, **more}
    return Asterisk.model_validate(said)


@asynccontextmanager
async def following(there: Manager, **more: object) -> AsyncIterator[tuple[Pbx, Office]]:
    """An Asterisk that is followed."""
    office = Office()
    clock = LoopClock(asyncio.get_running_loop())
    made = Pbx(
        "office",
        settings(there.port, **more),  # type: ignore[arg-type]
        {"PJSIP/alice": "alice", "PJSIP/bob": "bob"},
        office,
        reactor,
        clock,
    )
    try:
        with patch.object(link, "SHORTEST_PAUSE", 0.02):
            yield made, office
    finally:
        await made.stop()


@asynccontextmanager
async def up(**more: object) -> AsyncIterator[tuple[Manager, Pbx, Office]]:
    async with manager() as there, following(there, **more) as (made, office):
        await until(lambda: made.state.up)
        yield there, made, office


def our_leg() -> Leg:
    leg = Leg("c1-b1", "business", SipEndpoint("q", "Q", "sip:810@pbx.example", "pbx"), 1000.0)
    leg.take(LegRinging(leg.leg_id, False, "sip-1"), 1001.0)
    return leg


async def arrives(there: Manager, made: Pbx) -> None:
    """A call of ours arrives at the PBX."""
    there.variables["PJSIP/open-00000000"] = "sip-1"
    look(made, our_leg())
    there.tell(event("Newchannel", **OURS))
    await until(lambda: there.actions("UserEvent"))


@asyncio_test(timeout=20)
async def test_a_call_of_ours() -> None:
    async with up(variables={"__CART": "{context.cart.value}"}) as (there, made, office):
        await arrives(there, made)
        told = {said["Variable"]: said["Value"] for said in there.actions("Setvar")}
        assert told == {
            "RINGBACK_CALL_ID": "c1", "RINGBACK_SITE": "shop",
            "RINGBACK_PAGE": "https://shop.example/cart", "__CART": "120",
        }  # fmt: skip
        assert there.actions("UserEvent")[0].items() >= {
            "UserEvent": "RingbackCall", "CallId": "c1",
            "State": "arrived", "Channel": "PJSIP/open-00000000",
            "Signed-customer.name": "Ann", "Claimed-cart.value": "120",
            "Claimed-note": "a  Action: Originate",
        }.items()  # fmt: skip
        assert "4111" not in str(there.said)
        there.tell(event("DialBegin", **to(ALICE)), event("DialEnd", **to(ALICE), DialStatus="ANSWER"))
        await until(lambda: len(there.actions("UserEvent")) == 3)
        assert office.rings == [("c1", "alice", "rang"), ("c1", "alice", "answered")]
        assert [said["State"] for said in there.actions("UserEvent")] == ["arrived", "rang", "answered"]
        assert all("open sesame" not in str(said) for said in there.said)


@asyncio_test(timeout=20)
async def test_what_was_so_before_we_came() -> None:
    async with manager() as there:
        there.lists["DeviceStateList"] = [
            event("DeviceStateChange", Device="PJSIP/alice", State="INUSE"),
            event("DeviceStateChange", Device="PJSIP/bob", State="NOT_INUSE"),
        ]
        there.lists["QueueStatus"] = [
            event("QueueParams", Queue="orders"),
            event("QueueMember", Queue="orders", Location="PJSIP/bob", Status="1", Paused="1"),
        ]
        async with following(there) as (made, office):
            await until(lambda: made.state.up)
            assert office.does == {"alice": "on_call", "bob": "away"}
            assert office.paused["bob"] == ("orders",)
            assert made.state.refused == ()
            there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="NOT_INUSE"))
            await until(lambda: office.does["alice"] == "available")
        assert not any(office.does.values())


@asyncio_test(timeout=20)
async def test_a_rest_in_the_queue_ends_in_time() -> None:
    async with up() as (there, _, office):
        rest = {"LastCall": str(int(time.time())), "Wrapuptime": "2"}
        there.tell(
            event(
                "QueueMemberStatus", Queue="orders", Interface="PJSIP/alice", Status="1", Paused="0", **rest
            )
        )
        await until(lambda: office.does.get("alice") == "wrap_up")
        await until(lambda: office.does["alice"] == "available")


@asyncio_test(timeout=20)
async def test_a_manager_that_may_not_list_still_tells_of_calls() -> None:
    async with manager() as there:
        there.refused = {"CoreShowChannels", "DeviceStateList", "QueueStatus", "Setvar"}
        async with following(there) as (made, office):
            await until(lambda: made.state.up)
            there.variables["PJSIP/open-00000000"] = "sip-1"
            look(made, our_leg())
            there.tell(event("Newchannel", **OURS), event("DialBegin", **to(ALICE)))
            await until(lambda: office.rings == [("c1", "alice", "rang")])
            # The operator sees what this manager's user lacks.
            await until(lambda: len(made.state.refused) == 4)
            assert [each.partition(":")[0] for each in made.state.refused] == sorted(there.refused)
            assert made.state.up
            there.refused = set()
            there.drop()
            await until(lambda: made.state.up and not made.state.refused)


@asyncio_test(timeout=20)
async def test_pauses_in_single_queues_are_told() -> None:
    async with up() as (there, _, office):
        for queue in ("orders", "service"):
            there.tell(
                event("QueueMemberStatus", Queue=queue, Interface="PJSIP/alice", Status="1", Paused="0")
            )
        await until(lambda: office.does.get("alice") == "available")
        for paused, queues, state in (
            (("orders", "1"), ("orders",), "available"),
            (("service", "1"), ("orders", "service"), "away"),
            (("orders", "0"), ("service",), "available"),
            (("service", "0"), (), "available"),
        ):
            there.tell(
                event(
                    "QueueMemberPause", Queue=paused[0], Interface="PJSIP/alice", Status="1", Paused=paused[1]
                )
            )
            await until(lambda: office.paused["alice"] == queues)  # noqa: B023 - awaited at once
            assert office.does["alice"] == state


@asyncio_test(timeout=20)
async def test_a_connection_that_is_lost_comes_back() -> None:
    async with up() as (there, made, office):
        there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="INUSE"))
        await until(lambda: office.does.get("alice") == "on_call")
        await arrives(there, made)
        there.tell(event("DialBegin", **to(ALICE)))
        await until(lambda: office.rings)
        await there.close()
        await until(lambda: made.state.state == "down")
        assert office.does["alice"] == "on_call", "believed for a while"
        there.lists["CoreShowChannels"] = [
            event("CoreShowChannel", **OURS, ChannelStateDesc="Up"),
            event("CoreShowChannel", **ALICE, ChannelStateDesc="Up"),
        ]
        await there.open()
        await until(lambda: made.state.up)
        assert office.rings == [("c1", "alice", "rang"), ("c1", "alice", "answered")]


@asyncio_test(timeout=20)
async def test_phones_are_not_believed_for_ever() -> None:
    with patch.object(pbx, "BELIEVED", 0.05):
        async with up() as (there, _, office):
            there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="INUSE"))
            await until(lambda: office.does.get("alice") == "on_call")
            await there.close()
            await until(lambda: office.does["alice"] is None)


@asyncio_test(timeout=20)
async def test_a_wrong_secret() -> None:
    async with manager() as there, following(there, secret="wrong") as (made, _):
        await until(lambda: made.state.state == "refused")
        assert made.state.error == "Asterisk says: Authentication failed"
        await asyncio.sleep(0.2)
        assert there.connections == 1, "a client that hurries is locked out"


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no Asterisk manager"),
        (b"\x00" * (protocol.SLICE * 10_000), "no packet ended"),
        (b"", "no greeting"),
    ],
    ids=["ssh", "endless", "silent"],
)
@asyncio_test(timeout=20)
async def test_a_server_that_is_no_manager(greeting: bytes, error: str) -> None:
    async with manager() as there:
        there.greeting = greeting
        with patch.object(link, "CONNECT_SECONDS", 0.2):
            async with following(there) as (made, _):
                await until(lambda: made.state.state == "down")
                assert error in made.state.error


@asyncio_test(timeout=20)
async def test_silence_is_noticed() -> None:
    with patch.object(link, "SILENCE_SECONDS", 0.1):
        async with up() as (there, made, _):
            await until(lambda: there.actions("Ping"))
            assert made.state.up
            there.ignored.add("Ping")
            await until(lambda: made.state.state == "down")
            assert "silent" in made.state.error
            there.ignored.clear()
            await until(lambda: made.state.up)


@asyncio_test(timeout=20)
async def test_a_slow_asterisk_is_not_asked_for_more_than_it_answers() -> None:
    async with up() as (there, made, office):
        there.ignored.add("Getvar")
        look(made, our_leg())
        for number in range(1000):
            name = {
                "Channel": f"PJSIP/open-{number:08x}",
                "Uniqueid": f"9.{number}",
                "Linkedid": f"9.{number}",
            }
            there.tell(event("Newchannel", **name))
        there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="INUSE"))
        await until(lambda: office.does.get("alice") == "on_call")
        assert len(there.actions("Getvar")) <= protocol.MOST_ASKED
        assert made.state.up


@asyncio_test(timeout=30)
async def test_a_flood_leaves_everybody_their_turn() -> None:
    async with up() as (there, _, office):
        noise = b"Event: Newexten\r\nChannel: PJSIP/x-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n\r\n" * 20_000
        there.send(noise)
        there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="INUSE"))
        turns = 0
        while office.does.get("alice") != "on_call":
            await asyncio.sleep(0)
            turns += 1
        assert turns > 20_000 / protocol.SLICE / 2


@asyncio_test(timeout=20)
async def test_our_own_mistake_costs_one_event() -> None:
    async with up() as (there, made, office):
        await arrives(there, made)
        office.fails = True
        there.tell(event("DialBegin", **to(ALICE)))
        there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="INUSE"))
        await until(lambda: office.does.get("alice") == "on_call")
        assert made.state.up


@asyncio_test(timeout=20)
async def test_answers_that_nobody_asked_for() -> None:
    async with up() as (there, made, office):
        there.send(
            b"Response: Success\r\nActionID: ringback-1\r\n\r\nResponse: Error\r\n\r\nResponse:\r\n\r\n"
        )
        there.tell(event("Newchannel"), event("DialBegin"), event("Hangup"), event("BridgeEnter"))
        there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="INUSE"))
        await until(lambda: office.does.get("alice") == "on_call")
        assert made.state.up


@asyncio_test(timeout=20)
async def test_tls(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, "127.0.0.1")
    other, _ = make_certificate(tmp_path, "127.0.0.1", name="other")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with manager(context) as there:
        async with following(there, tls=True, ca_file=certificate) as (made, _):
            await until(lambda: made.state.up)
        async with following(there, tls=True, ca_file=other) as (made, _):
            await until(lambda: made.state.state == "down")
            assert "certificate" in made.state.error


@asyncio_test(timeout=20)
async def test_who_has_left_tells_nothing_more() -> None:
    async with up() as (there, made, office):
        there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="INUSE"))
        await until(lambda: office.does.get("alice") == "on_call")
        leaving = asyncio.ensure_future(made.stop())
        await asyncio.sleep(0)
        assert not any(office.does.values())
        office.does["alice"] = "available"  # as the next one tells
        there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="RINGING"))
        await leaving
        await asyncio.sleep(0.1)
        assert office.does["alice"] == "available"
        office.does.clear()


def placed_leg() -> Leg:
    placed = Originate("office", "PJSIP/alice", "ringback")
    leg = Leg("c1-b1", "business", SipEndpoint("q", "Q", "sip:1@pbx", "pbx", originate=placed), 1000.0)
    leg.take(LegAwaited("c1-b1", "sip:0badc0de@127.0.0.1:5100"), 1001.0)
    return leg


@asyncio_test(timeout=20)
async def test_a_leg_that_asterisk_places() -> None:
    async with up() as (there, made, office):
        leg = placed_leg()
        look(made, leg)
        await until(lambda: there.actions("Originate"))
        assert there.actions("Originate")[0]["ActionID"] == "ringback-c1-b1"
        theirs = channel("PJSIP/alice-00000007", "ringback-c1-b1", "ringback-c1-b1")
        there.tell(event("Newchannel", **theirs))
        there.tell(event("DialBegin", **{f"Dest{key}": text for key, text in theirs.items()}))
        there.tell(event("Newstate", **theirs, ChannelStateDesc="Ringing"))
        await until(lambda: office.legs)
        assert (office.legs, office.rings) == ([("c1-b1", None)], [("c1", "alice", "rang")])
        await until(lambda: there.actions("Setvar"))
        assert there.actions("Setvar")[0]["Channel"] == "PJSIP/alice-00000007"
        assert there.actions("Getvar") == []
        there.tell(event("Hangup", **theirs, Cause="17"))
        await until(lambda: len(office.legs) == 2)
        assert office.legs[1] == ("c1-b1", HangupCause.BUSY)
        assert office.rings[1] == ("c1", "alice", "gone")


@asyncio_test(timeout=20)
async def test_a_leg_that_asterisk_will_not_place() -> None:
    async with up() as (there, made, office):
        there.refused.add("Originate")
        look(made, placed_leg())
        await until(lambda: office.legs)
        assert office.legs == [("c1-b1", HangupCause.UNREACHABLE)]


@asyncio_test(timeout=20)
async def test_a_question_that_was_not_answered_is_asked_again() -> None:
    with patch.object(pbx, "ASK_PAUSES", (0.3, 0.3)):
        async with up() as (there, made, office):
            there.variables["PJSIP/open-00000000"] = "sip-1"
            look(made, our_leg())
            with patch.object(protocol, "MOST_ASKED", 0):  # as where too much is under way
                there.tell(event("Newchannel", **OURS), event("DialBegin", **to(ALICE)))
                there.tell(event("DeviceStateChange", Device="PJSIP/alice", State="RINGING"))
                await until(lambda: office.does.get("alice") == "ringing")
                await asyncio.sleep(0.05)
            assert there.actions("Getvar") == []
            await until(lambda: office.rings == [("c1", "alice", "rang")])


@asyncio_test(timeout=20)
async def test_sensitive_fields_where_the_operator_wants_them_told() -> None:
    async with up(sensitive_fields=True) as (there, made, _):
        await arrives(there, made)
        assert there.actions("UserEvent")[0]["Claimed-card"] == "4111"


@asyncio_test(timeout=20)
async def test_no_user_events() -> None:
    async with up(user_events=False) as (there, made, office):
        there.variables["PJSIP/open-00000000"] = "sip-1"
        look(made, our_leg())
        there.tell(event("Newchannel", **OURS), event("DialBegin", **to(ALICE)))
        await until(lambda: len(there.actions("Setvar")) == 3 and office.rings)
        assert there.actions("UserEvent") == []
