"""What the settings say of the calls and chats that are counted."""

from __future__ import annotations

from collections.abc import Mapping

from config.base import AGENT
from config.models import Config
from reports.parts import IN_TIME, CountedUnder


def surroundings_of(config: Config) -> CountedUnder:
    """By these settings."""
    parents = {branch: name for name, each in config.routes.items() for branch in each.branches}
    queues = {name: _queue_of(config, parents, name) for name in config.routes}
    owners = {phone: name for name, agent in config.agents.items() for phone in agent.phones}

    def in_time(queue: str) -> float:
        known = config.queues.get(queue)
        return known.answer_within if known else IN_TIME

    def agent_of(destination: str) -> str:
        if destination.startswith(AGENT):
            return destination.removeprefix(AGENT)
        return owners.get(destination, destination)

    return CountedUnder(lambda route: queues.get(route, ""), in_time, agent_of)


def _queue_of(config: Config, parents: Mapping[str, str], route: str) -> str:
    """The queue of a route: its own, or that of the route whose branch it is."""
    here: str | None = route
    while here is not None:
        if queue := config.routes[here].queue:
            return queue
        here = parents.get(here)
    return ""
