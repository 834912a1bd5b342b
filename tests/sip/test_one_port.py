"""Calls that leave from the very port, or connection, that registered, as many carriers ask."""

import asyncio
import contextlib
import random
import re
import tempfile
import types

import pytest

from bridge.causes import HangupCause
from bridge.commands import HangUp
from bridge.events import LegAnswered, LegEnded, LegHeld, LegResumed
from config.sections.one_port import listeners_of, ports_wanted
from config.sections.trunks import Tls, Trunk
from tests.aio import asyncio_test
from tests.sip.core import Worker, free_port, until
from tests.sip.test_connections import StreamPhone, certificate
from tests.sip.uas import Phone, Sip

#: The switch has one port by nature.
pytestmark = pytest.mark.pjsua2


def contact_of(sip: Sip) -> str:
    """Host, port and user of a Contact."""
    return re.search(r"<(sips?:[^;>]+)", sip.get("Contact"))[1]


class Strict:
    """A carrier that takes calls from where it was registered, and talks to that place alone."""

    registered: tuple[tuple[str, int], str] | None = None
    refused = 0

    def grant(self, phone, sip: Sip) -> None:
        self.registered = (sip.source, contact_of(sip))
        phone.respond(sip, 200, "OK", [("Contact", sip.get("Contact")), ("Expires", sip.get("Expires"))])

    def invited(self, phone, sip: Sip) -> None:
        if (sip.source, contact_of(sip)) == self.registered:
            phone.answer(sip)
        else:
            self.refused += 1
            phone.respond(sip, 403, f"Not from {sip.source}, {contact_of(sip)}: not {self.registered}")


async def strict(transport: str, tls=None) -> tuple[Phone, Strict]:
    rules = Strict()
    phone = await (Phone.start() if transport == "udp" else StreamPhone.listen(tls))
    phone.script, phone.registrar = rules.invited, rules.grant
    return phone, rules


def trunk_to(phone: Phone, transport: str = "udp", **settings) -> dict[str, Trunk]:
    given = {
        "host": f"127.0.0.1:{phone.port}",
        "transport": transport,
        "username": "shop",
        "password": "secret",
        "registration": True,
    }
    return {"carrier": Trunk.model_validate(given | settings, strict=False)}


class Node:
    """A registrar's worker and workers for calls that share its port."""

    def __init__(self, trunks: dict[str, Trunk], directory: str, ports: int = 1) -> None:
        self.trunks = trunks
        self.directory = directory
        self.ports = tuple(free_port() for _ in range(ports))
        self.workers: list[Worker] = []

    async def start(self, role: str = "calls") -> Worker:
        port = self.ports[0] if role == "registrar" else None
        worker = await Worker.start(
            self.trunks, role=role, sip_port=port, shared_ports=self.ports, directory=self.directory
        )
        self.workers.append(worker)
        if role == "registrar":
            assert await asyncio.wait_for(worker.registrations.get(), 15) == ("carrier", True, 200)
        return worker


@contextlib.asynccontextmanager
async def node(trunks: dict[str, Trunk], *roles: str, ports: int = 1):
    with tempfile.TemporaryDirectory() as directory:
        made = Node(trunks, directory, ports)
        try:
            yield made, *await asyncio.gather(*(made.start(role) for role in roles))
        finally:
            for worker in made.workers:
                if worker.process.returncode is None:
                    await worker.stop()


def call_with(phone: Phone, user: str):
    """The call that was dialled to this user."""
    return next(d for d in phone.dialogs.values() if d.invite.first.startswith(f"INVITE sip:{user}@"))


async def talk(worker: Worker, phone: Phone, user: str) -> str:
    """Dial, and have it answered; the SIP Call-ID."""
    worker.dial(user, f"sip:{user}@127.0.0.1:{phone.port}", "carrier")
    await until(lambda: worker.got(LegAnswered, user) or worker.got(LegEnded, user), 20)
    assert worker.got(LegAnswered, user), (worker.reports, worker.stderr)
    return call_with(phone, user).invite.get("Call-ID")


