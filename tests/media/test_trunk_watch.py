"""Pings over real sockets, and the watch over names and trunks."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
import structlog
from twisted.internet import reactor

from config.sections.sip import Sip
from config.sections.trunks import Tls, Trunk
from media.options_ping import NoAnswerError, OptionsPing, ask
from media.trunk_watch import TrunkWatch
from routing.plan import SipEndpoint, TrunkWay
from sip.dns import Dns
from sip.resolver import Resolver
from sip.targets import Target
from tests.aio import asyncio_test
from tests.sip.core import free_port, until
from tests.sip.name_server import NameServer
from tests.sip.test_connections import StreamPhone, certificate


class Peer(asyncio.DatagramProtocol):
    """Answers OPTIONS with the statuses of its list, the last one for ever; 0 is silence."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses) or [200]
        self.heard: list[str] = []

    @classmethod
    async def start(cls, *statuses: int) -> Peer:
        loop = asyncio.get_running_loop()
        transport, peer = await loop.create_datagram_endpoint(lambda: cls(*statuses), ("127.0.0.1", 0))
        peer.transport, peer.port = transport, transport.get_extra_info("sockname")[1]
        return peer

    def datagram_received(self, data: bytes, addr) -> None:
        self.heard.append(data.decode())
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status:
            head = re.sub(r"^.*", f"SIP/2.0 {status} No", data.decode(), count=1)
            self.transport.sendto(head.encode(), addr)


def ping(port: int, transport="udp", tls: Tls | None = None) -> OptionsPing:
    return OptionsPing(
        Target(IPv4Address("127.0.0.1"), port, transport), "127.0.0.1", tls or Tls(), "Ringback"
    )


@pytest.mark.parametrize("status", [200, 405, 481, 503])
@asyncio_test(timeout=20)
async def test_who_refuses_is_there(status):
    peer = await Peer.start(100, status)
    peer.statuses = [0, status]  # the first copy is lost
    assert await ask(ping(peer.port), 4) == status
    assert len(peer.heard) == 2
    assert peer.heard[0] == peer.heard[1]
    assert peer.heard[0].startswith("OPTIONS sip:127.0.0.1 SIP/2.0\r\n")
    peer.transport.close()


@asyncio_test(timeout=20)
async def test_silence_and_strangers_are_no_answer():
    peer = await Peer.start(0)
    with pytest.raises(NoAnswerError, match=r"no answer within 0\.3 s"):
        await ask(ping(peer.port), 0.3)
    peer.transport.close()


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@asyncio_test(timeout=20)
async def test_a_port_where_nobody_listens_is_told_at_once(transport):
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(NoAnswerError, match="refused"):
        await ask(ping(free_port(), transport), 10)
    assert loop.time() - began < 5


@pytest.mark.parametrize("transport", ["tcp", "tls"])
@asyncio_test(timeout=20)
async def test_pings_over_connections(transport, tmp_path):
    context = certificate(tmp_path)
    phone = await StreamPhone.listen(context if transport == "tls" else None)
    phone.script = lambda phone, sip: phone.respond(sip, 200, "OK")
    tls = Tls(ca_file=tmp_path / "cert.pem")
    assert await ask(ping(phone.port, transport, tls), 5) == 200
    if transport == "tls":
        with pytest.raises(NoAnswerError, match="TLS"):
            await ask(ping(phone.port, transport), 5)
    phone.close()


@contextlib.asynccontextmanager
async def watching(trunks, zone=None):
    server = NameServer(zone)
    names = Resolver(reactor, dns=Dns(reactor, [server.address], "/dev/null", patience=(0.2, 0.3)))
    now = [1000.0]
    watch = TrunkWatch(reactor, lambda: now[0], names=names)
    watch.configure(Sip(bind_address="127.0.0.1"), trunks)
    with structlog.testing.capture_logs() as logs:
        await watch.start()
        try:
            yield watch, server, logs
        finally:
            await watch.stop()
            await server.stop()


@asyncio_test(timeout=30)
async def test_names_are_looked_up_at_the_start_and_what_is_wrong_is_told():
    trunks = {
        "good": Trunk(host="good.example:5070"),
        "bad": Trunk(host="no-such-host.invalid"),
        "proxied": Trunk(host="no-such-host.invalid", outbound_proxy="sip:good.example:5080;lr"),
    }
    async with watching(trunks, {"good.example": {"A": ["192.0.2.1", "192.0.2.2"]}}) as (watch, _, logs):
        found = watch.conditions
        assert found["good"].addresses == ("192.0.2.1:5070", "192.0.2.2:5070")
        assert found["proxied"].addresses == ("192.0.2.1:5080", "192.0.2.2:5080")
        assert (found["good"].state, found["bad"].state) == ("unknown", "unresolved")
        assert found["bad"].reason == "no-such-host.invalid has no IPv4 address"
        (line,) = [line for line in logs if line["event"] == "trunk state"]
        assert (line["trunk"], line["new"], line["log_level"]) == ("bad", "unresolved", "warning")
        # A reload puts it right.
        watch.configure(Sip(bind_address="127.0.0.1"), trunks | {"bad": Trunk(host="good.example")})
        await until(lambda: watch.conditions["bad"].addresses)
        assert watch.conditions["bad"].state == "unknown"


@asyncio_test(timeout=30)
async def test_the_routes_that_a_registrar_asks_for_go_with_each_leg():
    trunks = {"a": Trunk(host="127.0.0.1:5070"), "b": Trunk(host="127.0.0.1:5071")}
    leg = SipEndpoint("d", "D", "sip:1@127.0.0.1:5070", "a", backups=(TrunkWay("b", "sip:1@127.0.0.1:5071"),))
    async with watching(trunks) as (watch, _, _):
        assert watch.arrange(leg) is leg
        watch.routed("b", ("<sip:edge.example;lr>",))
        watch.routed("c", ("<sip:other.example;lr>",))
        assert watch.arrange(leg) == replace(leg, service_routes=(("b", ("<sip:edge.example;lr>",)),))
        watch.routed("b", ())
        watch.configure(Sip(bind_address="127.0.0.1"), trunks)
        assert watch.arrange(leg) == leg


@asyncio_test(timeout=30)
async def test_a_trunk_is_up_while_one_of_its_addresses_answers():
    peer = await Peer.start(200)
    zone = {
        "_sip._udp.pair.example": {
            "SRV": [(10, 0, free_port(), "one.example"), (20, 0, peer.port, "one.example")]
        },
        "one.example": {"A": ["127.0.0.1"]},
    }
    trunk = Trunk(host="pair.example", ping_interval="5s")
    trunks = {"pair": trunk, "quiet": Trunk(host=f"127.0.0.1:{peer.port}")}
    async with watching(trunks, zone) as (watch, _, _):
        assert watch.conditions["pair"].state == "up"
        assert watch.conditions["pair"].status == 200
        assert watch.conditions["pair"].ping_seconds is not None
        assert watch.conditions["quiet"].state == "unknown"  # nobody asked for pings
        peer.transport.close()
        watch.configure(
            Sip(bind_address="127.0.0.1"), {"pair": trunk.model_copy(update={"ping_interval": 6.0})}
        )
        await until(lambda: watch.conditions["pair"].state == "down")
        assert "refused" in watch.conditions["pair"].reason
