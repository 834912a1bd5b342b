"""Any order of events, however late or simultaneous, keeps the promises of a chat."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chat.commands import (
    AppendEntry,
    ChatCommand,
    ClaimChat,
    EnterLine,
    LeaveLine,
    OfferChat,
    RepeatEntry,
    StartChatTimer,
    StopChatTimer,
    WithdrawOffer,
    WriteChat,
)
from chat.entries import EVENT_WORDS, ChatEntry
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
from chat.facts import ChatOffered, ChatOver, ChatReleased, ChatTaken
from chat.machine import ChatMachine
from chat.plan import ChatPlan, HoldingStep
from chat.standing import ChatRow
from chat.states import ChatState

AGENTS = ("ann", "ben", "cho")
PLAN = ChatPlan(
    site="shop",
    route="help",
    queue="help",
    choices=("wait", "message", "callback"),
    holding=(
        HoldingStep(("One moment.", "I am looking."), after=30.0),
        HoldingStep(("Still on it.",), every=60.0, at_most=3),
    ),
)
OF_SILENCE = {ChatTimer.HOLDING, ChatTimer.NUDGE, ChatTimer.HAND_ON, ChatTimer.REMIND, ChatTimer.CLOSE}
some_agent = st.sampled_from(AGENTS)
some_key = st.sampled_from(["k1", "k2", "k3", "k4"])


class AnyOrder(RuleBasedStateMachine):
    """The world around one chat: a queue, a database, timers and pages, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 1000.0
        self.machine = ChatMachine("c", PLAN, ChatRow("help", self.at))
        self.entries: list[ChatEntry] = []
        self.notes: list[ChatEntry] = []
        self.timers: set[ChatTimer] = set()
        self.in_line = False
        #: What the database says: whose the chat is; and what it is still to decide.
        self.owner: str | None = None
        self.deciding: list[ClaimChat] = []
        self.asked: set[str] = set()
        self.load: dict[str, int] = dict.fromkeys(AGENTS, 0)
        self.ends = 0
        self.reopened = 0
        #: By key, as it was stored first.
        self.stored: dict[str, int] = {}

    def tell(self, event: ChatEvent) -> None:
        for command in self.machine.handle(event, self.at):
            self._perform(command)
        for fact in self.machine.facts:
            match fact:
                case ChatOffered(agent=agent):
                    self.load[agent] += 1
                case ChatReleased(agent=agent):
                    self.load[agent] -= 1
                case ChatTaken(agent=agent):
                    if agent in self.asked:  # the room of the offer becomes the room of the chat
                        self.asked.remove(agent)
                    else:
                        self.load[agent] += 1
                case ChatOver():
                    self.ends += 1

    def _perform(self, command: ChatCommand) -> None:
        match command:
            case AppendEntry(entry=entry) if entry.kind == "note":
                self.notes.append(entry)
                self._keep(entry)
            case AppendEntry(entry=entry):
                if entry.kind == "holding":
                    words = [each.by for each in self.entries if each.kind in ("text", "card")]
                    assert words[-1:] != ["agent"], "holding words after the agent's last entry"
                    assert self.machine.state is ChatState.TALKING
                    assert entry.text not in [each.text for each in self.entries if each.kind == "holding"]
                if entry.kind == "event":
                    assert entry.text in EVENT_WORDS
                self.entries.append(entry)
                self._keep(entry)
            case RepeatEntry(key=key, seq=seq):
                assert self.stored[key] == seq
            case StartChatTimer(timer=timer, seconds=seconds):
                assert seconds >= 0
                self.timers.add(timer)
            case StopChatTimer(timer=timer):
                assert timer in self.timers
                self.timers.remove(timer)
            case EnterLine():
                self.in_line = True
            case LeaveLine():
                assert self.in_line
                self.in_line = False
            case OfferChat(agent=agent):
                assert agent not in self.asked, "asked twice at once"
                self.asked.add(agent)
            case WithdrawOffer(agent=agent):
                self.asked.remove(agent)
            case ClaimChat():
                self.deciding.append(command)
            case WriteChat():
                self.owner = self.machine.row.agent

    def _keep(self, entry: ChatEntry) -> None:
        if entry.key is not None:
            assert entry.key not in self.stored, "the same key was stored twice"
            self.stored[entry.key] = entry.seq

    # --- the world ------------------------------------------------------------------------------------------

    @initialize(guided=st.booleans())
    def begin(self, guided: bool) -> None:
        self.tell(ChatAsked(guided))

    @rule(seconds=st.sampled_from([0.0, 0.0, 1.0, 25.0, 400.0, 90000.0]))
    def pass_time(self, seconds: float) -> None:
        self.at += seconds

    @rule(key=some_key)
    def shopper_says(self, key: str) -> None:
        ended = self.machine.state is ChatState.ENDED
        self.tell(ShopperSaid(f"s.{key}", "words"))
        if ended and self.machine.state is not ChatState.ENDED:
            self.reopened += 1

    @rule(
        event=st.sampled_from(
            [
                ShopperTyped(),
                ShopperLeft(),
                ShopperCame(),
                ShopperCame(),
                PersonWanted(),
                FlowSaid("Which year?"),
                CardAnswered(True),
                PlaceMoved(1, 30.0),
            ]
        )
    )
    def small_things(self, event: ChatEvent) -> None:
        self.tell(event)

    @rule(choice=st.sampled_from(["wait", "message", "callback"]))
    def shopper_chooses(self, choice: str) -> None:
        self.tell(ShopperChose(choice))  # type: ignore[arg-type]

    @rule(rare=st.integers(0, 5), event=st.sampled_from([ShopperEnded(), FlowDone(), ServerLost()]))
    def ends(self, rare: int, event: ChatEvent) -> None:
        if not rare:
            self.tell(event)

    @precondition(lambda self: self.in_line)
    @rule(rounds=st.lists(st.lists(some_agent, max_size=3).map(tuple), max_size=3).map(tuple))
    def turn(self, rounds: tuple[tuple[str, ...], ...]) -> None:
        self.tell(AgentsFound(rounds))

    @rule(agent=some_agent)
    def accepts(self, agent: str) -> None:
        self.tell(OfferAccepted(agent))

    @rule(agent=some_agent)
    def declines(self, agent: str) -> None:
        self.tell(OfferDeclined(agent))

    @precondition(lambda self: self.deciding)
    @rule()
    def database_decides(self) -> None:
        claim = self.deciding.pop(0)
        if self.owner == claim.held_by and self.machine.row.ended_at is None:
            self.owner = claim.agent
            self.tell(ChatClaimed(claim.agent))
            if self.machine.agent != claim.agent:  # a later write has the last word
                self.owner = self.machine.row.agent
        else:
            self.tell(ClaimLost(claim.agent, self.owner))

    @precondition(lambda self: self.deciding)
    @rule()
    def database_fails(self) -> None:
        self.tell(ClaimLost(self.deciding.pop(0).agent))

    @rule(agent=some_agent, key=some_key, card=st.booleans())
    def agent_says(self, agent: str, key: str, card: bool) -> None:
        has = self.machine.agent
        count = len(self.entries)
        self.tell(AgentSaid(agent, f"a.{agent}.{key}", "words", card=card))
        if agent != has:
            assert len(self.entries) == count, "only who has the chat speaks in it"

    @rule(agent=some_agent, key=some_key)
    def agent_whispers(self, agent: str, key: str) -> None:
        self.tell(AgentWhispered(agent, f"w.{agent}.{key}", "words"))

    @rule(agent=some_agent)
    def agent_types(self, agent: str) -> None:
        self.tell(AgentTyped(agent))

    @rule(agent=some_agent, here=st.booleans())
    def agent_comes_or_goes(self, agent: str, here: bool) -> None:
        self.tell(AgentCame(agent) if here else AgentLeft(agent))

    @rule(agent=some_agent, rare=st.integers(0, 3))
    def agent_ends(self, agent: str, rare: int) -> None:
        if not rare:
            self.tell(AgentEnded(agent))

    @rule(agent=some_agent, to=st.lists(some_agent, max_size=2).map(tuple), queue=st.booleans())
    def agent_passes_on(self, agent: str, to: tuple[str, ...], queue: bool) -> None:
        self.tell(PassedToQueue(agent, "other") if queue else PassedToAgents(agent, to))

    @rule(agent=some_agent)
    def supervisor_takes(self, agent: str) -> None:
        self.tell(TakenOver(agent))

    @rule(
        move=st.sampled_from(["ask", "place", "bridge", "end", "fail"]), call_id=st.sampled_from(["x", "y"])
    )
    def call_moves(self, move: str, call_id: str) -> None:
        self.tell(CallMoved(move, None if move == "ask" else call_id))  # type: ignore[arg-type]

    @precondition(lambda self: self.timers)
    @rule(data=st.data())
    def timer_runs_out(self, data: st.DataObject) -> None:
        timer = data.draw(st.sampled_from(sorted(self.timers)))
        self.timers.remove(timer)
        self.tell(ChatTimerRan(timer))

    @rule(timer=st.sampled_from(list(ChatTimer)))
    def timer_that_was_stopped(self, timer: ChatTimer) -> None:
        if timer not in self.timers:
            count = len(self.entries)
            self.tell(ChatTimerRan(timer))
            assert len(self.entries) == count

    @precondition(lambda self: self.machine.state is not ChatState.ENDED)
    @rule()
    def core_dies(self) -> None:
        """A new machine goes on from what is stored; offers, timers and claims are gone."""
        old = self.machine
        self.machine = ChatMachine("c", PLAN, old.row)
        self.machine.work.seq, self.machine.work.notes = len(self.entries), len(self.notes)
        self.machine.work.keys = dict(self.stored)
        for entry in self.entries:
            if entry.kind == "holding":
                self.machine.silence.words.said(entry.text)
        self.timers.clear()
        self.asked.clear()
        self.deciding.clear()
        self.in_line = False
        self.load = dict.fromkeys(AGENTS, 0)
        self.tell(ServerRestarted())

    # --- the promises ---------------------------------------------------------------------------------------

    @invariant()
    def numbers_have_no_gaps(self) -> None:
        assert [entry.seq for entry in self.entries] == list(range(1, len(self.entries) + 1))
        assert [entry.seq for entry in self.notes] == [-n for n in range(1, len(self.notes) + 1)]

    @invariant()
    def who_has_no_agent_waits_or_is_over(self) -> None:
        state = self.machine.state
        assert (self.machine.agent is not None) is (state is ChatState.TALKING)
        assert self.in_line is (state in (ChatState.WAITING, ChatState.OFFERED))

    @invariant()
    def offers_are_where_they_belong(self) -> None:
        assert self.asked == set(self.machine.standing.offered)
        if self.machine.state is ChatState.OFFERED:
            assert self.machine.offering.open
        if self.asked and not self.asked <= self.machine.offering.claims:
            assert ChatTimer.OFFER in self.timers

    @invariant()
    def load_equals_chats(self) -> None:
        for agent, load in self.load.items():
            own = int(self.machine.agent == agent) + int(agent in self.asked)
            assert load == own, (agent, load, own)

    @invariant()
    def silence_is_watched_while_talking_alone(self) -> None:
        if self.machine.state is not ChatState.TALKING:
            assert not self.timers & OF_SILENCE
        elif self.machine.row.call not in ("placed", "bridged"):
            # However quiet both are, the chat moves: it is handed on, or closes.
            assert self.timers & {ChatTimer.HAND_ON, ChatTimer.CLOSE}

    @invariant()
    def who_waits_is_not_forgotten(self) -> None:
        if self.machine.state in (ChatState.WAITING, ChatState.OFFERED):
            assert ChatTimer.LONGEST in self.timers or self.machine.standing.choices

    @invariant()
    def one_outcome(self) -> None:
        over = self.machine.state is ChatState.ENDED
        assert (self.machine.row.outcome is not None) is over
        assert self.ends == self.reopened + int(over)
        if over:
            assert not self.timers
            assert not self.asked
            assert self.machine.row.cause


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
