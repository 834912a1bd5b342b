"""A stranger who sends to a call's media ports hears nothing, is heard by nobody, and ends no worker."""

import asyncio
import random
import re
import socket
from ipaddress import ip_network

import pytest

from bridge.causes import HangupCause
from bridge.commands import Join
from bridge.events import LegAnswered, LegDtmf, LegEnded, LegRinging
from config.sections.trunks import Trunk
from tests.aio import asyncio_test
from tests.sip.core import Worker, stage, until
from tests.sip.ears import call_of, hears
from tests.sip.own_network import own_network
from tests.sip.test_nat import InnerPhone
from tests.sip.uas import Phone, ulaw

#: Never speaks SIP.
STRANGER = "127.0.66.6"
#: Loud, and no tone that anybody else sends.
NOISE = bytes(ulaw(s) for s in ([12000] * 4 + [-12000] * 4) * 20)  # 1000 Hz


class Stranger:
    """Sends what it is told to a port, and counts what comes back."""

    def __init__(self, host: str = STRANGER) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.sock.bind((host, 0))
        self.sequence, self.ssrc = random.randrange(1 << 15), random.randbytes(4)

    def rtp(self, target, count: int, payload: bytes = NOISE, kind: int = 0) -> None:
        for _ in range(count):
            self.sequence = (self.sequence + 1) & 0xFFFF
            head = bytes([0x80, kind]) + self.sequence.to_bytes(2, "big")
            stamp = (160 * self.sequence).to_bytes(4, "big")
            self.sock.sendto(head + stamp + self.ssrc + payload, target)

    def heard(self) -> int:
        count = 0
        while True:
            try:
                self.sock.recv(2048)
            except BlockingIOError:
                return count
            count += 1


async def bridged(worker: Worker, shopper: Phone, business: Phone, **fields) -> None:
    for leg, phone in (("s", shopper), ("b", business)):
        worker.dial(leg, phone.uri, **fields)
        await worker.expect(LegAnswered, leg)
    worker.do(Join("s", "b"))
    call_of(shopper).rtp.speak(440)
    call_of(business).rtp.speak(1800)
    await hears(shopper, 1800, not_=(1000, 440))
    await hears(business, 440, not_=(1000, 1800))


@pytest.mark.parametrize("behind_nat", [False, True])
@asyncio_test(timeout=60)
async def test_a_stranger_neither_hears_nor_speaks(behind_nat):
    kind = InnerPhone if behind_nat else Phone
    shopper, business = await kind.start(), await kind.start()
    worker = await Worker.start()
    await bridged(worker, shopper, business)
    # One elsewhere, one at the far side's own address.
    strangers = [Stranger(), Stranger("127.0.0.1")]
    for port in (call_of(shopper).rtp.peer, call_of(business).rtp.peer):
        for _ in range(25):
            for stranger in strangers:
                stranger.rtp(port, 12)
                stranger.rtp(port, 1, bytes([1, 10, 0, 160]), 101)
                stranger.rtp((port[0], port[1] + 1), 1, bytes(40), 200)
            await asyncio.sleep(0.02)
        await hears(shopper, 1800, not_=(1000, 440))
        await hears(business, 440, not_=(1000, 1800))
    # A far side that falls silent is not replaced by a stranger who speaks.
    call_of(business).rtp.hush()
    await asyncio.sleep(0.3)
    for _ in range(50):
        for stranger in strangers:
            stranger.rtp(call_of(business).rtp.peer, 5)
        await asyncio.sleep(0.02)
    # pjsua2 sends silence in its place, rtpengine nothing at all.
    await hears(shopper, not_=(1000, 1800), always=worker.engine == "pjsua2")
    await hears(business, 440)
    assert sum(stranger.heard() for stranger in strangers) == 0
    assert not worker.got(LegDtmf)
    assert not worker.got(LegEnded)
    assert not [line for line in worker.stderr if "latched" in line and STRANGER in line]
    for phone in (shopper, business):
        phone.close()
    await worker.stop()


