"""The pages of a group are narrowed in SQL: none is left out, and few others are read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import create_engine, literal, select

from reports.parts import page_group
from store.talks import _of_page

DATABASE = create_engine("sqlite://").connect()


def fits(page: str, group: str) -> bool:
    return bool(DATABASE.execute(select(_of_page(literal(page), group))).scalar())


@given(
    some.lists(
        some.sampled_from(["a", "cart", "b%c", "x_1", "item-123456", "ünï", "", "9", "long" * 30]), max_size=7
    ),
    some.sampled_from(["", "?id=7", "#top", "?x=/y", "/"]),
    some.sampled_from(["https://shop.example", "https://shop.example/cart2", ""]),
)
def test_no_page_of_a_group_is_left_out(steps: list[str], end: str, start: str) -> None:
    page = f"{start}/{'/'.join(steps)}{end}"
    if group := page_group(page):
        assert fits(page, group), (page, group)


def test_a_page_is_not_taken_for_one_that_begins_alike() -> None:
    assert fits("https://shop.example/page5?id=1", "/page5")
    assert not fits("https://shop.example/page51", "/page5")
    assert not fits("https://shop.example/page5/more", "/page5")
