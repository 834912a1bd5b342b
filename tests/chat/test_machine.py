"""A chat from the click to its end: events in, commands out."""

from __future__ import annotations

from chat.commands import (
    AppendEntry,
    ClaimChat,
    EnterLine,
    NudgeAgent,
    OfferChat,
    RepeatEntry,
    StartChatTimer,
    WithdrawOffer,
)
from chat.events import (
    AgentCame,
    AgentEnded,
    AgentLeft,
    AgentSaid,
    AgentsFound,
    AgentTyped,
    AgentWhispered,
    CallMoved,
    ChatAsked,
    ChatClaimed,
    ChatEvent,
    ChatTimer,
    ChatTimerRan,
    ClaimLost,
    FlowSaid,
    OfferAccepted,
    OfferDeclined,
    PassedToAgents,
    PassedToQueue,
    PersonWanted,
    ServerRestarted,
    ShopperChose,
    ShopperEnded,
    ShopperLeft,
    ShopperSaid,
    TakenOver,
)
from chat.facts import ChatOver, ChatReplied, ChatTaken
from chat.machine import ChatMachine
from chat.plan import ChatPlan, HoldingStep
from chat.standing import ChatRow
from chat.states import ChatState

HOLDING = (
    HoldingStep(("I am looking that up.", "One moment."), after=30.0),
    HoldingStep(("Still on it.",), after=90.0),
    HoldingStep(("Thank you for waiting.", "It takes a while."), every=120.0, at_most=3),
)
PLAN = ChatPlan("shop", "help", "help", choices=("wait", "message"), holding=HOLDING)


class Told:
    """One chat, with the commands of each event by what they are."""

    def __init__(self, plan: ChatPlan = PLAN) -> None:
        self.at = 0.0
        self.machine = ChatMachine("c", plan, ChatRow(plan.queue, 0.0))
        self.entries: list[tuple[str, str, str]] = []
        self.last: list[object] = []

    def __call__(self, *events: ChatEvent, after: float = 0.0) -> list[object]:
        self.at += after
        self.last = []
        self.facts: list[object] = []
        for event in events:
            self.last += self.machine.handle(event, self.at)
            self.facts += self.machine.facts
        for each in self.last:
            if isinstance(each, AppendEntry):
                self.entries.append((each.entry.by, each.entry.kind, each.entry.text))
        return self.last

    def ran(self, timer: ChatTimer, after: float = 0.0) -> list[object]:
        return self(ChatTimerRan(timer), after=after)

    def texts(self, kind: str) -> list[str]:
        return [text for _, each, text in self.entries if each == kind]

    def taken(self, agent: str = "ann") -> None:
        self(ChatAsked(), AgentsFound(((agent,),)), OfferAccepted(agent), ChatClaimed(agent))


def test_the_first_agent_who_accepts_has_the_chat_once_the_database_says_so() -> None:
    told = Told()
    assert EnterLine("help") in told(ChatAsked())
    assert [each for each in told(AgentsFound((("ann", "ben"),)), ) if isinstance(each, OfferChat)] == [
        OfferChat("ann", 20.0),
        OfferChat("ben", 20.0),
    ]  # fmt: skip
    assert told(OfferAccepted("ben"), OfferAccepted("ann"), OfferAccepted("ann")) == [
        ClaimChat("ben", None),
        ClaimChat("ann", None),
    ]
    assert told.machine.state is ChatState.OFFERED
    assert WithdrawOffer("ben", "taken", "ann") in told(ChatClaimed("ann"), after=7.0)
    assert told.machine.agent == "ann"
    assert ChatTaken(call_id="c", at=7.0, site="shop", agent="ann", waited=7.0) in told.facts
    told(ClaimLost("ben", "ann"))
    assert told.machine.agent == "ann"


def test_offers_go_from_round_to_round_and_then_the_chat_waits_on() -> None:
    told = Told()
    told(ChatAsked())
    told(AgentsFound((("ann",), ("ann", "ben"))))
    assert OfferChat("ben", 20.0) in told(OfferDeclined("ann"))
    assert WithdrawOffer("ben", "timeout", None) in told.ran(ChatTimer.OFFER)
    assert told.last[-1] == EnterLine("help")
    assert told.machine.state is ChatState.WAITING


