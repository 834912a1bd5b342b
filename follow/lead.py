"""A lead: a shopper nobody served, what they wanted, and what they were promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Self


class ContactKind(StrEnum):
    """How somebody tried to reach the business; each is a reason to answer them."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """A word and what it means."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.meaning = meaning
        return word

    CALL_UNANSWERED = ("call_unanswered", "the shopper was there, nobody at the business took the call")
    CALL_LEFT = ("call_left", "the shopper waited for 10 s or more, and hung up")
    CALL_FAILED = ("call_failed", "the call failed after the shopper had answered, or in their browser")
    UNREACHABLE = ("unreachable", "the shopper asked for a call twice, and their phone was not answered")
    VOICEMAIL = ("voicemail", "the shopper left a voice message")
    CALLBACK = ("callback", "a promised callback was given up")
    CHAT_LEFT = ("chat_left", "the shopper waited for a chat for 30 s or more, and left")
    CHAT_UNANSWERED = ("chat_unanswered", "an agent had the chat, and wrote nothing")
    MESSAGE = ("message", "nobody had time to chat: the shopper left a written message")
    FLOW_LEFT = ("flow_left", "the shopper left the guided questions after giving a number or an address")
    FORM = ("form", "the shopper sent a form of the page, and asked for no call")


class LeadState(StrEnum):
    """Whose turn it is."""

    WAITING = "waiting"  # the shopper waits for a person
    ANSWERED = "answered"  # a person spoke last
    CLOSED = "closed"


#: What closed a lead.
ClosedHow = Literal[
    "served",  # they talked or chatted with somebody, whoever began it
    "done",  # an agent said so, with a code
    "ordered",  # they bought something
    "cancelled",  # they need nobody any more
    "expired",  # by age
]
CLOSED_HOW: tuple[ClosedHow, ...] = ("served", "done", "ordered", "cancelled", "expired")

#: Why somebody is told of a lead.
ReminderKind = Literal["new", "warning", "step", "breach", "back"]
#: Which of a promise's times runs: to the first answer of a person, or to the next one.
Term = Literal["first", "next"]


@dataclass(frozen=True, slots=True)
class LeadPerson:
    """What is known of who it was; all of it empty where it is not known."""

    #: E.164.
    number: str = ""
    #: As it was typed or passed.
    mail: str = ""
    #: The id that the retailer's server signed.
    signed_id: str = ""
    #: The browser's id.
    visitor: str = ""
    name: str = ""
    #: Whether the number is theirs for certain, as its phone was answered. Only :attr:`keys` remember it.
    verified: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """What the person is recognised by, the surest first."""
        told = (
            ("id", self.signed_id),
            ("phone", self.number if self.verified else ""),
            ("visitor", self.visitor),
            ("number", self.number),
            ("mail", self.mail.strip().lower()),
        )
        return tuple(f"{kind}:{value}" for kind, value in told if value)

    @property
    def reachable(self) -> bool:
        """Whether anybody could answer them."""
        return bool(self.number or self.mail or self.signed_id)

    @property
    def sure_keys(self) -> tuple[str, ...]:
        """Those that nobody else can tell: anybody may type a number or an address."""
        return tuple(key for key in self.keys if key.startswith(("id:", "phone:", "visitor:")))

    def with_more(self, other: LeadPerson) -> LeadPerson:
        """The same person, with what they tell besides; the newer word counts."""
        return LeadPerson(
            other.number or self.number,
            other.mail or self.mail,
            other.signed_id or self.signed_id,
            other.visitor or self.visitor,
            other.name or self.name,
        )


@dataclass(frozen=True, slots=True)
class LeadContact:
    """One try of a person to reach the business, or of the business to reach them. ``at``: epoch seconds."""

    kind: str
    #: The id of the call, chat or callback.
    ref: str
    at: float
    #: The agent, where it is the business's; empty for the shopper's own.
    by: str = ""


@dataclass(frozen=True, slots=True)
class ChosenTime:
    """When a shopper wants to be called: at ``start`` (epoch seconds), or up to ``seconds`` later."""

    start: float
    seconds: float
    #: Seconds before it at which those whose lead it is are reminded.
    remind: float = 600.0
    #: The shopper's time zone, as their browser tells it; empty where nobody knows.
    zone: str = ""

    @property
    def end(self) -> float:
        """When the call is late."""
        return self.start + self.seconds


@dataclass(frozen=True, slots=True)
class Unserved:
    """A contact of a shopper nobody served, with all that it tells."""

    site: str
    contact: LeadContact
    person: LeadPerson
    page: str = ""
    #: What the page claimed, and what the retailer's server signed.
    context: Mapping[str, str] = field(default_factory=dict)
    signed: Mapping[str, str] = field(default_factory=dict)
    #: What they said, cut to a few lines.
    said: str = ""
    #: Whether they typed the address to be answered at.
    typed_mail: bool = False
    #: The address that it came from, for limits.
    client_ip: str = ""
    #: The queue where they waited; empty for none.
    queue: str = ""
    #: When they want to be called; None: as soon as is promised.
    chosen: ChosenTime | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A promise whose time runs. Times are epoch seconds."""

    promise: str
    term: Term
    since: float
    #: None where the hours never come to that much.
    due_at: float | None
    #: Why it is due then, in words.
    explanation: str
    warn_at: float | None = None
    warned: bool = False
    breached: bool = False
    #: When each further step is to be taken, and how many of them were.
    steps_at: tuple[float | None, ...] = ()
    steps_done: int = 0


@dataclass(frozen=True, slots=True)
class PromiseKept:
    """What became of one promise: the row of reports. A late answer stays a breach."""

    promise: str
    term: Term
    since: float
    due_at: float | None
    explanation: str
    queue: str = ""
    #: When it was answered, and by whom; None and empty where it never was.
    met_at: float | None = None
    agent: str = ""
    breached_at: float | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """One person at one site, not served by anybody. Times are epoch seconds."""

    lead_id: str
    site: str
    person: LeadPerson
    opened_at: float
    #: The shopper's last contact.
    last_at: float
    state: LeadState = LeadState.WAITING
    page: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    signed: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    kind: str = ""
    queue: str = ""
    #: All that the person is recognised by, of all contacts that are surely theirs.
    keys: tuple[str, ...] = ()
    #: Whether a contact joined by a number or address alone: it may be somebody else's.
    shared: bool = False
    #: The other numbers and addresses that such contacts gave; nobody has checked them.
    claimed: tuple[str, ...] = ()
    #: The agents whom the route names for it, and the one who has taken it.
    assigned: tuple[str, ...] = ()
    owner: str | None = None
    #: Since when the owner is offline; None while they are there.
    absent_since: float | None = None
    running: Running | None = None
    #: The time that the shopper chose, which is promised; None where they chose none, or are answered.
    chosen: ChosenTime | None = None
    #: What its people are to be told once they are there; empty for nothing.
    pending: ReminderKind | Literal[""] = ""
    #: When a person first answered, and whether any promise was broken.
    first_at: float | None = None
    breached: bool = False
    #: When it is closed by age.
    expires_at: float | None = None
    #: How often the business called them in between.
    tries: int = 0
    code: str = ""
    note: str = ""
    #: What signs the links of its mails.
    secret: str = ""
    closed_at: float | None = None
    closed_how: str = ""

    @property
    def open(self) -> bool:
        """Whether anything is still to be done."""
        return self.state is not LeadState.CLOSED

    @property
    def due_at(self) -> float | None:
        """When the running promise is due; None where nothing runs."""
        return self.running.due_at if self.running else None
