"""What webrtc/tap.py uses of aiortc's and aioice's insides is still there, and means what it did."""

from __future__ import annotations

import asyncio
import inspect
import random
import socket
from collections import Counter

import aioice
import aiortc
import pylibsrtp
import pytest
from aioice import stun
from aioice.ice import CandidatePair, Connection, StunProtocol
from aiortc import RTCCertificate, RTCDtlsTransport

from config.fields import PortRange
from tests.aio import asyncio_test
from tests.sip.core import until
from webrtc.ice import MediaAddresses
from webrtc.tap import PathError, SecurePath

HERE = MediaAddresses(("127.0.0.1",), PortRange(40000, 48000))


def test_the_versions_are_those_that_the_tap_was_written_for() -> None:
    assert (aiortc.__version__, aioice.__version__) == ("1.16.0", "0.13.0")


@asyncio_test
async def test_the_attributes_are_there() -> None:
    ice = Connection(ice_controlling=False)
    for name, kind in (
        ("_local_candidates", list),
        ("_local_candidates_start", bool),
        ("_local_candidates_end", bool),
        ("_protocols", list),
        ("_nominated", dict),
    ):
        assert isinstance(getattr(ice, name), kind), name
    assert inspect.iscoroutinefunction(ice.recv)
    assert inspect.iscoroutinefunction(ice.send)
    assert list(inspect.signature(ice.check_incoming).parameters) == ["message", "addr", "protocol"]
    assert list(inspect.signature(ice.build_request).parameters) == ["pair", "nominate"]
    assert list(inspect.signature(StunProtocol.datagram_received).parameters) == ["self", "data", "addr"]
    assert "local_candidate" in StunProtocol.__annotations__
    assert {"remote_addr", "protocol"} <= set(dir(CandidatePair(StunProtocol(ice), _candidate())))
    dtls = RTCDtlsTransport(_Transport(), [RTCCertificate.generateCertificate()])
    assert (dtls._rx_srtp, dtls._tx_srtp, dtls.state) == (None, None, "new")
    assert {"protect", "protect_rtcp", "unprotect", "unprotect_rtcp"} <= set(dir(pylibsrtp.Session))


@asyncio_test(timeout=15)
async def test_two_paths_meet_and_carry_packets_both_ways() -> None:
    loop = asyncio.get_running_loop()
    heard: dict[str, list[bytes]] = {"one": [], "other": [], "one's rtcp": [], "other's rtcp": []}
    gone = loop.create_future()
    lives: Counter[str] = Counter()
    one = SecurePath(
        *(HERE, heard["one"].append, heard["one's rtcp"].append, lambda: gone.set_result(None)),
        lambda: lives.update(["one"]),
    )
    other = SecurePath(
        *(HERE, heard["other"].append, heard["other's rtcp"].append, lambda: None),
        lambda: lives.update(["other"]),
    )
    # A browser controls ICE and is the server of DTLS.
    other._ice.ice_controlling = True
    other._dtls._set_role("server")
    paths = (one, other), (other, one)
    gathered = {path: await path.gather() for path, _ in paths}
    for path, far in paths:
        for candidate in gathered[far]:
            await path.add_candidate(candidate)
    await asyncio.gather(*(path.connect(*far.credentials, (far.fingerprint,)) for path, far in paths))
    assert one.remote == ("127.0.0.1", "host")
    rtp = b"\x80\x00\x00\x01\x00\x00\x00\xa0\x00\x00\x00\x07" + bytes(160)
    rtcp = b"\x80\xc9\x00\x01\x00\x00\x00\x07"
    one.send_rtp(rtp)
    other.send_rtp(rtp)
    one.send_rtcp(rtcp)
    await until(lambda: heard["other"] and heard["one"] and heard["other's rtcp"])
    assert heard["one"] == heard["other"] == [rtp]
    assert heard["other's rtcp"] == [rtcp]
    # Who says nothing is asked whether they are there (RFC 7675).
    before = lives["one"], lives["other"]
    await one.ask_consent()
    assert (lives["one"] > before[0], lives["other"] > before[1]) == (True, True)
    # What is not encrypted with the browser's key is counted and dropped.
    one._received(rtp)
    one._received(rtp + bytes(1600))
    assert (one.forged, heard["one"]) == (2, [rtp])
    await other.close()
    await asyncio.wait_for(gone, 2)
    await one.close()