@asyncio_test(timeout=60)
async def test_before_the_answer_a_port_is_deaf():
    def silent(phone: Phone, sip) -> None:
        phone.respond(sip, 180, "Ringing")

    async with stage(silent) as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegRinging, "a")
        stranger = Stranger()
        for _ in range(20):
            stranger.rtp(call_of(phone).rtp.peer, 20)
            await asyncio.sleep(0.02)
        call = call_of(phone)
        phone.answer(call.invite)
        await worker.expect(LegAnswered, "a")
        call.rtp.speak(440)
        await until(lambda: len(call.rtp.packets) > 50)
        assert stranger.heard() == 0
        worker.hang_up("a", HangupCause.PEER_ENDED)
        ended = await worker.expect(LegEnded, "a")
        assert ended.stats.received <= len(call.rtp.packets) + 50  # the phone's, and nobody else's


@asyncio_test(timeout=60)
async def test_where_addresses_are_listed_a_far_side_elsewhere_is_not_heard():
    """The SDP names an inner address; RTP comes from one that the operator did not list."""

    def trunks(phones):
        return {"t": Trunk(host=f"127.0.0.1:{phones[0].port}", addresses=(ip_network("127.0.55.0/24"),))}

    async with stage(None, trunks=trunks) as (worker, phone):
        real = phone.sdp
        phone.sdp = lambda *args, **kwargs: real(*args, **kwargs).replace("IP4 127.0.0.1", "IP4 127.0.77.7")
        worker.dial("a", phone.uri, "t")
        await worker.expect(LegAnswered, "a")
        target = call_of(phone).rtp.peer
        outsider, listed = Stranger("127.0.66.7"), Stranger("127.0.55.5")
        for _ in range(30):
            outsider.rtp(target, 1)
            await asyncio.sleep(0.02)
        assert outsider.heard() == 0
        for _ in range(30):
            listed.rtp(target, 1)
            await asyncio.sleep(0.02)
        await until(listed.heard, 3)
        assert outsider.heard() == 0
        assert any("media_from_elsewhere" in line and "127.0.66.7" in line for line in worker.stderr)


@asyncio_test(timeout=60)
async def test_ports_rest_after_a_leg():
    """The former far side sends on; nobody hears it in the next legs."""
    async with stage(None, None) as (worker, former, phone):
        worker.dial("former", former.uri)
        await worker.expect(LegAnswered, "former")
        old = call_of(former).rtp
        old.speak(1000)
        await until(lambda: old.packets)
        worker.hang_up("former", HangupCause.CANCELLED)
        await worker.expect(LegEnded, "former")
        old.speak(1000)  # it has not noticed
        seen = {old.peer[1]}
        for number in range(3):
            leg = f"next{number}"
            worker.dial(leg, phone.uri)
            await worker.expect(LegAnswered, leg)
            port = list(phone.dialogs.values())[-1].rtp.peer[1]
            assert port not in seen
            seen.add(port)
            worker.hang_up(leg, HangupCause.CANCELLED)
            ended = await worker.expect(LegEnded, leg)
            assert ended.stats.received == 0


def mutated(random_: random.Random, good: bytes) -> bytes:
    """A packet with some bytes changed, cut off or added."""
    data = bytearray(good)
    for _ in range(random_.randrange(6)):
        data[random_.randrange(len(data))] = random_.randrange(256)
    if random_.random() < 0.3:
        del data[random_.randrange(len(data)) :]
    if random_.random() < 0.3:
        data += random_.randbytes(random_.randrange(1400))
    return bytes(data)


RTCP = [
    bytes.fromhex("80c80006") + bytes(24),
    bytes.fromhex("81c90007") + bytes(28),
    bytes.fromhex("81ca0003") + bytes(4) + b"\x01\x05phone\x00",
    bytes.fromhex("81cb0001") + bytes(4),
    bytes.fromhex("80cc0002") + bytes(8),
    bytes.fromhex("81cf0004") + bytes(16),
    bytes.fromhex("8fce0002") + bytes(8),
]


