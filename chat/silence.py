"""Who is silent in a chat: holding words, a nudge and a new agent; or a reminder, and the end."""

from __future__ import annotations

from typing import Literal

from chat.commands import NudgeAgent
from chat.events import ChatTimer
from chat.holding import HoldingWords
from chat.plan import ChatPlan
from chat.work import ChatWork

#: Who has the word: whose answer is waited for, if anybody's.
Awaited = Literal["agent", "shopper"]
_OF_AGENT = (ChatTimer.HOLDING, ChatTimer.NUDGE, ChatTimer.HAND_ON)
_OF_SHOPPER = (ChatTimer.REMIND, ChatTimer.CLOSE)
#: Seconds that holding words wait for an agent who is typing.
TYPING_PAUSE = 10.0


class ChatSilence:
    """The timers of silence. They run only while an agent has the chat, and not beside a call."""

    def __init__(self, work: ChatWork, plan: ChatPlan) -> None:
        self._work = work
        self._plan = plan
        self.words = HoldingWords(plan.holding)
        self.awaited: Awaited | None = None

    @property
    def agent_since(self) -> float | None:
        """Since when the shopper has waited for the agent's word; None where they do not."""
        return self.words.since

    def await_agent(self) -> None:
        """The shopper waits for the agent's word, perhaps already."""
        self._work.stop(*_OF_SHOPPER)
        if self.awaited == "agent":
            return
        self.awaited = "agent"
        due = self.words.begin(self._work.at)
        if due is not None:
            self._work.start(ChatTimer.HOLDING, due)
        self._work.start(ChatTimer.NUDGE, self._plan.nudge)
        self._work.start(ChatTimer.HAND_ON, self._plan.hand_on)

    def await_shopper(self) -> None:
        """The agent has said something: it is the shopper's turn."""
        self.rest()
        self.awaited = "shopper"
        self._work.start(ChatTimer.REMIND, self._plan.remind)
        self._work.start(ChatTimer.CLOSE, self._plan.close)

    def rest(self) -> None:
        """Nobody's word is waited for."""
        self.awaited = None
        self.words.stop()
        self._work.stop(*_OF_AGENT, *_OF_SHOPPER)

    def agent_types(self) -> None:
        """The agent is about to say something: no holding words now."""
        due = self.words.due_in(self._work.at)
        if ChatTimer.HOLDING in self._work.timers and due is not None and due < TYPING_PAUSE:
            self._work.start(ChatTimer.HOLDING, TYPING_PAUSE)

    def hold(self) -> None:
        """Say the holding words that are due, and wait for the next."""
        text = self.words.say()
        if text is not None:
            self._work.append("system", "holding", text)
        due = self.words.due_in(self._work.at)
        if due is not None:
            self._work.start(ChatTimer.HOLDING, due)

    def nudge(self, agent: str) -> None:
        """Remind the agent."""
        self._work.do(NudgeAgent(agent))
