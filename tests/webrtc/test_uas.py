"""The user agent server alone, against a phone worker of our own writing."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, field

from tests.aio import asyncio_test
from tests.sip.core import until
from webrtc.sip_text import SipMessage, read_message
from webrtc.uas import LoopbackUas, UasDialog

OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


@dataclass
class Callee:
    dialog: UasDialog | None = None
    offers: list = field(default_factory=list)
    ends: list[bool] = field(default_factory=list)

    def invited(self, dialog: UasDialog) -> None:
        self.dialog = dialog

    def reoffered(self, offer) -> str | None:
        self.offers.append(offer)
        return "v=0\r\n" if offer.port else None

    def hung_up(self, *, cancelled: bool) -> None:
        self.ends.append(cancelled)


class Caller(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: list[SipMessage] = []

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.address = "{}:{}".format(*transport.get_extra_info("sockname"))

    def datagram_received(self, data: bytes, addr) -> None:
        message = read_message(data)
        assert message is not None
        self.heard.append(message)

    def send(
        self, method: str, number: int = 1, body: str = "", user: str = "known", call: str = "x"
    ) -> None:
        tag = f";tag={self.tag}" if self.tag and number > 1 else ""
        self.transport.sendto(
            (
                f"{method} sip:{user}@127.0.0.1 SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{method}{number}\r\n"
                f"From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:{user}@127.0.0.1>{tag}\r\nCall-ID: {call}\r\n"
                f"CSeq: {number} {method}\r\nContact: <sip:a@{self.address}>\r\n\r\n{body}"
            ).encode(),
            self.far,
        )

    @property
    def tag(self) -> str:
        found = [re.search(r";tag=(\w+)", message.get("to")) for message in self.heard]
        return next((one[1] for one in found if one), "")

    @property
    def statuses(self) -> list[tuple[str, int]]:
        return [(message.method, message.status) for message in self.heard]

    async def gets(self, *wanted: tuple[str, int]) -> None:
        """These, and nothing before them; what was heard is forgotten."""
        await until(lambda: len(self.heard) >= len(wanted))
        assert self.statuses == list(wanted)
        self.heard.clear()


@contextlib.asynccontextmanager
async def calling(host: str = "127.0.0.1"):
    callee = Callee()
    agent = await LoopbackUas.open("127.0.0.1", 0, {"known": callee}.get)
    loop = asyncio.get_running_loop()
    _, caller = await loop.create_datagram_endpoint(Caller, local_addr=(host, 0))
    caller.far = ("127.0.0.1", agent.port)
    try:
        yield caller, callee
    finally:
        caller.transport.close()
        agent.close()


@asyncio_test(timeout=10)
async def test_a_call_is_rung_answered_changed_and_ended() -> None:
    async with calling() as (caller, callee):
        caller.send("INVITE", body=OFFER)
        await caller.gets(("INVITE", 180))
        callee.dialog.answer("v=0\r\n")
        await caller.gets(("INVITE", 200))
        caller.send("ACK")
        caller.send("UPDATE", 2)  # a session timer's
        await caller.gets(("UPDATE", 200))
        caller.send("INVITE", 3, OFFER.replace("4000", "4002"))
        await caller.gets(("INVITE", 200))
        caller.send("ACK", 3)
        assert [offer.port for offer in callee.offers] == [4002]
        caller.send("INVITE", 4, OFFER.replace("4000", "0"))
        await caller.gets(("INVITE", 488))
        caller.send("ACK", 4)
        caller.send("REFER", 5)
        await caller.gets(("REFER", 405))
        caller.send("BYE", 6)
        caller.send("BYE", 6)
        await caller.gets(("BYE", 200), ("BYE", 200))
        assert callee.ends == [False]


@asyncio_test(timeout=10)
async def test_an_answer_is_repeated_until_it_is_acknowledged() -> None:
    async with calling() as (caller, callee):
        caller.send("INVITE", body=OFFER)
        caller.send("INVITE", body=OFFER)  # we were slow to ring
        await caller.gets(("INVITE", 180), ("INVITE", 180))
        callee.dialog.answer("v=0\r\n")
        await caller.gets(("INVITE", 200))
        caller.send("INVITE", body=OFFER)  # lost its way for long
        await caller.gets(("INVITE", 200))
        await asyncio.sleep(0.6)
        await caller.gets(("INVITE", 200))
        caller.send("ACK")
        await asyncio.sleep(1.2)
        assert caller.heard == []


@asyncio_test(timeout=10)
async def test_a_cancelled_call_is_over() -> None:
    async with calling() as (caller, callee):
        caller.send("INVITE", body=OFFER)
        await caller.gets(("INVITE", 180))
        caller.send("CANCEL")
        await caller.gets(("CANCEL", 200), ("INVITE", 487))
        caller.send("ACK")
        callee.dialog.answer("v=0\r\n")
        assert callee.ends == [True]
        await asyncio.sleep(0.6)
        assert caller.heard == []


@asyncio_test(timeout=10)
async def test_our_bye_is_repeated_until_it_is_answered() -> None:
    async with calling() as (caller, callee):
        caller.send("INVITE", body=OFFER)
        await caller.gets(("INVITE", 180))
        callee.dialog.answer("v=0\r\n")
        await caller.gets(("INVITE", 200))
        caller.send("ACK")
        await asyncio.sleep(0.05)
        callee.dialog.end(480, "Q.850;cause=16")
        await until(lambda: len(caller.heard) == 2)
        bye = caller.heard[0]
        assert (bye.method, bye.status, bye.get("reason")) == ("BYE", 0, "Q.850;cause=16")
        assert bye.uri == f"sip:a@{caller.address}"
        answer = f"SIP/2.0 200 OK\r\nVia: {bye.get('via')}\r\nFrom: {bye.get('from')}\r\n"
        answer += f"To: {bye.get('to')}\r\nCall-ID: x\r\nCSeq: {bye.get('cseq')}\r\n\r\n"
        caller.transport.sendto(answer.encode(), caller.far)
        await asyncio.sleep(1.2)
        assert len(caller.heard) == 2
        assert callee.ends == []


@asyncio_test(timeout=10)
async def test_strangers_and_other_addresses_get_nowhere() -> None:
    async with calling() as (caller, callee):
        caller.send("INVITE", body=OFFER, user="guess")
        await caller.gets(("INVITE", 404))
        caller.send("BYE", 7, call="nothing")
        await caller.gets(("BYE", 481))
        caller.send("OPTIONS", call="y")
        await caller.gets(("OPTIONS", 200))
        caller.transport.sendto(b"\x00\xffgarbage", caller.far)
        assert callee.dialog is None
    async with calling("127.0.0.2") as (caller, callee):
        caller.send("INVITE", body=OFFER)
        await asyncio.sleep(0.3)
        assert caller.heard == []
        assert callee.dialog is None
