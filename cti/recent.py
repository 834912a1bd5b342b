"""Each agent's recent calls, the same on all their pages and after a reload."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from config.models import Config
from cti.pop import make_pop, viewer, when_shown
from cti.screen_pops import PopNews

#: As many as are told of an agent.
MOST = 20


@dataclass(frozen=True, slots=True)
class RecentCall:
    """A call that is over for an agent. Times are seconds since the epoch."""

    call_id: str
    #: When it rang.
    at: float
    #: What this agent may see of it: the site's label, the shopper's name and number; else empty.
    site: str
    name: str
    name_signed: bool
    number: str
    #: Why it is over for them: a hangup cause.
    cause: str
    talked: bool
    #: How long it was theirs.
    seconds: float


class RecentCalls:
    """Hears the news of screen pops; ``watch`` tells of an agent whose list has grown. In memory alone."""

    def __init__(self, config: Callable[[], Config], changed: Callable[[str], None]) -> None:
        self._config = config
        self._changed = changed
        self._of: dict[str, deque[RecentCall]] = {}
        #: When a call that is not over rang, and was answered.
        self._began: dict[tuple[str, str], tuple[float, float | None]] = {}

    def of(self, agent: str) -> list[RecentCall]:
        """The agent's recent calls, newest first."""
        return list(self._of.get(agent, ()))

    def heard(self, news: PopNews) -> None:
        """A call rings for somebody, was answered, or is over for them."""
        agent = news.agent
        if agent is None:
            return
        key = (agent, news.call.call_id)
        rang, answered = self._began.get(key, (news.since, None))
        if news.state != "over":
            self._began[key] = (rang, news.since if news.state == "answered" else answered)
            return
        self._began.pop(key, None)
        self._of.setdefault(agent, deque(maxlen=MOST)).appendleft(self._made(agent, news, rang, answered))
        self._changed(agent)

    def _made(self, agent: str, news: PopNews, rang: float, answered: float | None) -> RecentCall:
        config = self._config()
        pop = make_pop(news.call, config, viewer(agent, config))
        when = when_shown(news.call.click.site, config)
        seen = when == "offer" or (when == "answer" and news.was_answered)
        return RecentCall(
            call_id=news.call.call_id,
            at=rang,
            site=pop.site if seen else "",
            name=pop.name if seen else "",
            name_signed=seen and pop.name_signed,
            number=pop.number if seen else "",
            cause=news.cause or "",
            talked=answered is not None,
            seconds=max(0.0, news.since - answered) if answered is not None else 0.0,
        )
