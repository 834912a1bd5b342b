"""Who is asked whether they take a chat, in rounds, and who of them has said yes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chat.commands import ClaimChat, OfferChat, Withdrawal, WithdrawOffer
from chat.events import ChatTimer
from chat.facts import ChatOffered, ChatReleased
from chat.work import ChatWork


class Offering:
    """The offers of a chat. An agent who said yes stays asked until the database has decided."""

    def __init__(self, work: ChatWork, seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._rounds: list[tuple[str, ...]] = []  # the last is next
        #: Who is asked, in order.
        self.asked: dict[str, None] = {}
        #: Agents who want the chat; the database has not decided among them yet.
        self.claims: set[str] = set()

    def begin(self, rounds: Sequence[Sequence[str]], without: Collection[str]) -> bool:
        """Ask the first round; False where nobody is left to ask."""
        known, found = set(without), list[tuple[str, ...]]()
        for each in rounds:
            fresh = tuple(agent for agent in dict.fromkeys(each) if agent not in known)
            known.update(fresh)
            if fresh:
                found.append(fresh)
        self._rounds = found[::-1]
        return self.next_round()

    def next_round(self) -> bool:
        """Ask the next round; False where there is none."""
        if not self._rounds:
            return False
        for agent in self._rounds.pop():
            self.asked[agent] = None
            self._work.true(ChatOffered, agent=agent)
            self._work.do(OfferChat(agent, self._seconds))
        self._work.start(ChatTimer.OFFER, self._seconds)
        return True

    def claim(self, agent: str, held_by: str | None) -> None:
        """This agent wants it: the database decides."""
        if agent not in self.claims:
            self.claims.add(agent)
            self._work.do(ClaimChat(agent, held_by))

    def withdraw(self, agent: str, why: Withdrawal, by: str | None = None) -> None:
        """Ask this agent no more."""
        self.claims.discard(agent)
        if agent in self.asked:
            del self.asked[agent]
            self._work.do(WithdrawOffer(agent, why, by))
            self._work.true(ChatReleased, agent=agent)

    def ran_out(self) -> None:
        """Those who have not answered in time are asked no more."""
        for agent in [agent for agent in self.asked if agent not in self.claims]:
            self.withdraw(agent, "timeout")

    def end(self, why: Withdrawal, taken_by: str | None = None) -> None:
        """Ask nobody any more; who ``taken_by`` is keeps their room."""
        self._rounds.clear()
        self._work.stop(ChatTimer.OFFER)
        if taken_by is not None:
            self.asked.pop(taken_by, None)
        for agent in list(self.asked):
            self.withdraw(agent, why, taken_by)
        self.claims.clear()

    @property
    def open(self) -> bool:
        """Whether anybody is asked, or wants it."""
        return bool(self.asked or self.claims)