def test_who_clicked_in_time_gets_the_chat_though_the_offer_runs_out_meanwhile() -> None:
    told = Told()
    told(ChatAsked(), AgentsFound((("ann", "ben"),)), OfferAccepted("ann"))
    told.ran(ChatTimer.OFFER)
    assert told.machine.standing.offered == ("ann",)
    told(ChatClaimed("ann"))
    assert told.machine.agent == "ann"


def test_the_same_key_is_the_same_entry() -> None:
    told = Told()
    told.taken()
    told(ShopperSaid("s.1", "Hello"))
    assert told(ShopperSaid("s.1", "Hello")) == [RepeatEntry("shopper", "s.1", 2)]
    told(AgentSaid("ann", "a.1", "Hi"))
    assert told(AgentSaid("ann", "a.1", "Hi")) == [RepeatEntry("agent", "a.1", 3)]
    assert told(AgentSaid("ben", "a.2", "Me too")) == []


def test_notes_are_counted_apart() -> None:
    told = Told()
    told.taken()
    told(AgentWhispered("boss", "w.1", "Offer the discount"))
    told(ShopperSaid("s.1", "Hello"))
    assert [each.entry.seq for each in told.last if isinstance(each, AppendEntry)] == [2]
    assert ("agent", "note", "Offer the discount") in told.entries


def test_holding_words_until_the_agent_answers() -> None:
    told = Told()
    told.taken()
    assert StartChatTimer(ChatTimer.HOLDING, 30.0) in told.last
    told(ShopperSaid("s.1", "Do you have it in blue?"), after=10.0)
    told.ran(ChatTimer.HOLDING, after=20.0)
    assert StartChatTimer(ChatTimer.HOLDING, 60.0) in told.last
    assert NudgeAgent("ann") in told.ran(ChatTimer.NUDGE, after=30.0)
    told.ran(ChatTimer.HOLDING, after=30.0)
    told.ran(ChatTimer.HOLDING, after=120.0)
    assert told.texts("holding") == ["I am looking that up.", "Still on it.", "Thank you for waiting."]
    told(AgentSaid("ann", "a.1", "Yes"), after=1.0)
    (replied,) = [fact for fact in told.facts if isinstance(fact, ChatReplied)]
    assert (replied.seconds, replied.first) == (211.0, True)
    assert told.ran(ChatTimer.HOLDING) == []
    told(ShopperSaid("s.2", "And in red?"), after=5.0)
    told.ran(ChatTimer.HOLDING, after=30.0)
    assert told.texts("holding")[-1] == "One moment."  # no wording twice
    told.ran(ChatTimer.HOLDING, after=60.0)
    assert told.texts("holding")[-1] == "One moment."  # this step has nothing new


def test_no_holding_words_while_the_agent_types() -> None:
    told = Told()
    told.taken()
    told(AgentTyped("ann"), after=28.0)
    assert StartChatTimer(ChatTimer.HOLDING, 10.0) in told.last


def test_a_silent_agent_loses_the_chat_to_somebody_else() -> None:
    told = Told()
    told.taken()
    assert EnterLine("help", first=True) in told.ran(ChatTimer.HAND_ON, after=300.0)
    told(AgentsFound((("ann",), ("ben",))))
    assert told.machine.standing.offered == ("ben",)


def test_a_silent_shopper_is_reminded_then_the_chat_closes_and_opens_again() -> None:
    told = Told()
    told.taken()
    told(AgentSaid("ann", "a.1", "Hi"))
    told.ran(ChatTimer.REMIND, after=180.0)
    told.ran(ChatTimer.CLOSE, after=180.0)
    assert (told.machine.row.outcome, told.machine.row.cause) == ("answered", "idle")
    assert told(AgentSaid("ann", "a.2", "Bye")) == []
    told(ShopperSaid("s.1", "Sorry, I am back"), after=3600.0)
    assert told.machine.state is ChatState.WAITING
    assert told.machine.row.outcome is None
    told(ShopperEnded())
    told(ShopperSaid("s.2", "Next week"), after=100_000.0)
    assert told.machine.state is ChatState.ENDED


