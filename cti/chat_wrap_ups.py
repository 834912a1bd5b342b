"""The time that agents have after a chat, to write down what it was about: it takes room until then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bridge.bulletin import Interest, on
from bridge.protocols import Cancellable, Clock
from chat.facts import ChatOffered, ChatReleased, ChatTaken
from cti.agents import Agents


class ChatWrapUps:
    """A :class:`bridge.bulletin.Subscriber`. The chat is over, and takes the agent's room all the same.

    ``seconds(agent)`` is how long, 0 for not at all.
    """

    def __init__(self, agents: Agents, seconds: Callable[[str], float], clock: Clock) -> None:
        self._agents = agents
        self._seconds = seconds
        self._clock = clock
        #: By agent and chat, when it ends by itself, in seconds since the epoch.
        self._until: dict[str, dict[str, float]] = {}
        self._timers: dict[tuple[str, str], Cancellable] = {}
        self._watchers: list[Callable[[str, str], None]] = []

    def watch(self, watcher: Callable[[str, str], None]) -> None:
        """Have ``watcher(agent, chat_id)`` called when a wrap-up begins or ends; it must not raise."""
        self._watchers.append(watcher)

    def of(self, agent: str) -> Mapping[str, float]:
        """The chats that an agent wraps up, with when each ends by itself."""
        return self._until.get(agent, {})

    def finish(self, agent: str, chat_id: str) -> None:
        """The agent is done with a chat; no error if they do not wrap it up."""
        if self._drop(agent, chat_id):
            self._agents.chat_wrapped_up(agent, chat_id)
            self._tell(agent, chat_id)

    def interests(self) -> Iterable[Interest]:
        """Which chats are over, and which come back."""
        return on(ChatReleased, self._released), on(ChatOffered, self._back), on(ChatTaken, self._back)

    def _released(self, fact: ChatReleased) -> None:
        agent, chat_id = fact.agent, fact.chat_id
        if not fact.over or not (seconds := self._seconds(agent)):
            return
        self._until.setdefault(agent, {})[chat_id] = self._clock.time() + seconds
        self._timers[agent, chat_id] = self._clock.call_later(seconds, lambda: self.finish(agent, chat_id))
        self._tell(agent, chat_id)

    def _back(self, fact: ChatOffered | ChatTaken) -> None:
        """The shopper wrote again, and this agent is asked or has it: nothing is to be wrapped up."""
        self._drop(fact.agent, fact.chat_id)

    def _drop(self, agent: str, chat_id: str) -> bool:
        timer = self._timers.pop((agent, chat_id), None)
        if timer is None:
            return False
        timer.cancel()
        del self._until[agent][chat_id]
        if not self._until[agent]:
            del self._until[agent]
        return True

    def _tell(self, agent: str, chat_id: str) -> None:
        for watcher in self._watchers:
            watcher(agent, chat_id)
