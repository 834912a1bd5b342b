"""Offers of browsers and their answers; SDP and SIP of phone workers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from webrtc.plain_sdp import read_plain, shared_codecs, write_plain
from webrtc.sdp import LocalPath, SdpError, choose_codec, read_offer, write_answer
from webrtc.sip_text import contact_of, read_message, write_response

CHROMIUM = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS stream
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Ab+/
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=ice-options:trickle
a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:B1:C1
a=setup:actpass
a=mid:0
a=sendrecv
a=msid:stream track
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=candidate:1 1 udp 2113937151 192.0.2.7 50000 typ host generation 0
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
a=rtpmap:96 VP8/90000
"""
PATH = LocalPath(
    "user", "password", ("sha-256", "AA:BB"), ("candidate:1 1 udp 1 192.0.2.1 9 typ host",), True
)


def test_an_offer_is_read() -> None:
    offer = read_offer(CHROMIUM)
    assert offer.codecs == {"opus": 111, "G722": 9, "PCMU": 0, "PCMA": 8}
    assert (offer.user, offer.password) == ("Ab+/", "abcdefghijklmnopqrstuvwx")
    assert offer.fingerprints[0][0] == "sha-256"
    assert len(offer.candidates) == 1
    assert choose_codec(offer, ("PCMA", "PCMU")) == "PCMA"
    assert choose_codec(offer, ("L16",)) is None


def test_the_answer_mirrors_the_offer_and_takes_audio_alone() -> None:
    answer = write_answer(read_offer(CHROMIUM), PATH, "PCMU", 77, 1)
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" in answer
    assert "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n" in answer
    assert "a=group:BUNDLE 0\r\n" in answer
    assert "a=setup:active\r\n" in answer
    assert "a=end-of-candidates\r\n" in answer
    assert "useinbandfec" not in answer
    assert "useinbandfec=1" in write_answer(read_offer(CHROMIUM), PATH, "opus", 77, 1)


@pytest.mark.parametrize(
    ("gone", "instead"),
    [
        ("m=audio", "m=text"),
        ("UDP/TLS/RTP/SAVPF 111", "RTP/AVP 111"),
        ("a=rtcp-mux\n", ""),
        ("a=ice-ufrag:Ab+/", "a=ice-ufrag:x y"),
        ("a=ice-pwd:abcdefghijklmnopqrstuvwx\n", ""),
        ("a=setup:actpass", "a=setup:passive"),
        ("a=mid:0", "a=mid:a b"),
        ("a=sendrecv", "a=recvonly"),
        ("a=fingerprint", "a=thumbprint"),
    ],
)
def test_what_is_no_offer_of_ours_is_refused(gone: str, instead: str) -> None:
    assert gone in CHROMIUM
    with pytest.raises(SdpError):
        read_offer(CHROMIUM.replace(gone, instead))


@settings(deadline=None)
@given(some.lists(some.one_of(some.sampled_from(CHROMIUM.splitlines()), some.text(max_size=60)), max_size=40))
def test_any_text_is_answered_or_refused_and_nothing_breaks_out(lines: list[str]) -> None:
    try:
        offer = read_offer("\r\n".join(lines))
    except SdpError:
        return
    if offer.codecs:
        answer = write_answer(offer, PATH, next(iter(offer.codecs)), 1, 1)
        assert all(line[1:2] == "=" for line in answer.split("\r\n")[:-1])


PLAIN = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=pjmedia
c=IN IP4 127.0.0.1
t=0 0
m=audio 4000 RTP/AVP 0 8 9 101
a=rtpmap:101 telephone-event/8000
a=sendonly
"""


def test_a_phone_worker_is_answered_with_one_codec_and_its_events() -> None:
    offer = read_plain(PLAIN.replace("\n", "\r\n"))
    assert (offer.address, offer.port, offer.event_type, offer.direction) == (
        "127.0.0.1", 4000, 101, "sendonly",
    )  # fmt: skip
    assert shared_codecs(offer, ("G722", "opus", "PCMU")) == ("G722", "PCMU")
    answer = write_plain(offer, "127.0.0.1", 5000, "PCMA", 2)
    again = read_plain(answer)
    assert (again.port, again.codecs, again.direction) == (5000, ("PCMA",), "recvonly")
    assert read_plain("v=0\r\n") is None


@settings(deadline=None)
@given(some.binary(max_size=300))
def test_any_datagram_is_read_or_refused(data: bytes) -> None:
    read_message(data)


def test_an_invite_is_read_and_answered() -> None:
    invite = read_message(
        b"INVITE sip:s3cret@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK1\r\n"
        b"f: <sip:a@b>;tag=1\r\nTo: <sip:s3cret@127.0.0.1>\r\nCall-ID: x\r\nCSeq: 7 INVITE\r\n"
        b"Contact: <sip:a@127.0.0.1:5061;ob>\r\n\r\nv=0\r\n"
    )
    assert (invite.method, invite.user, invite.number, invite.body) == ("INVITE", "s3cret", 7, "v=0\r\n")
    assert contact_of(invite) == "sip:a@127.0.0.1:5061;ob"
    answer = read_message(write_response(invite, 200, "t", (), "v=0\r\n"))
    assert (answer.status, answer.get("to"), answer.get("call-id")) == (
        200, "<sip:s3cret@127.0.0.1>;tag=t", "x",
    )  # fmt: skip
