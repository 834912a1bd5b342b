"""A shared view as a story: events in, commands out."""

from __future__ import annotations

from typing import get_args

import pytest

from cobrowse.machine import decide
from cobrowse.standing import PHASES, PageIs, ViewPhase, ViewStanding, ViewTerms
from cobrowse.view_commands import (
    AskConsent,
    EndView,
    KeepConsent,
    StartTabRecording,
    StopTabRecording,
    TakeTabSnapshot,
    TellShopper,
    TellViewers,
    ViewCommand,
    WakeView,
)
from cobrowse.view_events import (
    VIEW_ENDS,
    PictureLost,
    TabClosed,
    TabOpened,
    TabTooLarge,
    TabTurned,
    ViewActed,
    ViewAsked,
    ViewConsented,
    ViewDeclined,
    ViewEnd,
    ViewerJoined,
    ViewerLeft,
    ViewEvent,
    ViewRevoked,
    ViewStopped,
    ViewTimePassed,
)
from config.sections.cobrowse import Cobrowse, Scope

SHOP, OTHER = "https://shop.example", "https://pay.example"
SEE: frozenset[Scope] = frozenset({"see"})
ALL: frozenset[Scope] = frozenset({"see", "point", "fill"})
QUIET = (TellShopper, TellViewers, WakeView)


class Story:
    """A view, and its clock."""

    def __init__(self, terms: ViewTerms | None = None) -> None:
        self.state = ViewStanding(terms or ViewTerms())
        self.now = 100.0

    def on(self, *events: ViewEvent) -> list[ViewCommand]:
        told: list[ViewCommand] = []
        for event in events:
            self.state, more = decide(self.state, event, self.now)
            told += more
        return told

    def deeds(self, *events: ViewEvent) -> list[ViewCommand]:
        """The commands without those that only tell, or set the timer."""
        return [each for each in self.on(*events) if not isinstance(each, QUIET)]

    def after(self, seconds: float, *events: ViewEvent) -> list[ViewCommand]:
        self.now += seconds
        return self.deeds(*(events or (ViewTimePassed(),)))


def seeing() -> Story:
    story = Story()
    story.on(
        ViewAsked("ann", ALL),
        TabOpened("t1", SHOP, visible=True),
        ViewConsented("t1", ALL, "1-en"),
        ViewerJoined("w1"),
    )
    assert story.state.phase is ViewPhase.SEEING
    return story


def test_from_the_question_to_the_picture() -> None:
    story = Story()
    assert story.deeds(ViewAsked("ann", SEE)) == [KeepConsent("asked", SEE, "ann"), AskConsent("ann", SEE)]
    assert story.deeds(TabOpened("t1", SHOP, visible=True)) == [AskConsent("ann", SEE, "t1")]
    assert story.state.phase is ViewPhase.ASKED
    assert story.deeds(ViewConsented("t1", SEE, "1-en")) == [
        KeepConsent("agreed", SEE, "ann", "1-en", SHOP),
    ]
    assert (story.state.phase, story.state.scopes) == (ViewPhase.AGREED, SEE)
    assert story.deeds(ViewerJoined("w1")) == [StartTabRecording("t1", 1)]
    assert story.state.phase is ViewPhase.SEEING


def test_nobody_is_asked_for_what_the_site_does_not_allow() -> None:
    story = Story(ViewTerms.of(Cobrowse(allow=("see", "point"))))
    assert story.deeds(ViewAsked("ann", ALL))[-1] == AskConsent("ann", frozenset({"see", "point"}))
    assert not Story().on(ViewAsked("ann", frozenset({"fill"})))


def test_an_agent_asks_for_more_and_the_shopper_says_no() -> None:
    story = Story()
    story.on(ViewAsked("ann", SEE), TabOpened("t1", SHOP, visible=True), ViewConsented("t1", SEE, "v"))
    fill: frozenset[Scope] = frozenset({"fill"})
    assert story.deeds(ViewAsked("ann", ALL - {"point"}))[-1] == AskConsent("ann", fill, "t1")
    assert story.deeds(ViewAsked("ann", fill)) == []
    assert story.deeds(ViewDeclined()) == [KeepConsent("declined", fill, "ann", origin=SHOP)]
    assert (story.state.scopes, story.state.end) == (SEE, None)


def test_only_what_was_asked_is_agreed_to() -> None:
    story = Story()
    story.on(ViewAsked("ann", SEE), TabOpened("t1", SHOP, visible=True))
    story.on(ViewConsented("t1", ALL, "v"))
    assert story.state.scopes == SEE
    assert story.on(ViewConsented("t1", ALL, "v")) == []
    assert story.on(ViewConsented("other", ALL, "v")) == []


def test_fill_without_see_is_a_no() -> None:
    story = Story()
    story.on(ViewAsked("ann", ALL), TabOpened("t1", SHOP, visible=True))
    assert story.deeds(ViewConsented("t1", frozenset({"fill"}), "v"))[-1] == EndView("declined")