def test_an_agent_whose_connection_is_lost_gets_the_chat_back_if_they_come_soon() -> None:
    told = Told()
    told.taken()
    told(AgentLeft("ann"))
    told.ran(ChatTimer.AGENT_TOLD, after=30.0)
    assert EnterLine("help", first=True) in told.ran(ChatTimer.AGENT_GONE, after=30.0)
    assert told(AgentCame("ann")) == [ClaimChat("ann", None)]
    told(ChatClaimed("ann"))
    assert told.machine.agent == "ann"


def test_the_shopper_leaves_while_they_wait() -> None:
    told = Told()
    told(ChatAsked())
    told(ShopperLeft())
    told.ran(ChatTimer.SHOPPER_GONE, after=60.0)
    assert told.machine.row.outcome == "abandoned"
    assert [fact.waited for fact in told.facts if isinstance(fact, ChatOver)] == [60.0]


def test_nobody_is_there_so_the_shopper_chooses() -> None:
    told = Told()
    told(ChatAsked())
    assert told.machine.standing.choices == ()
    told(AgentsFound(()))
    assert told.machine.standing.choices == ("wait", "message")
    assert told.last[-1] == EnterLine("help")
    told(ShopperChose("callback"))
    assert told.machine.state is ChatState.WAITING  # not on offer here
    told(ShopperChose("wait"))
    assert told.machine.standing.choices == ()
    told.ran(ChatTimer.LONGEST, after=240.0)
    told(ShopperChose("message"))
    assert told.machine.row.outcome == "message"


def test_passed_to_a_colleague_it_stays_the_agents_until_somebody_accepts() -> None:
    told = Told()
    told.taken()
    told(PassedToAgents("ann", ("ben",)))
    assert told.machine.standing.passing == "ringing"
    told.ran(ChatTimer.OFFER, after=20.0)
    assert (told.machine.agent, told.machine.standing.passing) == ("ann", "failed")
    told(PassedToAgents("ann", ("ben",)))
    assert told(OfferAccepted("ben")) == [ClaimChat("ben", "ann")]
    told(ChatClaimed("ben"))
    assert told.machine.agent == "ben"


def test_passed_to_a_queue_it_waits_at_its_head() -> None:
    told = Told()
    told.taken()
    assert EnterLine("parts", first=True) in told(PassedToQueue("ann", "parts"))
    assert told.machine.agent is None


def test_a_supervisor_takes_over() -> None:
    told = Told()
    told.taken()
    assert told(TakenOver("boss")) == [ClaimChat("boss", "ann")]
    told(ChatClaimed("boss"))
    assert told.machine.agent == "boss"


def test_a_call_beside_the_chat_is_its_outcome_and_silences_the_timers() -> None:
    told = Told()
    told.taken()
    told(CallMoved("ask"), CallMoved("place", "call-1"), CallMoved("bridge", "call-1"))
    assert told.ran(ChatTimer.HAND_ON) == []
    told(CallMoved("end", "call-1"))
    assert StartChatTimer(ChatTimer.HAND_ON, 300.0) in told.last
    told(AgentEnded("ann"))
    assert told.machine.row.outcome == "escalated"


def test_a_person_stops_the_questions() -> None:
    told = Told()
    told(ChatAsked(guided=True), FlowSaid("Which year?"))
    told(PersonWanted())
    told(FlowSaid("Which make?"))
    assert told.texts("text") == ["Which year?"]
    assert told.machine.state is ChatState.WAITING


def test_a_restart_keeps_agent_and_place() -> None:
    told = Told()
    told.taken()
    told.machine = ChatMachine("c", PLAN, told.machine.row)
    told(ServerRestarted(), after=5.0)
    assert told.machine.agent == "ann"
    assert StartChatTimer(ChatTimer.AGENT_GONE, 60.0) in told.last
    told(AgentCame("ann"))
    told(AgentSaid("ann", "a.1", "I am back"))
    assert told.machine.row.last_word == "agent"
