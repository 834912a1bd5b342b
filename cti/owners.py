"""Whose phones the legs of calls are: the browsers where agents are logged in, and their own phones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from config.models import Config
from routing.plan import BrowserEndpoint, Endpoint


def in_browser(endpoint: Endpoint) -> str | None:
    """The agent in whose browser this is."""
    return endpoint.agent if isinstance(endpoint, BrowserEndpoint) else None


class Owners:
    """Finds the agent whose phone is rung; the table of phones is made once for each config."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config
        self._made_of: Config | None = None
        self._of_phone: Mapping[str, str] = {}

    def of(self, endpoint: Endpoint) -> str | None:
        """The agent whose browser or own phone this is; None where it is nobody's that we know."""
        if isinstance(endpoint, BrowserEndpoint):
            return endpoint.agent
        config = self._config()
        if config is not self._made_of:
            self._made_of = config
            self._of_phone = {phone: name for name, agent in config.agents.items() for phone in agent.phones}
        return self._of_phone.get(endpoint.destination)
