"""Who may hold a leg: the table, the way of a leg from page to page, and what holds in any order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.leg_holders import RULINGS, Judged, LegHolders, LegWish, PageStanding, Ruling

TAKE, REATTACH, HANG_UP, PREPARE, USE = LegWish


class Page:
    """A page that equals every other: pages must be told apart by identity."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Page)

    def __hash__(self) -> int:
        return 0


def test_the_table_rules_on_every_wish_of_every_page() -> None:
    assert RULINGS.keys() == set(LegWish)
    assert all(row.keys() == set(PageStanding) for row in RULINGS.values())


@pytest.mark.parametrize("wish", [HANG_UP, PREPARE, USE])
def test_another_page_does_nothing_to_a_leg_that_was_taken(wish: LegWish) -> None:
    assert RULINGS[wish][PageStanding.LOST] is Ruling.NOTHING


def test_a_leg_goes_from_page_to_page() -> None:
    first, second, late = Page(), Page(), Page()
    leg: LegHolders[Page] = LegHolders()
    assert leg.ring(first)
    assert leg.ring(second)
    assert not leg.ring(first), "it rings there already"
    assert leg.judge(first, REATTACH) == Judged(), "nobody had it"
    assert leg.judge(second, PREPARE).done
    taken = leg.judge(first, TAKE)
    assert (taken.done, taken.passed, len(taken.losers)) == (True, True, 1)
    assert taken.losers[0] is second
    assert leg.judge(second, TAKE).losers[0] is second, "it came too late"
    assert not leg.judge(second, HANG_UP).done
    assert not leg.judge(first, TAKE).passed, "a new connection of the same page"
    assert leg.ring(late)
    assert leg.standing(late) is PageStanding.WATCHES
    assert not leg.judge(late, HANG_UP).done
    assert leg.leave(first)
    assert leg.judge(late, TAKE).passed
    assert leg.judge(first, REATTACH).losers[0] is late, "its WebSocket was only cut"
    assert leg.holder is first


def test_a_page_declines_a_leg_that_nobody_has_taken() -> None:
    leg: LegHolders[Page] = LegHolders()
    page = Page()
    leg.ring(page)
    assert leg.judge(page, HANG_UP).done
    assert leg.standing(page) is PageStanding.RINGS
    assert not leg.leave(page), "it never had it"


PAGES = [Page() for _ in range(3)]


@given(st.lists(st.tuples(st.sampled_from(["ring", "leave", *LegWish]), st.sampled_from(range(3)))))
def test_in_any_order_one_page_has_the_leg(steps: list[tuple[str | LegWish, int]]) -> None:
    leg: LegHolders[Page] = LegHolders()
    for step, number in steps:
        page = PAGES[number]
        before, held = leg.holder, leg.ever_held
        if step == "ring":
            leg.ring(page)
            continue
        if step == "leave":
            assert leg.leave(page) == (page is before)
            assert leg.standing(page) in (PageStanding.OUTSIDE, PageStanding.LOST)
            continue
        assert isinstance(step, LegWish)
        judged = leg.judge(page, step)
        if step is USE:
            assert judged.done == (page is before)
        if judged.done and step in (TAKE, REATTACH):
            assert leg.holder is page
            assert len(leg.told) == 1
            assert all(loser is not page for loser in judged.losers)
        else:
            assert leg.holder is before
        assert judged.passed == (leg.holder is not before)
        assert leg.ever_held or not held
        assert leg.holder is None or any(each is leg.holder for each in leg.told)
