"""Messages of an agent's WebSocket, ``/v1/agent/events``, beside those about the legs in their page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.subprotocol.base import CallId, FromPage, FromServer, Refused
from api.subprotocol.canned import CannedReplies
from api.subprotocol.chat import DESK_CHAT_TOLD
from api.subprotocol.legs import LEG_TOLD, LegRing, ToLeg
from api.subprotocol.view_desks import DeskView, RunningViews
from api.subprotocol.view_words import Scope
from bridge.causes import HangupCause
from bridge.progress import Transfer
from cti.pop import Pop
from cti.recent import RecentCall
from cti.screen_pops import PopState
from routing.directory import AgentState

#: What an agent may write: printable, and ends of lines.
Text = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
_EPOCH = "in seconds since 1970"


class OfCall(FromPage):
    """Something that an agent wants done with a call of theirs."""

    call_id: CallId


# --- from the page ------------------------------------------------------------------------------------------


class ChooseState(FromPage):
    """The agent may be called, or not."""

    type: Literal["choose_state"]
    state: Literal["available", "away"]


class HoldCall(OfCall):
    """The shopper hears music, and the agent a soft beep."""

    type: Literal["hold"]


class ResumeCall(OfCall):
    """Talk to the shopper again. A person who is rung or consulted is let go."""

    type: Literal["resume"]


class TransferCall(OfCall):
    """Transfer the call."""

    type: Literal["transfer"]
    to: Annotated[str, Field(min_length=1, max_length=140)]
    mode: Literal["blind", "attended"]


class CompleteTransfer(OfCall):
    """Leave an attended transfer: the shopper goes to the person consulted, or still being rung."""

    type: Literal["complete_transfer"]


class EndCall(OfCall):
    """End the whole call, for the shopper too."""

    type: Literal["end_call"]


class PushPage(OfCall):
    """Send the shopper's browser to a page."""

    type: Literal["push_page"]
    page: Annotated[str, Field(min_length=1, max_length=2000)] = Field(
        description="an id of the catalogue, or a URL"
    )


class WriteNote(OfCall):
    """The agent's note on this call. It replaces the one before."""

    type: Literal["note"]
    text: Text = Field(description="4,000 characters at most")


class WrapUpCall(OfCall):
    """What the call was about. Ends the wrap-up."""

    type: Literal["wrap_up"]
    code: Annotated[str, Field(max_length=64)] | None = Field(description="one of `desk.codes`, or null")


# --- from the server ----------------------------------------------------------------------------------------


class Me(FromServer):
    """Who the agent is. Sent on connecting, and whenever something of it changes."""

    type: Literal["me"] = "me"
    agent: str
    label: str
    state: AgentState
    choice: Literal["available", "away"] | None = Field(
        default=None, description="what the agent chose; null if nothing yet"
    )
    paused: list[str] = Field(
        default=[], description="queues of the PBX in which the agent's own phone is paused"
    )
    now: float = Field(description=f"the server's clock, {_EPOCH}")


class PastCall(BaseModel):
    """A call that is over for the agent: what they may see of it, else empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    call_id: str
    at: float
    site: str
    name: str
    name_signed: bool
    number: str
    cause: HangupCause | None
    talked: bool
    seconds: float

    @classmethod
    def of(cls, call: RecentCall) -> Self:
        """The same as it is told."""
        return cls.model_validate(asdict(call) | {"cause": call.cause or None})


class RecentCallList(FromServer):
    """The agent's last calls, the newest first. Sent on connecting, and when a call is over for them."""

    type: Literal["recent_calls"] = "recent_calls"
    calls: list[PastCall] = Field(
        description="20 at most; `at` is when a call rang, `seconds` how long it was theirs"
    )
    now: float = Field(description=f"the server's clock, {_EPOCH}")


class AgentRing(LegRing):
    """A leg rings here, or is under way; with what the agent may see of the shopper now."""

    state: Literal["ringing", "answered", "joined"] = Field(description="as in `leg_state`")
    since: float = Field(description=f"since when, {_EPOCH}")
    site: str = Field(default="", description="what people call the site")
    page: str = ""
    number: str = Field(default="", description="masked; empty if it is not known")
    number_verified: bool = False
    name: str = ""
    name_signed: bool = False
    context: dict[str, str] = Field(default={}, description="what is known of the shopper")


class AgentLegState(ToLeg):
    """How the leg stands. Sent to the page that has it."""

    type: Literal["leg_state"] = "leg_state"
    state: Literal["ringing", "answered", "joined"] = Field(
        description="`answered`: its audio flows, the shopper is not joined yet; `joined`: the two talk"
    )
    since: float = Field(description=f"since when, {_EPOCH}")


