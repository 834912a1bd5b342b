"""Nothing that a peer or a stranger sends ends the switch or rtpengine, or the call beside it.

Bounded here; ``FUZZ=100000`` in the environment sends as many media datagrams, in some minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct

import pytest

from bridge.commands import Join
from switch.page_sdp import toward_rtpengine
from tests.aio import asyncio_test
from tests.sip.core import Worker
from tests.sip.test_fuzz import (  # noqa: F401
    test_answers_to_our_calls,
    test_requests_from_outside_of_calls,
    test_requests_within_a_call,
)
from tests.sip.test_strangers import RTCP, mutated
from tests.switch.stage import port_in, stage
from tests.switch.test_pages import HOST, OFFER
from webrtc.sdp import read_offer

DATAGRAMS = int(os.environ.get("FUZZ", "4000"))
#: Sent before there is a pause, in which rtpengine reads.
AT_ONCE = 50


@pytest.fixture(autouse=True)
def _on_rtpengine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "engine", "rtpengine")


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def stun(rng: random.Random, user: str) -> bytes:
    """A binding request (RFC 8489), whose integrity is wrong."""
    body = attribute(0x0006, user.encode()) + attribute(0x0024, rng.randbytes(4))
    body += attribute(0x8029, rng.randbytes(8)) + attribute(0x0008, rng.randbytes(20))
    return (
        struct.pack("!HHI", rng.choice((1, 0x101, 0x111, 0x11)), len(body), 0x2112A442)
        + rng.randbytes(12)
        + body
    )


def dtls(rng: random.Random) -> bytes:
    """A record that begins as a ClientHello does (RFC 6347 section 4.1)."""
    hello = (
        b"\xfe\xfd"
        + rng.randbytes(32)
        + b"\0\0\0\x04\xc0\x2b\xc0\x2f\x01\0"
        + rng.randbytes(rng.randrange(80))
    )
    shake = b"\x01" + len(hello).to_bytes(3, "big") + bytes(5) + len(hello).to_bytes(3, "big") + hello
    return (
        bytes((rng.choice((20, 21, 22, 23)), 0xFE, 0xFD)) + bytes(8) + len(shake).to_bytes(2, "big") + shake
    )


def rtp(rng: random.Random) -> bytes:
    kind = rng.choice((0, 8, 9, 13, 101, 96, 111, 72, 127))
    return (
        bytes((rng.choice((0x80, 0x90, 0xA0, 0x8F)), kind))
        + rng.randbytes(10)
        + rng.randbytes(rng.randrange(200))
    )


@asyncio_test(timeout=900)
async def test_media_of_peers_and_strangers(tmp_path):
    """RTP and RTCP from a phone of the call itself; RTP, STUN and DTLS at the port of a page."""
    rng = random.Random(14)
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 880)
        # The fuzzed phone and its partner, and a page, are a call of their own.
        await it.dial("d-a", 440)
        await it.dial("d-b", 880)
        it.media.perform(Join("c-a", "c-b"))
        it.media.perform(Join("d-a", "d-b"))
        told = toward_rtpengine(read_offer(OFFER), "PCMU", [HOST.replace("192.0.2.7", "127.0.0.1")])
        page = await it.media.open_page("e-s", 1, told, "PCMU", it.terms(), "loop")
        user = page.split("a=ice-ufrag:")[1].split()[0] + ":abcd"
        host, port = it.phones["d-a"].peer
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.1", 0))
            for number in range(DATAGRAMS // 4):
                odd = it.phones["d-a"].transport
                odd.sendto(mutated(rng, rtp(rng)), (host, port))
                odd.sendto(b"".join(mutated(rng, rng.choice(RTCP)) for _ in range(2)), (host, port + 1))
                at_page = (host, port_in(page))
                stranger.sendto(mutated(rng, rng.choice((stun(rng, user), dtls(rng), rtp(rng)))), at_page)
                stranger.sendto(mutated(rng, stun(rng, user)), (host, at_page[1] + number % 2))
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0.02)
        assert it.engine._lives(it.engine.daemon.pid), "rtpengine died"
        await it.hears("c-a", 880)
        await it.hears("c-b", 440)
        assert not [leg for leg, _ in it.owner.broken if leg.startswith("c-")]
