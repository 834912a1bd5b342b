"""What agents may do in shared views, by the settings of now, and why a wish of theirs is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from cobrowse.consent import ConsentWords, consent_words
from config.models import Config
from config.sections.cobrowse import Cobrowse, Scope
from config.sections.sites import Site

WishProblem = Literal["off", "no_right", "not_yours", "unknown", "code_wrong", "code_tries", "full"]
WISH_PROBLEMS: dict[WishProblem, str] = {
    "off": "This shop has no shared views.",
    "no_right": "You do not have the right to do this.",
    "not_yours": "This call or chat is not yours now.",
    "unknown": "This shared view is over.",
    "code_wrong": "This code is wrong, used or too old. Ask the shopper to read it out again.",
    "code_tries": "Too many wrong codes. Wait five minutes, and ask the shopper for a new one.",
    "full": "Too many people look at pages now.",
}
_NOTHING: frozenset[Scope] = frozenset()
_SEE: frozenset[Scope] = frozenset({"see"})


class WishRefusedError(Exception):
    """What an agent asked for is not done."""

    def __init__(self, problem: WishProblem) -> None:
        super().__init__(problem)
        self.problem: WishProblem = problem


class ViewRights:
    """Reads the settings at each question."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config

    def site(self, site: str) -> Site | None:
        """A site that has shared views."""
        known = self._config().sites.get(site)
        return known if known and known.cobrowse else None

    def label(self, agent: str) -> str:
        """What an agent is called."""
        known = self._config().agents.get(agent)
        return known.label if known else agent

    def of(self, agent: str, site: str) -> frozenset[Scope]:
        """What an agent may do in views of their own on this site."""
        config = self._config()
        known, of = config.agents.get(agent), self.site(site)
        if known is None or of is None or of.cobrowse is None or site not in config.sites_of_agent(agent):
            return _NOTHING
        allowed: frozenset[Scope] = frozenset(of.cobrowse.allow)
        return allowed if known.cobrowse is None else allowed & frozenset(known.cobrowse)

    def of_viewer(self, agent: str, owner: str, site: str) -> frozenset[Scope]:
        """What they may do in a view: who looks over somebody's shoulder only sees."""
        if agent == owner:
            return self.of(agent, site)
        return self.of(agent, site) & _SEE if owner and self.supervises(agent) else _NOTHING

    def supervises(self, agent: str) -> bool:
        """Whether they may look over others' shoulders."""
        known = self._config().agents.get(agent)
        return known is not None and "supervise" in known.rights

    def wanted(self, agent: str, site: str, scopes: Iterable[Scope]) -> frozenset[Scope]:
        """What of this the agent may ask for; raises :class:`WishRefusedError` if it is nothing."""
        if self.site(site) is None:
            raise WishRefusedError("off")
        wanted: frozenset[Scope] = (frozenset(scopes) | _SEE) & self.of(agent, site)
        if "see" not in wanted:
            raise WishRefusedError("no_right")
        return wanted

    def words(
        self, scopes: frozenset[Scope], agent: str, site: str, language: str, settings: Cobrowse
    ) -> ConsentWords:
        """The question to a shopper."""
        known = self._config().sites.get(site)
        return consent_words(scopes, self.label(agent), known.label if known else site, language, settings)
