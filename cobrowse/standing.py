"""How a shared view stands: what was agreed for which origin, the shopper's tabs, and which one is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from cobrowse.view_events import ViewEnd
from config.sections.cobrowse import SCOPES, Cobrowse, Scope

#: So many tabs of a shopper and sockets of agents a view has at most; more of them are ignored.
MOST_TABS, MOST_VIEWERS = 20, 5
#: Seconds: for an answer; without any page of the shopper's; between two snapshots; and so long a page that
#: went away is said to be on its way to the next.
ANSWER_WITHIN, GONE_AFTER, SNAPSHOT_EVERY, NAVIGATING_FOR = 60.0, 60.0, 2.0, 10.0
NOTHING: frozenset[Scope] = frozenset()


class ViewPhase(StrEnum):
    """Where a shared view stands."""

    ASKED = "asked"  # the shopper has not answered yet
    AGREED = "agreed"  # nobody watches, or this origin was not agreed to
    SEEING = "seeing"
    PAUSED = "paused"  # agreed and watched, but there is no page to show
    ENDED = "ended"


#: How the shopper's pages are.
PageIs = Literal["absent", "hidden", "too_large", "elsewhere", "there"]
#: ``PHASES[agreed anywhere, watched][page]``.
PHASES: Mapping[tuple[bool, bool], Mapping[PageIs, ViewPhase]] = {
    (False, False): dict.fromkeys(("absent", "hidden", "too_large", "elsewhere", "there"), ViewPhase.ASKED),
    (False, True): dict.fromkeys(("absent", "hidden", "too_large", "elsewhere", "there"), ViewPhase.ASKED),
    (True, False): dict.fromkeys(("absent", "hidden", "too_large", "elsewhere", "there"), ViewPhase.AGREED),
    (True, True): {
        "absent": ViewPhase.PAUSED,
        "hidden": ViewPhase.PAUSED,
        "too_large": ViewPhase.PAUSED,
        "elsewhere": ViewPhase.AGREED,
        "there": ViewPhase.SEEING,
    },
}
#: Why viewers see nothing new.
PauseWhy = Literal["navigating", "asleep", "hidden", "too_large"]


@dataclass(frozen=True, slots=True)
class ViewTerms:
    """What a site sets; seconds."""

    allow: frozenset[Scope] = frozenset(SCOPES)
    longest: float = 1800.0
    idle: float = 600.0

    @classmethod
    def of(cls, settings: Cobrowse) -> ViewTerms:
        """The terms of a site's section ``cobrowse``."""
        return cls(frozenset(settings.allow), settings.longest, settings.idle)


@dataclass(frozen=True, slots=True)
class ViewTab:
    """One page of the shopper's that is connected."""

    tab: str
    origin: str
    visible: bool
    #: When it came to the front, or connected.
    turned: float
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class ViewStanding:
    """A shared view. Only :func:`cobrowse.machine.decide` makes the next one from it."""

    terms: ViewTerms = ViewTerms()
    #: Whose view it is; empty before the first question.
    agent: str = ""
    #: What the open question is about, and when it is over.
    wanted: frozenset[Scope] = NOTHING
    answer_by: float | None = None
    #: What is agreed to, by origin.
    agreed: Mapping[str, frozenset[Scope]] = field(default_factory=lambda: MappingProxyType({}))
    #: Origins where the shopper was asked by themselves, because they went there.
    asked_origins: frozenset[str] = frozenset()
    tabs: tuple[ViewTab, ...] = ()
    viewers: frozenset[str] = frozenset()
    #: The tab that records, and the number of the document that viewers see.
    recording: str | None = None
    page: int = 0
    #: When the first consent was given, when somebody acted, since when there is no tab.
    began: float | None = None
    acted: float = 0.0
    gone_at: float | None = None
    snapshot_at: float = float("-inf")
    snapshot_due: float | None = None
    navigating: bool = False
    #: For when the timer is set.
    wake: float | None = None
    end: ViewEnd | None = None

    def tab(self, tab: str) -> ViewTab | None:
        """The connected tab of this name."""
        return next((each for each in self.tabs if each.tab == tab), None)

    @property
    def front(self) -> ViewTab | None:
        """The tab that is shown: the visible one that came last, else the one that was shown."""
        return max(
            self.tabs,
            key=lambda each: (each.visible, each.visible or each.tab == self.recording, each.turned),
            default=None,
        )

    @property
    def scopes(self) -> frozenset[Scope]:
        """What is agreed to on the page that is shown. Without ``see`` it is nothing."""
        front = self.front
        return self.agreed.get(front.origin, NOTHING) if front and self.end is None else NOTHING

    @property
    def page_is(self) -> PageIs:
        """How the page is that is to be shown."""
        front = self.front
        if front is None:
            return "absent"
        if "see" not in self.scopes:
            return "elsewhere"
        if front.too_large:
            return "too_large"
        return "there" if front.visible else "hidden"

    @property
    def phase(self) -> ViewPhase:
        """Where it stands, by the table."""
        if self.end is not None:
            return ViewPhase.ENDED
        return PHASES[bool(self.agreed), bool(self.viewers)][self.page_is]

    @property
    def paused(self) -> PauseWhy | None:
        """Why viewers see nothing new; None while they do, and where the view is not paused."""
        if self.phase is not ViewPhase.PAUSED:
            return None
        match self.page_is:
            case "hidden" | "too_large" as why:
                return why
            case _:
                return "navigating" if self.navigating else "asleep"

    @property
    def ends_at(self) -> float | None:
        """When it ends if nobody does anything; None before it is agreed to."""
        if self.began is None:
            return None
        return min(self.began + self.terms.longest, self.acted + self.terms.idle)
