"""Headers of the INVITE: what stands in them, and that they stay small and in their places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sections.destinations import UserToUser
from config.sections.trunks import Trunk
from routing.headers import HeaderTemplates, fill, room_for_headers
from routing.plan import ClickToCall, SipEndpoint
from routing.router import Router
from tests.routing.settings import click, config, decide, ring

CLICK = ClickToCall(
    "shop",
    "+16175550123",
    "https://shop.example/bikes?a=1&b=2",
    {"cart.value": "1", "customer.name": "Zoë"},
    "203.0.113.7",
    signed={"cart.value": "99"},
)


def user_to_user(**settings: Any) -> HeaderTemplates:
    return HeaderTemplates(user_to_user=UserToUser(**settings))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{call_id} {site} {number}", "c1 shop +16175550123"),
        ("{context.cart.value}", "99"),
        ("{signed.cart.value}", "99"),
        ("{context.customer.name}", "Zoë"),
        ("<{signed.customer.name}>", "<>"),
        ("x" * 300, "x" * 200),
    ],
)
def test_placeholders(template: str, text: str) -> None:
    assert fill(template, CLICK, "c1") == text


@pytest.mark.parametrize(
    ("settings", "octets"),
    [
        ({"text": "{context.cart.value}"}, b"\x0099"),
        ({"text": "{context.customer.name}", "discriminator": "04"}, b"\x04Zo\xc3\xab"),
        ({"text": "{context.customer.name}", "discriminator": None, "most_bytes": 3}, b"Zo"),
        ({"text": "x" * 500}, b"\0" + b"x" * 127),
    ],
)
def test_user_to_user_is_hex_and_bounded(settings: dict[str, Any], octets: bytes) -> None:
    ((name, value),) = user_to_user(**settings).fill(CLICK, "c1", 1000)
    assert (name, value) == ("User-to-User", f"{octets.hex()};encoding=hex")


def test_user_to_user_is_cut_to_fit() -> None:
    ((_, value),) = user_to_user(text="x" * 100).fill(CLICK, "c1", 60)
    assert len(f"User-to-User: {value}\r\n") == 59
    assert user_to_user(text="x").fill(CLICK, "c1", 20) == ()


def test_what_does_not_fit_is_left_out_whole() -> None:
    templates = HeaderTemplates(
        (("X-Call", "{call_id}"), ("X-Page", "{page}"), ("X-Cart", "{context.cart.value}")),
        call_info="https://crm.example/find?phone={number}&page={page}",
    )
    every = templates.fill(CLICK, "c1", 1000)
    assert [name for name, _ in every] == ["X-Call", "X-Page", "X-Cart", "Call-Info"]
    assert [name for name, _ in templates.fill(CLICK, "c1", 40)] == ["X-Call", "X-Cart"]
    assert templates.fill(CLICK, "c1", 0) == ()


@pytest.mark.parametrize("dots", [".", "..", "..."])
def test_dots_do_not_lead_the_url_of_call_info_out_of_its_folder(dots: str) -> None:
    click = replace(CLICK, context={"id": dots})
    ((_, value),) = HeaderTemplates(call_info="https://crm.example/a/{context.id}/x").fill(click, "c1", 1000)
    assert value == "<https://crm.example/a//x>;purpose=info"


def test_the_url_of_call_info_keeps_its_form() -> None:
    template = "https://crm.example/find?phone={number}&page={page}#x"
    ((_, value),) = HeaderTemplates(call_info=template).fill(CLICK, "c1", 1000)
    assert value == (
        "<https://crm.example/find?phone=%2B16175550123&page="
        "https%3A%2F%2Fshop.example%2Fbikes%3Fa%3D1%26b%3D2#x>;purpose=info"
    )
    long = HeaderTemplates(call_info="https://crm.example/" + "{page}" * 30)
    assert long.fill(CLICK, "c1", 2000) == ()


@given(st.text(max_size=400), st.integers(0, 900))
def test_no_value_leaves_its_place_or_the_room(value: str, room: int) -> None:
    passed = ClickToCall("shop", "", "", {"x": value.encode(errors="replace").decode()}, "")
    templates = HeaderTemplates(
        (("X-A", "a {context.x} b"), ("X-B", "{context.x}")),
        UserToUser(text="{context.x}"),
        "https://crm.example/a/{context.x}/b?c={context.x}",
    )
    found = templates.fill(passed, "c1", room)
    assert sum(len(f"{name}: {text}\r\n".encode()) for name, text in found) <= room
    for name, text in found:
        assert not any(ord(each) < 32 or ord(each) == 127 for each in text)
        if name == "Call-Info":
            parts = urlsplit(text.removeprefix("<").removesuffix(">;purpose=info"))
            assert parts.netloc == "crm.example"
            assert parts.path.count("/") == 3
            assert parts.query.count("=") == 1
            assert unquote(parts.fragment) == ""


def test_less_room_by_udp_and_least_with_credentials() -> None:
    def room(**trunk: Any) -> int:
        made = Trunk.model_validate({"host": "pbx.example", **trunk}, strict=False)
        return room_for_headers("sip:200@pbx.example", made, "+16175550100")

    assert room(transport="tcp") == room(transport="tls") == 2000
    assert room_for_headers("sips:200@pbx.example", None, "") == 2000
    assert room_for_headers("sip:200@pbx.example;transport=TCP", None, "") == 2000
    asserted = {"caller_id": {"number": "+16175550100"}}
    some = [
        room(),
        room(**asserted),
        room(username="x", password="y"),
        room(username="x", password="y", **asserted),
    ]
    assert some == sorted(some, reverse=True)
    assert 60 < some[-1] < some[0] < 330
    assert room_for_headers(f"sip:{'x' * 300}@pbx.example", None, "") == 0


def endpoint_of(settings: dict[str, Any], passed: dict[str, str]) -> SipEndpoint:
    store = {"label": "Store", "sip": "sip:store@pbx.example", **settings}
    made = config({"root": {"steps": [ring("store")]}}, destinations={"store": store})
    (step,) = decide(Router.of(made), click(**passed)).plan.steps
    (found,) = step.endpoints
    assert isinstance(found, SipEndpoint)
    return found


def test_a_destination_has_them_all() -> None:
    found = endpoint_of(
        {
            "headers": {"X-Cart": "{context.cart.value}"},
            "user_to_user": {"text": "{context.cart.value}"},
            "call_info": "https://crm.example/{context.cart.value}",
        },
        {"cart__value": "12"},
    )
    assert found.headers == (
        ("User-to-User", "003132;encoding=hex"),
        ("X-Cart", "12"),
        ("Call-Info", "<https://crm.example/12>;purpose=info"),
    )
