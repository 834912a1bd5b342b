"""Who is told of a shared view, and what the engine asks of others. Links neither block nor raise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from cobrowse.actions import ActionKind
from cobrowse.consent import ConsentWords
from cobrowse.standing import PauseWhy, ViewPhase
from cobrowse.view_events import ViewEnd
from config.sections.cobrowse import Scope

Channel = Literal["calls", "chats"]
ActionResultWord = Literal["done", "refused", "declined"]


@dataclass(frozen=True, slots=True)
class ViewTalk:
    """The call or chat that a view belongs to, as it stands now."""

    talk_id: str
    channel: Channel
    site: str
    #: Who has it.
    agent: str
    language: str


@dataclass(frozen=True, slots=True)
class ViewQuestion:
    """What the shopper is asked; ``expires_in`` in seconds."""

    agent: str
    scopes: tuple[Scope, ...]
    words: ConsentWords
    expires_in: float


@dataclass(frozen=True, slots=True)
class ViewNow:
    """How a view stands, as both sides are told. Names are what people are called."""

    view: str
    talk: str
    phase: ViewPhase
    agent: str
    wanted: tuple[Scope, ...]
    agreed: tuple[Scope, ...]
    agents: tuple[str, ...]
    ends_in: float | None
    paused: PauseWhy | None = None
    end: ViewEnd | None = None


@dataclass(frozen=True, slots=True)
class ViewDocument:
    """The page that is shown: the number of its document, and its address without query and fragment."""

    n: int
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class OrderedAction:
    """What a page is to do."""

    action: str
    kind: ActionKind
    node: int | None
    value: str | None
    word: str | None
    #: What the agent is called.
    agent: str
    ask: bool


class TabLink(Protocol):
    """A page of the shopper's."""

    def welcome(self, now: ViewNow, question: ViewQuestion | None) -> None:
        """It takes part."""

    def record(self, on: bool, page: int) -> None:
        """Record, or do not."""

    def snapshot(self) -> None:
        """Take a full snapshot."""

    def ask(self, question: ViewQuestion) -> None:
        """Ask the shopper."""

    def moved(self, now: ViewNow) -> None:
        """The view stands differently."""

    def act(self, order: OrderedAction) -> None:
        """Do something."""

    def point(self, node: int, dx: float, dy: float, agent: str) -> None:
        """Where the agent's pointer is."""

    def leave(self, why: ViewEnd | None) -> None:
        """The view is over; None: another page has taken this one's place."""


class ViewerLink(Protocol):
    """A document in which an agent sees the page."""

    def welcome(self, now: ViewNow, may: tuple[Scope, ...], page: ViewDocument | None) -> None:
        """It takes part."""

    def turn(self, page: ViewDocument) -> None:
        """Another document begins."""

    def picture(self, page: int, events: Sequence[bytes], whole: bool) -> None:
        """Masked events; ``whole``: a full snapshot is among them, which replaces all before it."""

    def too_large(self) -> None:
        """The page cannot be shown."""

    def moved(self, now: ViewNow) -> None:
        """The view stands differently."""

    def declined(self, now: ViewNow) -> None:
        """The shopper does not agree to more."""

    def point(self, node: int, dx: float, dy: float) -> None:
        """Where the shopper's pointer is."""

    def result(self, action: str, result: ActionResultWord, reason: str, detail: str) -> None:
        """What became of an action."""

    def leave(self, why: ViewEnd | None) -> None:
        """The view is over; None: another document has taken this one's place."""


class ViewTalkPage(Protocol):
    """A page of the shopper's on the socket of the call or the chat: where they are asked first."""

    def shared_view(self, view: str, token: str, question: ViewQuestion) -> None:
        """An agent asks."""

    def shared_view_over(self, view: str, why: ViewEnd) -> None:
        """It is over."""


class ViewDeskPage(Protocol):
    """A page of an agent's desk."""

    def view(self, now: ViewNow, token: str | None) -> None:
        """How a view of theirs stands, with a token where the page may open its document now."""


@dataclass(frozen=True, slots=True)
class ViewStep:
    """What is kept of a view: a consent with its words, an action with its result, or the end. Nothing that
    was seen."""

    view: str
    talk: str
    channel: Channel
    site: str
    at: float
    agent: str
    #: ``asked``, ``agreed``, ``declined``, ``revoked``, ``unanswered``, ``watched``, ``action`` or ``ended``.
    step: str
    scopes: tuple[Scope, ...] = ()
    version: str = ""
    #: What was asked, word by word.
    words: str = ""
    origin: str = ""
    #: The kind of an action, or why it ended.
    what: str = ""
    result: str = ""
    reason: str = ""


class ViewStore(Protocol):
    """Keeps steps; may raise any exception, then they are lost and the log says so."""

    async def keep(self, steps: Sequence[ViewStep]) -> None:
        """Put them on disk."""


class TalkBook(Protocol):
    """Who has which call or chat."""

    def talk(self, talk_id: str) -> ViewTalk | None:
        """One that an agent has now."""

    def weighs(self, talk: ViewTalk, *, shares_view: bool) -> None:
        """Its agent looks at the shopper's page, too, or does not any more: that takes room."""


class ViewCounts(Protocol):
    """Counts for Prometheus; labels are sites of the settings and closed lists."""

    def began(self, site: str) -> None:
        """A shopper was asked."""

    def agreed(self, site: str) -> None:
        """They agreed for the first time."""

    def ended(self, site: str, why: ViewEnd, *, agreed: bool) -> None:
        """It is over."""

    def acted(self, kind: ActionKind, result: str) -> None:
        """What became of an action."""

    def event(self, fate: str) -> None:
        """What became of an event of a page: ``passed``, or why it was dropped."""
