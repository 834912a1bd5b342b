"""Caps on connections: in total, for each address, and who has to leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.doors import Doors, FullError


def test_who_comes_takes_the_place_of_the_connection_that_has_waited_longest() -> None:
    doors = Doors[int]()
    for guest in (1, 2, 3):
        assert doors.enter(guest, "a", most=10, most_of_address=3) is None
    doors.served(1)
    assert doors.enter(4, "a", most=10, most_of_address=3) == 2
    assert doors.enter(5, "b", most=10, most_of_address=3) is None
    assert len(doors) == 4


def test_connections_that_are_answered_are_not_pushed_out() -> None:
    doors = Doors[int]()
    for guest in (1, 2):
        doors.enter(guest, "a", most=10, most_of_address=2)
        doors.served(guest)
    with pytest.raises(FullError):
        doors.enter(3, "a", most=10, most_of_address=2)
    doors.waits(2)
    assert doors.enter(3, "a", most=10, most_of_address=2) == 2


def test_a_proxy_is_held_to_the_total_alone() -> None:
    doors = Doors[int]()
    for guest in range(10):
        assert doors.enter(guest, "proxy", most=10, most_of_address=None) is None
    assert doors.enter(10, "proxy", most=10, most_of_address=None) == 0


def test_a_full_server_lets_somebody_of_another_address_in() -> None:
    doors = Doors[int]()
    for guest in range(10):
        doors.enter(guest, "a", most=10, most_of_address=100)
    assert doors.enter(10, "b", most=10, most_of_address=100) == 0


@given(st.lists(st.tuples(st.sampled_from("ewsl"), st.integers(0, 30), st.sampled_from("abc")), max_size=300))
def test_the_caps_hold_whatever_happens(steps: list[tuple[str, int, str]]) -> None:
    doors, inside, served = Doors[int](), dict[int, str](), set[int]()
    for step, guest, address in steps:
        if step == "e" and guest not in inside:
            try:
                leaving = doors.enter(guest, address, most=8, most_of_address=4)
            except FullError:
                mine = [each for each, there in inside.items() if there == address]
                assert set(mine if len(mine) >= 4 else inside) <= served
                continue
            if leaving is not None:
                assert leaving not in served
                del inside[leaving]
            inside[guest] = address
        elif step == "w":
            doors.waits(guest)
            served.discard(guest)
        elif step == "s":
            doors.served(guest)
            served |= {guest} & inside.keys()
        elif step == "l":
            doors.leave(guest)
            inside.pop(guest, None)
            served.discard(guest)
        assert len(doors) == len(inside) <= 8
        assert all(sum(each == name for each in inside.values()) <= 4 for name in "abc")