@pytest.mark.parametrize("why", VIEW_ENDS)
def test_it_ends_once(why: ViewEnd) -> None:
    story = seeing()
    assert story.deeds(ViewStopped(why)) == [StopTabRecording("t1"), EndView(why)]
    assert story.state.phase is ViewPhase.ENDED
    assert not story.state.scopes
    assert story.on(ViewStopped(why), ViewAsked("ben", ALL), TabOpened("t2", SHOP, visible=True)) == []


def test_what_time_ends() -> None:
    story = Story()
    story.on(ViewAsked("ann", SEE))
    assert story.after(60.0) == [KeepConsent("unanswered", SEE, "ann"), EndView("unanswered")]
    story = seeing()
    assert story.after(599.0) == []
    assert story.after(1.0)[-1] == EndView("idle")
    story = seeing()
    for _ in range(5):
        assert story.after(350.0, ViewActed()) == []
    assert story.after(50.0)[-1] == EndView("too_long")
    story = seeing()
    story.on(TabClosed("t1"))
    assert story.state.paused == "navigating"
    assert story.after(10.0) == []
    assert story.state.paused == "asleep"
    assert story.after(50.0) == [EndView("gone")]


def test_a_question_that_is_late_leaves_what_was_agreed() -> None:
    story = Story()
    story.on(ViewAsked("ann", SEE), TabOpened("t1", SHOP, visible=True), ViewConsented("t1", SEE, "v"))
    story.on(ViewAsked("ann", ALL))
    assert story.after(60.0) == [KeepConsent("unanswered", ALL - SEE, "ann", origin=SHOP)]
    assert story.state.scopes == SEE


def test_the_next_page_of_the_site_needs_no_question() -> None:
    story = seeing()
    assert story.after(1.0, TabClosed("t1")) == []
    assert story.state.phase is ViewPhase.PAUSED
    assert story.after(1.0, TabOpened("t1", SHOP, visible=True)) == [StartTabRecording("t1", 2)]


def test_another_origin_is_asked_once() -> None:
    story = seeing()
    story.on(TabClosed("t1"))
    assert story.deeds(TabOpened("t1", OTHER, visible=True)) == [
        KeepConsent("asked", ALL, "ann", origin=OTHER),
        AskConsent("ann", ALL, "t1"),
    ]
    assert (story.state.phase, story.state.scopes) == (ViewPhase.AGREED, frozenset())
    assert story.deeds(ViewDeclined()) == [KeepConsent("declined", ALL, "ann", origin=OTHER)]
    assert story.deeds(TabClosed("t1"), TabOpened("t1", OTHER, visible=True)) == []
    assert story.deeds(TabOpened("t1", SHOP, visible=True)) == [StartTabRecording("t1", 2)]


def test_the_visible_tab_is_shown() -> None:
    story = seeing()
    assert story.deeds(TabTurned("t1", visible=False)) == []
    assert story.state.paused == "hidden"
    assert story.deeds(TabOpened("t2", SHOP, visible=True)) == [
        StopTabRecording("t1"),
        StartTabRecording("t2", 2),
    ]
    story.on(TabTurned("t2", visible=False))
    assert story.deeds(TabTurned("t1", visible=True)) == [StopTabRecording("t2"), StartTabRecording("t1", 3)]
    assert story.deeds(TabClosed("t1")) == [StartTabRecording("t2", 4)]


def test_nobody_watches_and_nothing_is_recorded() -> None:
    story = seeing()
    assert story.deeds(ViewerLeft("w1")) == [StopTabRecording("t1")]
    assert story.deeds(ViewerJoined("w2")) == [StartTabRecording("t1", 2)]


def test_who_joins_late_gets_a_picture_at_most_every_two_seconds() -> None:
    story = seeing()
    assert story.deeds(ViewerJoined("w2"), ViewerJoined("w3"), PictureLost("t1")) == []
    assert story.state.wake == story.now + 2.0
    assert story.after(2.0) == [TakeTabSnapshot("t1")]
    assert story.after(5.0, PictureLost("t1")) == [TakeTabSnapshot("t1")]
    assert story.after(5.0, PictureLost("t9")) == []


def test_what_is_taken_back_is_gone_at_once() -> None:
    story = seeing()
    assert story.deeds(ViewRevoked(frozenset({"fill"}))) == [
        KeepConsent("revoked", frozenset({"fill"}), "ann", origin=SHOP)
    ]
    assert story.state.scopes == {"see", "point"}
    assert story.deeds(ViewRevoked(SEE))[-1] == EndView("shopper")


def test_a_page_that_is_too_large_is_not_shown_and_the_next_is() -> None:
    story = seeing()
    assert story.deeds(TabTooLarge("t1")) == [StopTabRecording("t1")]
    assert story.state.paused == "too_large"
    assert story.deeds(TabOpened("t1", SHOP, visible=True)) == [StartTabRecording("t1", 2)]


def test_the_table_says_where_every_view_stands() -> None:
    assert set(PHASES) == {(False, False), (False, True), (True, False), (True, True)}
    assert all(set(row) == set(get_args(PageIs)) for row in PHASES.values())
