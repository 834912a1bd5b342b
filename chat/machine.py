"""The chat machine: events in, commands and facts out. It performs nothing and knows no clock.

Where each trigger leads is a table (``states.py``); waiting for a person is ``waiting.py``, who is asked
``offering.py``, who is silent ``silence.py``.
"""

from __future__ import annotations

from chat.commands import ChatCommand, RepeatEntry, TellAgentAway, TellTyping, WriteChat
from chat.events import (
    AgentCame,
    AgentEnded,
    AgentLeft,
    AgentSaid,
    AgentsFound,
    AgentTyped,
    AgentWhispered,
    CallMoved,
    CardAnswered,
    ChatAsked,
    ChatClaimed,
    ChatEvent,
    ChatTimer,
    ChatTimerRan,
    ClaimLost,
    FlowDone,
    FlowSaid,
    OfferAccepted,
    OfferDeclined,
    PassedToAgents,
    PassedToQueue,
    PersonWanted,
    PlaceMoved,
    ServerLost,
    ServerRestarted,
    ShopperCame,
    ShopperChose,
    ShopperEnded,
    ShopperLeft,
    ShopperSaid,
    ShopperTyped,
    TakenOver,
)
from chat.facts import ChatBegan, ChatFact, ChatOver, ChatReleased, ChatReplied, ChatTaken
from chat.offering import Offering
from chat.plan import ChatPlan
from chat.silence import ChatSilence
from chat.standing import ChatRow, ChatStanding
from chat.states import CALL_BESIDE, CHAT_TRANSITIONS, ChatState, ChatTrigger, EndCause, Outcome
from chat.waiting import ChatWaiting
from chat.work import ChatWork

#: A chat has no more entries by people than this.
MOST_ENTRIES = 5000


