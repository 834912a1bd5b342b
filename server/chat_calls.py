"""Calls that come of chats: who is rung first, what goes along, and what the chat is told of its call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from api.problems import Problem, RequestError
from api.shop.calls import EscalatedChat
from api.shop.chats import ChatDoors
from bridge.bulletin import Interest, Later, on
from bridge.causes import Disposition
from bridge.facts import CallEnded, CallProgressed
from bridge.progress import CallState
from chat.entries import ChatEntry
from chat.events import CallMoved, FlowDone
from chat.states import CallMove, ChatState
from chats.engine import ChatEngine
from config.models import Config
from cti.agents import Agents

#: As much of a chat goes along with its call, in characters: the last words.
LONGEST_TRANSCRIPT = 500
#: Who comes back from such a call needs nobody in the chat any more.
SERVED = (Disposition.BRIDGED, Disposition.MESSAGE_TAKEN, Disposition.CALLBACK_BOOKED)


class SpokenEntries(Protocol):
    """Entries on disk; may raise store.errors.StoreError."""

    async def entries(self, chat_id: str, *, limit: int = 1000, newest: bool = False) -> Sequence[ChatEntry]:
        """The last entries of a chat, in order."""


class ChatCalls:
    """:class:`api.shop.calls.ChatsToCall`; a :class:`bridge.bulletin.Subscriber` to what becomes of calls."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        engine: ChatEngine,
        agents: Agents,
        store: SpokenEntries,
        doors: ChatDoors,
        settle: Later,
    ) -> None:
        self._config = config
        self._engine = engine
        self._agents = agents
        self._store = store
        self._doors = doors
        self._settle = settle
        #: By call: its chat, and whether the call was bridged.
        self._chats: dict[str, str] = {}
        self._bridged: set[str] = set()

    async def chat(self, chat_id: str, token: str, site: str, origin: str) -> EscalatedChat:
        """The chat that a page wants a call for; ``chat_unknown`` for any other."""
        opening = await self._doors.opens(chat_id, token, origin)
        standing = self._engine.standing(chat_id)
        settings = self._config().sites[site].chat
        if opening is None or standing is None or settings is None or opening.site != site:
            raise RequestError(Problem.CHAT_UNKNOWN)
        if standing.state is ChatState.ENDED or standing.call in ("placed", "bridged"):
            raise RequestError(Problem.CHAT_CALLED)
        await self._engine.writer.flushed()
        entries = await self._store.entries(chat_id, limit=50, newest=True)
        facts = {"chat.id": chat_id, "chat.transcript": transcript(entries)}
        if standing.agent is not None:
            facts["chat.agent"] = standing.agent
        # What a guided chat has asked for may not be on disk yet.
        known = self._engine.opening(chat_id) or opening
        context = {**known.context, **{key: value for key, value in facts.items() if value}}
        # In a guided chat the flow says which ways there are.
        ways = ("phone", "pc") if standing.state is ChatState.GUIDED else settings.escalate
        return EscalatedChat(chat_id, opening.page, context, opening.signed, ways)

    def begins(self, chat_id: str, call_id: str) -> None:
        """This call is about to be placed for a chat: who has the chat may be rung by it."""
        self._chats[call_id] = chat_id
        self._agents.escalates(call_id, chat_id)

    def placed(self, chat_id: str, call_id: str) -> None:
        """It was placed."""
        self._engine.handle(chat_id, CallMoved("place", call_id))

    def refused(self, chat_id: str, call_id: str) -> None:
        """It was not."""
        self._chats.pop(call_id, None)

    def first_agent(self, call_id: str) -> str | None:
        """Who is rung first for a call: who has its chat."""
        chat_id = self._chats.get(call_id)
        standing = self._engine.standing(chat_id) if chat_id else None
        return standing.agent if standing else None

    def interests(self) -> Iterable[Interest]:
        """How calls stand, and how they ended."""
        return on(CallProgressed, self._progressed), on(CallEnded, self._ended)

    def _progressed(self, fact: CallProgressed) -> None:
        call_id = fact.call_id
        fresh = call_id in self._chats and call_id not in self._bridged
        if fresh and fact.progress.state is CallState.BRIDGED:
            self._bridged.add(call_id)
            self._tell(call_id, "bridge")

    def _ended(self, fact: CallEnded) -> None:
        call_id = fact.call_id
        if call_id in self._chats:
            self._tell(call_id, "end" if call_id in self._bridged else "fail")
            if fact.record.disposition in SERVED:
                # Nothing more is asked of who was served; else the ways of the flow are open still.
                chat_id = self._chats[call_id]
                self._settle(lambda: self._engine.handle(chat_id, FlowDone()))
            del self._chats[call_id]
            self._bridged.discard(call_id)

    def _tell(self, call_id: str, move: CallMove) -> None:
        chat_id = self._chats[call_id]
        self._settle(lambda: self._engine.handle(chat_id, CallMoved(move, call_id)))


def transcript(entries: Sequence[ChatEntry]) -> str:
    """The last words of a chat in one line, as far as there is room."""
    said = [entry for entry in entries if entry.kind == "text" and entry.by in ("shopper", "agent", "flow")]
    text = ""
    for entry in reversed(said):
        line = f"{entry.by.title()}: {' '.join(entry.text.split())}"
        longer = f"{line} | {text}" if text else line
        if len(longer) > LONGEST_TRANSCRIPT:
            break
        text = longer
    return text
