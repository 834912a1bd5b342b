"""Any order of events, however late or simultaneous, keeps the promises of a shared view."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cobrowse.machine import decide
from cobrowse.standing import MOST_TABS, MOST_VIEWERS, SNAPSHOT_EVERY, ViewPhase, ViewStanding
from cobrowse.view_commands import (
    AskConsent,
    EndView,
    KeepConsent,
    StartTabRecording,
    StopTabRecording,
    TakeTabSnapshot,
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
from config.sections.cobrowse import SCOPES, Scope

some_scopes = st.frozensets(st.sampled_from(SCOPES))
some_tab = st.sampled_from([f"t{number}" for number in range(MOST_TABS + 2)] + ["t0", "t1"] * 10)
some_origin = st.sampled_from(["https://shop.example", "https://pay.example"])
some_viewer = st.sampled_from([f"w{number}" for number in range(MOST_VIEWERS + 2)])


class AnyOrder(RuleBasedStateMachine):
    """The world around one view: tabs that record, a timer, and what the shopper really said."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ViewStanding()
        self.now = 1000.0
        self.timer: float | None = None
        self.recording: set[str] = set()
        self.page = 0
        self.snapshot_at = float("-inf")
        self.asked: frozenset[Scope] = frozenset()
        self.said: dict[str, set[Scope]] = {}
        self.ends: list[ViewEnd] = []

    def happen(self, event: ViewEvent) -> None:
        ended = bool(self.ends)
        self.state, told = decide(self.state, event, self.now)
        assert not (ended and told), told
        for command in told:
            match command:
                case AskConsent(scopes=scopes):
                    self.asked |= scopes
                case StartTabRecording(tab=tab, page=page):
                    assert not self.recording
                    assert page == self.page + 1
                    self.recording, self.page, self.snapshot_at = {tab}, page, self.now
                case StopTabRecording(tab=tab):
                    self.recording.remove(tab)
                case TakeTabSnapshot(tab=tab):
                    assert {tab} == self.recording
                    assert self.now - self.snapshot_at >= SNAPSHOT_EVERY
                    self.snapshot_at = self.now
                case WakeView(at=at):
                    assert at is None or at > self.now
                    self.timer = at
                case KeepConsent(step="agreed", scopes=scopes, origin=origin):
                    assert isinstance(event, ViewConsented)
                    assert scopes <= event.scopes & self.asked
                    assert origin is not None
                    self.said.setdefault(origin, set()).update(scopes)
                case EndView(why=why):
                    self.ends.append(why)

    @rule(scopes=some_scopes, agent=st.sampled_from(["ann", "ben"]))
    def asks(self, scopes: frozenset[Scope], agent: str) -> None:
        self.happen(ViewAsked(agent, scopes))

    @rule(tab=some_tab, scopes=st.sampled_from([frozenset(SCOPES), frozenset({"see"}), frozenset({"fill"})]))
    def consents(self, tab: str, scopes: frozenset[Scope]) -> None:
        self.happen(ViewConsented(tab, scopes, "1-en"))

    @rule(scopes=st.frozensets(st.sampled_from(["point", "fill"]), max_size=2), see=st.integers(0, 9))
    def revokes(self, scopes: frozenset[Scope], see: int) -> None:
        taken = scopes if see else scopes | {"see"}
        self.happen(ViewRevoked(taken))
        for said in self.said.values():
            said -= taken

    @rule(tab=some_tab, origin=some_origin, visible=st.booleans())
    def opens(self, tab: str, origin: str, visible: bool) -> None:
        self.recording.discard(tab)  # the document that recorded is gone
        self.happen(TabOpened(tab, origin, visible))

    @rule(tab=some_tab, visible=st.booleans())
    def turns(self, tab: str, visible: bool) -> None:
        self.happen(TabTurned(tab, visible))

    @rule(tab=some_tab)
    def closes(self, tab: str) -> None:
        self.recording.discard(tab)
        self.happen(TabClosed(tab))

    @rule(tab=some_tab, large=st.integers(0, 5))
    def loses_the_picture(self, tab: str, large: int) -> None:
        self.happen(PictureLost(tab) if large else TabTooLarge(tab))

    @rule(viewer=some_viewer)
    def joins(self, viewer: str) -> None:
        self.happen(ViewerJoined(viewer))

    @rule(viewer=some_viewer)
    def leaves(self, viewer: str) -> None:
        self.happen(ViewerLeft(viewer))

    @rule(event=st.sampled_from([ViewActed(), ViewActed(), ViewTimePassed(), ViewDeclined()]))
    def acts(self, event: ViewEvent) -> None:
        self.happen(event)

    @rule(why=st.sampled_from(VIEW_ENDS), really=st.integers(0, 9))
    def stops(self, why: ViewEnd, really: int) -> None:
        if not really:
            self.happen(ViewStopped(why))

    @rule(seconds=st.sampled_from([0.1, 1.0, 1.9, 9.0, 40.0, 300.0]))
    def time_passes(self, seconds: float) -> None:
        until = self.now + seconds
        while self.timer is not None and self.timer <= until:
            self.now = self.timer
            self.happen(ViewTimePassed())
        self.now = until

    @invariant()
    def only_what_was_agreed_to_is_recorded(self) -> None:
        assert self.recording == ({self.state.recording} if self.state.recording else set())
        if self.state.recording is not None:
            tab = self.state.tab(self.state.recording)
            assert tab is not None
            assert "see" in self.said[tab.origin]
            assert self.state.viewers

    @invariant()
    def scopes_are_those_that_the_shopper_said(self) -> None:
        front = self.state.front
        said = self.said.get(front.origin, set()) if front and self.state.end is None else set()
        assert self.state.scopes == said

    @invariant()
    def it_ends_once_and_in_time(self) -> None:
        assert (self.state.phase is ViewPhase.ENDED) is bool(self.ends)
        assert len(self.ends) <= 1
        if self.state.ends_at is not None and not self.ends:
            assert self.state.ends_at > self.now
            assert self.timer is not None
            assert self.timer <= self.state.ends_at
        if self.ends:
            assert self.timer is None
            assert not self.recording

    @invariant()
    def it_stays_small(self) -> None:
        assert len(self.state.tabs) <= MOST_TABS
        assert len(self.state.viewers) <= MOST_VIEWERS


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
