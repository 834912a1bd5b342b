"""How sites stand, as their pages are told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from config.sections.chat import ChatSettings
from config.sections.page import PageSettings
from engage.availability import WayState
from routing.directory import Directory, Standing
from routing.router import Router
from server.availability import SiteAvailability
from tests.api.paper import SetClock
from tests.routing.settings import NEW_YORK, config, ring

HASH = "$argon2id$v=19$m=65536,t=3,p=4$NRtmQtssEO2Gc/iW8FW7xQ$AJb5KUhqc1AAkwJnYOMSggWd3RJcySdeXZYPDLITwag"
AGENTS = {"agents": {name: {"label": name, "password_hash": HASH} for name in ("ann", "bob")}}
PAGE = "https://shop.example/"
MAILBOX = {"mailboxes": {"office": {"label": "Office"}}}
MONDAY = datetime(2026, 11, 30, 12, 0, tzinfo=NEW_YORK)
SUNDAY = datetime(2026, 11, 29, 12, 0, tzinfo=NEW_YORK)


class Shop:
    """A shop whose agents and clock a test moves."""

    def __init__(self, root: dict[str, Any], site: dict[str, Any] | None = None, **sections: Any) -> None:
        made = config({"root": root}, **sections)
        shop = made.sites["shop"].model_copy(update=site or {})
        self.router = Router.of(made.model_copy(update={"sites": {"shop": shop}}))
        self.clock = SetClock()
        self.clock.now = MONDAY.timestamp()
        self.directory = Directory()
        self.chats = Directory()
        self.draining = False
        self.looked = 0
        self.availability = SiteAvailability(
            router=lambda: self.router,
            directory=self.look,
            chat_directory=lambda: self.chats,
            wait=lambda queue: 90.0,
            draining=lambda: self.draining,
            clock=self.clock,
        )

    def look(self) -> Directory:
        self.looked += 1
        return self.directory


def test_an_answer_holds_for_two_seconds_and_no_longer() -> None:
    shop = Shop({"steps": [ring("f")], "message": "office"}, **MAILBOX, **capped())
    assert shop.availability.now("shop", PAGE).state("phone") is WayState.OPEN
    shop.directory = Directory(standings={"f": Standing(live_calls=1)})
    shop.clock.now += 1.9
    assert shop.availability.now("shop", f"{PAGE}other").availability.ways["phone"].free == 1
    shop.clock.now += 0.2
    later = shop.availability.now("shop", PAGE)
    assert (later.state("phone"), later.instead) == (WayState.LATER, ("message",))
    assert later.availability.ways["phone"].free == 0


def test_while_all_are_busy_a_queue_leaves_the_button_open_and_nobody_free() -> None:
    shop = Shop(
        {"steps": [ring("f")], "queue": "line", "message": "office"},
        **MAILBOX, **capped(), queues={"line": {}},
    )  # fmt: skip
    shop.directory = Directory(standings={"f": Standing(live_calls=1)})
    standing = shop.availability.now("shop", PAGE)
    way = standing.availability.ways["phone"]
    assert (standing.state("phone"), way.free, way.wait) == (WayState.OPEN, 0, 90.0)


def test_a_closed_shop_says_when_it_opens_by_its_own_clock() -> None:
    shop = Shop({"steps": [ring("e")], "callback": "later"}, callbacks={"later": {}})
    shop.clock.now = SUNDAY.timestamp()
    standing = shop.availability.now("shop", PAGE)
    assert (standing.best, standing.instead) == (WayState.LATER, ("callback",))
    opens = datetime(2026, 11, 30, 14, 0, tzinfo=UTC).timestamp()
    assert standing.opens_at == opens
    assert standing.availability.ways["phone"].changes_in == opens - SUNDAY.timestamp()
    assert standing.opens_in_words("en") == "on Monday, November 30 at 9:00 a.m. (New York time)"
    assert standing.opens_in_words("de-AT") == "am Montag, 30. November, um 09:00 Uhr (Ortszeit New York)"
    assert standing.availability.hours == {"office": False}
    shop.clock.now = opens
    opened = shop.availability.now("shop", PAGE)
    assert (opened.best, opened.opens_at, opened.availability.hours) == (
        WayState.OPEN,
        None,
        {"office": True},
    )


def test_where_nothing_can_be_had_the_button_is_hidden() -> None:
    shop = Shop({"steps": [ring("e")]})
    shop.clock.now = SUNDAY.timestamp()
    assert shop.availability.now("shop", PAGE).best is WayState.HIDDEN


def test_a_server_that_is_about_to_stop_takes_nobody() -> None:
    shop = Shop({"steps": [ring("a")], "message": "office"}, **MAILBOX)
    shop.draining = True
    assert shop.availability.now("shop", PAGE).state("phone") is WayState.LATER


def test_new_settings_hold_at_once() -> None:
    shop = Shop({"steps": [ring("a")], "message": "office"}, **MAILBOX)
    assert shop.availability.now("shop", PAGE).best is WayState.OPEN
    shop.router = Shop({"steps": [ring("e")], "message": "office"}, **MAILBOX).router
    shop.clock.now = SUNDAY.timestamp()
    assert shop.availability.now("shop", PAGE).best is WayState.LATER


def test_chats_stand_by_the_agents_who_have_room_for_one() -> None:
    site = {
        "chat": ChatSettings.model_validate(
            {"route": "root", "otherwise": ["message"], "mailbox": "office"}, strict=False
        ),
        "page": PageSettings.model_validate({"buttons": {"ways": ["phone", "chat"]}}, strict=False),
    }
    root = {
        "steps": [ring("agent:ann", "agent:bob")],
        "queue": "line",
        "message": "office",
        "hours": "office",
    }
    shop = Shop(root, site, **AGENTS, **MAILBOX, queues={"line": {}})
    shop.chats = Directory(agents={"agent:ann": "available", "agent:bob": "on_call"})
    standing = shop.availability.now("shop", PAGE)
    assert standing.state("chat") is WayState.OPEN
    assert standing.availability.ways["chat"].free == 1
    guided = {**site, "chat": site["chat"].model_copy(update={"flow": "radiator"})}
    asking = Shop(root, guided, **AGENTS, **MAILBOX, queues={"line": {}})
    # Nobody is there, and questions need nobody, until the server goes.
    assert asking.availability.now("shop", PAGE).state("chat") is WayState.OPEN
    asking.draining = True
    asking.clock.now += 5
    assert asking.availability.now("shop", PAGE).state("chat") is not WayState.OPEN
    shop.chats = Directory(agents={"agent:ann": "offline", "agent:bob": "offline"})
    shop.clock.now += 3
    away = shop.availability.now("shop", PAGE)
    assert (away.state("chat"), away.availability.ways["chat"].open, away.instead) == (
        WayState.LATER,
        True,
        ("message",),
    )
    hiding = {**site, "chat": site["chat"].model_copy(update={"closed": "hide"})}
    hidden = Shop(root, hiding, **AGENTS, **MAILBOX, queues={"line": {}})
    hidden.chats = shop.chats
    nobody = hidden.availability.now("shop", PAGE)
    assert (nobody.state("chat"), nobody.state("phone")) == (WayState.HIDDEN, WayState.OPEN)
    shop.clock.now = SUNDAY.timestamp()
    closed = shop.availability.now("shop", PAGE)
    assert closed.availability.ways["chat"].open is False
    assert closed.opens_at == datetime(2026, 11, 30, 9, 0, tzinfo=NEW_YORK).timestamp()
    assert "chat" not in Shop(root, **AGENTS, **MAILBOX, queues={"line": {}}).availability.now(
        "shop", PAGE
    ).availability.ways  # fmt: skip


def capped() -> dict[str, Any]:
    return {"destinations": {"f": {"label": "F", "sip": "sip:f@pbx.example", "max_calls": 1}}}
