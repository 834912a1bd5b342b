"""What mails and webhooks say, and that no page can make them say anything else."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.callback import Callback, CallbackState
from config.sections.data_pass import DataField, DataPass
from notify.delivery import Delivery
from notify.mail import compose
from notify.wording import given_up_deliveries, message_deliveries, new_delivery_id, one_line, spoken_number
from routing.plan import ClickToCall
from tests.notify.parts import NOW, message, settings

URL = "https://crm.example/hook?x=1"
BOTH = settings(email=("sales@shop.example", "boss@shop.example"), url=URL, keep_messages="2d")
CALLBACK = Callback(
    callback_id="cb-1",
    secret="do-not-tell",
    call_id="c0ffee",
    terms="later",
    click=ClickToCall("shop", "+4930901820", "https://shop.example/", {"customer.name": "Åsa"}, "192.0.2.7"),
    booked_at=NOW - 3600,
    due_at=NOW,
    tries=3,
    state=CallbackState.GIVEN_UP,
    last_call_id="decaf",
)


def ids() -> Any:
    numbers = count(1)
    return lambda: f"msg_{next(numbers)}"


def of_message(**changes: Any) -> tuple[Delivery, ...]:
    return message_deliveries(message(**changes), "m-1", BOTH, NOW + 1, ids())


def test_each_address_gets_a_mail_and_the_webhook_is_posted() -> None:
    found = of_message()
    assert [(each.delivery_id, each.kind, each.target) for each in found] == [
        ("msg_1", "email", "sales@shop.example"),
        ("msg_2", "email", "boss@shop.example"),
        ("msg_3", "webhook", URL),
    ]
    for each in found:
        assert (each.mailbox, each.created_at, each.next_at, each.tries) == ("sales", NOW + 1, NOW + 1, 0)
    assert [each.attachment for each in found] == ["/nowhere/message.wav"] * 2 + [None]


def test_a_mail_says_who_when_where_and_how_long() -> None:
    mail = of_message()[0]
    assert mail.subject == "[Sales] Message from Ann (+1 617-555-0123)"
    assert (
        mail.body
        == """\
Ann (+1 617-555-0123) left a message of 0:42.

Number:  +1 617-555-0123
Site:    Boston Shop
Page:    https://shop.example/sofas?colour=red
When:    Saturday, 14 November 2026, 10:30 EST (America/New_York)
Length:  0:42
Call:    c0ffee
Message: m-1

What the page passed:
  customer.name: Ann
  cart.value: 120

The message is kept until Monday, 16 November 2026, 10:30 EST (America/New_York).
"""
    )


def test_a_webhook_has_the_form_of_standard_webhooks() -> None:
    hook = of_message()[2]
    assert hook.subject == "message.taken"
    assert json.loads(hook.body) == {
        "type": "message.taken",
        "timestamp": "2026-11-14T15:30:05.250Z",
        "data": {
            "site": "shop",
            "number": "+16175550123",
            "claimed_number": "",
            "page": "https://shop.example/sofas?colour=red",
            "context": {"customer.name": "Ann", "cart.value": "120"},
            "signed": {},
            "message_id": "m-1",
            "mailbox": "sales",
            "call_id": "c0ffee",
            "taken_at": "2026-11-14T15:30:05.250Z",
            "seconds": 42.4,
        },
    }


def test_what_was_signed_stands_apart_and_what_is_sensitive_is_not_told() -> None:
    rules = DataPass(fields={"account": DataField(sensitive=True)})
    config = BOTH.model_copy(
        update={"sites": {"shop": BOTH.sites["shop"].model_copy(update={"data_pass": rules})}}
    )
    told = message(
        context={"customer.name": "Mallory", "account": "77-1"},
        signed={"customer.name": "Ann", "account": "77-2"},
    )
    mail, _, hook = message_deliveries(told, "m-1", config, NOW, ids())
    assert mail.subject == "[Sales] Message from Ann (+1 617-555-0123)"
    assert (
        """
