"""Names of SIP peers: the order of addresses as pure logic, and lookups at a name server of ours."""

from __future__ import annotations

import asyncio
from collections import Counter
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred

from sip import resolver as remembering
from sip.dns import Dns
from sip.resolver import Resolver
from sip.targets import MOST_TARGETS, Naptr, ServerListing, SipServer, Target, in_order, listings
from tests.aio import asyncio_test
from tests.sip.name_server import NameServer


def address(last: int) -> IPv4Address:
    return IPv4Address(f"192.0.2.{last}")


def server(last: int, priority: int = 10, weight: int = 0, rank: int = 0, port: int = 5060) -> SipServer:
    return SipServer(rank, priority, weight, port, "udp", (address(last),))


def lasts(servers, random=lambda: 0.5) -> list[int]:
    return [int(target.address) & 255 for target in in_order(servers, random)]


# --- pure ------------------------------------------------------------------------------------------------


def test_priority_comes_first_and_the_transports_rank_before_it():
    assert lasts([server(1, 20), server(2, 10), server(3, 5, rank=1)]) == [2, 1, 3]


def test_weights_share_the_calls():
    draws = iter(number / 1000 for number in range(1000))
    first = Counter(
        lasts([server(1, weight=30), server(2, weight=10), server(3, weight=60)], lambda d=draw: d)[0]
        for draw in draws
    )
    assert {last: round(count / 100) for last, count in first.items()} == {1: 3, 2: 1, 3: 6}


def test_every_address_of_a_server_is_tried_before_the_next_server():
    two = SipServer(0, 1, 0, 5070, "tcp", (address(1), address(2)))
    assert in_order([server(3, 2), two], lambda: 0.0) == (
        Target(address(1), 5070, "tcp"),
        Target(address(2), 5070, "tcp"),
        Target(address(3), 5060, "udp"),
    )


@given(
    st.lists(
        st.builds(server, st.integers(1, 250), st.integers(0, 3), st.integers(0, 65535), st.integers(0, 2)),
        max_size=12,
    ),
    st.floats(0, 1),
)
def test_whatever_dns_says_each_address_is_tried_once(servers, drawn):
    tried = in_order(servers, lambda: drawn)
    assert len(tried) == len(set(tried)) <= MOST_TARGETS
    assert set(tried) <= {Target(each.addresses[0], 5060, "udp") for each in servers}
    ranks = [min((s.rank, s.priority) for s in servers if s.addresses[0] == t.address) for t in tried]
    assert ranks == sorted(ranks)


def test_naptr_chooses_among_the_transports_that_may_be_used():
    records = [
        Naptr(20, 1, "s", "SIP+D2T", "_sip._tcp.b"),
        Naptr(10, 2, "S", "sip+d2u", "_sip._udp.b"),
        Naptr(10, 1, "s", "SIPS+D2T", "_sips._tcp.b"),
        Naptr(1, 1, "u", "E2U+sip", "x"),
        Naptr(30, 1, "a", "SIP+D2U", "host.b"),
    ]
    assert listings("a", records, ("udp", "tcp", "tls")) == [
        ServerListing("_sips._tcp.b", "tls"),
        ServerListing("_sip._udp.b", "udp"),
        ServerListing("_sip._tcp.b", "tcp"),
        ServerListing("host.b", "udp", "a"),
    ]
    assert listings("a", records, ("tcp",)) == [ServerListing("_sip._tcp.b", "tcp")]
    assert listings("a", [], ("tls",)) == [ServerListing("_sips._tcp.a", "tls")]


# --- with a name server ----------------------------------------------------------------------------------


class Desk:
    """A resolver, its name server, and a hosts file."""

    def __init__(self, tmp_path, **zone) -> None:
        self.server = NameServer({name.replace("__", "."): records for name, records in zone.items()})
        hosts = tmp_path / "hosts"
        hosts.write_text("127.0.0.1 localhost\n127.0.0.7 pinned.example\n::1 localhost\n")
        self.changes = 0
        asking = Dns(reactor, [self.server.address], str(hosts), patience=(0.2, 0.3))
        self.resolver = Resolver(reactor, self._changed, asking, lambda: 0.5)

    def _changed(self) -> None:
        self.changes += 1

    async def resolve(self, host, port=None, transport="udp") -> list[str]:
        loop = asyncio.get_running_loop()
        found = await ensureDeferred(self.resolver.resolve(host, port, transport)).asFuture(loop)
        return [f"{target.address}:{target.port}/{target.transport}" for target in found]

    async def problem(self, host, port=None) -> str:
        loop = asyncio.get_running_loop()
        return (await ensureDeferred(self.resolver.find(host, port, "udp")).asFuture(loop)).problem

    def forget(self) -> None:
        """Let what is remembered be due."""
        for key, finding in self.resolver._known.items():
            self.resolver._known[key] = remembering.replace(finding, until=0.0)


@pytest.fixture
def desk(tmp_path):
    def make(**zone) -> Desk:
        return Desk(tmp_path, **zone)

    return make


@asyncio_test(timeout=30)
async def test_every_address_of_a_name_counts(desk):
    at = desk(two__example={"A": ["192.0.2.9", "192.0.2.1"]})
    assert await at.resolve("two.example", 5070) == ["192.0.2.9:5070/udp", "192.0.2.1:5070/udp"]
    assert at.changes == 1
    assert at.server.asked == [("two.example", "A")]  # with a port nothing else is asked
    assert await at.resolve("TWO.example.", 5070) == ["192.0.2.9:5070/udp", "192.0.2.1:5070/udp"]
    assert len(at.server.asked) == 1  # remembered
    assert at.resolver.addresses == {address(9), address(1)}


