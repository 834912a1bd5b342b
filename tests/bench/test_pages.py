"""What the PC bench makes of pages: their SDP, their voices, their packets on the wire, their SIP."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import numpy as np
import pytest
from aiortc import RTCCertificate
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from bench.packets import CapturedPackets
from bench.page_audio import page_calls, page_figures
from bench.page_people import Heard
from bench.peer_path import PeerPath
from bench.peer_sdp import PeerSdpError, RemotePath, read_answer, write_offer
from bench.peer_voice import ROUND, by_sequence, voice
from bench.peers import Job, PeerStory, read_heard, write_heard
from bench.sound import BUSINESS_HZ, SHOPPER_HZ, carries, clicks, loud, speech
from bench.web_signalling import SignallingError, SipCall, WebServer
from config.fields import PortRange
from tests.aio import asyncio_test
from tests.bench.wire import BUSINESS, BUSINESS_RTP, NUMBER, SERVER, SERVER_RTP_BUSINESS, Wire
from webrtc.ice import MediaAddresses
from webrtc.sdp import LocalPath, read_offer, write_answer
from webrtc.sip_text import read_message, write_response
from webrtc.tap import SecurePath

START = 1_700_000_000.0
PAGE, PAGE_PORT, SECONDS = 30000, 20010, 6
PRINT = ":".join(["AB"] * 32)


# SDP ----------------------------------------------------------------------------------------------------


def test_an_offer_and_its_answer() -> None:
    offer = read_offer(
        write_offer(
            ("abcd", "e" * 22), PRINT, ["candidate:1 1 udp 1 127.0.0.1 9 typ host"], 7, ["opus", "PCMU"]
        )
    )
    assert offer.codecs == {"opus": 111, "PCMU": 0}
    assert (offer.user, offer.fingerprints, len(offer.candidates)) == ("abcd", (("sha-256", PRINT),), 1)
    path = LocalPath(
        "wxyz", "p" * 22, ("sha-256", PRINT), ("candidate:1 1 udp 1 127.0.0.1 8 typ host",), True
    )
    for codec in ("opus", "PCMU"):
        assert read_answer(write_answer(offer, path, codec, 5, 1)) == RemotePath(
            "wxyz", "p" * 22, ("sha-256", PRINT), path.candidates, codec
        )


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("a=setup:active", "a=setup:passive"),
        ("m=audio 9", "m=audio 0"),
        ("a=ice-pwd:", "a=x:"),
        ("SAVPF 0", "SAVPF 9"),
    ],
)
def test_answers_of_no_use(said: str, instead: str) -> None:
    offer = read_offer(write_offer(("abcd", "e" * 22), PRINT, [], 7, ["PCMU"]))
    answer = write_answer(offer, LocalPath("wxyz", "p" * 22, ("sha-256", PRINT), (), True), "PCMU", 5, 1)
    with pytest.raises(PeerSdpError):
        read_answer(answer.replace(said, instead, 1))


# voices -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["PCMU", "opus"])
def test_a_voice_is_known_by_its_tone_and_its_click(codec: str) -> None:
    said = voice(codec, SHOPPER_HZ)
    assert len(said.payloads) == ROUND
    assert (carries(said.frames, SHOPPER_HZ) | loud(said.frames)).all()
    assert not carries(said.frames, BUSINESS_HZ)[~loud(said.frames)].any()
    assert len(clicks(np.arange(ROUND) / 50, said.frames)) == 1


@pytest.mark.parametrize("codec", ["PCMU", "opus"])
def test_packets_late_and_lost_sound_as_what_they_are(codec: str) -> None:
    said = voice(codec, SHOPPER_HZ)
    first = 65500
    payloads = {(first + n) & 0xFFFF: said.payloads[n % ROUND] for n in range(100) if n != 60}
    order = np.array([first + n & 0xFFFF for n in [*range(70), 71, 70, *range(72, 100)]], np.int64)
    frames = by_sequence(order, payloads, codec)
    assert frames.shape == (100, 160)
    fine = carries(frames, SHOPPER_HZ) | loud(frames)
    assert fine[[71, 70, 99]].all()
    if codec == "PCMU":
        assert list(np.flatnonzero(~fine)) == [60]
        assert (frames[70] == said.frames[71 % ROUND]).all()


# on the wire --------------------------------------------------------------------------------------------


def srtp(sequence: int, sender: int) -> bytes:
    return struct.pack(">BBHII", 0x80, 0, sequence & 0xFFFF, 0, sender) + bytes(170)


def a_page_call(wire: Wire, *, late: float, lost: int | None = None) -> Heard:
    """Clicked at 0 s, connected at 0.1 s, 180 at 0.15 s, answered at 0.3 s, joined at 0.34 s, BYE at 6 s."""
    wire.sip(
        START + 0.11,
        SERVER,
        BUSINESS,
        "INVITE sip:store@127.0.0.1 SIP/2.0",
        "business",
        "INVITE",
        SERVER_RTP_BUSINESS,
    )
    wire.sip(START + 0.15, BUSINESS, SERVER, "SIP/2.0 180 Ringing", "business", "INVITE")
    wire.sip(START + 0.3, BUSINESS, SERVER, "SIP/2.0 200 OK", "business", "INVITE", BUSINESS_RTP)
    wire.sip(START + 6, BUSINESS, SERVER, "BYE sip:127.0.0.1 SIP/2.0", "business", "BYE")
    joined, said = START + 0.34, voice("PCMU", SHOPPER_HZ)
    wire.speak(BUSINESS_RTP, SERVER_RTP_BUSINESS, joined, speech(BUSINESS_HZ) * SECONDS)
    wire.speak(SERVER_RTP_BUSINESS, BUSINESS_RTP, joined, speech(SHOPPER_HZ) * SECONDS, late=late)
    payloads, answer = {}, voice("PCMU", BUSINESS_HZ).payloads
    for n in range(ROUND * SECONDS):
        wire.send(joined + n / 50, PAGE, PAGE_PORT, srtp(65530 + n, 11))
        if n != lost:
            wire.send(joined + n / 50 + late, PAGE_PORT, PAGE, srtp(100 + n, 22))
            payloads[100 + n] = answer[n % ROUND]
    wire.send(joined + 1, PAGE, PAGE_PORT, b"\x80\xc8" + bytes(60))  # RTCP
    story = PeerStory(
        f"+{NUMBER}", START, connected=START + 0.1, ended=START + 6.1, port=PAGE, codec="PCMU", ssrc=11,
        first_sequence=65530, sent=len(payloads), heard_ssrc=22,
    )  # fmt: skip
    assert said.payloads
    return Heard({NUMBER: (story, payloads)})


def test_a_page_and_a_phone(tmp_path: Path) -> None:
    wire = Wire()
    heard = a_page_call(wire, late=0.025)
    packets = CapturedPackets.read(wire.write(tmp_path / "wire.pcap"))
    (call,) = page_calls(packets, BUSINESS, [NUMBER], heard, "PCMU")
    audio = call.followed.audio
    assert audio.bridged
    assert audio.clicks_lost == 0
    assert np.allclose(audio.delays, 0.025, atol=2e-6)
    assert len(audio.delays) >= 8
    assert [(flow.skipped, flow.short, flow.holes) for flow in (*audio.said, *audio.heard)] == [(0, 0, 0)] * 4
    found = page_figures([call])
    assert found["click_to_ringing_ms_p50"] == pytest.approx(150, abs=0.1)
    assert found["click_to_connected_ms_p50"] == pytest.approx(100, abs=0.1)
    assert call.followed.gap == pytest.approx(0.01, abs=1e-4)


def test_a_packet_that_a_page_never_got(tmp_path: Path) -> None:
    wire = Wire()
    heard = a_page_call(wire, late=0.0, lost=120)
    packets = CapturedPackets.read(wire.write(tmp_path / "wire.pcap"))
    (call,) = page_calls(packets, BUSINESS, [NUMBER], heard, "PCMU")
    at_business, at_page = call.followed.audio.heard
    assert (at_business.skipped, at_page.skipped) == (0, 1)
    assert at_page.beyond.max() == pytest.approx(0.02, abs=1e-5)


def test_a_page_that_never_called(tmp_path: Path) -> None:
    packets = CapturedPackets.read(Wire().write(tmp_path / "wire.pcap"))
    (call,) = page_calls(packets, BUSINESS, [NUMBER], Heard(), "PCMU")
    assert not call.followed.audio.bridged
    assert page_figures([call])["problems"] == {"never placed": 1}


def test_what_peers_heard_is_kept(tmp_path: Path) -> None:
    class Peer:
        def __init__(self, number: str, packets: list[bytes]) -> None:
            self.story, self.heard = PeerStory(number, 1.0), packets

    write_heard(
        tmp_path / "x.npz", [Peer("1", [srtp(7, 9), srtp(8, 9)]), Peer("2", []), Peer("3", [b"\x80"])]
    )
    one, two, three = read_heard(tmp_path / "x.npz")
    assert one[0].heard_ssrc == 9
    assert one[1] == {7: bytes(170), 8: bytes(170)}
    assert (two[1], three[1]) == ({}, {})


def test_a_job_crosses_as_json() -> None:
    job = Job(WebServer("ringback", "http://x", "https://y", "key"), "opus", 600, 9.5, Path("/tmp/z.npz"))
    assert Job.load(job.dump()) == job


# between peers ------------------------------------------------------------------------------------------


@asyncio_test(timeout=20)
async def test_a_peer_talks_to_a_path_of_ours() -> None:
    at_server, at_peer = asyncio.Queue(), asyncio.Queue()
    place = MediaAddresses(("127.0.0.1",), PortRange(20000, 32000))
    server = SecurePath(place, at_server.put_nowait, lambda data: None, lambda: None)
    peer = PeerPath(RTCCertificate.generateCertificate(), at_peer.put_nowait)
    offer = read_offer(write_offer(peer.credentials, peer.fingerprint, await peer.gather(), 7, ["PCMU"]))
    local = LocalPath(*server.credentials, server.fingerprint, await server.gather(), complete=True)
    answer = read_answer(write_answer(offer, local, "PCMU", 5, 1))
    for candidate in offer.candidates:
        await server.add_candidate(candidate)
    await asyncio.gather(peer.connect(answer), server.connect(offer.user, offer.password, offer.fingerprints))
    packet = struct.pack(">BBHII", 0x80, 0, 1, 0, 7) + b"said"
    peer.send(packet)
    assert await at_server.get() == packet
    server.send_rtp(packet)
    assert await at_peer.get() == packet
    await peer.close()
    await server.close()


@asyncio_test(timeout=10)
@pytest.mark.parametrize("status", [200, 486])
async def test_sip_over_websocket(status: int) -> None:
    said: list[str] = []

    async def switch(socket) -> None:
        async for text in socket:
            message = read_message(text.encode())
            said.append(message.method)
            if message.method == "INVITE":
                for answer in (100, 180, status):
                    contact = (("Contact", "<sip:127.0.0.1:5060;transport=ws>"),)
                    body = "v=0" if answer == 200 else ""
                    await socket.send(write_response(message, answer, "tag", contact, body).decode())
            elif message.method == "ACK" and status == 200:
                assert message.uri == "sip:127.0.0.1:5060;transport=ws"
                bye = text.replace("ACK sip", "BYE sip").replace("1 ACK", "7 BYE")
                await socket.send(bye)

    async with serve(switch, "127.0.0.1", 0, subprotocols=["sip"]) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", subprotocols=["sip"], proxy=None) as socket:
            call = SipCall(socket, f"+{NUMBER}")
            if status == 200:
                assert await call.answer_to("v=0\r\n") == "v=0"
                await call.over()
            else:
                with pytest.raises(SignallingError, match="486"):
                    await call.answer_to("v=0\r\n")
            await call.close()
    assert said[:2] == ["INVITE", "ACK"]
    assert "BYE" not in said[:2]