class ChatMachine:
    """One chat, from the click to its end, and on if the shopper writes again soon.

    ``handle`` takes every event, in any order and however late, and returns the commands to perform. It
    never raises for an event that a page, a queue, a timer or the database could send.
    """

    def __init__(self, chat_id: str, plan: ChatPlan, row: ChatRow) -> None:
        self.plan = plan
        #: How it stands, as it is stored.
        self.row = row
        self.work = ChatWork(chat_id, plan.site)
        self.offering = Offering(self.work, plan.offer)
        self.silence = ChatSilence(self.work, plan)
        self._waiting = ChatWaiting(self.work, plan, row, self.offering)
        #: How passing the chat on to another agent stands.
        self._passing: str | None = None
        #: Whose chat it was when their connection was lost.
        self._lost_agent: str | None = None

    @property
    def state(self) -> ChatState:
        """Where the chat stands."""
        return self.row.state

    @property
    def agent(self) -> str | None:
        """Who has it."""
        return self.row.agent

    @property
    def facts(self) -> list[ChatFact]:
        """What the event that was handled last has made true."""
        return self.work.facts

    @property
    def standing(self) -> ChatStanding:
        """What pages are shown."""
        row, waiting = self.row, self._waiting
        return ChatStanding(
            state=row.state,
            agent=row.agent,
            position=waiting.position if waiting.on else None,
            wait=waiting.wait if waiting.on else None,
            choices=waiting.choices if waiting.on else (),
            passing=self._passing,
            call=row.call,
            call_id=row.call_id,
            outcome=row.outcome,
            cause=row.cause,
            offered=tuple(self.offering.asked),
        )

    def handle(self, event: ChatEvent, at: float) -> list[ChatCommand]:
        """Take one event that happened at ``at`` (seconds since the epoch); return what is to be done."""
        self.work.begin(at)
        if self.state is not ChatState.ENDED or isinstance(event, ShopperSaid):
            self._dispatch(event)
        return self.work.out

    def _dispatch(self, event: ChatEvent) -> None:
        match event:
            case ChatAsked() | ServerRestarted() | ServerLost():
                self._server(event)
            case ShopperSaid() | ShopperTyped() | ShopperLeft() | ShopperCame() | ShopperEnded():
                self._shopper(event)
            case ShopperChose(choice=choice):
                self._chose(choice)
            case PersonWanted() if self.state is ChatState.GUIDED:
                self._waiting.enter()
            case FlowSaid(text=text) if self.state is ChatState.GUIDED:
                self.work.append("flow", "text", text)
            case FlowDone() if self.state is ChatState.GUIDED:
                self._end("escalated" if self.row.escalated else "self_served", "flow", "flow_done")
            case AgentsFound(rounds=rounds) if self.state is ChatState.WAITING:
                self._waiting.ask(rounds)
            case PlaceMoved(position=position, wait=wait):
                self._waiting.position, self._waiting.wait = position, wait
            case ChatClaimed(agent=agent):
                if agent in self.offering.claims:
                    self._take(agent)
            case ClaimLost(agent=agent, by=by):
                self.offering.withdraw(agent, "taken" if by else "gone", by)
                self._ask_on()
            case TakenOver(agent=agent) if agent != self.agent:
                self.offering.claim(agent, self.agent)
            case CallMoved():
                self._call(event)
            case CardAnswered(accepted=accepted):
                self.work.note_event("page_accepted" if accepted else "page_declined")
            case ChatTimerRan(timer=timer) if timer in self.work.timers:
                self.work.timers.remove(timer)  # else it ran out while it was being stopped
                self._ran_out(timer)
            case _:
                self._agent(event)

    # --- the shopper ----------------------------------------------------------------------------------------

    def _shopper(self, event: ChatEvent) -> None:
        match event:
            case ShopperSaid(key=key, text=text):
                self._shopper_said(key, text)
            case ShopperTyped():
                self.work.do(TellTyping("agents"))
            case ShopperLeft():
                self._waiting.shopper_here = False
                self._waiting.watch_shopper()
            case ShopperCame():
                self._waiting.shopper_here = True
                self._waiting.watch_shopper()
            case ShopperEnded():
                self._end(self._outcome(), "shopper", "ended_by_shopper")

    def _shopper_said(self, key: str, text: str) -> None:
        if (seq := self.work.keys.get(key)) is not None:
            self.work.do(RepeatEntry("shopper", key, seq))
            return
        if len(self.work.keys) >= MOST_ENTRIES or (
            self.state is ChatState.ENDED and not self.reopens(self.work.at)
        ):
            return
        again = self.state is ChatState.ENDED
        self.work.append("shopper", "text", text, key=key)
        self.row.last_word = "shopper"
        if again:
            self.row.outcome = self.row.cause = self.row.ended_at = None
            self._waiting.shopper_here = True
            self.work.note_event("reopened")
            self._waiting.enter(ChatTrigger.REOPEN)
        elif self.state is ChatState.TALKING and self.row.call not in ("placed", "bridged"):
            self.silence.await_agent()

    def reopens(self, at: float) -> bool:
        """Whether a word of the shopper's opens the chat again, which has ended."""
        row = self.row
        return row.ended_at is not None and at - row.ended_at <= self.plan.reopen

    def _chose(self, choice: str) -> None:
        guided = self.state is ChatState.GUIDED and choice != "wait"  # then a flow has offered it
        if not guided and not (self._waiting.on and choice in self._waiting.choices):
            return
        if choice == "wait":
            self._waiting.go_on()
        elif choice == "message":
            self._end("message", "choice", "message_left")
        else:
            self._end("callback", "choice", "callback_booked")

    # --- who has it -----------------------------------------------------------------------------------------

    def _ask_on(self) -> None:
        """Ask the next ones, unless somebody is still asked."""
        if self.offering.open:
            return
        if self.state is ChatState.OFFERED and not self.offering.next_round():
            self._waiting.wait_on()
        elif self.state is ChatState.TALKING and self._passing == "ringing":
            self.work.stop(ChatTimer.OFFER)
            self._passing = "failed"

    def _take(self, agent: str) -> None:
        """The chat is this agent's now."""
        work, row, before = self.work, self.row, self.row.agent
        waited = (
            work.at - (row.waiting_since or row.asked_at) if self.state is not ChatState.TALKING else None
        )
        self._waiting.leave(served=True)
        self.offering.end("taken", agent)
        if before is not None:
            self._leave_agent(before)
        work.stop(ChatTimer.LONGEST, ChatTimer.SHOPPER_GONE)
        row.state = CHAT_TRANSITIONS[self.state][ChatTrigger.TAKE]
        row.agent, row.taken_at, row.first = agent, work.at, False
        if waited is not None:
            row.waited += waited
            row.waiting_since = None
        row.accepted_at = row.accepted_at or work.at
        self._waiting.choices, self._passing, self._lost_agent = (), None, None
        work.true(ChatTaken, agent=agent, waited=waited)
        work.note_event("joined", agent)
        if agent in self._waiting.away:
            self._agent_gone()
        self._listen()
        work.do(WriteChat())

    def _listen(self) -> None:
        """See whose word it is."""
        if self.row.call in ("placed", "bridged"):
            self.silence.rest()
        elif self.row.last_word == "agent":
            self.silence.await_shopper()
        else:
            self.silence.await_agent()

    def _leave_agent(self, agent: str, *, over: bool = False) -> None:
        row = self.row
        if row.taken_at is not None:
            row.handled += max(0.0, self.work.at - row.taken_at)
        row.agent = row.taken_at = None
        self.work.true(ChatReleased, agent=agent, over=over)
        self.work.stop(ChatTimer.AGENT_TOLD, ChatTimer.AGENT_GONE)

    def _lose(self, why: str, *, passed_over: str | None = None) -> None:
        """The chat goes back to the head of the queue."""
        agent = self.row.agent
        if agent is None:
            return
        self.silence.rest()
        self.offering.end("over")
        self._leave_agent(agent)
        self._passing = None
        self._waiting.passed_over = {passed_over} if passed_over else set()
        self.work.note_event(why)
        self._waiting.enter(ChatTrigger.LOSE, first=True)

    # --- the agents -----------------------------------------------------------------------------------------

    def _agent(self, event: ChatEvent) -> None:
        match event:
            case OfferAccepted(agent=agent) if agent in self.offering.asked:
                self.offering.claim(agent, self.agent)
            case OfferDeclined(agent=agent) if agent in self.offering.asked:
                self.offering.withdraw(agent, "declined")
                self._ask_on()
            case AgentLeft(agent=agent):
                self._agent_left(agent)
            case AgentCame(agent=agent):
                self._waiting.away.discard(agent)
                if agent == self.agent:
                    self.work.stop(ChatTimer.AGENT_TOLD, ChatTimer.AGENT_GONE)
                elif agent == self._lost_agent and self._waiting.on:
                    self.offering.claim(agent, None)
            case AgentSaid() if event.agent == self.agent:
                self._agent_said(event)
            case AgentWhispered(agent=agent, key=key, text=text):
                self._whisper(agent, key, text)
            case AgentTyped(agent=agent) if agent == self.agent:
                self.silence.agent_types()
                self.work.do(TellTyping("shopper", agent))
            case AgentEnded(agent=agent) if agent == self.agent:
                self._end(self._outcome(), "agent", "ended_by_agent")
            case PassedToAgents(agent=agent, to=to) if agent == self.agent and not self.offering.open:
                begun = self.offering.begin([to], {agent} | self._waiting.away)
                self._passing = "ringing" if begun else "failed"
            case PassedToQueue(agent=agent, queue=queue) if agent == self.agent:
                self.row.queue = queue or self.row.queue
                self._lose("passed_on", passed_over=agent)

    def _agent_said(self, said: AgentSaid) -> None:
        if (seq := self.work.keys.get(said.key)) is not None:
            self.work.do(RepeatEntry("agent", said.key, seq))
            return
        if len(self.work.keys) >= MOST_ENTRIES:
            return
        since, first = self.silence.agent_since, self.row.first_answer_at is None
        if since is not None:
            seconds = max(0.0, self.work.at - since)
            self.row.replies += 1
            self.row.reply_seconds += seconds
            self.work.true(ChatReplied, agent=said.agent, seconds=seconds, first=first)
        self.work.append(
            "agent",
            "card" if said.card else "text",
            said.text,
            agent=said.agent,
            key=said.key,
            canned=said.canned,
        )
        self.row.last_word = "agent"
        if first:
            self.row.first_answer_at = self.work.at
            self.work.do(WriteChat())
        self._listen()

    def _whisper(self, agent: str, key: str, text: str) -> None:
        if (seq := self.work.keys.get(key)) is not None:
            self.work.do(RepeatEntry("agent", key, seq))
        elif len(self.work.keys) < MOST_ENTRIES:
            self.work.append("agent", "note", text, agent=agent, key=key)

    def _agent_left(self, agent: str) -> None:
        self._waiting.away.add(agent)
        if agent == self.agent:
            self._agent_gone()
        elif agent in self.offering.asked and agent not in self.offering.claims:
            self.offering.withdraw(agent, "gone")
            self._ask_on()

    def _agent_gone(self) -> None:
        self.work.start(ChatTimer.AGENT_TOLD, self.plan.agent_told)
        self.work.start(ChatTimer.AGENT_GONE, self.plan.agent_gone)

    # --- the call beside, the server, the clock -------------------------------------------------------------

    def _call(self, moved: CallMoved) -> None:
        after = CALL_BESIDE[self.row.call].get(moved.move)
        of_another = moved.move != "place" and moved.call_id not in (None, self.row.call_id)
        if after is None or of_another:
            return
        self.row.call = after
        if moved.call_id:
            self.row.call_id = moved.call_id
        if after == "bridged":
            self.row.escalated = True
        words = {"ask": "asked", "place": "placed", "bridge": "bridged", "end": "over", "fail": "failed"}
        self.work.note_event(f"call_{words[moved.move]}", moved.agent)
        if self.state is ChatState.TALKING:
            self._listen()
        self.work.do(WriteChat())

    def _server(self, event: ChatEvent) -> None:
        match event:
            case ChatAsked(guided=guided):
                self.work.true(ChatBegan)
                self._waiting.shopper_here = False
                if guided:
                    self._waiting.watch_shopper()
                    self.work.do(WriteChat())
                else:
                    self._waiting.enter()
            case ServerRestarted():
                self._restart()
            case ServerLost():
                outcome = self._outcome()
                self._end("lost" if outcome == "abandoned" else outcome, "server", "server_lost")

    def _restart(self) -> None:
        """Nobody's page is there yet, no call has survived, and no offer."""
        row, work = self.row, self.work
        if row.call in ("placed", "bridged"):
            row.call = "over"
            work.note_event("call_over")
        if row.agent is not None and self.state is ChatState.TALKING:
            work.true(ChatTaken, agent=row.agent, waited=None)
            self._waiting.away.add(row.agent)
            self._agent_gone()
            self._listen()
        elif self.state is ChatState.GUIDED:
            self._waiting.watch_shopper()
        else:
            self._waiting.enter_again()
        work.do(WriteChat())

    def _ran_out(self, timer: ChatTimer) -> None:
        match timer:
            case ChatTimer.OFFER:
                self.offering.ran_out()
                self._ask_on()
            case ChatTimer.LONGEST:
                self._waiting.offer_choices("long_wait")
            case ChatTimer.HOLDING:
                self.silence.hold()
            case ChatTimer.NUDGE if self.agent:
                self.silence.nudge(self.agent)
            case ChatTimer.HAND_ON:
                self._lose("handed_on", passed_over=self.agent)
            case ChatTimer.REMIND:
                self.work.note_event("remind")
            case ChatTimer.CLOSE:
                self._end(self._outcome(), "idle", "closed_idle")
            case ChatTimer.SHOPPER_GONE:
                self._end(self._outcome(), "shopper_gone", "shopper_gone")
            case ChatTimer.AGENT_TOLD if self.agent:
                self.work.do(TellAgentAway(self.agent))
            case ChatTimer.AGENT_GONE:
                agent = self.agent
                self._lose("agent_lost")
                self._lost_agent = agent

    # --- the end --------------------------------------------------------------------------------------------

    def _outcome(self) -> Outcome:
        """What came of the chat, where nothing else was chosen."""
        row = self.row
        if row.escalated:
            return "escalated"
        if row.first_answer_at is not None:
            return "answered"
        return "abandoned" if row.accepted_at is None else "unanswered"

    def _end(self, outcome: Outcome, cause: EndCause, what: str) -> None:
        work, row = self.work, self.row
        agent = row.agent
        self._waiting.leave(served=False)
        if self._waiting.on and row.waiting_since is not None:
            row.waited += max(0.0, work.at - row.waiting_since)
        self.silence.rest()
        self.offering.end("over")
        if agent is not None:
            self._leave_agent(agent, over=True)
        work.stop(*list(work.timers))
        row.state = CHAT_TRANSITIONS[self.state][ChatTrigger.END]
        row.ended_at, row.outcome, row.cause, row.waiting_since = work.at, outcome, cause, None
        row.last_agent = agent or row.last_agent
        self._waiting.choices, self._passing, self._lost_agent = (), None, None
        work.note_event(what, agent)
        work.true(ChatOver, outcome=outcome, cause=cause, agent=agent, waited=row.waited, handled=row.handled)
        work.do(WriteChat())
