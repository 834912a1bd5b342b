"""How a shared view stands, in words and numbers for those who are told."""

from __future__ import annotations

from dataclasses import replace

from bridge.protocols import Clock
from cobrowse.standing import ViewPhase
from config.sections.cobrowse import Scope
from views.audience import ViewNow, ViewQuestion
from views.live import LiveView, in_order
from views.rights import ViewRights


class ViewTelling:
    """``clock`` is the steady one."""

    def __init__(self, rights: ViewRights, clock: Clock) -> None:
        self._rights = rights
        self._clock = clock

    def now_of(self, live: LiveView) -> ViewNow:
        """How a view stands, as it is told."""
        standing, now = live.standing, self._clock.time()
        ends_at = standing.ends_at
        return ViewNow(
            view=live.view,
            talk=live.talk.talk_id if live.talk else "",
            phase=standing.phase,
            agent=self._rights.label(standing.agent) if standing.agent else "",
            wanted=in_order(standing.wanted),
            agreed=in_order(standing.scopes),
            agents=tuple(self._rights.label(viewer.agent) for viewer in live.viewers.values()),
            ends_in=None if ends_at is None else max(0.0, ends_at - now),
            paused=standing.paused if standing.phase is ViewPhase.PAUSED else None,
            end=standing.end,
        )

    def put_question(self, live: LiveView, agent: str, scopes: frozenset[Scope]) -> ViewQuestion:
        """What the shopper is asked from now on."""
        now = self._clock.time()
        language = live.talk.language if live.talk else "en"
        words = self._rights.words(scopes, agent, live.site, language, live.settings)
        ends_in = max(0.0, (live.standing.answer_by or now) - now)
        live.question = ViewQuestion(self._rights.label(agent), in_order(scopes), words, ends_in)
        return live.question

    def question(self, live: LiveView) -> ViewQuestion | None:
        """What the shopper was asked last, with the seconds that are left to answer."""
        if live.question is None:
            return None
        left = max(0.0, (live.standing.answer_by or 0.0) - self._clock.time())
        return replace(live.question, expires_in=left)