@pytest.mark.parametrize("seed", range(2))
@asyncio_test(timeout=90)
async def test_no_packet_ends_a_worker(seed):
    """Garbage from the far side itself, and from strangers, into both ports of a live call."""
    rng = random.Random(seed)
    async with stage(None, None) as (worker, shopper, business):
        await bridged(worker, shopper, business)
        rtp, ear = call_of(shopper).rtp, Stranger()
        host, port = rtp.peer
        good = [
            bytes([0x80, kind]) + bytes(10) + rng.randbytes(length)
            for kind, length in ((0, 160), (8, 160), (9, 160), (13, 1), (101, 4), (96, 4), (0, 0), (72, 20))
        ]
        for number in range(3000):
            packet = mutated(rng, rng.choice(good))
            rtp.transport.sendto(packet, (host, port))
            ear.sock.sendto(packet, (host, port))
            packet = b"".join(mutated(rng, rng.choice(RTCP)) for _ in range(rng.randrange(1, 4)))
            rtp.transport.sendto(packet, (host, port + 1))
            ear.sock.sendto(packet, (host, port + 1))
            if number % 20 == 0:
                await asyncio.sleep(0.01)
        await hears(business, 440, not_=(1800,))
        await hears(shopper, 1800)
        assert ear.heard() == 0
        assert worker.process.returncode is None
        assert not worker.got(LegEnded)


@pytest.mark.pjsua2
@asyncio_test(timeout=60)
async def test_legs_between_our_own_processes_stay_on_loopback_and_hear_each_other_alone():
    """Ties, and the browser workers that listen among the SIP ports."""
    with own_network("10.77.0.1"):
        worker = await Worker.start(bind_address="10.77.0.1", ports="1024-65535")
        browser = await Phone.start(host="10.77.0.1")  # stands in for a browser worker
        worker.dial("a", browser.uri)
        invite = await browser.expect("INVITE")
        assert "c=IN IP4 127.0.0.1" in invite.body
        assert invite.source[0] == "10.77.0.1"
        await worker.expect(LegAnswered, "a")
        call = call_of(browser)
        for stranger in (Stranger("127.0.0.1"), Stranger("10.77.0.1")):
            for _ in range(30):
                stranger.rtp(call.rtp.peer, 5)
                await asyncio.sleep(0.02)
            assert stranger.heard() == 0
        assert call.rtp.packets
        worker.hang_up("a", HangupCause.PEER_ENDED)
        assert (await worker.expect(LegEnded, "a")).stats.received == 0
        browser.close()
        await worker.stop()


@asyncio_test(timeout=60)
async def test_a_stream_that_is_taken_out_and_put_back_is_guarded_too():
    async with stage(None, None) as (worker, shopper, business):
        await bridged(worker, shopper, business)
        call_id, call = next(iter(business.dialogs.items()))
        real = business.sdp
        business.sdp = lambda *args: re.sub(r"m=audio \d+", "m=audio 0", real(*args))
        business.request(call_id, "INVITE", business.sdp(call_id))
        await business.expect("SIP/2.0")  # taken or refused
        await asyncio.sleep(0.3)
        business.sdp = real
        business.request(call_id, "INVITE", business.sdp(call_id))
        answer = await business.expect("SIP/2.0 200")
        port = int(re.search(r"m=audio (\d+)", answer.body)[1])
        call.rtp.peer = ("127.0.0.1", port)
        await hears(business, 440, not_=(1000, 1800))
        await hears(shopper, 1800, not_=(1000, 440))
        stranger = Stranger()
        for _ in range(30):
            stranger.rtp(call.rtp.peer, 12)
            await asyncio.sleep(0.02)
        await hears(shopper, 1800, not_=(1000, 440))
        assert stranger.heard() == 0