def test_one_port_and_one_more_for_each_further_kind_of_connection():
    def trunk(transport: str, **settings) -> Trunk:
        return trunk_to(types.SimpleNamespace(port=5060), transport, **settings)["carrier"]

    own = {"tls": {"certificate_file": "c.pem", "key_file": "k.pem"}}
    assert (
        ports_wanted([])
        == ports_wanted([trunk("tcp", one_port=False), trunk("tcp", registration=False)])
        == 0
    )
    assert ports_wanted([trunk("udp")]) == ports_wanted([trunk("udp"), trunk("tcp"), trunk("tcp")]) == 1
    assert ports_wanted([trunk("udp"), trunk("tcp"), trunk("tls"), trunk("tls", **own)]) == 3
    assert listeners_of([trunk("tls", **own), trunk("tcp")]) == [
        ("tls", Tls.model_validate(own["tls"], strict=False)),
        ("tcp", Tls()),
    ]


TRANSPORTS = ["udp", "tcp", "tls"]


def statuses(phone: Phone, user: str) -> list[str]:
    return [sip.first[8:11] for sip in call_with(phone, user).answers]


@pytest.mark.parametrize("transport", TRANSPORTS)
@asyncio_test(timeout=120)
async def test_calls_of_two_workers_leave_from_where_the_trunk_is_registered(transport, tmp_path):
    """Each worker's calls, at the same time; what the carrier asks within them finds its worker."""
    phone, rules = await strict(transport, certificate(tmp_path) if transport == "tls" else None)
    settings = {"tls": {"ca_file": str(tmp_path / "cert.pem")}} if transport == "tls" else {}
    trunks = trunk_to(phone, transport, **settings)
    async with node(trunks, "registrar", "calls", "calls") as (_, _, one, two):
        await asyncio.gather(*(talk(w, phone, u) for u, w in {"a": one, "b": two, "c": one}.items()))
        assert rules.refused == 0
        for user, worker in {"a": one, "b": two}.items():
            dialog = call_with(phone, user)
            await until(lambda user=user: any(sip.method == "ACK" for sip in call_with(phone, user).log))
            phone.request(
                dialog.invite.get("Call-ID"), "INVITE", phone.sdp(dialog.invite.get("Call-ID"), "sendonly")
            )
            await until(lambda user=user, worker=worker: worker.got(LegHeld, user))
            await until(lambda user=user: "200" in statuses(phone, user))
            phone.request(dialog.invite.get("Call-ID"), "INVITE", phone.sdp(dialog.invite.get("Call-ID")))
            await until(lambda user=user, worker=worker: worker.got(LegResumed, user))
        phone.request(call_with(phone, "a").invite.get("Call-ID"), "BYE")
        assert (await one.expect(LegEnded, "a")).cause is HangupCause.NORMAL
        two.do(HangUp("b", HangupCause.NORMAL))
        await two.expect(LegEnded, "b")
        assert (await phone.expect("BYE")).source == rules.registered[0]
        assert not one.got(LegEnded, "c")
        one.do(HangUp("c", HangupCause.NORMAL))
        await one.expect(LegEnded, "c")
    phone.close()


@asyncio_test(timeout=90)
async def test_without_one_port_workers_use_their_own():
    phone, rules = await strict("udp")
    async with node(trunk_to(phone, one_port=False), "registrar", "calls") as (_, _, worker):
        worker.dial("a", phone.uri, "carrier")
        await worker.expect(LegEnded, "a")
        assert rules.refused == 1
    phone.close()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@asyncio_test(timeout=120)