@asyncio_test(timeout=15)
async def test_a_stranger_with_another_certificate_gets_no_path() -> None:
    one, other = (SecurePath(HERE, lambda _: None, lambda _: None, lambda: None) for _ in range(2))
    other._ice.ice_controlling = True
    other._dtls._set_role("server")
    for path, far in ((one, other), (other, one)):
        await path.gather()
        for candidate in far._ice.local_candidates:
            await path.add_candidate(f"candidate:{candidate.to_sdp()}")
    wrong = (("sha-256", "00:" * 31 + "00"),)
    results = await asyncio.gather(
        one.connect(*other.credentials, wrong),
        other.connect(*one.credentials, (one.fingerprint,)),
        return_exceptions=True,
    )
    assert isinstance(results[0], PathError)
    await one.close()
    await other.close()


@asyncio_test(timeout=15)
async def test_a_full_range_of_ports_is_told() -> None:
    narrow = MediaAddresses(("127.0.0.1",), PortRange(48123, 48123))
    first, second = (SecurePath(narrow, lambda _: None, lambda _: None, lambda: None) for _ in range(2))
    (candidate,) = await first.gather()
    assert " 48123 typ host" in candidate
    with pytest.raises(PathError, match=r"webrtc\.media_ports"):
        await second.gather()
    await first.close()
    await second.close()


@asyncio_test(timeout=20)
async def test_what_strangers_send_harms_nothing() -> None:
    path = SecurePath(HERE, lambda _: None, lambda _: None, lambda: None)
    (candidate,) = await path.gather()
    port = int(candidate.split()[5])
    faults: list[dict] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    chance = random.Random(1)
    request = bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(500):
            kind = chance.randrange(4)
            noise = chance.randbytes(chance.randrange(64))
            if kind == 0:  # STUN with attributes of nonsense, its length right
                noise = noise[: len(noise) // 4 * 4]
                data = request[:2] + len(noise).to_bytes(2, "big") + request[4:20] + noise
            else:
                data = (b"", b"\x16", b"\x80")[kind - 1] + noise
            stranger.sendto(data, ("127.0.0.1", port))
        await asyncio.sleep(0.5)
    asyncio.get_running_loop().set_exception_handler(None)
    assert faults == []
    assert path._ice._queue.empty()
    for text in (
        "1 1 udp 1 224.0.0.1 9 typ host",
        "1 1 udp 1 0.0.0.0 9 typ host",
        "1 1 udp 1 192.0.2.1 70000 typ host",
        "1 2 udp 1 192.0.2.1 9 typ host",
        "1 1 tcp 1 192.0.2.1 9 typ host tcptype active",
        "1 1 udp 1 4e9e.local 9 typ host",
        "1 1 udp 1 example.net 9 typ host",
    ):
        await path.add_candidate(text)
    assert path._ice.remote_candidates == []
    for text in ("", "1 1 udp x 192.0.2.1 9 typ host", "1 1 udp"):
        with pytest.raises(ValueError, match=r"enough|invalid literal"):
            await path.add_candidate(text)
    await path.close()
    elsewhere = SecurePath(
        MediaAddresses(("192.0.2.1",), HERE.ports), lambda _: None, lambda _: None, lambda: None
    )
    await elsewhere.add_candidate("1 1 udp 1 127.0.0.1 5060 typ host")
    assert elsewhere._ice.remote_candidates == []


class _Transport:
    role = "controlled"


def _candidate() -> aioice.Candidate:
    return aioice.Candidate.from_sdp("1 1 udp 1 192.0.2.1 9 typ host")