class ScreenPop(FromServer):
    """Who is on the line, for calls in the browser and on the agent's other phones: [screen pop](screen-pop.md#to-the-agents-page)."""  # noqa: E501 - one line of a table

    type: Literal["pop"] = "pop"
    call_id: str
    state: PopState
    since: float = Field(description=f"since when, {_EPOCH}")
    cause: HangupCause | None = Field(default=None, description="the hangup cause, once it is over")
    pop: Pop


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeskCode(_Plain):
    """A wrap-up code."""

    code: str
    label: str


class DeskTarget(_Plain):
    """Somebody that agents may transfer calls to."""

    to: str
    label: str
    kind: Literal["agent", "destination", "route"]
    #: What an agent does now; null for all others.
    state: AgentState | None = None


class DeskPage(_Plain):
    """A page of a site's catalogue."""

    site: str
    id: str
    title: str
    url: str


class DeskSettings(FromServer):
    """What this desk can do. Sent once after `me`, and again when the settings change."""

    type: Literal["desk"] = "desk"
    codes: list[DeskCode]
    wrap_up: float = Field(default=0.0, description="seconds")
    transfers: list[DeskTarget] = Field(
        description="`state` is what an agent does now, null for other kinds; the reader is not among them"
    )
    numbers: bool = Field(description="whether any other number may be dialled")
    own_phone: bool = Field(description="whether calls also ring on a phone of the agent's own")
    pages: list[DeskPage]
    push: dict[str, Literal["off", "ask", "go"]] = Field(description="by site")
    views: dict[str, list[Scope]] = Field(
        default={}, description="by site: what this agent may ask shoppers to share"
    )


class Colleagues(FromServer):
    """What other agents do now, of those who changed. Sent a moment later."""

    type: Literal["colleagues"] = "colleagues"
    states: Mapping[str, AgentState] = Field(
        description='by `to` of a transfer, such as `{"agent:ben": "wrap_up"}`'
    )


class CallAtDesk(FromServer):
    """How a call of the agent's stands. Sent on connecting unless it is `over`, and at each change."""

    type: Literal["desk_call"] = "desk_call"
    call_id: str
    site: str = Field(description="the name of the call's site in the settings, as in `pages` and `push`")
    state: Literal["talking", "wrap_up", "over"] = Field(
        description="`talking` (also on hold), `wrap_up` (it is over, a code is wanted) or `over`"
    )
    since: float | None = Field(description=f"when the call became theirs, {_EPOCH}")
    until: float | None = Field(default=None, description="in `wrap_up`: when that ends by itself; else null")
    held: bool = Field(default=False, description="whether the shopper is on hold")
    consulting: str | None = Field(
        default=None, description="the label of the person that the agent consults or rings, or null"
    )
    transfer: Transfer | None = Field(
        default=None,
        description="`ringing`, `talking`, `failed` (nobody took it, the shopper still waits) or null",
    )
    shopper: Literal["there", "on_hold", "lost"] = Field(
        default="there",
        description="`there`; `on_hold`: they have put the call on hold; `lost`: their connection is lost "
        "for the moment, and the call is kept",
    )
    note: str | None = Field(default=None, description="what this agent wrote; null if nothing")
    code: str | None = Field(default=None, description="the wrap-up code that they gave; null if none")


class Kept(FromServer):
    """The note and the code are on disk."""

    type: Literal["kept"] = "kept"
    call_id: str
    note: str | None = None
    code: str | None = None


class PushState(FromServer):
    """What became of a page that was pushed."""

    type: Literal["push_state"] = "push_state"
    call_id: str
    url: str
    title: str
    state: Literal["waiting", "sent", "accepted", "declined", "no_page"] = Field(
        description="`waiting`: no page of the shopper's is connected; `no_page`: none was within a minute; "
        "else what the shopper's page has done"
    )


class LeadsMoved(FromServer):
    """The agent's list of leads has changed: how many there are. Only where leads are followed."""

    type: Literal["leads_moved"] = "leads_moved"
    open: int
    due: int
    overdue: int
    mine: int


AGENT_TOLD: tuple[type[FromServer], ...] = (
    Me,
    LeadsMoved,
    RecentCallList,
    DeskSettings,
    Colleagues,
    ScreenPop,
    CallAtDesk,
    Kept,
    PushState,
    AgentLegState,
    AgentRing,
    *DESK_CHAT_TOLD,
    CannedReplies,
    DeskView,
    RunningViews,
    *(model for model in LEG_TOLD if model is not LegRing),
    Refused,
)
