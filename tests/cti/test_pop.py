"""What an agent sees: both sources apart, in the settings' order, masked for agents without the right."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cti.pop import KnownCall, Pop, PopField, Viewer, label_of, make_pop, printable, viewer, when_shown
from routing.places import Place
from tests.cti.shops import BOSTON, CLICK, shop

KNOWN = KnownCall("c1", CLICK, 1000.0, BOSTON)


def seen_by(agent: str, known: KnownCall = KNOWN) -> Pop:
    config = shop()
    return make_pop(known, config, viewer(agent, config))


def test_what_was_signed_stands_apart_from_what_the_page_claims() -> None:
    pop = seen_by("ben")
    assert (pop.site, pop.by, pop.number, pop.place) == ("Shop", "phone", "+16175550123", "Boston, MA, US")
    assert (pop.page, pop.asked_at, pop.history) == ("https://shop.example/cart?step=2", 1000.0, None)
    assert pop.signed == (
        PopField("customer.name", "Name", "Anna"),
        PopField("cart.value", "Cart value", "120"),
        PopField("customer.segment", "Customer segment", "gold"),
    )
    # The cart is as it was signed: it need not be said twice. The name is not.
    assert pop.claimed == (
        PopField("customer.name", "Name", "Ann", differs=True),
        PopField("customer.card", "Card", "4111"),
        PopField("note", "Note", "two\nlines"),
    )


def test_agents_without_the_right_see_that_there_is_something() -> None:
    pop = seen_by("alice")
    assert pop.number == "+1617•••••23"
    assert PopField("customer.card", "Card", "", masked=True) in pop.claimed
    assert "4111" not in repr(pop)
    assert "6175550123" not in repr(pop)


KEYS = ("customer.card", "customer.name", "items.0.card", "items.1.card", "other")
SECRET = ("customer.card", "items.0.card", "items.1.card")


@given(
    st.dictionaries(st.sampled_from(KEYS), st.integers(1000, 9999)), st.sampled_from(["context", "signed"])
)
def test_no_sensitive_value_gets_through(numbers: dict[str, int], source: str) -> None:
    """Neither as a field nor in a link, wherever it comes from."""
    named = [f"context.{key}" for key in KEYS] + [f"signed.{key}" for key in SECRET]
    links = tuple({"label": name, "url": f"https://crm.example/?q={{{name}}}"} for name in named)
    fields = {"customer.card": {"sensitive": True}, "items.*.card": {"sensitive": True}}
    config = shop(data_pass={"fields": fields}, links=links)
    values = {key: f"value{number}{key}" for key, number in numbers.items()}
    click = replace(CLICK, **{"context": {}, "signed": {}, source: values})
    known = replace(KNOWN, click=click)
    blind, seeing = (repr(make_pop(known, config, viewer(agent, config))) for agent in ("alice", "ben"))
    for key, value in values.items():
        assert (value in blind) == (key not in SECRET)
        assert value in seeing


def test_somebody_that_the_settings_do_not_know_has_no_rights() -> None:
    assert viewer("eve", shop()) == Viewer("eve")


def test_a_site_that_is_gone_shows_no_more_than_there_is() -> None:
    pop = seen_by("ben", replace(KNOWN, click=replace(CLICK, site="gone"), place=Place()))
    assert (pop.site, pop.place, pop.links) == ("gone", "", ())
    assert when_shown("gone", shop()) == "never"


def test_labels_are_made_of_keys() -> None:
    assert [label_of(key) for key in ("cart.total_value", "x", "-", "Ä.ö")] == [
        "Cart total value",
        "X",
        "",
        "Ä ö",
    ]


@given(st.text())
def test_nothing_that_is_shown_can_confuse(text: str) -> None:
    shown = printable(text)
    assert all(c == "\n" or c.isprintable() or c.isspace() or ord(c) > 0x9F for c in shown)
    assert not set("\u202e\u2066\x1b\x00") & set(shown)
    shown.encode()


def test_a_page_is_a_link_only_where_it_is_one_of_the_sites() -> None:
    config = shop()
    own = config.sites[CLICK.site].origins[0]
    for page, known in (
        (f"{own}/cart", True),
        (f"{own}.evil.example/cart", False),
        ("https://evil.example/?https://shop.example", False),
        ("javascript:alert(1)", False),
        ("", False),
    ):
        pop = make_pop(replace(KNOWN, click=replace(CLICK, page=page)), config, viewer("ben", config))
        assert pop.page_known is known, page
