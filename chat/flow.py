"""Guided chats as data: a flow, what happens to it, what it says, and how far a shopper has come.

:func:`chat.flow_steps.step` takes one to the other. The state is plain data: a reload, another tab, the next
page and a restart of the server go on with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from config.sections.flows import FlowWay, QuestionKind
from expressions.conditions import Condition
from expressions.facts import Facts
from routing.facts import Wanted

#: The keys of what a way asks for besides.
NUMBER, MESSAGE, EMAIL = "contact.number", "contact.message", "contact.email"
#: Answers that were not understood, until a question may be skipped.
TRIES = 3
#: So many choices at most are shown; of more, the shopper types theirs.
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class GuidedQuestion:
    """One question, ready to be asked."""

    key: str
    ask: str
    label: str
    kind: QuestionKind
    optional: bool = False
    skip_if_known: bool = True
    #: Of a year: the first and the last; None for the last is next year.
    between: tuple[int, int | None] = (0, None)
    #: The keys whose answers decide what there is to choose from.
    depends_on: tuple[str, ...] = ()
    #: Of a choice: what there is, by the answers to ``depends_on``.
    choices: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    #: Whether an answer that is none of the choices is kept as it was typed.
    takes_others: bool = False
    #: What the shopper agrees to by answering.
    consent: str = ""
    #: Of choices in another language than their values: what the shopper reads.
    words: Mapping[str, str] = field(default_factory=dict)

    def shown(self, value: str) -> str:
        """An answer as the shopper reads it."""
        return self.words.get(value, value)

    def choices_after(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        """What there is to choose from after these answers."""
        return self.choices.get(tuple(answers.get(key, "").casefold() for key in self.depends_on), ())


@dataclass(frozen=True, slots=True)
class PreparedEnding:
    """What is said and offered once the questions are answered."""

    condition: Condition | None
    say: str
    ways: tuple[FlowWay, ...]


@dataclass(frozen=True, slots=True)
class GuidedFlow:
    """A flow of the settings, compiled. ``version`` changes with whatever a shopper could notice."""

    name: str
    version: str
    language: str
    say: str
    questions: tuple[GuidedQuestion, ...]
    endings: tuple[PreparedEnding, ...]
    #: What a way asks for besides: the number to call, the words of a message, an address for the reply.
    further: Mapping[FlowWay, tuple[GuidedQuestion, ...]]
    #: What its conditions look at.
    wanted: Wanted = field(default_factory=lambda: Wanted.of({}))

    def question(self, key: str) -> GuidedQuestion | None:
        """The question of this key."""
        further = (each for questions in self.further.values() for each in questions)
        return next((each for each in (*self.questions, *further) if each.key == key), None)


class FlowWorld(Protocol):
    """What a flow asks of the rest: what is known of the shopper just now, and how answers are read."""

    @property
    def known(self) -> Mapping[str, str]:
        """What the page has passed and its server has signed."""

    @property
    def year(self) -> int:
        """This year, where the site is."""

    @property
    def ways(self) -> frozenset[FlowWay]:
        """What can be had just now."""

    def read_phone(self, text: str) -> str | None:
        """The number that the site may call, in E.164; None for what is none."""

    def read_postal_code(self, text: str) -> str | None:
        """The postal code that the text has, in its usual form; None where it has none that is known."""

    def masked(self, text: str) -> str:
        """The text without what must not be kept."""

    def facts(self, answers: Mapping[str, str]) -> Facts:
        """What conditions may ask, with these answers."""

    def value(self, name: str, answers: Mapping[str, str]) -> str:
        """What a placeholder stands for; empty where nobody knows."""


# --- how far somebody has come -----------------------------------------------------------------------------

How = Literal["answered", "skipped", "known"]
Stage = Literal["asking", "offered", "done", "person", "left"]


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """One answer. A question that was skipped has an empty value; ``known`` came from the page."""

    key: str
    value: str
    how: How = "answered"


@dataclass(frozen=True, slots=True)
class FlowState:
    """How far a shopper has come in a flow."""

    flow: str
    version: str
    stage: Stage = "asking"
    #: In the order of the questions.
    answers: tuple[FlowAnswer, ...] = ()
    #: The question that is open; empty for none.
    open: str = ""
    #: Answers to it that were not understood.
    tries: int = 0
    #: The way that the shopper chose.
    way: FlowWay | None = None
    #: The ways that are offered.
    offered: tuple[FlowWay, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing follows any more."""
        return self.stage in ("done", "person", "left")

    @property
    def values(self) -> dict[str, str]:
        """The answers by their keys; without those that were skipped."""
        return {answer.key: answer.value for answer in self.answers if answer.how != "skipped"}


# --- what happens ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FlowBegan:
    """The shopper begins."""


@dataclass(frozen=True, slots=True)
class FlowResumed:
    """A page of the shopper's is there again, or knows more: what is open is asked again, if unknown."""


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """The shopper typed something, or chose one of what was shown: both come as text."""

    text: str


@dataclass(frozen=True, slots=True)
class WayChosen:
    """The shopper chose one of the ways that were offered."""

    way: FlowWay


@dataclass(frozen=True, slots=True)
class WentBack:
    """The shopper wants to change the answer of this key; empty: the last one."""

    to: str = ""


@dataclass(frozen=True, slots=True)
class QuestionSkipped:
    """The shopper leaves the open question out."""


@dataclass(frozen=True, slots=True)
class FlowLeft:
    """The shopper is gone, or wants no more."""


@dataclass(frozen=True, slots=True)
class HelpWanted:
    """The shopper wants a person."""


@dataclass(frozen=True, slots=True)
class PersonCame:
    """A person takes over: not one more question."""


FlowEvent = (
    FlowBegan
    | FlowResumed
    | QuestionAnswered
    | WayChosen
    | WentBack
    | QuestionSkipped
    | FlowLeft
    | HelpWanted
    | PersonCame
)

# --- what a flow says --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """Ask this. A person may be asked for at any time."""

    key: str
    text: str
    kind: QuestionKind
    #: What there is to choose from; of more than :data:`MOST_SHOWN`, none.
    choices: tuple[str, ...] = ()
    may_skip: bool = False
    #: The answer that is being changed.
    value: str = ""
    #: What the shopper agrees to by answering.
    consent: str = ""


@dataclass(frozen=True, slots=True)
class SayWords:
    """Say this."""

    text: str


@dataclass(frozen=True, slots=True)
class OfferWays:
    """Offer these ways on; the first is the best."""

    ways: tuple[FlowWay, ...]


@dataclass(frozen=True, slots=True)
class FlowResult:
    """The flow is over: go this way, with what was answered as context."""

    way: FlowWay
    context: Mapping[str, str]
    number: str = ""
    email: str = ""
    message: str = ""
    #: The words that the shopper agreed to by giving the number.
    consent: str = ""


@dataclass(frozen=True, slots=True)
class TalkInBrowser:
    """The shopper's page may place a call by PC, with what was answered as context. Until one is bridged, the
    ways on stay open: a microphone may not work."""

    context: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CountQuestion:
    """For reports: what became of a question."""

    key: str
    how: Literal["answered", "skipped", "known", "left"]


FlowOutput = AskQuestion | SayWords | OfferWays | TalkInBrowser | FlowResult | CountQuestion
