"""One live view in memory: how it stands, who is connected, and the mirror of the page that is shown."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bridge.protocols import Cancellable
from cobrowse.actions import ActionKind
from cobrowse.mirror import Mirror
from cobrowse.rules import Rules
from cobrowse.standing import ViewStanding
from config.sections.cobrowse import SCOPES, Cobrowse, Scope
from views.audience import TabLink, ViewDocument, ViewerLink, ViewQuestion, ViewTalk
from views.tokens import ViewTokens


@dataclass(slots=True, eq=False)
class LiveTab:
    """A page of the shopper's that is connected."""

    tab: str
    link: TabLink
    origin: str
    #: Without query and fragment.
    url: str
    title: str


@dataclass(slots=True, eq=False)
class LiveViewer:
    """A document of an agent's that is connected."""

    name: str
    agent: str
    link: ViewerLink
    rights: frozenset[Scope]
    #: Whether it must not get events before the next snapshot.
    waiting: bool = True


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action that the page has not answered."""

    viewer: str
    #: What the agent's document calls it.
    name: str
    agent: str
    kind: ActionKind


@dataclass(slots=True)
class ViewStream:
    """What comes of the tab that records: the order of its messages, and a large event in pieces."""

    page: int
    mirror: Mirror
    rules: Rules
    next_seq: int = 0
    #: Whether something was lost: nothing makes sense before the next snapshot.
    lost: bool = False
    too_large: bool = False
    pieces: list[str] = field(default_factory=list)
    pieces_of: int | None = None
    #: The event of rrweb that stands before each snapshot, as it was passed on.
    meta: bytes | None = None


@dataclass(slots=True, eq=False)
class LiveView:
    """A shared view."""

    view: str
    site: str
    secret: str
    settings: Cobrowse
    standing: ViewStanding
    #: None while nobody has typed its code.
    talk: ViewTalk | None = None
    question: ViewQuestion | None = None
    tabs: dict[str, LiveTab] = field(default_factory=dict)
    viewers: dict[str, LiveViewer] = field(default_factory=dict)
    #: Agents who have seen the page.
    seen_by: set[str] = field(default_factory=set)
    actions: dict[str, OpenAction] = field(default_factory=dict)
    stream: ViewStream | None = None
    #: Held while a large event is read in a thread: events stay in order, and actions wait for it.
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    timer: Cancellable | None = None
    #: When something of the shopper's was counted as activity last.
    active_at: float = float("-inf")
    #: The tab that is just being opened: its welcome has the question already.
    opening: LiveTab | None = None
    tokens: ViewTokens = field(default_factory=ViewTokens)

    @property
    def recorded(self) -> LiveTab | None:
        """The tab that records."""
        return self.tabs.get(self.standing.recording or "")

    @property
    def document(self) -> ViewDocument | None:
        """What is shown."""
        tab = self.recorded
        if tab is None or self.stream is None:
            return None
        title = "" if self.settings.private_by_default else tab.title
        return ViewDocument(self.stream.page, tab.url, title)


def in_order(scopes: frozenset[Scope]) -> tuple[Scope, ...]:
    """As they are told: ``see`` first."""
    return tuple(scope for scope in SCOPES if scope in scopes)
