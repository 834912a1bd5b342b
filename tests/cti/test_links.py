"""Links into other systems: whatever a page passes, each value stays in its place."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sections.screen_pop import PopLink
from cti.links import fill_links, fill_url
from routing.plan import ClickToCall
from tests.cti.shops import CLICK


def filled(
    url: str, click: ClickToCall = CLICK, hidden: frozenset[str] = frozenset(), numbers: bool = True
) -> str | None:
    links = fill_links([PopLink(label="CRM", url=url)], "c1", click, "alice", hidden, numbers)
    return links[0].url if links else None


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://crm.example/find?phone={number}", "https://crm.example/find?phone=%2B16175550123"),
        ("https://crm.example/c/{digits}", "https://crm.example/c/16175550123"),
        # What was signed counts where both say something.
        ("https://crm.example/#/n/{context.customer.name}", "https://crm.example/#/n/Anna"),
        ("https://crm.example/s/{signed.customer.segment}", "https://crm.example/s/gold"),
        ("https://crm.example/{site}/{agent}/{call_id}", "https://crm.example/shop/alice/c1"),
        (
            "https://crm.example/?from={page}",
            "https://crm.example/?from=https%3A%2F%2Fshop.example%2Fcart%3Fstep%3D2",
        ),
        ("https://crm.example/?a={context.note}&b={signed.note}", "https://crm.example/?a=two%0Alines&b="),
        # Nothing is known of what it asks.
        ("https://crm.example/{signed.customer.id}", None),
        ("https://crm.example/", "https://crm.example/"),
    ],
)
def test_placeholders(template: str, url: str | None) -> None:
    assert filled(template) == url


def test_a_link_does_not_carry_what_its_agent_may_not_see() -> None:
    for name in ("number", "digits"):
        assert filled(f"https://crm.example/?q={{{name}}}", numbers=False) is None
    card = frozenset({"customer.card"})
    assert filled("https://crm.example/?q={context.customer.card}", hidden=card) is None
    assert filled("https://crm.example/?q={context.customer.name}", hidden=card) is not None
    assert filled("https://crm.example/?q={number}", replace(CLICK, number="")) is None


@given(st.text())
def test_whatever_is_passed_stays_in_its_place(value: str) -> None:
    url = fill_url("https://crm.example/a/{x}/b?q={x}&r=1#f={x}", {"x": value})
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc) == ("https", "crm.example")
    segments = parts.path.split("/")
    assert (segments[:2], segments[3:], len(segments)) == (["", "a"], ["b"], 4)
    assert unquote(segments[2]) not in (".", "..")
    query = parse_qs(parts.query, keep_blank_values=True)
    assert (set(query), query["r"]) == ({"q", "r"}, ["1"])
    assert parts.fragment.startswith("f=")
    assert url.isascii()
    assert url.isprintable()
    assert not set(url) & set(" \"<>\\^`{|}'")


@pytest.mark.parametrize("dots", [".", "..", "...", "./", "%2e%2e"])
def test_no_value_leaves_its_folder(dots: str) -> None:
    assert fill_url("https://crm.example/a/{x}/b", {"x": dots}) in (
        "https://crm.example/a//b",
        "https://crm.example/a/.%2F/b",
        "https://crm.example/a/%252e%252e/b",
    )
