"""What one event leads to, as it is gathered: commands, facts, and which timers run."""

from __future__ import annotations

from typing import Any, TypeVar

from chat.commands import AppendEntry, ChatCommand, StartChatTimer, StopChatTimer
from chat.entries import ChatEntry, EntryKind, Speaker
from chat.events import ChatTimer
from chat.facts import ChatFact

_F = TypeVar("_F", bound=ChatFact)


class ChatWork:
    """Gathers what a chat wants done, and numbers its entries."""

    def __init__(self, chat_id: str, site: str) -> None:
        self.chat_id = chat_id
        self.site = site
        self.at = 0.0
        self.out: list[ChatCommand] = []
        self.facts: list[ChatFact] = []
        self.timers: set[ChatTimer] = set()
        #: The last numbers given to entries, and to notes.
        self.seq = 0
        self.notes = 0
        #: By the senders' keys: the numbers of their entries.
        self.keys: dict[str, int] = {}

    def begin(self, at: float) -> None:
        """Another event is handled."""
        self.at, self.out, self.facts = at, [], []

    def do(self, command: ChatCommand) -> None:
        """Have something done."""
        self.out.append(command)

    def true(self, kind: type[_F], **fields: Any) -> None:
        """Tell a fact."""
        self.facts.append(kind(call_id=self.chat_id, at=self.at, site=self.site, **fields))

    def start(self, timer: ChatTimer, seconds: float) -> None:
        """Start a timer, or start it again."""
        self.timers.add(timer)
        self.do(StartChatTimer(timer, seconds))

    def stop(self, *timers: ChatTimer) -> None:
        """Stop those of the timers that run."""
        for timer in timers:
            if timer in self.timers:
                self.timers.remove(timer)
                self.do(StopChatTimer(timer))

    def append(
        self,
        by: Speaker,
        kind: EntryKind,
        text: str,
        *,
        agent: str | None = None,
        key: str | None = None,
        canned: str | None = None,
    ) -> None:
        """Add an entry with the next number."""
        if kind == "note":
            self.notes += 1
            seq = -self.notes
        else:
            self.seq += 1
            seq = self.seq
        if key is not None:
            self.keys[key] = seq
        self.do(AppendEntry(ChatEntry(seq, self.at, by, kind, text, agent, key, canned)))

    def note_event(self, what: str, agent: str | None = None) -> None:
        """Add an entry that tells what happened."""
        self.append("system", "event", what, agent=agent)
