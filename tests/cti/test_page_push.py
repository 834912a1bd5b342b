"""Pages that shoppers are sent to: which may be, who gets them, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.events import Event, PageAnswered
from config.models import Config
from config.sections.page_push import PagePush, origin_of
from config.sections.sites import Site
from cti.page_push import PATIENCE, PagePushes, PushedPage, PushRefusedError, choose_page, spoken_answer
from routing.plan import ClickToCall, Speech
from tests.bridge.fake_clock import FakeClock

CATALOGUE = {
    "12": {"title": "Opening hours", "url": "https://shop.example/hours"},
    "7": {"title": "Returns", "url": "https://help.example/returns"},
}
HOURS = "https://shop.example/hours"
CLICK = ClickToCall("shop", "+16175550123", "", {}, "")


def settings(push: dict[str, Any] | None) -> Config:
    return Config.model_validate(
        {
            "trunks": {"carrier": {"host": "sip.carrier.example"}},
            "routes": {},
            "sites": {
                "shop": {
                    "key": "shop-example-1", "label": "Shop", "origins": ["https://shop.example"],
                    "countries": ["US"], "trunk": "carrier", "caller_id": {"number": "+16175550100"},
                    "route": "root", "voice": "en-gb", "page_push": push,
                }
            },
        },
        strict=False,
    )  # fmt: skip


def site(**changed: Any) -> Site:
    push = {"catalogue": CATALOGUE, "origins": ["https://help.example"], **changed}
    return settings(push).sites["shop"]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("12", (HOURS, "Opening hours")),
        (HOURS, (HOURS, "Opening hours")),
        ("https://shop.example/bikes?x=1#red", ("https://shop.example/bikes?x=1#red",) * 2),
        ("HTTPS://Shop.Example:443/", ("HTTPS://Shop.Example:443/",) * 2),
        ("https://help.example", ("https://help.example",) * 2),
        ("13", "page_unknown"),
        ("0", "page_unknown"),
        ("https://evil.example/", "page_refused"),
        ("http://shop.example/", "page_refused"),
        ("https://shop.example:8443/", "page_refused"),
        ("https://shop.example.evil.example/", "page_refused"),
        ("https://shop.example@evil.example/", "page_refused"),
        ("https://evil.example\\@shop.example/", "page_refused"),
        ("https://shop.example\\.evil.example/", "page_refused"),
        ("https:shop.example", "page_refused"),
        ("https:///evil.example", "page_refused"),
        ("//shop.example/", "page_refused"),
        ("/hours", "page_refused"),
        ("javascript:alert(1)//https://shop.example", "page_refused"),
        ("data:text/html,x", "page_refused"),
        ("https://shop.example/\n", "page_refused"),
        ("https://shop.example/a b", "page_refused"),
        ("https://shop.example/" + "a" * 2000, "page_refused"),
        ("", "page_refused"),
    ],
)
def test_which_pages(wanted: str, chosen: object) -> None:
    if isinstance(chosen, str):
        with pytest.raises(PushRefusedError) as refused:
            choose_page(site(), wanted)
        assert refused.value.reason == chosen
    else:
        assert choose_page(site(), wanted) == chosen


def test_only_the_catalogue() -> None:
    assert choose_page(site(any_page=False), "7")[1] == "Returns"
    assert choose_page(site(any_page=False), HOURS)[1] == "Opening hours"
    with pytest.raises(PushRefusedError):
        choose_page(site(any_page=False), "https://shop.example/bikes")
    with pytest.raises(PushRefusedError):
        choose_page(site().model_copy(update={"page_push": None}), "12")


def test_origins() -> None:
    assert origin_of("http://Shop.example:80/x") == "http://shop.example"
    assert origin_of("https://shop.example:8443?x") == "https://shop.example:8443"
    assert origin_of("https://[2001:db8::1]/") == "https://[2001:db8::1]"
    assert origin_of("https://shop.example.") is None
    for odd in ("http\u017f://shop.example", "https://\u017fhop.example", "https://shop.example:\u0663"):
        assert origin_of(odd) is None


@given(st.text() | st.from_regex(r"(?i)https?://[a-z0-9.-]{1,20}(:[0-9]{1,6})?(/.*)?", fullmatch=True))
def test_any_text_has_an_origin_or_none(url: str) -> None:
    origin = origin_of(url)
    assert origin is None or origin.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("keys", "connected", "said"),
    [
        ("12", True, "Page 12, Opening hours, is sent."),
        ("12", False, "The shopper has no page open."),
        ("13", True, "There is no page 13. Press star zero pound for the list."),
        ("0", True, "12: Opening hours. 7: Returns."),
        ("", False, "12: Opening hours. 7: Returns."),
    ],
)
def test_what_is_said(keys: str, connected: bool, said: str) -> None:
    push = site().page_push
    assert isinstance(push, PagePush)
    assert spoken_answer(push, keys, connected=connected) == said


class Pushing:
    """Pushes of one call, and what came of them."""

    def __init__(self, push: dict[str, Any] | None) -> None:
        self.clock = FakeClock(1000.0)
        self.click = CLICK
        self.config = settings(push)
        self.told: list[PushedPage] = []
        self.events: list[tuple[str, Event]] = []
        self.pushes = PagePushes(
            handle=lambda call_id, event: self.events.append((call_id, event)),
            click=lambda call_id: self.click if call_id == "c" else None,
            config=lambda: self.config,
            clock=self.clock,
        )
        self.pushes.watch(self.told.append)

    @property
    def states(self) -> list[str]:
        return [pushed.state for pushed in self.told]


def test_the_page_that_connected_last_is_told_and_the_next_when_it_goes() -> None:
    it = Pushing({"catalogue": CATALOGUE, "origins": ["https://help.example"], "mode": "go"})
    first: list[PushedPage] = []
    second: list[PushedPage] = []
    with it.pushes.page("c", first.append):
        with it.pushes.page("c", second.append):
            it.pushes.push_page("c", "12")
            assert (first, len(second)) == ([], 1)
        assert first == second == [PushedPage("c", 1, HOURS, "Opening hours", "go", "sent")]
        it.pushes.answered("c", 1, accepted=True)
        it.pushes.answered("c", 1, accepted=False)
    assert it.states == ["sent", "accepted"]
    with it.pushes.page("c", second.append):
        assert len(second) == 1, "what is answered is not told again"


def test_a_push_waits_for_a_page_and_not_for_ever() -> None:
    it = Pushing({"catalogue": CATALOGUE, "origins": ["https://help.example"]})
    pages: list[PushedPage] = []
    it.pushes.push_page("c", "12")
    it.clock.advance(PATIENCE - 1)
    with it.pushes.page("c", pages.append):
        it.clock.advance(PATIENCE)
        it.pushes.answered("c", 1, accepted=False)  # who takes their time is heard
    assert it.states == ["waiting", "sent", "declined"]
    it.pushes.push_page("c", "7")
    it.clock.advance(PATIENCE)
    with it.pushes.page("c", pages.append):
        pass
    assert it.states[3:] == ["waiting", "no_page"]
    assert [page.push for page in pages] == [1]


def test_a_newer_push_takes_the_place() -> None:
    it = Pushing({"catalogue": CATALOGUE, "origins": ["https://help.example"]})
    pages: list[PushedPage] = []
    it.pushes.push_page("c", "12")
    it.pushes.push_page("c", "7")
    with it.pushes.page("c", pages.append):
        it.pushes.answered("c", 1, accepted=True)
        it.pushes.answered("c", 2, accepted=True)
    assert [(page.push, page.title) for page in pages] == [(2, "Returns")]
    assert it.told[-1] == replace(pages[0], state="accepted")
    it.clock.advance(PATIENCE)
    assert it.states == ["waiting", "waiting", "sent", "accepted"]


def test_by_keys() -> None:
    it = Pushing({"catalogue": CATALOGUE, "origins": ["https://help.example"], "keys": True})
    it.pushes.push("c", "c-b1", "12")
    assert it.events == [], "never from within"
    pages: list[PushedPage] = []
    with it.pushes.page("c", pages.append):
        assert pages == []
        it.pushes.push("c", "c-b1", "7")
    it.clock.advance()
    voice = {"voice": "en-gb", "name": "page_push"}
    assert it.events == [
        ("c", PageAnswered("c-b1", Speech("The shopper has no page open.", **voice))),
        ("c", PageAnswered("c-b1", Speech("Page 7, Returns, is sent.", **voice))),
    ]
    assert [page.title for page in pages] == ["Returns"]


def test_who_talks_by_pc_is_asked() -> None:
    it = Pushing({"catalogue": CATALOGUE, "origins": ["https://help.example"], "mode": "go"})
    it.click = replace(CLICK, by="pc")
    it.pushes.push_page("c", "12")
    assert it.told[-1].mode == "ask"


def test_nothing_is_pushed_in_calls_that_are_over_or_where_the_site_has_no_pages() -> None:
    it = Pushing(None)
    for call_id in ("c", "gone"):
        with pytest.raises(PushRefusedError):
            it.pushes.push_page(call_id, "12")
        it.pushes.push(call_id, f"{call_id}-b1", "12")
    it.clock.advance(1.0)
    assert it.events == it.told == []
