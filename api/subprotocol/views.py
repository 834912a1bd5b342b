"""Messages about shared views (co-browse) to and from the shopper's page, on the sockets of talk and view.

The latter is ``/v1/views/{view}``. Those of the agent's side are in :mod:`api.subprotocol.view_desks`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.subprotocol.base import FromPage, FromServer, Refused
from api.subprotocol.view_words import (
    ENDS_IN,
    LONGEST_PIECE,
    MOST_PIECES,
    NODE,
    PAGE,
    ActionId,
    Address,
    Count,
    Done,
    EndSharedView,
    PagePong,
    PingPage,
    PointAt,
    Scope,
    Scopes,
    TabId,
    Token,
    ViewKind,
    ViewMoved,
    ViewOver,
    ViewStands,
)


class ViewConsent(BaseModel):
    """What a shopper is asked, in words. What they agree to is kept with the version of these words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    language: str
    words: dict[str, str] = Field(description="by scope: `see`, `point`, `fill`")
    note: str = Field(default="", description="what the site adds; may be empty")


class ViewRules(BaseModel):
    """What the page itself leaves out before it sends anything. The server judges by the same rules again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mask: list[str] = []
    show: list[str] = []
    never_fill: list[str] = []
    never_click: list[str] = []
    private_by_default: bool = False


# --- the shopper's call or chat: they are asked -------------------------------------------------------------


class SharedViewAsked(FromServer):
    """An agent asks to see the shopper's page. Sent again to a page that connects while it is open; once it is agreed to, another page takes the token, too."""  # noqa: E501 - one line of a table

    type: Literal["shared_view"] = "shared_view"
    view: str
    token: str = Field(description="opens `/v1/views/{view}`")
    agent: str = Field(description="what the agent is called")
    scopes: list[Scope]
    consent: ViewConsent
    expires_in: float = Field(description="seconds in which to answer")


class SharedViewOver(FromServer):
    """The question, or the view, is over: put its card and its bar away."""

    type: Literal["shared_view_over"] = "shared_view_over"
    view: str
    reason: str = Field(description="as in `ended`")


# --- from the shopper's page, on the view's WebSocket -------------------------------------------------------


class ViewHello(FromPage):
    """The first message, within 5 s."""

    type: Literal["hello"]
    token: Token
    tab: TabId
    url: Address
    title: Annotated[str, Field(max_length=300)] = ""
    visible: bool
    resumed: bool = Field(default=False, description="this tab took part already, before it was loaded again")


class GiveConsent(FromPage):
    """The shopper agrees, to these scopes and to no other."""

    type: Literal["consent"]
    scopes: Scopes
    version: Annotated[str, Field(max_length=64)] = Field(description="of the words that were shown")


class DeclineConsent(FromPage):
    """The shopper does not agree. To more scopes: the view goes on as it was."""

    type: Literal["decline"]


class RevokeConsent(FromPage):
    """The shopper takes scopes back. Without `see` the view ends."""

    type: Literal["revoke"]
    scopes: Scopes


class RecordedEvents(FromPage):
    """What the recorder gave, in order."""

    type: Literal["events"]
    page: Count = Field(description=PAGE)
    seq: Count = Field(description="counts the messages `events` and `part` of this document, from 0")
    events: Annotated[list[dict[str, Any]], Field(max_length=1000)] = Field(description="events of rrweb")


class RecordedPart(FromPage):
    """A piece of one large event, such as a snapshot."""

    type: Literal["part"]
    page: Count = Field(description=PAGE)
    seq: Count = Field(description="as in `events`")
    of: Count = Field(description="a number of this event")
    index: Count = Field(description="from 0, in order")
    count: Annotated[int, Field(ge=1, le=MOST_PIECES)]
    data: Annotated[str, Field(max_length=LONGEST_PIECE)] = Field(description="a piece of its JSON text")


class TooLargeToRecord(FromPage):
    """The page is larger than anything that is shown: nothing of it is recorded."""

    type: Literal["too_large"]
    page: Count = Field(description=PAGE)


class TabVisible(FromPage):
    """Whether this tab is the one that the shopper looks at."""

    type: Literal["visible"]
    visible: bool


class ActionDone(FromPage):
    """What became of an action."""

    type: Literal["done"]
    action: ActionId
    result: Done
    reason: Annotated[str, Field(max_length=64)] = Field(default="", description="why not, as one word")


# --- to the shopper's page ----------------------------------------------------------------------------------


class ViewWelcome(FromServer):
    """The answer to `hello`."""

    type: Literal["welcome"] = "welcome"
    state: ViewStands
    agent: str = Field(description="what the agent is called; empty while nobody has typed the code")
    scopes: list[Scope] = Field(description="what the agent asks for, or has asked for")
    agreed: list[Scope]
    consent: ViewConsent | None = Field(default=None, description="the question, while it is open")
    ends_in: float | None = Field(default=None, description=ENDS_IN)
    rules: ViewRules


class RecordPage(FromServer):
    """Record this tab, or do not any more."""

    type: Literal["record"] = "record"
    on: bool
    page: int = Field(description="the number of this document, for `events`; each start has a new one")


class WishSnapshot(FromServer):
    """Take a full snapshot: at most one in 2 s."""

    type: Literal["snapshot"] = "snapshot"


class DoAction(FromServer):
    """Do this on the page, if its own rules allow it. Answer with `done`."""

    type: Literal["action"] = "action"
    action: str
    kind: ViewKind
    node: int | None = Field(default=None, description=NODE)
    value: str | None = Field(default=None, description="what to fill in, or an address")
    word: str | None = Field(default=None, description="what to show beside it")
    agent: str = Field(description="what the agent is called")
    ask: bool = Field(description="whether the shopper is asked first")


class AgentPoints(FromServer):
    """Where the agent's pointer is."""

    type: Literal["pointer"] = "pointer"
    node: int = Field(description=NODE)
    dx: float
    dy: float
    agent: str


class ConsentAsked(FromServer):
    """An agent asks for scopes: for the first time where the view began with a code, or for more."""

    type: Literal["ask"] = "ask"
    agent: str
    scopes: list[Scope]
    consent: ViewConsent
    expires_in: float = Field(description="seconds in which to answer")


VIEW_ASKED_TOLD: tuple[type[FromServer], ...] = (SharedViewAsked, SharedViewOver)
VIEW_PAGE_SAYS: tuple[type[FromPage], ...] = (
    ViewHello,
    GiveConsent,
    DeclineConsent,
    RevokeConsent,
    EndSharedView,
    RecordedEvents,
    RecordedPart,
    TooLargeToRecord,
    TabVisible,
    ActionDone,
    PointAt,
    PagePong,
)
VIEW_PAGE_TOLD: tuple[type[FromServer], ...] = (
    ViewWelcome,
    RecordPage,
    WishSnapshot,
    DoAction,
    AgentPoints,
    ConsentAsked,
    ViewMoved,
    ViewOver,
    PingPage,
    Refused,
)
