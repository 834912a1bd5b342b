"""ICE servers, TURN credentials, places of media."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pydantic import ValidationError

from config.fields import PortRange
from config.sections.webrtc import WebRtc
from webrtc.ice import MediaAddresses, ice_servers, media_addresses, turn_credentials


def test_credentials_are_what_coturn_computes() -> None:
    # openssl: printf 1700000000:alice | openssl dgst -sha1 -hmac north -binary | base64
    assert turn_credentials("north", "alice", 1_700_000_000) == (
        "1700000000:alice",
        "Cd/49soE35ICqcJF/bCTn8Z4OyE=",
    )


def test_a_page_is_told_servers_and_a_password_of_the_moment() -> None:
    settings = WebRtc(
        stun=("stun:stun.example:3478",),
        turn=("turn:turn.example:3478?transport=udp", "turns:turn.example:5349?transport=tcp"),
        turn_secret="north",
        turn_lifetime="10m",
    )
    stun, turn = ice_servers(settings, "call-1", 1000.5)
    assert stun == {"urls": ["stun:stun.example:3478"]}
    assert turn["urls"] == ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349?transport=tcp"]
    assert turn["username"] == "1600:call-1"
    assert turn["credential"] == turn_credentials("north", "call-1", 1600)[1]
    assert ice_servers(WebRtc(), "call-1", 0) == []


@pytest.mark.parametrize("url", ["http://turn.example", "turn:", "turn:a b", "turn:x?transport=sctp"])
def test_what_is_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        WebRtc(turn=(url,))


@settings(deadline=None)
@given(first=some.integers(1024, 60000), count=some.integers(1, 400))
def test_ports_stay_in_their_range(first: int, count: int) -> None:
    tried = list(MediaAddresses(("127.0.0.1",), PortRange(first, first + count - 1)).ports_to_try())
    assert len(tried) == len(set(tried)) == min(count, 200)
    assert first <= min(tried) <= max(tried) < first + count


def test_media_live_where_sip_does_unless_told_otherwise() -> None:
    every = media_addresses(WebRtc(), "0.0.0.0", None, ["192.0.2.1", "10.0.0.1"])
    assert every.addresses == ("192.0.2.1", "10.0.0.1")
    assert every.told("10.0.0.1") == "10.0.0.1"
    nat = media_addresses(WebRtc(bind_address="10.0.0.1"), "0.0.0.0", "203.0.113.9", ["10.0.0.1", "10.0.0.2"])
    assert nat.addresses == ("10.0.0.1",)
    assert nat.told("10.0.0.1") == "203.0.113.9"
    assert media_addresses(WebRtc(public_address="198.51.100.1"), "10.0.0.1", "203.0.113.9", []).told(
        "x"
    ) == ("198.51.100.1")
