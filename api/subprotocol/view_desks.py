"""Messages about shared views on the agents' side: of the document that shows the page, and of the desk.

The document's WebSocket is ``/v1/agents/views/{view}``, the desk's ``/v1/agent/events``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.subprotocol.base import LONGEST_NAME, FromPage, FromServer, Refused
from api.subprotocol.view_words import (
    ENDS_IN,
    NODE,
    ActionId,
    Count,
    Done,
    EndSharedView,
    PagePong,
    PauseReason,
    PingPage,
    PointAt,
    Scope,
    Scopes,
    ScopesWished,
    Token,
    ViewEnd,
    ViewId,
    ViewKind,
    ViewMoved,
    ViewOver,
    ViewStands,
)

# --- from the agent's document ------------------------------------------------------------------------------


class AgentViewHello(FromPage):
    """The first message, within 5 s."""

    type: Literal["hello"]
    token: Token = Field(description="from `view` at the desk; good once")


class WishAction(FromPage):
    """Do something on the shopper's page."""

    type: Literal["action"]
    action: ActionId = Field(description="a name of the document's own: `result` has it, too")
    kind: ViewKind
    node: Count | None = Field(default=None, description=f"{NODE}; null for `navigate`")
    value: Annotated[str, Field(max_length=4000)] | None = Field(
        default=None, description="what to fill in, or the address for `navigate`"
    )
    word: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="what to show beside what is pointed at or highlighted"
    )


class AskForMore(FromPage):
    """Ask the shopper for more scopes."""

    type: Literal["ask"]
    scopes: Scopes


class WishPicture(FromPage):
    """The document has lost its place: send a new snapshot."""

    type: Literal["again"]


# --- to the agent's document --------------------------------------------------------------------------------


class ShownPage(BaseModel):
    """The page that the shopper looks at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int = Field(description="the number of this document, as in `events`")
    url: str = Field(description="without its query and fragment")
    title: str = Field(description="empty where texts are private")


class AgentWelcome(FromServer):
    """The answer to `hello`. `page` and `events` follow."""

    type: Literal["welcome"] = "welcome"
    state: ViewStands
    scopes: list[Scope] = Field(description="what this agent may ask for and use, by site and by right")
    agreed: list[Scope]
    page: ShownPage | None = Field(default=None, description="null: nothing is shown yet")
    ends_in: float | None = Field(default=None, description=ENDS_IN)


class PageTurned(FromServer):
    """Another document or tab: the replayer starts over."""

    type: Literal["page"] = "page"
    n: int
    url: str
    title: str


class SeenEvents(FromServer):
    """What the page shows, masked. The first of a document, and of each new picture, is its snapshot."""

    type: Literal["events"] = "events"
    page: int
    events: list[dict[str, Any]] = Field(description="events of rrweb")


class ViewTooLarge(FromServer):
    """The page is too large to be shown."""

    type: Literal["too_large"] = "too_large"


class ViewPaused(FromServer):
    """There is nothing new to see for the moment. The next `page` or `events` ends it."""

    type: Literal["paused"] = "paused"
    why: PauseReason


class ShopperPoints(FromServer):
    """Where the shopper's pointer is."""

    type: Literal["pointer"] = "pointer"
    node: int = Field(description=NODE)
    dx: float
    dy: float


class ActionResult(FromServer):
    """What became of an action. Told to all who look at the page."""

    type: Literal["result"] = "result"
    action: str
    result: Done
    reason: str = Field(default="", description="why not, as one word; empty: it was done")
    detail: str = Field(default="", description="the same in a sentence")


class AgreedTo(FromServer):
    """What the shopper agrees to now."""

    type: Literal["agreed"] = "agreed"
    scopes: list[Scope]
    declined: bool = Field(default=False, description="they have just declined to agree to more")


# --- the agent's desk ---------------------------------------------------------------------------------------


class OfView(FromPage):
    """Something that an agent wants done with a view."""

    view: ViewId


class AskView(FromPage):
    """Ask the shopper of a call or a chat to share their page; what they must agree to."""

    type: Literal["ask_view"]
    talk: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)] = Field(
        description="the id of a call or a chat that the agent has"
    )
    scopes: ScopesWished


class JoinView(FromPage):
    """See the page whose code the shopper has read out."""

    type: Literal["join_view"]
    talk: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)] = Field(
        description="the id of the call that the agent has with the shopper"
    )
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    scopes: ScopesWished


class RenewView(OfView):
    """Send a token for a document that is opened again, or for a supervisor's."""

    type: Literal["view_token"]


class EndDeskView(OfView):
    """End the view, or take the question back."""

    type: Literal["end_view"]


class DeskView(FromServer):
    """How a view of the agent's stands. Sent on connecting, and at each change."""

    type: Literal["view"] = "view"
    view: str = Field(description="its id; empty where `refused` says why there is none")
    talk: str = Field(description="the call or the chat")
    state: ViewStands
    scopes: list[Scope] = Field(description="what was asked for")
    agreed: list[Scope]
    token: str | None = Field(
        default=None,
        description="opens `/v1/agents/views/{view}` once, within 60 s; only where one was asked for",
    )
    ends_in: float | None = Field(default=None, description=ENDS_IN)
    reason: ViewEnd | None = Field(default=None, description="why it ended")
    refused: str | None = Field(default=None, description="why nothing was done, as one word")
    detail: str = Field(default="", description="the same in a sentence, for the agent")


class RunningView(BaseModel):
    """A shared view of somebody else's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    view: str
    talk: str = Field(description="the call or the chat")
    site: str
    state: ViewStands
    agent: str = Field(description="whose it is, by what they are called")
    agents: list[str] = Field(description="who looks at the page now")


class RunningViews(FromServer):
    """All shared views that run, for who has the right `supervise`: `view_token` opens one. Sent on connecting, and a moment after a change."""  # noqa: E501 - one line of a table

    type: Literal["views"] = "views"
    views: list[RunningView]


VIEW_AGENT_SAYS: tuple[type[FromPage], ...] = (
    AgentViewHello,
    WishAction,
    PointAt,
    AskForMore,
    WishPicture,
    EndSharedView,
    PagePong,
)
VIEW_AGENT_TOLD: tuple[type[FromServer], ...] = (
    AgentWelcome,
    PageTurned,
    SeenEvents,
    ViewTooLarge,
    ViewPaused,
    ShopperPoints,
    ActionResult,
    AgreedTo,
    ViewMoved,
    ViewOver,
    PingPage,
    Refused,
)
