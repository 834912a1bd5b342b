"""Messages about shared views (co-browse): on sockets of their own, at the desk, in calls and in chats.

``/v1/views/{view}`` is the shopper's page, ``/v1/agents/views/{view}`` the document where an agent sees it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.subprotocol.base import LONGEST_NAME, FromPage, FromServer, Refused

Scope = Literal["see", "point", "fill"]
ViewKind = Literal["point", "highlight", "scroll", "propose", "fill", "click", "navigate"]
#: `asked`: the shopper has not answered yet; `seeing`: the page is shown; `paused`: there is none to show.
ViewStands = Literal["asked", "agreed", "seeing", "paused", "ended"]
ViewEnd = Literal[
    "shopper", "agent", "talk_ended", "too_long", "idle", "declined", "unanswered", "gone", "replaced",
    "server",
]  # fmt: skip
PauseReason = Literal["asleep", "hidden", "navigating"]
Done = Literal["done", "refused", "declined"]

#: A random name of a view.
ViewId = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Token = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
#: A page's own name for one of its tabs.
TabId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
#: What the sender calls an action: the answer has the same name.
ActionId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Address = Annotated[str, Field(max_length=2000)]
#: A counter of the sender's.
Count = Annotated[int, Field(ge=0, le=2**53)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=3)]
ScopesWished = Annotated[Scopes, Field(description="`see`, `point` (and scroll), `fill` (and click)")]
#: Where in the box of an element, as a share of its width or height.
Share = Annotated[float, Field(ge=-1, le=2)]
_NODE = "rrweb's number of an element"
_ENDS_IN = "seconds until the view ends at the latest; null: not begun"
_PAGE = "the number that `record` gave to this document"
#: The largest piece of a large event, in characters, and the most pieces.
LONGEST_PIECE, MOST_PIECES = 262_144, 64
#: The longest message of a page's, in characters.
LONGEST_SAID = 1024 * 1024


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


class EndSharedView(FromPage):
    """End the view. Said by the shopper's page, and by the agent's."""

    type: Literal["end"]


class RecordedEvents(FromPage):
    """What the recorder gave, in order."""

    type: Literal["events"]
    page: Count = Field(description=_PAGE)
    seq: Count = Field(description="counts the messages `events` and `part` of this document, from 0")
    events: Annotated[list[dict[str, Any]], Field(max_length=1000)] = Field(description="events of rrweb")


class RecordedPart(FromPage):
    """A piece of one large event, such as a snapshot."""

    type: Literal["part"]
    page: Count = Field(description=_PAGE)
    seq: Count = Field(description="as in `events`")
    of: Count = Field(description="a number of this event")
    index: Count = Field(description="from 0, in order")
    count: Annotated[int, Field(ge=1, le=MOST_PIECES)]
    data: Annotated[str, Field(max_length=LONGEST_PIECE)] = Field(description="a piece of its JSON text")


class TooLargeToRecord(FromPage):
    """The page is larger than anything that is shown: nothing of it is recorded."""

    type: Literal["too_large"]
    page: Count = Field(description=_PAGE)


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


class PointAt(FromPage):
    """Where a pointer is: 15 a second at most. Said by the shopper's page, and by the agent's."""

    type: Literal["pointer"]
    node: Count = Field(description=_NODE)
    dx: Share = Field(description="from the left of the element's box, as a share of its width")
    dy: Share = Field(description="from its top, as a share of its height")


class PagePong(FromPage):
    """The answer to `ping`."""

    type: Literal["pong"]


# --- to the shopper's page ----------------------------------------------------------------------------------


class ViewWelcome(FromServer):
    """The answer to `hello`."""

    type: Literal["welcome"] = "welcome"
    state: ViewStands
    agent: str = Field(description="what the agent is called; empty while nobody has typed the code")
    scopes: list[Scope] = Field(description="what the agent asks for, or has asked for")
    agreed: list[Scope]
    consent: ViewConsent | None = Field(default=None, description="the question, while it is open")
    ends_in: float | None = Field(default=None, description=_ENDS_IN)
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
    node: int | None = Field(default=None, description=_NODE)
    value: str | None = Field(default=None, description="what to fill in, or an address")
    word: str | None = Field(default=None, description="what to show beside it")
    agent: str = Field(description="what the agent is called")
    ask: bool = Field(description="whether the shopper is asked first")


class AgentPoints(FromServer):
    """Where the agent's pointer is."""

    type: Literal["pointer"] = "pointer"
    node: int = Field(description=_NODE)
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


class ViewMoved(FromServer):
    """How the view stands, at each change."""

    type: Literal["state"] = "state"
    state: ViewStands
    agent: str
    agreed: list[Scope]
    agents: list[str] = Field(description="who looks at the page now, by what they are called")
    ends_in: float | None = Field(default=None, description=_ENDS_IN)


class ViewOver(FromServer):
    """The view is over. The last message; the socket closes with 1000."""

    type: Literal["ended"] = "ended"
    reason: ViewEnd


class PingPage(FromServer):
    """Every 25 s; answer with `pong`."""

    type: Literal["ping"] = "ping"


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
    node: Count | None = Field(default=None, description=f"{_NODE}; null for `navigate`")
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
    ends_in: float | None = Field(default=None, description=_ENDS_IN)


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
    node: int = Field(description=_NODE)
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
    ends_in: float | None = Field(default=None, description=_ENDS_IN)
    reason: ViewEnd | None = Field(default=None, description="why it ended")
    refused: str | None = Field(default=None, description="why nothing was done, as one word")
    detail: str = Field(default="", description="the same in a sentence, for the agent")


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