async def test_calls_outlive_the_worker_that_owns_the_port(transport):
    """Another one takes the port; what either side asks within the call arrives."""
    phone, rules = await strict(transport)
    async with node(trunk_to(phone, transport), "registrar", "calls", "calls") as (made, first, one, two):
        await talk(one, phone, "a")
        await talk(two, phone, "b")
        await first.die()
        two.do(HangUp("b", HangupCause.NORMAL))  # while there is nobody to send it
        await made.start("registrar")
        assert contact_of(call_with(phone, "a").invite) == rules.registered[1]
        await two.expect(LegEnded, "b")
        await until(lambda: any(sip.method == "BYE" for sip in call_with(phone, "b").log))
        assert not one.got(LegEnded, "a")
        if transport == "tcp":  # the carrier connects to the Contact that it has
            _, phone.writer = await asyncio.open_connection("127.0.0.1", made.ports[0])
        phone.request(call_with(phone, "a").invite.get("Call-ID"), "BYE")
        assert (await one.expect(LegEnded, "a")).cause is HangupCause.NORMAL
        await talk(one, phone, "d")
        assert rules.refused == 0
    phone.close()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@asyncio_test(timeout=120)
async def test_another_worker_ends_the_calls_of_a_dead_one_from_the_same_port(transport):
    phone, rules = await strict(transport)
    async with node(trunk_to(phone, transport), "registrar", "calls", "calls") as (_, _, one, two):
        await talk(one, phone, "a")
        await until(lambda: '"BYE"' in one.dialogs.get("a", ""))
        await one.die()
        assert await two.end_dialog(one.dialogs["a"])
        bye = next(sip for sip in phone.log if sip.method == "BYE")
        assert bye.source == rules.registered[0]
        # And what the carrier asks in a call that nobody has is refused.
        phone.request(call_with(phone, "a").invite.get("Call-ID"), "UPDATE")
        await until(lambda: "481" in statuses(phone, "a"))
        await talk(two, phone, "b")
    phone.close()


@asyncio_test(timeout=90)
async def test_a_carrier_that_is_gone_is_noticed_at_once():
    """ICMP tells the worker that owns the port; the leg's worker hears of it."""
    phone, _ = await strict("udp")
    async with node(trunk_to(phone), "registrar", "calls") as (_, _, worker):
        phone.close()
        await asyncio.sleep(0.05)
        worker.dial("a", phone.uri, "carrier")
        ended = await worker.expect(LegEnded, "a", within=3)
        assert ended.cause is HangupCause.TRUNK_UNREACHABLE


@asyncio_test(timeout=90)
async def test_strangers_and_other_calls_get_nothing_through():
    phone, _ = await strict("udp")
    stranger = await Phone.start(host="127.0.0.9")
    async with node(trunk_to(phone), "registrar", "calls") as (made, _, worker):
        call_id = await talk(worker, phone, "a")
        stranger.dialogs[call_id] = call_with(phone, "a")
        stranger.request(call_id, "BYE")  # the kernel drops it
        unknown = (
            f"BYE sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{phone.port};branch=z9hG4bKq\r\n"
            "From: <sip:x@x>;tag=1\r\nTo: <sip:y@y>;tag=2\r\nCall-ID: nobody\r\n"
            "CSeq: 1 BYE\r\nMax-Forwards: 9\r\n\r\n"
        )
        phone.transport.sendto(unknown.encode(), ("127.0.0.1", made.ports[0]))
        await phone.expect("SIP/2.0 481")
        phone.transport.sendto(
            b"\x00" * 40 + f"\r\nCall-ID: {call_id}\r\n\r\n".encode(), ("127.0.0.1", made.ports[0])
        )
        noise = random.Random(7)
        invite = phone.dialogs[call_id].invite
        head = f"{invite.first}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in invite.headers)
        for _ in range(150):  # odd messages that bear the call's own Call-ID
            odd = bytearray(head.encode() + b"\r\n" + invite.body.encode())
            for _ in range(noise.randrange(1, 30)):
                odd[noise.randrange(len(odd))] = noise.randrange(256)
            phone.transport.sendto(bytes(odd), ("127.0.0.1", made.ports[0]))
        await asyncio.sleep(1)  # the call's bucket fills again
        phone.request(call_id, "OPTIONS", cseq=2_000)
        await until(lambda: "200" in statuses(phone, "a"))
        assert not worker.got(LegEnded, "a")
        assert not [sip for sip in stranger.log if sip.first.startswith("SIP/2.0")]
    stranger.close()
    phone.close()