What the shop's server signed:
  customer.name: Ann
  account: •••

What the page passed:
  customer.name: Mallory
  account: •••
"""
        in mail.body
    )
    data = json.loads(hook.body)["data"]
    assert (data["context"], data["signed"]) == ({"customer.name": "Mallory"}, {"customer.name": "Ann"})
    assert "77-" not in mail.body + hook.body


def test_a_callback_given_up_is_told_without_its_secret() -> None:
    mail, _, hook = given_up_deliveries(CALLBACK, BOTH, NOW, ids())
    assert mail.subject == "[Sales] Callback given up: Åsa (+49 30 901820)"
    assert "Tried:    3 times\n" in mail.body
    assert mail.attachment is None
    told = json.loads(hook.body)
    assert (told["type"], told["timestamp"]) == ("callback.given_up", "2026-11-14T15:30:05.250Z")
    assert told["data"] == {
        "site": "shop",
        "number": "+4930901820",
        "claimed_number": "",
        "page": "https://shop.example/",
        "context": {"customer.name": "Åsa"},
        "signed": {},
        "callback_id": "cb-1",
        "mailbox": "sales",
        "terms": "later",
        "call_id": "c0ffee",
        "last_call_id": "decaf",
        "booked_at": "2026-11-14T14:30:05.250Z",
        "tries": 3,
    }
    assert not any("do-not-tell" in each.body for each in (mail, hook))


@pytest.mark.parametrize("terms", ["quiet", "gone"])
def test_terms_without_a_mailbox_tell_nobody(terms: str) -> None:
    assert given_up_deliveries(replace(CALLBACK, terms=terms), BOTH, NOW) == ()


def test_a_mailbox_or_a_site_that_is_gone_breaks_nothing() -> None:
    assert message_deliveries(message(), "m-1", settings(mailboxes={}), NOW) == ()
    assert given_up_deliveries(CALLBACK, settings(mailboxes={}), NOW) == ()
    assert "15:30 UTC (UTC)" in of_message(site="gone")[0].body


def test_numbers_are_written_as_their_countries_do() -> None:
    assert spoken_number("+442079460018") == "+44 20 7946 0018"
    assert spoken_number("anonymous\r\nX: y") == "anonymous X: y"


def test_lines_stay_lines() -> None:
    assert one_line("a\r\nBcc: b\u2028c\u202ed\ud800e\x00f") == "a Bcc: b c d e f"
    assert one_line("x" * 20, 10) == "x" * 9 + "…"
    assert one_line("👩‍👩‍👧 می‌خواهم") == "👩‍👩‍👧 می‌خواهم"


def test_ids_are_many() -> None:
    some = {new_delivery_id() for _ in range(1000)}
    assert len(some) == 1000
    assert all(each.startswith("msg_") and each.isascii() and "." not in each for each in some)


anything = st.text(st.characters(), max_size=300)
nasty = st.one_of(anything, anything.map(lambda text: f"x\r\nBcc: thief@evil.example\r\n\r\n{text}"))


@given(name=nasty, key=nasty, value=nasty, page=nasty, number=nasty)
def test_no_page_injects_a_header_or_a_line(name: str, key: str, value: str, page: str, number: str) -> None:
    context = {"customer.name": name, key: value}
    found = of_message(context=context, page=page, number=number)
    for each in found[:2]:
        assert len(each.body.splitlines()) <= 16
        mail = email.message_from_bytes(
            compose(each, "ringback@shop.example", None), policy=email.policy.default
        )
        assert set(mail.keys()) <= {
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
            "Content-Transfer-Encoding", "MIME-Version", "X-Auto-Response-Suppress",
        }  # fmt: skip
        assert mail["To"] == each.target
        assert mail["Bcc"] is None
        assert mail.get_content().splitlines() == each.body.splitlines()
        assert all(len(line) <= 998 for line in mail.as_bytes().splitlines())
    told = json.loads(found[2].body)["data"]
    assert (told["context"], told["page"], told["number"]) == (context, page, number)
