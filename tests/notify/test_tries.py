"""What follows from a try: no delivery is lost, none is told twice once it was told, tries are bounded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.masking import bare_url, mask_addresses, masked_target
from notify.tries import (
    LONGEST_ERROR,
    LONGEST_PAUSE,
    PAUSES,
    STRETCH,
    MailErrand,
    TryDone,
    TryFailed,
    TryResult,
    WebhookErrand,
    after_try,
    errand,
    lane,
    once_more,
)
from tests.notify.parts import NOW, SECRET, mail_delivery, settings, webhook_delivery

URL = "https://crm.example/hook"
failures = st.builds(
    TryFailed,
    error=st.text(min_size=1),
    final=st.sampled_from([False, False, False, True]),
    retry_after=st.floats(0, 1e9),
)
results: st.SearchStrategy[TryResult] = st.one_of(st.builds(TryDone), failures, failures, failures)
jitters = st.floats(0, 1)


@given(st.lists(st.tuples(results, jitters), min_size=len(PAUSES) + 1, max_size=len(PAUSES) + 5))
def test_a_delivery_is_tried_until_it_is_told_or_given_up_with_a_reason(
    story: list[tuple[TryResult, float]],
) -> None:
    delivery, now = webhook_delivery(URL), NOW
    told = 0
    for result, jitter in story:
        if delivery.next_at is None:
            break
        now = delivery.next_at
        before = delivery
        delivery = after_try(delivery, result, now, jitter)
        assert delivery.tries == before.tries + 1
        told += isinstance(result, TryDone)
        if isinstance(result, TryDone):
            assert (delivery.delivered_at, delivery.next_at, delivery.error) == (now, None, "")
        elif result.final:
            assert delivery.dead
        if delivery.next_at is not None:
            assert now < delivery.next_at <= now + max(PAUSES[-1] * (1 + STRETCH), LONGEST_PAUSE)
        same = replace(
            delivery, tries=before.tries, next_at=before.next_at, delivered_at=None, error=before.error
        )
        assert same == before
    assert delivery.next_at is None, "it is bounded"
    assert delivery.tries <= len(PAUSES) + 1
    assert (delivery.delivered_at is not None) == (told == 1)
    assert told <= 1
    assert delivery.dead == bool(delivery.error)


def test_the_pauses_add_up_to_about_two_days() -> None:
    assert 1.8 * 86400 < sum(PAUSES) < 2 * 86400 < sum(PAUSES) * (1 + STRETCH) < 2.4 * 86400
    assert list(PAUSES) == sorted(PAUSES)


@pytest.mark.parametrize(("asked", "pause"), [(0.0, 5.0), (3.0, 5.0), (600.0, 600.0), (1e12, LONGEST_PAUSE)])
def test_a_target_that_asks_for_time_gets_it_within_bounds(asked: float, pause: float) -> None:
    after = after_try(webhook_delivery(URL), TryFailed("503", retry_after=asked), NOW, 0.0)
    assert after.next_at == NOW + pause


def test_errors_are_cut() -> None:
    assert len(after_try(webhook_delivery(URL), TryFailed("x" * 9999), NOW, 0.0).error) == LONGEST_ERROR


def test_once_more_starts_over() -> None:
    dead = after_try(webhook_delivery(URL), TryFailed("410", final=True), NOW, 0.0)
    again = once_more(dead, NOW + 60)
    assert again == webhook_delivery(URL, next_at=NOW + 60)


def test_a_webhook_goes_where_the_settings_say_now() -> None:
    todo = errand(webhook_delivery("https://old.example/"), settings(url=URL))
    assert todo == WebhookErrand(webhook_delivery(URL), SECRET)


def test_a_mail_goes_to_those_that_the_settings_name() -> None:
    config = settings(email=("sales@shop.example",))
    assert config.mail is not None
    assert errand(mail_delivery(), config) == MailErrand(mail_delivery(), config.mail)
    left = errand(mail_delivery("gone@shop.example"), config)
    assert left == TryFailed("mailbox sales has no address gone@shop.example any more", final=True)


def test_settings_that_are_gone_are_told() -> None:
    assert errand(webhook_delivery(URL), settings(mailboxes={})) == TryFailed(
        "the settings know no mailbox sales any more", final=True
    )
    assert errand(webhook_delivery(URL), settings()) == TryFailed(
        "mailbox sales has no webhook any more", final=True
    )
    mailless = settings(email=("sales@shop.example",)).model_copy(update={"mail": None})
    assert errand(mail_delivery(), mailless) == TryFailed("the settings name no mail server")


def test_lanes_are_targets() -> None:
    assert lane(mail_delivery("a@one.example")) == lane(mail_delivery("b@two.example"))
    assert lane(webhook_delivery("https://one.example/a")) == lane(webhook_delivery("https://one.example/b"))
    assert lane(webhook_delivery("https://one.example/a")) != lane(webhook_delivery("https://two.example/a"))


def test_logs_do_not_tell_addresses() -> None:
    assert mask_addresses("550 <ann.lee@shop.example> of +16175550123 unknown") == (
        "550 <a•••@shop.example> of +1617•••••23 unknown"
    )
    assert bare_url("https://ann:secret@crm.example:8443/hook?token=abc") == "https://crm.example:8443/hook"
    assert masked_target(mail_delivery()) == "s•••@shop.example"
    assert masked_target(webhook_delivery(URL + "?token=abc")) == URL
