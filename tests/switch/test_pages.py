"""What rtpengine is told of pages, and what it tells of them."""

import pytest

from switch.browser_leg import quality_of
from switch.media import HeardQuality, PageState
from switch.page_media import state_of
from switch.page_sdp import PagePathError, candidate_of, path_of, toward_rtpengine
from webrtc.sdp import read_offer, write_answer

PRINT = "AB:" * 31 + "AB"
OFFER = "\r\n".join([
    "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8", "c=IN IP4 0.0.0.0", "a=rtcp-mux", "a=mid:0", "a=sendrecv",
    "a=ice-ufrag:abcd", "a=ice-pwd:" + "p" * 24, f"a=fingerprint:sha-256 {PRINT}", "a=setup:actpass",
    "a=rtpmap:111 opus/48000/2", "a=evil:x", "",
])  # fmt: skip
HOST = "candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host generation 0"
MADE = (
    "v=0\r\nm=audio 30000 UDP/TLS/RTP/SAVPF 0\r\na=ice-ufrag:ours\r\na=ice-pwd:secret\r\n"
    f"a=fingerprint:sha-256 {PRINT}\r\na=setup:active\r\n"
    "a=candidate:X 1 UDP 2130706431 10.0.0.5 30000 typ host\r\n"
    "a=candidate:X 2 UDP 2130706430 10.0.0.5 30001 typ host\r\n"
)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (HOST, HOST),
        ("a=" + HOST, HOST),
        (HOST.removeprefix("candidate:"), HOST),
        (HOST.replace("192.0.2.7", "2001:db8::7"), HOST.replace("192.0.2.7", "2001:db8::7")),
        (HOST.replace("192.0.2.7", "f00d-1.local"), None),
        (HOST.replace(" udp ", " tcp "), None),
        (HOST.replace("50000", "70000"), None),
        (HOST.replace("192.0.2.7", "224.0.0.1"), None),
        (HOST.replace(" 1 udp", " 2 udp"), None),
        (HOST + "\r\na=setup:active", None),
        ("", None),
    ],
)
def test_only_candidates_that_rtpengine_can_use_are_passed_on(text: str, known: str | None) -> None:
    assert candidate_of(text) == known


def test_rtpengine_is_told_what_we_read_of_the_offer_and_nothing_else() -> None:
    told = toward_rtpengine(read_offer(OFFER), "PCMU", [HOST]).split("\r\n")
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 0 101" in told
    assert f"a={HOST}" in told
    assert "a=setup:passive" in told
    assert not [line for line in told if "evil" in line or "opus" in line]
    assert "a=rtpmap:111 opus/48000/2" in toward_rtpengine(read_offer(OFFER), "opus", [])


def test_the_page_is_told_our_path_by_the_address_that_it_sees() -> None:
    offer = read_offer(OFFER)
    answer = write_answer(offer, path_of(MADE, "198.51.100.1"), "PCMU", None, 3)
    assert "a=candidate:X 1 UDP 2130706431 198.51.100.1 30000 typ host\r\n" in answer
    assert "a=ice-ufrag:ours\r\n" in answer
    assert "a=ssrc" not in answer
    assert "10.0.0.5" not in answer
    assert path_of(MADE, None).candidates == ("candidate:X 1 UDP 2130706431 10.0.0.5 30000 typ host",)
    for gone in ("a=ice-pwd", "a=fingerprint", "a=candidate"):
        with pytest.raises(PagePathError):
            path_of(MADE.replace(gone, "a=x"), None)


def test_what_rtpengine_knows_of_a_connection() -> None:
    def party(ssrc: int, *flags: str) -> dict:
        stream = {"SSRC": ssrc, "last packet": 98, "flags": list(flags), "stats": {"packets": 50}}
        return {"medias": [{"streams": [stream]}]}

    answer = {
        "tags": {"c-a~1": party(1, "DTLS fingerprint verified"), "c-b": party(2)},
        "SSRC": {
            "1": {"average": {"packet loss": 7, "jitter": 4}},
            "2": {"average": {"packet loss": 2, "jitter": 3, "round-trip time": 12_000}},
        },
    }
    state = state_of(answer, "c-a~1", "c-b", 100.0)
    assert state == PageState(True, 2.0, 50, HeardQuality(7.0, 4.0), HeardQuality(2.0, 3.0, 12.0))
    told = quality_of(4, "PCMU", state)
    assert (told.up_loss, told.down_loss, told.round_trip_ms, told.advise_opus) == (7.0, 2.0, 12.0, True)
    assert not quality_of(4, "opus", state).advise_opus
    assert state_of(answer, "c-b", None, 100.0).connected is False
    assert state_of({}, "c-a~1", None, 100.0) == PageState(False, None)
