"""Settings of the desk and of pushed pages: what is refused, and what is doubtful."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import GOOD, changed, complaints, load_text, warnings

#: Line 18 is ``page_push:``, line 35 ``desk:``.
DESK = (
    GOOD.replace(
        "    greeting: welcome\n",
        "    greeting: welcome\n    page_push:\n      catalogue:\n        12: {title: Hours, url: 'https://shop.example/hours'}\n",
    )
    + "desk:\n  wrap_up: 20s\n  codes: {sale: Sale}\n  transfers:\n    destinations: [store]\n    routes: [sales]\n"
)


def test_a_desk(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, DESK)
    push = loaded.config.sites["shop"].page_push
    assert push is not None
    assert (push.mode, push.catalogue["12"].title) == ("ask", "Hours")
    assert (loaded.config.desk.wrap_up, loaded.config.desk.transfers.numbers) == (20.0, False)
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("'https://shop.example/hours'", "https://help.example/"), "20:33: sites.shop.page_push.catalogue.12.url: shoppers cannot be sent to https://help.example: add it to \"origins\" of page_push"),
        (("'https://shop.example/hours'", "'https://shop.example/ü'"), "20:33: sites.shop.page_push.catalogue.12.url: browsers may read this address differently: write it in ASCII, with %20 for a space"),
        (("12: {title", "012: {title"), "20:9: sites.shop.page_push.catalogue.012: not a valid name: write a number with at most 6 digits, such as 12, which is also what agents key in"),
        (("    page_push:\n", "    page_push:\n      origins: [https://help.example/]\n"), "19:17: sites.shop.page_push.origins[0]: write an origin without a path or a trailing slash, such as https://shop.example"),
        (("    page_push:\n", "    page_push:\n      origins: ['https://*.example']\n"), "19:17: sites.shop.page_push.origins[0]: wildcards are not supported: name each origin"),
        (("destinations: [store]\n    routes: [sales]", "destinations: [stroe]"), '39:20: desk.transfers.destinations[0]: there is no destination called "stroe": did you mean "store"?'),
        (("routes: [sales]", "routes: [sale]"), '40:14: desk.transfers.routes[0]: there is no route called "sale": did you mean "sales"?'),
        (("    greeting: welcome\n", "    greeting: welcome\n    hold_music: jazz\n"), '18:17: sites.shop.hold_music: there is no prompt called "jazz": the prompts are: welcome'),
    ],
)  # fmt: skip
def test_what_is_wrong(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    assert complaints(tmp_path, changed(change, text=DESK)) == [expected]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("    page_push:\n      catalogue:\n        12: {title: Hours, url: 'https://shop.example/hours'}\n", "    page_push: {keys: true}\n"), '18:23: sites.shop.page_push.keys: there is no page to key in: add a "catalogue"'),
        (("    page_push:\n      catalogue:\n        12: {title: Hours, url: 'https://shop.example/hours'}\n", "    page_push: {any_page: false}\n"), '18:5: sites.shop.page_push: no page can be pushed: add a "catalogue", or allow any_page'),
    ],
)  # fmt: skip
def test_what_is_doubtful(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    assert warnings(tmp_path, changed(change, text=DESK)) == [expected]
