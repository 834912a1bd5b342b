"""Who has chatted when: for ring steps that ask whoever has been idle longest, or whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from bridge.bulletin import Interest, on
from chat.facts import ChatOffered, ChatReleased, ChatTaken
from config.base import AGENT
from routing.directory import Directory, Standing, Turns

_IDLE = Standing()
_FIRST = Turns()


class ChatRoster:
    """A :class:`bridge.bulletin.Subscriber`. How many chats somebody may have is not its business."""

    def __init__(self) -> None:
        self._standings: dict[str, Standing] = {}
        self._turns: dict[str, Turns] = {}
        #: By chat and agent: the ring step that named them.
        self._steps: dict[tuple[str, str], str] = {}

    def directory(self) -> Directory:
        """A view, to decide one turn with and not to keep."""
        return Directory(MappingProxyType(self._standings), MappingProxyType(self._turns))

    def found(self, chat_id: str, rounds: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        """These are about to be asked, each by the ring step that names them."""
        for step, agents in rounds:
            for agent in agents:
                self._steps[chat_id, agent] = step

    def interests(self) -> Iterable[Interest]:
        """Who is asked, takes a chat, and has it no more."""
        return on(ChatOffered, self._offered), on(ChatTaken, self._taken), on(ChatReleased, self._released)

    def _offered(self, fact: ChatOffered) -> None:
        name = f"{AGENT}{fact.agent}"
        if step := self._steps.pop((fact.chat_id, fact.agent), None):
            self._turns[step] = self._turns.get(step, _FIRST).offered(name)
        self._become(name, self._of(name).offered(fact.at))

    def _taken(self, fact: ChatTaken) -> None:
        name = f"{AGENT}{fact.agent}"
        self._become(name, self._of(name).answered(fact.at))

    def _released(self, fact: ChatReleased) -> None:
        name = f"{AGENT}{fact.agent}"
        self._become(name, self._of(name).ended(fact.at))

    def _of(self, name: str) -> Standing:
        return self._standings.get(name, _IDLE)

    def _become(self, name: str, standing: Standing) -> None:
        self._standings[name] = replace(standing, live_calls=0)
