"""The engine of shared views: the one place that executes their commands and owns their timers."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from typing import Any

import structlog

from bridge.protocols import Clock
from cobrowse.machine import decide
from cobrowse.mirror import Mirror
from cobrowse.rules import Rules
from cobrowse.standing import ViewStanding, ViewTerms
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
    TabClosed,
    TabOpened,
    ViewActed,
    ViewAsked,
    ViewConsented,
    ViewDeclined,
    ViewEnd,
    ViewEvent,
    ViewStopped,
    ViewTimePassed,
)
from config.models import Config
from config.sections.cobrowse import Scope
from views.audience import TalkBook, ViewCounts, ViewStep, ViewTalk
from views.circle import ViewCircle
from views.codes import LIFETIME, ViewCodes
from views.keeper import ViewKeeper
from views.live import LiveTab, LiveView, ViewStream, in_order
from views.rights import ViewRights, WishRefusedError
from views.telling import ViewTelling
from views.tokens import view_digest

log = structlog.get_logger(__name__)

#: Live views at once; beyond it nobody is asked.
MOST_VIEWS = 2000


class SharedViews:
    """All live views. ``talks`` tells who has which call or chat; ``clock`` is the steady one.

    Lives on the event loop. What a link raises is a bug of ours; what a page sends is judged before.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        talks: TalkBook,
        keeper: ViewKeeper,
        counts: ViewCounts,
    ) -> None:
        self._config = config
        self._clock = clock
        self._talks = talks
        self._keeper = keeper
        self.counts = counts
        self._views: dict[str, LiveView] = {}
        self.rights = ViewRights(config)
        self._codes = ViewCodes(secrets.randbelow)
        self.telling = ViewTelling(self.rights, clock)
        #: Called after a view has moved, or is over.
        self.listeners: list[Callable[[LiveView], None]] = []
        self.circle = ViewCircle(self.telling.now_of, self.new_token, self.telling.question)

    def __len__(self) -> int:
        return len(self._views)

    @property
    def clock(self) -> Clock:
        """The steady clock."""
        return self._clock

    def running(self) -> list[LiveView]:
        """All that an agent has asked for, and that are not over."""
        return [live for live in self._views.values() if live.standing.agent]

    def view(self, view: str) -> LiveView | None:
        """A live view."""
        return self._views.get(view)

    # --- beginning ------------------------------------------------------------------------------------------

    def ask(self, agent: str, talk_id: str, scopes: Iterable[Scope]) -> LiveView:
        """Ask the shopper of a talk; a view of the same talk goes on, with another question."""
        talk = self._talk(agent, talk_id)
        wanted = self.rights.wanted(agent, talk.site, scopes)
        for known in self._of_talk(talk_id):
            if known.standing.agent == agent:
                self.handle(known, ViewAsked(agent, wanted))
                return known
            self.handle(known, ViewStopped("replaced"))
        live = self._open(talk.site)
        live.talk = talk
        self._begin(live, agent, wanted)
        return live

    def offer_code(self, site: str) -> tuple[LiveView, str]:
        """A view that waits for an agent, and the code that the shopper reads out."""
        live = self._open(site)
        code = self._codes.make(live.view, site, self._clock.time())
        if code is None:
            del self._views[live.view]
            raise WishRefusedError("full")
        self._wake(live, self._clock.time() + LIFETIME)
        return live, code

    def join(self, agent: str, talk_id: str, code: str, scopes: Iterable[Scope]) -> LiveView:
        """Type in a code during a talk: the shopper is asked on the page that shows it."""
        talk = self._talk(agent, talk_id)
        wanted = self.rights.wanted(agent, talk.site, scopes)
        found = self._codes.take(code, talk.site, agent, talk_id, self._clock.time())
        if found in ("code_wrong", "code_tries"):
            log.info("view_code_refused", agent=agent, talk=talk_id, reason=found)
            raise WishRefusedError(found)  # type: ignore[arg-type]
        live = self._views.get(found)
        if live is None:
            raise WishRefusedError("code_wrong")
        for known in self._of_talk(talk_id):
            self.handle(known, ViewStopped("replaced"))
        live.talk = talk
        self._begin(live, agent, wanted)
        return live

    def ask_more(self, live: LiveView, viewer: str, scopes: Iterable[Scope]) -> None:
        """The agent whose view it is asks for more, from the document."""
        known = live.viewers.get(viewer)
        if known is not None and known.agent == live.standing.agent:
            wanted = frozenset(scopes) & known.rights
            if wanted:
                self.handle(live, ViewAsked(known.agent, wanted))

    def _begin(self, live: LiveView, agent: str, wanted: frozenset[Scope]) -> None:
        self.counts.began(live.site)
        log.info("view_asked", view=live.view[:8], agent=agent, site=live.site, scopes=sorted(wanted))
        self.handle(live, ViewAsked(agent, wanted))

    def _open(self, site: str) -> LiveView:
        known = self.rights.site(site)
        if known is None or known.cobrowse is None:
            raise WishRefusedError("off")
        if len(self._views) >= MOST_VIEWS:
            raise WishRefusedError("full")
        view = f"v_{secrets.token_urlsafe(16)}"
        standing = ViewStanding(ViewTerms.of(known.cobrowse), acted=self._clock.time())
        live = LiveView(view, site, secrets.token_urlsafe(32), known.cobrowse, standing)
        self._views[view] = live
        return live

    def _talk(self, agent: str, talk_id: str) -> ViewTalk:
        talk = self._talks.talk(talk_id)
        if talk is None or talk.agent != agent:
            raise WishRefusedError("not_yours")
        return talk

    # --- the two sides --------------------------------------------------------------------------------------

    def opens(self, view: str, secret: str) -> LiveView | None:
        """The view, if this is its shopper's token."""
        live = self._views.get(view)
        if live is None or not hmac.compare_digest(view_digest(live.secret), view_digest(secret)):
            return None
        return live

    def tab_opened(self, live: LiveView, tab: LiveTab, visible: bool) -> None:
        """A page of the shopper's takes part; an older one of the same tab leaves."""
        older = live.tabs.get(tab.tab)
        live.tabs[tab.tab] = tab
        if older is not None:
            older.link.leave(None)
        live.opening = tab
        self.handle(live, TabOpened(tab.tab, tab.origin, visible))
        live.opening = None

    def tab_closed(self, live: LiveView, tab: LiveTab) -> None:
        """It is gone, unless another one has taken its place."""
        if live.tabs.get(tab.tab) is tab:
            del live.tabs[tab.tab]
            self.handle(live, TabClosed(tab.tab))

    def answered(self, live: LiveView, tab: LiveTab, scopes: frozenset[Scope], version: str) -> None:
        """The shopper agrees to the words that they read; to others they are asked again."""
        if live.question is None:
            return
        if live.question.words.version != version:
            tab.link.ask(live.question)
            return
        first = not live.standing.agreed
        self.handle(live, ViewConsented(tab.tab, scopes, version))
        if first and live.standing.agreed:
            self.counts.agreed(live.site)
            if live.talk is not None:
                self._talks.weighs(live.talk, shares_view=True)

    def refused_by_shopper(self, live: LiveView) -> None:
        """The shopper does not agree to what was asked last."""
        more = bool(live.standing.agreed) and live.question is not None
        self.handle(live, ViewDeclined())
        if more and live.standing.end is None:
            for viewer in live.viewers.values():
                viewer.link.declined(self.telling.now_of(live))

    def new_token(self, live: LiveView, agent: str) -> str:
        """What opens the view's document once, to an agent whose view it is, or who supervises."""
        return live.tokens.make(agent, self._clock.time())

    def end_by_agent(self, agent: str, view: str) -> None:
        """The agent ends a view of theirs."""
        live = self._views.get(view)
        if live is None or live.standing.agent != agent:
            raise WishRefusedError("unknown")
        self.handle(live, ViewStopped("agent"))

    # --- what happens ---------------------------------------------------------------------------------------

    def handle(self, live: LiveView, event: ViewEvent) -> None:
        """Have the machine decide, and do what it says."""
        if live.standing.end is not None:
            return
        live.standing, commands = decide(live.standing, event, self._clock.time())
        if isinstance(event, TabOpened) and live.opening is not None:
            self._welcome(live, live.opening)
        for command in commands:
            self._execute(live, command)

    def _welcome(self, live: LiveView, tab: LiveTab) -> None:
        """The first that a page is told: with the question, so that it is not asked again."""
        standing = live.standing
        if standing.wanted:
            self.telling.put_question(live, standing.agent, standing.wanted)
        tab.link.welcome(self.telling.now_of(live), self.telling.question(live) if standing.wanted else None)

    def active(self, live: LiveView) -> None:
        """The shopper or the agent did something."""
        now = self._clock.time()
        if now - live.active_at >= 1.0:
            live.active_at = now
            self.handle(live, ViewActed())

    def talk_moved(self, talk_id: str) -> None:
        """A call or a chat is over, or another agent's."""
        for live in self._of_talk(talk_id):
            talk = self._talks.talk(talk_id)
            if talk is None or talk.agent != live.standing.agent:
                self.handle(live, ViewStopped("talk_ended"))

    def settings_changed(self) -> None:
        """Views of sites that have none any more, or whose agent may not see any more, are over."""
        for live in [*self._views.values()]:
            agent, site = live.standing.agent, self.rights.site(live.site)
            if (
                site is None
                or site.cobrowse is None
                or (agent and "see" not in self.rights.of(agent, live.site))
            ):
                self._stop(live, "server")
            else:
                live.settings = site.cobrowse

    def stop(self) -> None:
        """The server stops."""
        for live in [*self._views.values()]:
            self._stop(live, "server")

    def _stop(self, live: LiveView, why: ViewEnd) -> None:
        self.handle(live, ViewStopped(why))

    def _execute(self, live: LiveView, command: ViewCommand) -> None:
        match command:
            case AskConsent(agent=agent, scopes=scopes, tab=tab):
                self._ask(live, agent, scopes, tab)
            case TellShopper():
                now = self.telling.now_of(live)
                for each in live.tabs.values():
                    each.link.moved(now)
            case TellViewers():
                self._tell_viewers(live)
            case StartTabRecording(tab=tab, page=page):
                self._start(live, tab, page)
            case StopTabRecording(tab=tab):
                live.stream = None
                if link := live.tabs.get(tab):
                    link.link.record(False, live.standing.page)
            case TakeTabSnapshot(tab=tab):
                if link := live.tabs.get(tab):
                    link.link.snapshot()
            case KeepConsent():
                self._keep(live, command)
            case WakeView(at=at):
                self._wake(live, at)
            case EndView(why=why):
                self._end(live, why)

    def _ask(self, live: LiveView, agent: str, scopes: frozenset[Scope], tab: str | None) -> None:
        question, opening = self.telling.put_question(live, agent, scopes), live.opening
        if tab is None and live.talk is not None:
            self.circle.ask(live, question)
        elif tab is not None and not (opening and opening.tab == tab) and (known := live.tabs.get(tab)):
            known.link.ask(question)

    def _start(self, live: LiveView, tab: str, page: int) -> None:
        known, site = live.tabs.get(tab), self._config().sites.get(live.site)
        if known is None or site is None:
            return
        rules = Rules.of(site)
        mirror = Mirror(rules, known.url, (*site.origins, *live.settings.assets))
        live.stream = ViewStream(page, mirror, rules)
        known.link.record(True, page)
        if document := live.document:
            for viewer in live.viewers.values():
                viewer.waiting = True
                viewer.link.turn(document)

    def _tell_viewers(self, live: LiveView) -> None:
        now = self.telling.now_of(live)
        for viewer in live.viewers.values():
            viewer.link.moved(now)
        self.circle.tell_desks(live, now)
        for listener in self.listeners:
            listener(live)

    def _keep(self, live: LiveView, kept: KeepConsent) -> None:
        words = ""
        if kept.step == "agreed" and live.question is not None:
            told = live.question.words
            words = "\n".join([*(told.words[scope] for scope in in_order(kept.scopes)), told.note]).strip()
        self.keep(live, kept.step, kept.agent, scopes=in_order(kept.scopes), version=kept.version,
                  words=words, origin=kept.origin or "")  # fmt: skip

    def keep(self, live: LiveView, step: str, agent: str, **more: Any) -> None:
        """Write a step into the talk's timeline; ``more`` are fields of :class:`ViewStep`."""
        if live.talk is not None:
            talk, at = live.talk, self._keeper.wall()
            self._keeper.keep(
                ViewStep(live.view, talk.talk_id, talk.channel, live.site, at, agent, step, **more)
            )

    def _wake(self, live: LiveView, at: float | None) -> None:
        if live.timer is not None:
            live.timer.cancel()
            live.timer = None
        if at is not None:
            after = max(0.0, at - self._clock.time())
            live.timer = self._clock.call_later(after, lambda: self._woken(live))

    def _woken(self, live: LiveView) -> None:
        live.timer = None
        if not live.standing.agent:  # nobody typed its code
            self.handle(live, ViewStopped("unanswered"))
        else:
            self.handle(live, ViewTimePassed())

    def _end(self, live: LiveView, why: ViewEnd) -> None:
        self._wake(live, None)
        self._views.pop(live.view, None)
        self._codes.drop(live.view)
        agreed = bool(live.standing.agreed)
        log.info("view_ended", view=live.view[:8], site=live.site, agent=live.standing.agent, reason=why)
        if live.standing.agent:
            self.counts.ended(live.site, why, agreed=agreed)
            self.keep(live, "ended", live.standing.agent, what=why)
        if agreed and live.talk is not None:
            self._talks.weighs(live.talk, shares_view=False)
        for tab in [*live.tabs.values()]:
            tab.link.leave(why)
        for viewer in [*live.viewers.values()]:
            viewer.link.leave(why)
        self.circle.over(live, self.telling.now_of(live), why)
        for listener in self.listeners:
            listener(live)
        live.stream = None
        live.tabs, live.viewers, live.actions = {}, {}, {}

    def _of_talk(self, talk_id: str) -> list[LiveView]:
        return [live for live in self._views.values() if live.talk and live.talk.talk_id == talk_id]
