"""Who is told of chats: pages of shoppers, desks of agents. And what the engine needs of the world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from chat.commands import Withdrawal
from chat.entries import ChatEntry
from chat.records import ChatOpening, ChatWrite, StoredChat
from chat.standing import ChatRow, ChatStanding
from routing.plan import ClickToCall


class ChatAudience(Protocol):
    """Is told what it may show; must not block and must not raise."""

    def entry_stored(self, chat_id: str, entry: ChatEntry) -> None:
        """An entry is on disk."""

    def entry_repeated(self, chat_id: str, by: Literal["shopper", "agent"], key: str, seq: int) -> None:
        """A key came twice: it is this entry, which is on disk or about to be."""

    def chat_moved(self, chat_id: str, before: ChatStanding, now: ChatStanding) -> None:
        """The chat stands differently."""

    def typing(self, chat_id: str, to: Literal["shopper", "agents"], agent: str | None) -> None:
        """Somebody is typing."""

    def chat_offered(self, chat_id: str, agent: str, until: float) -> None:
        """An agent is asked whether they take a chat."""

    def offer_withdrawn(self, chat_id: str, agent: str, why: Withdrawal, by: str | None) -> None:
        """They are asked no more."""

    def claim_lost(self, chat_id: str, agent: str, by: str | None) -> None:
        """An agent wanted the chat, and did not get it."""

    def agent_nudged(self, chat_id: str, agent: str) -> None:
        """The shopper waits for this agent's word."""

    def agent_away(self, chat_id: str, agent: str) -> None:
        """The agent who has the chat is gone."""


class ChatLine(Protocol):
    """The queues. They report turns and places through the engine."""

    def enter(
        self, call_id: str, click: ClickToCall, queue: str, busy: bool, first: bool, patient: bool = False
    ) -> None:
        """Let a chat wait, or wait on."""

    def leave(self, call_id: str, queue: str, served: bool) -> None:
        """The chat waits no more."""


class ChatKeeping(Protocol):
    """Where chats are kept; every method may raise store.errors.StoreError."""

    async def open_chat(self, opening: ChatOpening, row: ChatRow) -> str:
        """Put a new chat on disk; the id of the one that was asked for with the same key, if there is one."""

    async def write(self, writes: Sequence[ChatWrite]) -> Sequence[str | None]:
        """Carry all of them out, in one transaction; one result each."""

    async def open_chats(self) -> Sequence[StoredChat]:
        """Every chat that has not ended, the oldest first."""

    async def chat(self, chat_id: str) -> StoredChat | None:
        """One chat."""
