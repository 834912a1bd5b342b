"""Messages about chats: on the shopper's WebSocket, ``/v1/threads/{id}/events``, and on the agents'."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.subprotocol.base import LONGEST_NAME, FromPage, FromServer, Refused
from api.subprotocol.flow import FlowStands
from api.subprotocol.views import VIEW_ASKED_TOLD
from chat.entries import ChatEntry, EntryKind, Speaker
from chat.states import CallBeside, ChatState, EndCause, Outcome
from cti.pop import Pop

#: What people may write: printable, and ends of lines.
ChatText = Annotated[
    str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
]
LongNote = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
#: A random key that the sender gives an entry: sent again with the same key, it is the same entry.
EntryKey = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
ChatId = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
#: Why a chat is not an agent's any more, or was never.
WhyOver = Literal["taken", "timeout", "declined", "over", "gone", "passed_on"]
_EPOCH = "in seconds since 1970"
_KEY = "random; the same key again is the same entry"


# --- from the shopper's page --------------------------------------------------------------------------------


class FollowChat(FromPage):
    """Send the entries: all after a number, or the last 50."""

    type: Literal["chat_follow"]
    after: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="the last entry that the page has; null: none"
    )


class EarlierEntries(FromPage):
    """Send the 50 entries before a number."""

    type: Literal["chat_earlier"]
    before: Annotated[int, Field(ge=1)]


class SayInChat(FromPage):
    """The shopper writes something."""

    type: Literal["chat_say"]
    key: EntryKey = Field(description=_KEY)
    text: ChatText


class TypeInChat(FromPage):
    """The shopper is typing: at most every 3 s."""

    type: Literal["chat_typing"]


class EndChat(FromPage):
    """The shopper ends the chat."""

    type: Literal["chat_end"]


class ChooseInChat(FromPage):
    """What the shopper wants while nobody has time: one of `choices`."""

    type: Literal["chat_choose"]
    choice: Literal["wait", "message", "callback"]
    text: LongNote = Field(default="", description="the message; it may also be in the chat already")
    reply_to: Annotated[str, Field(max_length=200)] = Field(
        default="", description="an e-mail address or a phone number for the answer to a message"
    )
    number: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        default=None, description="the phone number for a callback, as it was typed"
    )
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None, description="where a number without +… belongs to"
    )


class RateChat(FromPage):
    """How it was, once."""

    type: Literal["chat_rate"]
    rating: Annotated[int, Field(ge=1, le=5)]
    text: Annotated[LongNote, Field(max_length=1000)] = ""


class AnswerCard(FromPage):
    """The shopper opens the page that the agent offered, or does not want it."""

    type: Literal["chat_card"]
    accepted: bool


# --- from the agent's page ----------------------------------------------------------------------------------


class OfChat(FromPage):
    """Something that an agent wants done with a chat."""

    chat_id: ChatId


class AcceptChat(OfChat):
    """Take the chat that is offered. `desk_chat` follows, with the state `talking` or `over`."""

    type: Literal["chat_accept"]


class DeclineChat(OfChat):
    """Do not take it: the next one is asked."""

    type: Literal["chat_decline"]


class FollowDeskChat(OfChat):
    """Send the entries of a chat that the agent has, is offered or watches: all after a number, or the last 50."""  # noqa: E501 - one line of a table

    type: Literal["desk_follow"]
    after: Annotated[int, Field(ge=0)] | None = None


class EarlierDeskEntries(OfChat):
    """Send the 50 entries before a number."""

    type: Literal["desk_earlier"]
    before: Annotated[int, Field(ge=1)]


class SayAtDesk(OfChat):
    """The agent writes something."""

    type: Literal["desk_say"]
    key: EntryKey = Field(description=_KEY)
    text: ChatText
    canned: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="the canned reply that it was made of"
    )


class TypeAtDesk(OfChat):
    """The agent is typing: at most every 3 s."""

    type: Literal["desk_typing"]


class EndDeskChat(OfChat):
    """End the chat."""

    type: Literal["desk_end"]
    code: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="what it was about: one of `desk.codes`"
    )


class PassChat(OfChat):
    """Pass the chat on: to `agent:NAME`, to `queue:NAME`, or to its own `queue`."""

    type: Literal["chat_pass"]
    to: Annotated[str, Field(min_length=1, max_length=140)]
    note: LongNote = Field(default="", description="for agents' eyes alone")


class WhisperInChat(OfChat):
    """Write something for agents' eyes alone."""

    type: Literal["chat_whisper"]
    key: EntryKey = Field(description=_KEY)
    text: ChatText


class OfferPage(OfChat):
    """Offer the shopper a page, as a card in the chat."""

    type: Literal["chat_page"]
    key: EntryKey = Field(description=_KEY)
    page: Annotated[str, Field(min_length=1, max_length=2000)] = Field(
        description="an id of the catalogue, or a URL"
    )


class WatchChat(OfChat):
    """Look into a chat of anybody's, or look no more: for who has the right `supervise`."""

    type: Literal["chat_watch"]
    on: bool


class CallInstead(OfChat):
    """Ask the shopper for a call: their page asks for the number, and places it."""

    type: Literal["chat_call"]


class TakeChat(OfChat):
    """Take a chat over, from its agent or out of the queue: for who has the right `supervise`."""

    type: Literal["chat_take"]


class FinishChat(OfChat):
    """The agent is done with a chat that is over. Ends the wrap-up."""

    type: Literal["chat_done"]


class WrapUpChat(OfChat):
    """The agent's note and code on a chat that they had. They replace those before."""

    type: Literal["chat_wrap_up"]
    note: LongNote
    code: Annotated[str, Field(max_length=64)] | None = Field(description="one of `desk.codes`, or null")


