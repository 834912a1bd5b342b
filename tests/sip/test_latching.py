"""Who may be heard on a leg, and when: events in, decisions out."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.latching import WINDOW, Latch, MediaPeer
from sip.rtp import Packet
from sip.rtp_filter import ANYBODY, Endpoint, exactly


def at(text: str) -> Endpoint:
    found = Endpoint.read(text)
    assert found is not None
    return found


SDP = at("192.168.1.20:4000")
NAT = at("198.51.100.7:33000")
STRANGER = at("203.0.113.66:5555")
CARRIER = MediaPeer(frozenset({NAT.address}))


def packets(source: Endpoint, latch: Latch, start: float, count: int, ssrc: int = 7) -> list[bool]:
    return [
        latch.hear(source, Packet(False, 0, (65530 + n) & 0xFFFF, 160 * n, ssrc, b""), start + n * 0.02)
        for n in range(count)
    ]


def test_before_the_sdp_is_known_nobody_is_taken():
    latch = Latch(CARRIER)
    assert latch.heard_from is None
    assert latch.candidates(0.0) == []
    assert not any(packets(NAT, latch, 0.0, 50))


def test_what_the_sdp_says_is_heard_at_once_and_then_alone():
    latch = Latch(CARRIER)
    assert latch.told(SDP, 0.0)
    assert latch.heard_from == SDP
    latch.settle()
    assert not any(packets(STRANGER, latch, 0.5, 100))
    assert not any(packets(NAT, latch, 3.0, 100))
    assert not any(packets(at("192.168.1.20:4002"), latch, 3.0, 100))
    assert latch.candidates(0.5) == [exactly(SDP)]


def test_behind_nat_the_first_that_latches_is_heard_and_then_alone():
    latch = Latch(CARRIER)
    latch.told(SDP, 0.0)
    assert packets(NAT, latch, 0.3, 5) == [False, False, False, True, False]
    assert latch.heard_from == NAT
    assert not any(packets(STRANGER, latch, 0.5, 100))
    assert not any(packets(at("198.51.100.7:33002"), latch, 0.5, 100))


def test_the_address_of_the_sdp_takes_its_stream_back():
    latch = Latch(CARRIER)
    latch.told(SDP, 0.0)
    packets(NAT, latch, 0.3, 5)
    assert True in packets(SDP, latch, 1.0, 5)
    assert latch.heard_from == SDP


def test_a_stranger_latches_within_the_window_alone():
    latch = Latch(CARRIER)
    latch.told(SDP, 0.0)
    assert latch.candidates(1.0) == [ANYBODY]
    assert packets(STRANGER, latch, 1.0, 10).index(True) == 9

    silent = Latch(CARRIER)
    silent.told(SDP, 0.0)
    assert not any(packets(STRANGER, silent, WINDOW, 500))
    assert ANYBODY not in silent.candidates(WINDOW)
    assert any(packets(NAT, silent, WINDOW + 20, 5))  # its own address may still begin

    answered = Latch(CARRIER)
    answered.told(SDP, 0.0)
    answered.open_window(30.0)
    assert any(packets(STRANGER, answered, 31.0, 15))


def test_who_has_a_better_claim_goes_first():
    latch = Latch(CARRIER)
    latch.told(SDP, 0.0)
    for n in range(30):
        latch.hear(STRANGER, Packet(False, 0, n, 160 * n, 1, b""), 0.005 * n)
        if n == 2:
            latch.hear(NAT, Packet(False, 0, 0, 0, 2, b""), 0.005 * n)
    assert latch.pinned is None
    assert any(packets(NAT, latch, 0.2, 5, ssrc=2))
    assert latch.heard_from == NAT


def test_where_the_operator_lists_addresses_nobody_else_latches():
    latch = Latch(MediaPeer(listed=(IPv4Network("198.51.100.0/24"),)))
    latch.told(SDP, 0.0)
    assert not any(packets(STRANGER, latch, 0.1, 100))
    assert ANYBODY not in latch.candidates(WINDOW)
    assert any(packets(NAT, latch, 0.1, 5))


def test_who_is_refused_for_good():
    latch = Latch(CARRIER)
    latch.told(SDP, 0.0)
    assert not any(latch.refuses(source, 0.1) for source in (SDP, NAT, STRANGER))
    assert latch.refuses(STRANGER, WINDOW)
    packets(NAT, latch, 0.3, 5)
    assert latch.refuses(STRANGER, 0.5)
    assert not latch.refuses(NAT, 0.5)
    assert not latch.refuses(SDP, 0.5)
    latch.told(at("192.168.1.20:5000"), 9.0)
    assert not latch.refuses(NAT, 9.1)


def test_a_flood_of_strangers_is_looked_at_for_a_while_only():
    latch = Latch(CARRIER)
    latch.told(SDP, 0.0)
    for n in range(3000):
        assert not latch.hear(STRANGER, Packet(False, 0, 0, 0, n, b""), 0.0005 * n)
    assert ANYBODY not in latch.candidates(1.6)
    assert any(packets(NAT, latch, 1.6, 5))


def test_between_our_own_processes_nothing_is_learned():
    latch = Latch(MediaPeer(own=True))
    latch.told(SDP, 0.0)
    assert latch.candidates(0.0) == [exactly(SDP)]
    assert not any(packets(at("192.168.1.20:4002"), latch, 0.1, 100))
    assert not any(packets(STRANGER, latch, 0.1, 100))


def test_a_reinvite_moves_media_and_the_last_packets_of_before_do_not_take_it_back():
    latch = Latch(CARRIER)
    latch.told(SDP, 0.0)
    latch.settle()
    moved = at("192.168.1.20:5000")
    assert latch.told(moved, 10.0)
    assert latch.heard_from == moved
    assert not any(packets(SDP, latch, 10.1, 50))
    assert not latch.told(moved, 20.0)  # a refresh says the same again


def test_a_reinvite_that_says_the_same_opens_no_window():
    latch = Latch(CARRIER)
    latch.told(SDP, 0.0)
    packets(NAT, latch, 0.3, 5)
    assert not latch.told(SDP, 60.0)
    assert not latch.told(None, 61.0)  # a hold by 0.0.0.0
    assert latch.heard_from == NAT
    assert not any(packets(STRANGER, latch, 61.0, 100))


def test_a_new_stream_through_the_same_nat_is_known_at_once():
    latch = Latch(MediaPeer())
    latch.told(SDP, 0.0)
    assert any(packets(STRANGER, latch, 0.3, 12))
    latch.told(at("192.168.1.20:6000"), 30.0)
    assert any(packets(at("203.0.113.66:5559"), latch, 30.1, 4))


@pytest.mark.parametrize("ssrcs", [range(1000, 1100), [5] * 100])
def test_packets_that_are_no_stream_take_nothing(ssrcs):
    latch = Latch(CARRIER)
    latch.told(SDP, 0.0)
    for n, ssrc in enumerate(ssrcs):
        scattered = Packet(False, 0, (n * 7919) & 0xFFFF, n, ssrc, b"")
        assert not latch.hear(NAT, scattered, 0.01 * n)


SOURCES = st.sampled_from([SDP, NAT, STRANGER, at("198.51.100.7:33002"), at("203.0.113.67:1")])
EVENTS = st.one_of(
    st.tuples(st.just("hear"), SOURCES, st.integers(1, 30)),
    st.tuples(st.just("told"), SOURCES, st.just(0)),
    st.tuples(st.just("answered"), SOURCES, st.just(0)),
    st.tuples(st.just("wait"), SOURCES, st.integers(0, 10)),
)


@given(st.lists(EVENTS, max_size=30))
def test_once_pinned_only_the_sdp_moves_it(events):
    latch, now, sequence = Latch(CARRIER), 0.0, 0
    for kind, source, number in events:
        before, expected = latch.pinned, latch.expected
        now += 0.5
        if kind == "hear":
            for _ in range(number):
                sequence, now = sequence + 1, now + 0.02
                latch.hear(source, Packet(False, 0, sequence & 0xFFFF, 0, 1, b""), now)
            if before is not None:
                assert latch.pinned in (before, expected)
        elif kind == "told":
            latch.told(source, now)
        elif kind == "answered":
            latch.open_window(now)
        else:
            now += number
        assert len(latch._runs) <= 16


def test_addresses_are_read():
    assert Endpoint.read("10.0.0.1:4000") == Endpoint(IPv4Address("10.0.0.1"), 4000)
    for nowhere in ("", "0.0.0.0:4000", "10.0.0.1:0", "host:1", "10.0.0.1"):
        assert Endpoint.read(nowhere) is None
