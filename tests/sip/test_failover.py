"""A trunk that fails costs the shopper seconds: the next address, the next trunk; and nobody left ringing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from ipaddress import IPv4Address

import pytest
from twisted.internet import defer

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded, LegRinging
from config.sections.trunks import Trunk
from routing.plan import SipEndpoint, TrunkWay
from sip.causes import Refusal
from sip.outgoing import Outgoing
from sip.targets import Target
from tests.aio import asyncio_test
from tests.sip.core import free_port, refuse, stage, until
from tests.sip.uas import Phone

QUICK = "500ms"


def mute(phone: Phone, sip) -> None:
    """Says nothing at all."""


def ringing(phone: Phone, sip) -> None:
    phone.respond(sip, 180, "Ringing")


def trunk(port: int, **settings) -> Trunk:
    return Trunk.model_validate({"host": f"127.0.0.1:{port}", **settings}, strict=False)


@contextlib.asynccontextmanager
async def two(first, second=None, **settings):
    """A worker whose leg goes by the first trunk, and if that fails by the second; and their phones."""
    async with stage(
        first, second, trunks=lambda phones: {
            "first": trunk(phones[0].port, **settings), "second": trunk(phones[1].port)
        }
    ) as (worker, one, other):  # fmt: skip
        worker.dial("a", one.uri, "first", backups=(TrunkWay("second", other.uri),))
        yield worker, one, other


@asyncio_test(timeout=60)
async def test_a_silent_trunk_costs_its_response_timeout_and_what_it_says_later_is_ended():
    async with two(mute, response_timeout=QUICK) as (worker, silent, other):
        invite = await silent.expect("INVITE")
        began = time.monotonic()
        await other.expect("INVITE")
        assert time.monotonic() - began < 4
        await worker.expect(LegAnswered, "a")
        await until(lambda: len(worker.heard) == 2)
        assert worker.heard == [("first", "silent", 0, 0.0), ("second", "answers", 0, 0.0)]
        # It wakes up and rings: it is told to stop, and its refusal acknowledged.
        silent.script = None
        silent.respond(invite, 180, "Ringing")
        cancel = await silent.expect("CANCEL")
        assert cancel.get("Call-ID") == invite.get("Call-ID")
        assert not worker.got(LegEnded)
    assert len(worker.got(LegRinging)) <= 1


@asyncio_test(timeout=60)
async def test_who_answers_too_late_is_hung_up_on():
    async with two(mute, response_timeout=QUICK) as (worker, silent, other):
        invite = await silent.expect("INVITE")
        await worker.expect(LegAnswered, "a")
        silent.script = None
        silent.answer(invite)
        assert (await silent.expect("ACK")).get("Call-ID") == invite.get("Call-ID")
        assert (await silent.expect("BYE")).get("Call-ID") == invite.get("Call-ID")
        assert not worker.got(LegEnded)
        worker.hang_up("a", HangupCause.NORMAL)
        await other.expect("BYE")


@asyncio_test(timeout=60)
async def test_who_says_trying_in_time_is_waited_for():
    def trying(phone: Phone, sip) -> None:
        phone.respond(sip, 100, "Trying")

    async with two(trying, response_timeout=QUICK) as (worker, slow, other):
        invite = await slow.expect("INVITE")
        await asyncio.sleep(1.2)
        slow.answer(invite)
        await worker.expect(LegAnswered, "a")
        assert not other.log


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@asyncio_test(timeout=60)
async def test_a_refused_connection_is_noticed_at_once(transport):
    dead = free_port()
    trunks = lambda phones: {  # noqa: E731
        "dead": trunk(dead, transport=transport, response_timeout="30s"),
        "live": trunk(phones[0].port),
    }
    async with stage(trunks=trunks) as (worker, phone):
        worker.dial("kept", phone.uri, "live")
        await worker.expect(LegAnswered, "kept")
        uri = f"sip:x@127.0.0.1:{dead}"
        worker.dial("a", uri, "dead", backups=(TrunkWay("live", phone.uri),))
        await worker.expect(LegAnswered, "a", within=10)
        worker.dial("b", uri, "dead")
        ended = await worker.expect(LegEnded, "b", within=10)
        assert (ended.cause, ended.sip_status) == (HangupCause.TRUNK_UNREACHABLE, None)
        worker.dial("c", uri + (";transport=tcp" if transport == "tcp" else ""))  # no trunk is at fault
        assert (await worker.expect(LegEnded, "c", within=10)).cause is HangupCause.UNREACHABLE
        assert not worker.got(LegEnded, "kept")
        worker.dial("d", phone.uri, "live")  # and the socket still hears
        await worker.expect(LegAnswered, "d")


@pytest.mark.parametrize(
    ("status", "provisional", "outcome"),
    [(503, None, "answers"), (500, 183, "answers"), (502, None, "answers"), (401, None, "answers")],
)
@asyncio_test(timeout=60)
async def test_a_trunk_that_cannot_is_followed_by_the_next(status, provisional, outcome):
    async with two(refuse(status, provisional=provisional)) as (worker, _, _):
        await worker.expect(LegAnswered, "a")
        assert worker.heard[0] == ("first", outcome, status, 0.0)


@pytest.mark.parametrize(
    ("status", "provisional", "cause"),
    [
        (486, 180, HangupCause.BUSY),
        (600, None, HangupCause.BUSY),
        (603, None, HangupCause.DECLINED),
        (404, None, HangupCause.NOT_FOUND),
        (480, None, HangupCause.UNREACHABLE),
        (403, None, HangupCause.FORBIDDEN),
        (408, 180, HangupCause.NO_ANSWER),
        (302, None, HangupCause.UNREACHABLE),
    ],
)
@asyncio_test(timeout=60)
async def test_who_does_not_want_the_call_is_not_rung_through_another_trunk(status, provisional, cause):
    async with two(refuse(status, provisional=provisional)) as (worker, _, other):
        ended = await worker.expect(LegEnded, "a")
        assert (ended.cause, ended.sip_status) == (cause, status)
        assert not other.log


@asyncio_test(timeout=60)
async def test_the_reason_header_tells_better():
    def busy(phone: Phone, sip) -> None:
        phone.respond(sip, 480, "No", [("Reason", 'Q.850;cause=17;text="User busy"')])

    def no_route(phone: Phone, sip) -> None:
        phone.respond(sip, 404, "No", [("Reason", "Q.850;cause=3")])

    async with two(busy) as (worker, _, other):
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.BUSY
        assert not other.log
    async with two(no_route) as (worker, _, _):
        await worker.expect(LegAnswered, "a")


@asyncio_test(timeout=60)
async def test_retry_after_is_told():
    def full(phone: Phone, sip) -> None:
        phone.respond(sip, 503, "No", [("Retry-After", "120")])

    async with two(full, full) as (worker, _, _):
        ended = await worker.expect(LegEnded, "a")
        assert (ended.cause, ended.sip_status) == (HangupCause.CONGESTION, 503)
        await until(lambda: len(worker.heard) == 2)
        assert worker.heard == [("first", "busy", 503, 120.0), ("second", "busy", 503, 120.0)]


@asyncio_test(timeout=60)
async def test_hanging_up_while_trunks_are_tried():
    async with two(mute, ringing, response_timeout=QUICK) as (worker, _, other):
        await other.expect("INVITE")
        await worker.expect(LegRinging, "a")
        worker.hang_up("a", HangupCause.CANCELLED)
        await other.expect("CANCEL")
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.CANCELLED
    assert len(worker.got(LegEnded)) == 1


# --- the order of addresses and trunks, with a leg that is none ------------------------------------------


class Fake:
    """A leg, the names, and what each address says to an INVITE; None answers."""

    def __init__(self, says: dict[str, Refusal | None], names: dict[str, list[str]]) -> None:
        self.says, self.names = says, names
        self.leg_id, self.over = "a", False
        self.tried: list[str] = []
        self.ended: tuple[HangupCause, int | None] | None = None
        self.news: list[tuple[str, str]] = []

    async def resolve(self, host, port, transport):
        return tuple(Target(IPv4Address(each), port or 5060, transport) for each in self.names.get(host, ()))

    def attempt(self, seconds):
        self.fired = defer.Deferred()
        return self.fired

    async def invite(self, attempt):
        self.tried.append(f"{attempt.name} {attempt.target.address}")
        self.fired.callback(self.says[str(attempt.target.address)])

    def refuse(self, cause, status):
        self.over, self.ended = True, (cause, status)

    async def run(self, endpoint, trunks):
        placing = Outgoing(None, self, trunks, lambda news: self.news.append((news.trunk, news.outcome)))
        await defer.ensureDeferred(placing.place(self, endpoint, self.invite)).asFuture(
            asyncio.get_running_loop()
        )


TRUNKS = {"a": Trunk(host="a.example"), "b": Trunk(host="b.example"), "gone": Trunk(host="gone.example")}
NAMES = {"a.example": ["192.0.2.1", "192.0.2.2"], "b.example": ["192.0.2.3"]}
SILENT, FULL = Refusal(408, False), Refusal(503, True, retry_after=9.0)
BUSY, BROKEN = Refusal(486, True), Refusal(500, True)
FAILED = HangupCause.FAILED


@pytest.mark.parametrize(
    ("says", "tried", "ended"),
    [
        ([SILENT, None, None], ["a 1", "a 2"], None),
        ([SILENT, SILENT, None], ["a 1", "a 2", "b 3"], None),
        ([FULL, FULL, None], ["a 1", "a 2", "b 3"], None),
        ([BROKEN, None, None], ["a 1", "b 3"], None),
        ([SILENT, BUSY, None], ["a 1", "a 2"], (HangupCause.BUSY, 486)),
        ([BUSY, None, None], ["a 1"], (HangupCause.BUSY, 486)),
        ([SILENT, SILENT, SILENT], ["a 1", "a 2", "b 3"], (HangupCause.TRUNK_UNREACHABLE, None)),
        ([SILENT, SILENT, BROKEN], ["a 1", "a 2", "b 3"], (FAILED, 500)),
        ([SILENT, BROKEN, SILENT], ["a 1", "a 2", "b 3"], (HangupCause.TRUNK_UNREACHABLE, None)),
    ],
)
@asyncio_test(timeout=10)
async def test_addresses_first_then_trunks(says, tried, ended):
    fake = Fake(dict(zip(("192.0.2.1", "192.0.2.2", "192.0.2.3"), says, strict=True)), NAMES)
    endpoint = SipEndpoint("d", "D", "sip:1@a.example", "a", backups=(TrunkWay("b", "sip:1@b.example"),))
    await fake.run(endpoint, TRUNKS)
    assert fake.tried == [each.replace(" ", " 192.0.2.") for each in tried]
    assert fake.ended == ended


@asyncio_test(timeout=10)
async def test_a_trunk_without_an_address_is_passed_over():
    fake = Fake({"192.0.2.3": None}, NAMES)
    endpoint = SipEndpoint(
        "d", "D", "sip:1@gone.example", "gone", backups=(TrunkWay("b", "sip:1@b.example"),)
    )
    await fake.run(endpoint, TRUNKS)
    assert (fake.tried, fake.news) == (["b 192.0.2.3"], [("gone", "unresolved"), ("b", "answers")])
    fake = Fake({}, NAMES)
    await fake.run(SipEndpoint("d", "D", "sip:1@gone.example", "gone"), TRUNKS)
    assert fake.ended == (HangupCause.TRUNK_UNRESOLVED, None)
    fake = Fake({}, NAMES)
    await fake.run(SipEndpoint("d", "D", "sip:1@gone.example", None), TRUNKS)
    assert fake.ended == (HangupCause.UNREACHABLE, None)