@asyncio_test(timeout=30)
async def test_srv_is_asked_before_the_address(desk):
    at = desk(
        carrier__example={"A": ["192.0.2.99"]},
        _sip___udp__carrier__example={},
        _sip__x={},
    )
    at.server.zone["_sip._udp.carrier.example"] = {
        "SRV": [(20, 1, 5070, "b.example"), (10, 1, 5080, "a.example")]
    }
    at.server.zone |= {"a.example": {"A": ["192.0.2.1", "192.0.2.2"]}, "b.example": {"A": ["192.0.2.3"]}}
    assert await at.resolve("carrier.example") == [
        "192.0.2.1:5080/udp",
        "192.0.2.2:5080/udp",
        "192.0.2.3:5070/udp",
    ]
    # By TCP there is no SRV: the address it is.
    assert await at.resolve("carrier.example", None, "tcp") == ["192.0.2.99:5060/tcp"]
    assert await at.resolve("carrier.example", None, "tls") == ["192.0.2.99:5061/tls"]


@asyncio_test(timeout=30)
async def test_naptr_leads_to_another_domain(desk):
    at = desk(carrier__example={"NAPTR": [(10, 1, "s", "SIP+D2U", "_sip._udp.other.example")]})
    at.server.zone |= {
        "_sip._udp.other.example": {"SRV": [(1, 1, 5090, "a.example")]},
        "a.example": {"A": ["192.0.2.1"]},
    }
    assert await at.resolve("carrier.example") == ["192.0.2.1:5090/udp"]
    assert await at.resolve("carrier.example", None, None) == ["192.0.2.1:5090/udp"]


@asyncio_test(timeout=30)
async def test_a_service_that_is_said_not_to_be_there(desk):
    at = desk(carrier__example={"A": ["192.0.2.1"]})
    at.server.zone["_sip._udp.carrier.example"] = {"SRV": [(0, 0, 0, ".")]}
    assert await at.resolve("carrier.example") == []


@asyncio_test(timeout=30)
async def test_the_hosts_file_and_addresses_need_no_name_server(desk):
    at = desk()
    at.server.mood = "mute"
    assert await at.resolve("pinned.example") == ["127.0.0.7:5060/udp"]
    assert await at.resolve("192.0.2.5", None, "tls") == ["192.0.2.5:5061/tls"]
    assert await at.resolve("2001:db8::1") == []
    assert "IPv6" in await at.problem("2001:db8::1")
    assert at.server.asked == []


@asyncio_test(timeout=30)
async def test_a_name_that_is_not_there_is_told_and_may_come(desk):
    at = desk()
    assert await at.resolve("late.example", 5060) == []
    assert await at.problem("late.example", 5060) == "late.example has no IPv4 address"
    at.server.zone["late.example"] = {"A": ["192.0.2.1"]}
    at.forget()
    assert await at.resolve("late.example", 5060) == ["192.0.2.1:5060/udp"]
    assert await at.problem("late.example", 5060) == ""


@pytest.mark.parametrize("mood", ["mute", "broken"])
@asyncio_test(timeout=30)
async def test_what_was_known_stays_known_while_dns_fails(desk, mood):
    at = desk(move__example={"A": ["192.0.2.9"]})
    assert await at.resolve("move.example", 5060) == ["192.0.2.9:5060/udp"]
    at.server.mood = mood
    at.forget()
    assert await at.resolve("move.example", 5060) == ["192.0.2.9:5060/udp"]
    assert "move.example: " in await at.problem("move.example", 5060)
    at.forget()
    # Nobody waits for a server that failed the last time.
    assert ensureDeferred(at.resolver.resolve("move.example", 5060, "udp")).called
    assert await at.resolve("never-seen.example", 5060) == []
    at.server.mood, at.server.zone["move.example"] = "", {"A": ["192.0.2.1"]}
    at.forget()
    await ensureDeferred(at.resolver.refresh()).asFuture(asyncio.get_running_loop())
    assert await at.resolve("move.example", 5060) == ["192.0.2.1:5060/udp"]
    assert await at.problem("move.example", 5060) == ""


@asyncio_test(timeout=30)
async def test_a_name_is_asked_for_once_however_many_want_it(desk):
    at = desk(busy__example={"A": ["192.0.2.1"]})
    found = await asyncio.gather(*(at.resolve("busy.example", 5060) for _ in range(20)))
    assert found == [["192.0.2.1:5060/udp"]] * 20
    assert at.server.asked == [("busy.example", "A")]


@asyncio_test(timeout=30)
async def test_answers_hold_for_their_time_to_live_within_bounds(desk):
    at = desk(brief__example={"A": ["192.0.2.1"]}, lasting__example={"A": ["192.0.2.1"]})
    at.server.ttl = 0
    await at.resolve("brief.example", 5060)
    at.server.ttl = 1_000_000
    await at.resolve("lasting.example", 5060)
    now = reactor.seconds()
    brief, lasting = (finding.until - now for finding in at.resolver._known.values())
    assert remembering.SHORTEST - 2 < brief <= remembering.SHORTEST
    assert remembering.LONGEST - 2 < lasting <= remembering.LONGEST
