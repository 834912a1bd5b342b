"""Who and what is free now, from the roster, the agents, the queues and the host: a planner's directory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from config.models import Config
from cti.agents import Agents
from routing.directory import Directory
from server.chat_roster import ChatRoster
from server.fitness import Fitness
from server.roster import Roster


class FreeNow:
    """Makes the directory with which one call or chat is decided.

    ``waiting(queue)`` tells how many calls wait in a queue.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        roster: Roster,
        agents: Agents,
        fitness: Fitness,
        waiting: Callable[[str], int],
        chat_roster: ChatRoster | None = None,
    ) -> None:
        self._chat_roster = chat_roster or ChatRoster()
        self._config = config
        self._roster = roster
        self._agents = agents
        self._fitness = fitness
        self._waiting = waiting

    def directory(self, call_id: str | None = None) -> Directory:
        """What holds at this moment; with a call's id, for that call."""
        config = self._config()
        return replace(
            self._roster.directory(call_id),
            waiting={queue: self._waiting(queue) for queue in config.queues},
            agents=self._agents.rung_at(config.agents, call_id),
            can_record=self._fitness.usable().can_record,
        )

    def chat_directory(self) -> Directory:
        """The same for a chat: agents are free who have room for one more."""
        agents = self._agents.for_chats(self._config().agents)
        return replace(self._chat_roster.directory(), agents=agents)
