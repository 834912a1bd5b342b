"""Whether anybody would be reached now: the same answer as a call would get."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routing.directory import Directory, Standing
from routing.reachable import WITHOUT_LIMIT, Reach, next_change, reach
from routing.router import Router
from tests.routing.settings import NEW_YORK, TUESDAY, click, config, ring

SUNDAY = datetime(2026, 11, 29, 12, 0, tzinfo=NEW_YORK)
MAILBOX = {"mailboxes": {"office": {"label": "Office"}}}
HASH = "$argon2id$v=19$m=65536,t=3,p=4$NRtmQtssEO2Gc/iW8FW7xQ$AJb5KUhqc1AAkwJnYOMSggWd3RJcySdeXZYPDLITwag"
AGENTS = {"agents": {name: {"label": name, "password_hash": HASH} for name in ("ann", "bob")}}
QUEUE: dict[str, Any] = {
    "routes": {"root": {"steps": [ring("f")], "queue": "line", "message": "office"}},
    "destinations": {"f": {"label": "F", "sip": "sip:f@pbx.example", "max_calls": 2, "hours": "office"}},
    "queues": {"line": {"most_waiting": 2}},
    **MAILBOX,
}


def made(routes: dict[str, Any], **sections: Any) -> Router:
    return Router.of(config(routes, **sections))


def with_queue() -> Router:
    sections = dict(QUEUE)
    return made(sections.pop("routes"), **sections)


def test_a_phone_without_a_limit_takes_as_many_as_come() -> None:
    router = made({"root": {"steps": [ring("a")], "message": "office"}}, **MAILBOX)
    assert reach(click(), router, Directory(), TUESDAY) == Reach(True, True, WITHOUT_LIMIT, None, "message")
    by_pc = reach(click(""), router, Directory(can_record=False), TUESDAY)
    assert by_pc.instead is None  # no callbacks in these settings


def test_out_of_hours_nobody_is_reached_until_they_open() -> None:
    router = made({"root": {"steps": [ring("e")], "callback": "later"}}, callbacks={"later": {}})
    assert reach(click(), router, Directory(), SUNDAY) == Reach(False, False, 0, None, "callback")
    monday = datetime(2026, 11, 30, 9, 0, tzinfo=NEW_YORK)
    assert next_change(click(), router, SUNDAY) == monday
    assert next_change(click(), router, monday) == monday + timedelta(hours=9)
    assert next_change(click(), router, monday.astimezone(UTC)) == monday + timedelta(hours=9)


def test_what_is_always_open_never_changes() -> None:
    assert next_change(click(), made({"root": {"steps": [ring("a", "e")]}}), SUNDAY) is None


def test_agents_who_are_away_leave_the_business_open_and_nobody_free() -> None:
    router = made(
        {"root": {"steps": [ring("agent:ann", "agent:bob")], "message": "office"}}, **AGENTS, **MAILBOX
    )
    states: dict[str, Any] = {"agent:ann": "available", "agent:bob": "on_call"}
    assert reach(click(), router, Directory(agents=states), TUESDAY).free == 1
    gone: dict[str, Any] = dict.fromkeys(states, "offline")
    assert reach(click(), router, Directory(agents=gone), TUESDAY) == Reach(False, True, 0, None, "message")


@pytest.mark.parametrize(
    ("live", "waiting", "expected"),
    [
        (0, 0, Reach(True, True, 2, "line", "message")),
        (1, 0, Reach(True, True, 1, "line", "message")),
        (1, 1, Reach(True, True, 0, "line", "message")),
        (2, 1, Reach(True, True, 0, "line", "message")),
        (2, 2, Reach(False, True, 0, "line", "message")),
    ],
)
def test_those_who_wait_come_first_and_a_full_queue_reaches_nobody(
    live: int, waiting: int, expected: Reach
) -> None:
    directory = Directory(standings={"f": Standing(live_calls=live)}, waiting={"line": waiting})
    assert reach(click(), with_queue(), directory, TUESDAY) == expected
    closed = reach(click(), with_queue(), directory, SUNDAY)
    assert (closed.reached, closed.open) == (False, False)
