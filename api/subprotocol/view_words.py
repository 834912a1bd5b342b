"""Words and bounds of messages about shared views, and what is said on the sockets of both sides alike."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.subprotocol.base import LONGEST_NAME, FromPage, FromServer

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
NODE = "rrweb's number of an element"
ENDS_IN = "seconds until the view ends at the latest; null: not begun"
PAGE = "the number that `record` gave to this document"
#: The largest piece of a large event, in characters, and the most pieces.
LONGEST_PIECE, MOST_PIECES = 262_144, 64
#: The longest message of a page's, in characters.
LONGEST_SAID = 1024 * 1024


class EndSharedView(FromPage):
    """End the view. Said by the shopper's page, and by the agent's."""

    type: Literal["end"]


class PointAt(FromPage):
    """Where a pointer is: 15 a second at most. Said by the shopper's page, and by the agent's."""

    type: Literal["pointer"]
    node: Count = Field(description=NODE)
    dx: Share = Field(description="from the left of the element's box, as a share of its width")
    dy: Share = Field(description="from its top, as a share of its height")


class PagePong(FromPage):
    """The answer to `ping`."""

    type: Literal["pong"]


class ViewMoved(FromServer):
    """How the view stands, at each change."""

    type: Literal["state"] = "state"
    state: ViewStands
    agent: str
    agreed: list[Scope]
    agents: list[str] = Field(description="who looks at the page now, by what they are called")
    ends_in: float | None = Field(default=None, description=ENDS_IN)


class ViewOver(FromServer):
    """The view is over. The last message; the socket closes with 1000."""

    type: Literal["ended"] = "ended"
    reason: ViewEnd


class PingPage(FromServer):
    """Every 25 s; answer with `pong`."""

    type: Literal["ping"] = "ping"
