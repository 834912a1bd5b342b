"""Each press of a key is told once, however its packets come (RFC 4733)."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from sip.keys import KEYS, Keypad
from sip.rtp import Packet


class Hand:
    """Presses keys on a keypad; the clock runs 20 ms a packet."""

    def __init__(self, step: float = 0.02) -> None:
        self.pad, self.now, self.stamp, self.keys, self.step = Keypad(), 0.0, 8000, "", step

    def packet(self, key, duration, *, end=False, stamp=None, marker=False) -> None:
        event = KEYS.index(key) if key in KEYS else int(key)
        payload = struct.pack("!BBH", event, (0x80 if end else 0) | 10, min(duration, 65535))
        told = self.pad.hear(
            Packet(marker, 101, 0, self.stamp if stamp is None else stamp, 9, payload), self.now
        )
        self.keys += told or ""
        self.now += self.step

    def press(self, key, ms=100, *, marker=True, updates=True, ends=3, new_stamps=False) -> None:
        for n in range(1, ms // 20 if updates else 0):
            self.packet(key, 160 * n, marker=marker and n == 1)
        for n in range(ends):
            stamp = self.stamp + (160 * n if new_stamps else 0)
            self.packet(key, 8 * ms, end=True, stamp=stamp, marker=marker and not updates and n == 0)
        self.stamp += 8 * ms

    def rest(self, ms: int) -> None:
        self.now += ms / 1000
        self.stamp += 8 * ms


def test_a_press_is_one_key():
    for how in (
        {}, {"marker": False}, {"updates": False}, {"updates": False, "marker": False}, {"ends": 0},
        {"new_stamps": True}, {"ms": 40}, {"ms": 20}, {"ms": 9000}, {"ends": 1}, {"ms": 40, "ends": 0},
    ):  # fmt: skip
        hand = Hand()
        hand.press("5", **how)
        assert hand.keys == "5", how


def test_the_same_key_twice_is_two_keys():
    for how in ({}, {"ms": 40}, {"updates": False, "marker": False}, {"new_stamps": True}, {"ends": 1}):
        hand = Hand()
        hand.press("1", **how)
        hand.rest(250)
        hand.press("1", **how)
        assert hand.keys == "11", how


def test_a_fast_dialler():
    hand = Hand()
    for key in "0123456789*#ABCD":
        hand.press(key, 60)
        hand.rest(20)
    assert hand.keys == "0123456789*#ABCD"
    same = Hand()
    for _ in range(5):
        same.press("7", 40)
        same.rest(40)
    assert same.keys == "77777"


def test_a_lost_end_does_not_swallow_the_next_key():
    hand = Hand()
    hand.press("1", ends=0)
    hand.press("2")
    hand.rest(300)
    hand.press("2")
    assert hand.keys == "122"


def test_a_hole_in_a_long_press():
    hand = Hand()
    hand.packet("5", 160, marker=True)
    hand.packet("5", 320)
    hand.now += 1.5
    for _ in range(3):
        hand.packet("5", 13600, end=True)
    assert hand.keys == "5"


def test_a_press_longer_than_its_counter_goes_on_in_segments():
    hand = Hand()
    for n in range(1, 412):
        hand.packet("5", 160 * n, marker=n == 1)
    for n in range(1, 50):
        hand.packet("5", 160 * n, stamp=hand.stamp + 65535)
    hand.packet("5", 8000, end=True, stamp=hand.stamp + 65535)
    assert hand.keys == "5"


def test_every_packet_with_a_timestamp_of_its_own():
    hand = Hand()
    for n in range(1, 8):
        hand.packet("3", 160 * n, stamp=hand.stamp + 160 * n)
    for n in range(3):
        hand.packet("3", 1120, end=True, stamp=hand.stamp + 1280 + 160 * n)
    assert hand.keys == "3"


def test_one_timestamp_for_two_presses():
    hand = Hand()
    stamp = hand.stamp
    hand.press("4")
    hand.stamp, hand.now = stamp, hand.now + 0.4
    hand.press("4")
    hand.stamp, hand.now = stamp, hand.now + 0.4
    hand.press("6")
    assert hand.keys == "446"


def test_packets_out_of_order():
    hand = Hand()
    hand.packet("8", 320)
    hand.packet("8", 160, marker=True)
    hand.packet("8", 480, end=True)
    hand.packet("8", 400)
    hand.packet("9", 160, stamp=hand.stamp + 800)
    hand.packet("8", 480, end=True)  # one of before, late
    hand.packet("9", 320, stamp=hand.stamp + 800)
    assert hand.keys == "89"


def test_what_is_no_key():
    hand = Hand()
    hand.packet("16", 160)  # a hook flash
    hand.packet("255", 160)
    hand.pad.hear(Packet(True, 101, 0, 0, 9, b"\x01"), 0.0)
    assert hand.keys == ""


@given(
    st.lists(
        st.tuples(st.sampled_from("0123456789*#"), st.integers(2, 40), st.booleans(), st.booleans()),
        max_size=8,
    ),
    st.sets(st.integers(0, 400), max_size=60),
)
def test_presses_are_told_in_order_and_none_twice(presses, lost):
    """Whatever is lost: a press with one packet left is told once, one of which nothing is left never."""
    hand, number, expected = Hand(), 0, ""
    for key, frames, marker, updates in presses:
        arrived = False
        plan = [(160 * n, False) for n in range(1, frames if updates else 0)] + [(160 * frames, True)] * 3
        for n, (duration, end) in enumerate(plan):
            if number not in lost:
                hand.packet(key, duration, end=end, marker=marker and n == 0)
                arrived = True
            else:
                hand.now += 0.02
            number += 1
        hand.stamp += 160 * (frames + 3)
        hand.rest(200)
        expected += key if arrived else ""
    assert hand.keys == expected