# --- from the server ----------------------------------------------------------------------------------------


class ChatLineTold(BaseModel):
    """An entry, as it is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int
    at: float
    by: Speaker
    kind: EntryKind
    text: str
    agent: str | None = None
    key: str | None = None
    canned: str | None = None

    @classmethod
    def of(cls, entry: ChatEntry, label: str | None, key: str | None = None) -> Self:
        """An entry with what its agent is called, and its key for the page that gave it."""
        return cls(
            seq=entry.seq, at=entry.at, by=entry.by, kind=entry.kind, text=entry.text, agent=label, key=key,
            canned=entry.canned,
        )  # fmt: skip


class ChatMoved(FromServer):
    """How the chat stands. Sent on connecting, and at each change."""

    type: Literal["chat_state"] = "chat_state"
    state: ChatState = Field(
        description="`guided` (questions), `waiting`, `offered` (agents are asked), `talking`, `ended`"
    )
    agent: str | None = Field(default=None, description="what the agent is called who has it")
    position: int | None = Field(default=None, description="place in line, 1 being next")
    wait: float | None = Field(default=None, description="the expected wait, in seconds")
    choices: list[Literal["wait", "message", "callback"]] = Field(
        default=[], description="what the shopper may do instead of only waiting"
    )
    call: CallBeside = Field(default="none", description="how the call beside the chat stands")
    call_id: str | None = None
    outcome: Outcome | None = Field(default=None, description="once it has ended")
    cause: EndCause | None = Field(default=None, description="who or what ended it")
    reopens: bool = Field(default=False, description="whether a word of the shopper's opens it again")
    survey: bool = Field(default=False, description="whether to ask how it was")
    now: float = Field(description=f"the server's clock, {_EPOCH}")


class ChatEntries(FromServer):
    """Entries, in order. `seq` counts from 1 without gaps: whoever misses one follows again."""

    type: Literal["chat_entries"] = "chat_entries"
    entries: list[ChatLineTold] = Field(
        description="`key` is told to the page's own side alone; `card` has its title and its address on two "
        "lines; the `text` of an `event` says what happened"
    )
    earlier: bool = Field(default=False, description="whether there are earlier ones, which were not sent")


class ChatTyping(FromServer):
    """The other side is typing. Gone after 6 s."""

    type: Literal["agent_typing"] = "agent_typing"


class ChatSent(FromServer):
    """This key came again: it is the entry of this number."""

    type: Literal["chat_sent"] = "chat_sent"
    key: str
    seq: int


class ChatAtDesk(FromServer):
    """A chat that the agent is offered, has or watches. Sent on connecting, and at each change."""

    type: Literal["desk_chat"] = "desk_chat"
    chat_id: str
    site: str = Field(description="the name of its site in the settings, as in `pages` and `push`")
    state: Literal["offered", "talking", "watching", "over"] = Field(
        description="what it is to this agent; `over`: theirs no more, `why` tells"
    )
    why: WhyOver | None = Field(default=None, description="why it is theirs no more")
    by: str | None = Field(default=None, description="what the agent is called who has it now")
    until: float | None = Field(
        default=None,
        description=f"when the offer ends; in `over`, when the wrap-up ends, null: there is none; {_EPOCH}",
    )
    chat: ChatMoved = Field(description="how it stands, as the shopper is told")
    passing: Literal["ringing", "failed"] | None = Field(
        default=None, description="how passing it on to an agent stands"
    )
    asked_at: float = Field(description=f"when the shopper asked for it, {_EPOCH}")
    pop: Pop | None = Field(description="what the agent may see of the shopper, as for calls")


class ChatHeard(FromServer):
    """Entries of a chat at the desk; notes have numbers below 0, counted apart."""

    type: Literal["desk_entries"] = "desk_entries"
    chat_id: str
    entries: list[ChatLineTold]
    earlier: bool = Field(default=False, description="whether there are earlier ones, which were not sent")


class ShopperTypes(FromServer):
    """The shopper is typing. Gone after 6 s."""

    type: Literal["shopper_typing"] = "shopper_typing"
    chat_id: str


class SentAtDesk(FromServer):
    """This key came again: it is the entry of this number."""

    type: Literal["desk_sent"] = "desk_sent"
    chat_id: str
    key: str
    seq: int


class ChatNudge(FromServer):
    """The shopper waits for the agent's word: make a sound."""

    type: Literal["chat_nudge"] = "chat_nudge"
    chat_id: str


class BoardChat(BaseModel):
    """An open chat, as supervisors see it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chat_id: str
    site: str
    state: ChatState
    agent: str | None
    asked_at: float
    away: bool = False


class ChatBoard(FromServer):
    """All open chats, for who has the right `supervise`. Sent on connecting, and a moment after a change."""

    type: Literal["chat_board"] = "chat_board"
    chats: list[BoardChat] = Field(description="`away`: its agent's connection is lost")


class ChatKept(FromServer):
    """The note and the code are on disk."""

    type: Literal["chat_kept"] = "chat_kept"
    chat_id: str
    note: str
    code: str | None = None


CHAT_TOLD: tuple[type[FromServer], ...] = (
    ChatMoved,
    ChatEntries,
    ChatTyping,
    ChatSent,
    FlowStands,
    *VIEW_ASKED_TOLD,
    Refused,
)
DESK_CHAT_TOLD: tuple[type[FromServer], ...] = (
    ChatAtDesk,
    ChatHeard,
    ShopperTypes,
    SentAtDesk,
    ChatNudge,
    ChatBoard,
    ChatKept,
)
