"""Who has chatted when: for ring steps that ask whoever has been idle longest, or whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from bridge.bulletin import Interest, on
from chat.facts import ChatOffered, ChatOver, ChatReleased, ChatTaken
from config.base import AGENT
from routing.directory import Directory, Standing, Turns

_IDLE = Standing()
_FIRST = Turns()


class ChatRoster:
    """A :class:`bridge.bulletin.Subscriber`. How many chats somebody may have is not its business."""

    def __init__(self) -> None:
        self._standings: dict[str, Standing] = {}
        self._turns: dict[str, Turns] = {}
        #: Of chats whose agents are asked: the ring steps of their turn, with whom each names.
        self._turns_of: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}

    def directory(self) -> Directory:
        """A view, to decide one turn with and not to keep."""
        return Directory(MappingProxyType(self._standings), MappingProxyType(self._turns))

    def found(self, chat_id: str, rounds: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        """These are about to be asked, each by the ring step that names them."""
        self._turns_of[chat_id] = tuple(rounds)

    def interests(self) -> Iterable[Interest]:
        """Who is asked, takes a chat, and has it no more; and which chats are over."""
        return (
            on(ChatOffered, self._offered),
            on(ChatTaken, self._taken),
            on(ChatReleased, self._released),
            on(ChatOver, self._over),
        )

    def _offered(self, fact: ChatOffered) -> None:
        name = f"{AGENT}{fact.agent}"
        turn = self._turns_of.get(fact.chat_id, ())
        if step := next((step for step, agents in turn if fact.agent in agents), None):
            self._turns[step] = self._turns.get(step, _FIRST).offered(name)
        self._become(name, self._of(name).offered(fact.at))

    def _taken(self, fact: ChatTaken) -> None:
        self._turns_of.pop(fact.chat_id, None)
        name = f"{AGENT}{fact.agent}"
        self._become(name, self._of(name).answered(fact.at))

    def _released(self, fact: ChatReleased) -> None:
        name = f"{AGENT}{fact.agent}"
        self._become(name, self._of(name).ended(fact.at))

    def _over(self, fact: ChatOver) -> None:
        self._turns_of.pop(fact.chat_id, None)

    def _of(self, name: str) -> Standing:
        return self._standings.get(name, _IDLE)

    def _become(self, name: str, standing: Standing) -> None:
        self._standings[name] = replace(standing, live_calls=0)
