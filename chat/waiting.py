"""A chat that waits for a person: in its queue, or while agents are asked whether they take it."""

from __future__ import annotations

from chat.commands import EnterLine, LeaveLine, WriteChat
from chat.events import ChatTimer
from chat.offering import Offering
from chat.plan import ChatPlan
from chat.standing import ChatRow
from chat.states import CHAT_TRANSITIONS, ChatState, ChatTrigger
from chat.work import ChatWork

WITHOUT_AGENT = (ChatState.WAITING, ChatState.OFFERED)


class ChatWaiting:
    """Where the shopper stands, who is asked next, and what else the shopper may do."""

    def __init__(self, work: ChatWork, plan: ChatPlan, row: ChatRow, offering: Offering) -> None:
        self._work = work
        self._plan = plan
        self._row = row
        self._offering = offering
        #: The place in line, and the expected wait in seconds.
        self.position: int | None = None
        self.wait: float | None = None
        #: What the shopper may do instead of waiting.
        self.choices: tuple[str, ...] = ()
        #: Whether a page of the shopper's is there.
        self.shopper_here = False
        #: Agents whose last page is gone.
        self.away: set[str] = set()
        #: Who is not asked first: they had it, and were silent or passed it on.
        self.passed_over: set[str] = set()

    @property
    def on(self) -> bool:
        """Whether the chat waits for a person."""
        return self._row.state in WITHOUT_AGENT

    def enter(self, trigger: ChatTrigger = ChatTrigger.WAIT, *, first: bool = False) -> None:
        """Begin to wait for a person; ``first``: ahead of those who came by themselves."""
        row, work = self._row, self._work
        row.state = CHAT_TRANSITIONS[row.state][trigger]
        row.waiting_since, row.first = work.at, first
        work.stop(ChatTimer.SHOPPER_GONE)
        work.do(EnterLine(row.queue, first))
        work.start(ChatTimer.LONGEST, self._plan.longest)
        self.watch_shopper()
        work.do(WriteChat())

    def enter_again(self) -> None:
        """Wait on after the server was started again: the wait counts from its beginning."""
        row, work = self._row, self._work
        row.state = ChatState.WAITING
        work.do(EnterLine(row.queue, row.first))
        since = row.waiting_since if row.waiting_since is not None else work.at
        work.start(ChatTimer.LONGEST, max(0.0, since + self._plan.longest - work.at))
        self.watch_shopper()

    def ask(self, rounds: tuple[tuple[str, ...], ...]) -> None:
        """Its turn has come: ask agents, round by round."""
        row = self._row
        row.state = CHAT_TRANSITIONS[row.state][ChatTrigger.OFFER]
        if not any(rounds):
            self.offer_choices("nobody_there")
        over, self.passed_over = self.passed_over, set()
        # Who had it is asked again only where nobody else can be.
        asked = self._offering.begin(rounds, over | self.away) or self._offering.begin(rounds, self.away)
        if not asked:
            self.wait_on()

    def wait_on(self) -> None:
        """Nobody took it: wait for the next turn."""
        row = self._row
        self._work.stop(ChatTimer.OFFER)
        row.state = CHAT_TRANSITIONS[row.state][ChatTrigger.WAIT]
        self._work.do(EnterLine(row.queue))

    def leave(self, *, served: bool) -> None:
        """It waits no more."""
        if self.on:
            self._work.do(LeaveLine(self._row.queue, served))

    def offer_choices(self, why: str) -> None:
        """Ask the shopper what to do."""
        if not self.choices:
            self.choices = self._plan.choices
            self._work.note_event(why)

    def go_on(self) -> None:
        """The shopper chose to go on waiting."""
        self.choices = ()
        self._work.start(ChatTimer.LONGEST, self._plan.longest)

    def watch_shopper(self) -> None:
        """Who waits for a person must be there."""
        if self.shopper_here:
            self._work.stop(ChatTimer.SHOPPER_GONE)
        elif self.on:
            self._work.start(ChatTimer.SHOPPER_GONE, self._plan.shopper_gone)
        elif self._row.state is ChatState.GUIDED:
            self._work.start(ChatTimer.SHOPPER_GONE, self._plan.close)
