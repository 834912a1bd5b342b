"""The machine of a shared view: how it stands and an event in, how it stands then and commands out.

What an event changes is a table of small functions. What follows from it for recording, questions and the
timer is read from how the view stood before and stands now, so that no order of events can forget it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from cobrowse.standing import (
    ANSWER_WITHIN,
    GONE_AFTER,
    MOST_TABS,
    MOST_VIEWERS,
    NAVIGATING_FOR,
    NOTHING,
    SNAPSHOT_EVERY,
    ViewStanding,
    ViewTab,
)
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
from config.sections.cobrowse import Scope

Told = list[ViewCommand]


def decide(state: ViewStanding, event: ViewEvent, now: float) -> tuple[ViewStanding, list[ViewCommand]]:
    """What becomes of a view by an event at ``now`` (seconds of the steady clock). After its end, nothing."""
    if state.end is not None:
        return state, []
    told: Told = []
    after = _on_time(state, now, told)
    if after.end is None:
        after = _CHANGES[type(event)](after, event, now, told)
    return _settle(state, after, now, told), told


# --- what an event changes ----------------------------------------------------------------------------------


def _asked(state: ViewStanding, event: ViewAsked, now: float, told: Told) -> ViewStanding:
    has = state.scopes
    wanted = (state.wanted | event.scopes) & state.terms.allow - has
    if wanted <= state.wanted or ("see" not in has and "see" not in wanted):
        return state
    return _ask(replace(state, agent=event.agent), wanted, now, told)


def _consented(state: ViewStanding, event: ViewConsented, now: float, told: Told) -> ViewStanding:
    tab = state.tab(event.tab)
    given = event.scopes & state.wanted
    if tab is None or not given:
        return state
    had = state.agreed.get(tab.origin, NOTHING)
    if "see" not in had | given:
        return _declined(state, ViewDeclined(), now, told)
    told.append(KeepConsent("agreed", given, state.agent, event.version, tab.origin))
    agreed = MappingProxyType({**state.agreed, tab.origin: had | given})
    began = now if state.began is None else state.began
    return _unasked(replace(state, agreed=agreed, began=began, acted=now))


def _declined(state: ViewStanding, _: ViewDeclined, now: float, told: Told) -> ViewStanding:
    if not state.wanted:
        return state
    told.append(KeepConsent("declined", state.wanted, state.agent, origin=_origin(state)))
    return _unasked(state) if state.agreed else replace(state, end="declined")


def _revoked(state: ViewStanding, event: ViewRevoked, now: float, told: Told) -> ViewStanding:
    taken = frozenset(scope for scopes in state.agreed.values() for scope in scopes & event.scopes)
    if taken:
        told.append(KeepConsent("revoked", taken, state.agent, origin=_origin(state)))
    if "see" in taken:
        return replace(state, end="shopper")
    agreed = MappingProxyType({origin: scopes - taken for origin, scopes in state.agreed.items()})
    wanted = state.wanted - event.scopes
    changed = replace(state, agreed=agreed, acted=now)
    return replace(changed, wanted=wanted) if wanted else _unasked(changed)


def _opened(state: ViewStanding, event: TabOpened, now: float, told: Told) -> ViewStanding:
    others = tuple(each for each in state.tabs if each.tab != event.tab)
    if len(others) >= MOST_TABS:
        return state
    recording = None if state.recording == event.tab else state.recording  # its page is a new document
    tab = ViewTab(event.tab, event.origin, event.visible, now)
    opened = replace(
        state, tabs=(*others, tab), recording=recording, gone_at=None, navigating=False, acted=now
    )
    if opened.wanted:
        told.append(AskConsent(opened.agent, opened.wanted, event.tab))
    return opened


def _turned(state: ViewStanding, event: TabTurned, now: float, told: Told) -> ViewStanding:
    tab = state.tab(event.tab)
    if tab is None or tab.visible is event.visible:
        return state
    turned = replace(tab, visible=event.visible, turned=now if event.visible else tab.turned)
    return _with_tab(replace(state, acted=now), turned)


def _closed(state: ViewStanding, event: TabClosed, now: float, told: Told) -> ViewStanding:
    if state.tab(event.tab) is None:
        return state
    tabs = tuple(each for each in state.tabs if each.tab != event.tab)
    recording = None if state.recording == event.tab else state.recording
    closed = replace(state, tabs=tabs, recording=recording)
    return closed if tabs else replace(closed, gone_at=now, navigating=True)


def _too_large(state: ViewStanding, event: TabTooLarge, now: float, told: Told) -> ViewStanding:
    tab = state.tab(event.tab)
    return state if tab is None else _with_tab(state, replace(tab, too_large=True))


def _lost(state: ViewStanding, event: PictureLost, now: float, told: Told) -> ViewStanding:
    return _snapshot(state, now) if state.recording == event.tab else state


def _joined(state: ViewStanding, event: ViewerJoined, now: float, told: Told) -> ViewStanding:
    if event.viewer in state.viewers or len(state.viewers) >= MOST_VIEWERS:
        return state
    joined = replace(state, viewers=state.viewers | {event.viewer})
    return _snapshot(joined, now) if joined.recording is not None else joined


def _left(state: ViewStanding, event: ViewerLeft, now: float, told: Told) -> ViewStanding:
    return replace(state, viewers=state.viewers - {event.viewer})


def _acted(state: ViewStanding, _: ViewActed, now: float, told: Told) -> ViewStanding:
    return replace(state, acted=now)


def _stopped(state: ViewStanding, event: ViewStopped, now: float, told: Told) -> ViewStanding:
    return replace(state, end=event.why)


def _passed(state: ViewStanding, _: ViewTimePassed, now: float, told: Told) -> ViewStanding:
    return state


#: What each kind of event changes; mypy cannot tell that a key's function takes the key's type.
_CHANGES: dict[type[Any], Callable[[ViewStanding, Any, float, Told], ViewStanding]] = {
    ViewAsked: _asked,
    ViewConsented: _consented,
    ViewDeclined: _declined,
    ViewRevoked: _revoked,
    TabOpened: _opened,
    TabTurned: _turned,
    TabClosed: _closed,
    TabTooLarge: _too_large,
    PictureLost: _lost,
    ViewerJoined: _joined,
    ViewerLeft: _left,
    ViewActed: _acted,
    ViewStopped: _stopped,
    ViewTimePassed: _passed,
}


# --- what time changes --------------------------------------------------------------------------------------


def _deadlines(state: ViewStanding) -> list[tuple[float, ViewEnd | None]]:
    """When something happens by itself, and which end it is; None for what goes on after it."""
    found: list[tuple[float, ViewEnd | None]] = []
    if state.answer_by is not None:
        found.append((state.answer_by, None if state.agreed else "unanswered"))
    if state.began is not None:
        found += [(state.began + state.terms.longest, "too_long"), (state.acted + state.terms.idle, "idle")]
    if state.gone_at is not None:
        found.append((state.gone_at + GONE_AFTER, "gone"))
        if state.navigating:
            found.append((state.gone_at + NAVIGATING_FOR, None))
    if state.snapshot_due is not None:
        found.append((state.snapshot_due, None))
    return found


def _on_time(state: ViewStanding, now: float, told: Told) -> ViewStanding:
    due = sorted((at, why) for at, why in _deadlines(state) if why is not None and at <= now)
    answered_late = state.answer_by is not None and state.answer_by <= now
    if answered_late:
        told.append(KeepConsent("unanswered", state.wanted, state.agent, origin=_origin(state)))
        state = _unasked(state)
    if due:
        return replace(state, end=due[0][1])
    if state.navigating and state.gone_at is not None and state.gone_at + NAVIGATING_FOR <= now:
        state = replace(state, navigating=False)
    if state.snapshot_due is not None and state.snapshot_due <= now:
        return _snapshot(replace(state, snapshot_due=None, snapshot_at=float("-inf")), now)
    return state


# --- what follows -------------------------------------------------------------------------------------------


def _settle(before: ViewStanding, after: ViewStanding, now: float, told: Told) -> ViewStanding:
    """Ask on another origin, record the right tab, take the snapshot, tell both sides, set the timer."""
    if after.end is not None:
        if before.recording is not None and after.tab(before.recording):
            told.append(StopTabRecording(before.recording))
        told += [WakeView(None), EndView(after.end)]
        return replace(after, recording=None, wanted=NOTHING, answer_by=None, viewers=frozenset())
    after = _ask_elsewhere(after, now, told)
    after = _record(after, now, told)
    if after.snapshot_at != before.snapshot_at and after.recording == before.recording and after.recording:
        told.append(TakeTabSnapshot(after.recording))
    if _shown(before) != _shown(after):
        told += [TellShopper(), TellViewers()]
    return _wake(after, now, told)


def _wake(state: ViewStanding, now: float, told: Told) -> ViewStanding:
    """Set the timer where it would come too late; one that comes early is cheaper than one a scroll."""
    due = min((at for at, _ in _deadlines(state)), default=None)
    if due is None:
        if state.wake is not None:
            told.append(WakeView(None))
    elif state.wake is None or state.wake <= now or due < state.wake:
        told.append(WakeView(due))
    else:
        return state
    return replace(state, wake=due)


def _ask_elsewhere(state: ViewStanding, now: float, told: Told) -> ViewStanding:
    """The shopper went to another origin: ask there for what they agreed to, once."""
    front = state.front
    if (
        not state.agreed
        or state.wanted
        or front is None
        or not front.visible
        or front.origin in state.agreed
        or front.origin in state.asked_origins
    ):
        return state
    wanted = frozenset(scope for scopes in state.agreed.values() for scope in scopes)
    asked = replace(state, asked_origins=state.asked_origins | {front.origin})
    return _ask(asked, wanted, now, told)


def _record(state: ViewStanding, now: float, told: Told) -> ViewStanding:
    """A tab records while it is agreed to, watched, and the one that is shown."""
    front = state.front
    wanted = front.tab if front and state.viewers and state.page_is in ("there", "hidden") else None
    if wanted == state.recording:
        return state
    if state.recording is not None and state.tab(state.recording):
        told.append(StopTabRecording(state.recording))
    if wanted is None:
        return replace(state, recording=None, snapshot_due=None)
    told.append(StartTabRecording(wanted, state.page + 1))
    return replace(state, recording=wanted, page=state.page + 1, snapshot_at=now, snapshot_due=None)


def _ask(state: ViewStanding, wanted: frozenset[Scope], now: float, told: Told) -> ViewStanding:
    front = state.front
    told += [
        KeepConsent("asked", wanted, state.agent, origin=_origin(state)),
        AskConsent(state.agent, wanted, front.tab if front else None),
    ]
    return replace(state, wanted=wanted, answer_by=now + ANSWER_WITHIN)


def _unasked(state: ViewStanding) -> ViewStanding:
    return replace(state, wanted=NOTHING, answer_by=None)


def _snapshot(state: ViewStanding, now: float) -> ViewStanding:
    """One snapshot now, or as soon as the last one is long enough ago."""
    if now - state.snapshot_at >= SNAPSHOT_EVERY:
        return replace(state, snapshot_at=now, snapshot_due=None)
    return replace(state, snapshot_due=state.snapshot_at + SNAPSHOT_EVERY)


def _with_tab(state: ViewStanding, tab: ViewTab) -> ViewStanding:
    return replace(state, tabs=tuple(tab if each.tab == tab.tab else each for each in state.tabs))


def _origin(state: ViewStanding) -> str | None:
    front = state.front
    return front.origin if front else None


def _shown(state: ViewStanding) -> tuple[Any, ...]:
    """What both sides are told of how it stands."""
    return state.phase, state.scopes, state.paused, state.wanted, state.agent, len(state.viewers)
