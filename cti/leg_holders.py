"""Which page may hold a leg in a browser, and which pages may do what with it. Pure.

A leg rings on every page of its owner; the first that sends an offer takes it. A page that comes later hears
of the leg too, and may take it over: a reload must not end the call. Pages are compared by identity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Generic, TypeVar

PageT = TypeVar("PageT")


class LegWish(Enum):
    """What a page wants of a leg."""

    #: Take the leg, by a connection of its own.
    TAKE = auto()
    #: Go on with a leg that it has: its WebSocket is a new one.
    REATTACH = auto()
    #: Decline it, or hang up.
    HANG_UP = auto()
    #: Prepare to take it.
    PREPARE = auto()
    #: Use the connection: everything else.
    USE = auto()


class PageStanding(Enum):
    """How a page stands to a leg."""

    #: The leg is its own.
    HOLDS = auto()
    #: The leg is another page's, and it may take it over.
    WATCHES = auto()
    #: No page has the leg, and it may take it.
    RINGS = auto()
    #: Another page has taken the leg since it was told of it.
    LOST = auto()
    #: It was told of no such leg, or has lost it, and no page has it now.
    OUTSIDE = auto()


class Ruling(Enum):
    """What becomes of a wish."""

    DONE = auto()
    #: It is done, and the leg is this page's from now on.
    TAKEN = auto()
    #: The leg is this page's from now on, if any page ever had it; else nothing is done.
    TAKEN_IF_EVER = auto()
    #: Nothing is done; the page is told that the leg was answered elsewhere.
    ELSEWHERE = auto()
    NOTHING = auto()


_R, _S = Ruling, PageStanding
#: The policy: each wish, by the standing of the page that has it.
RULINGS: Mapping[LegWish, Mapping[PageStanding, Ruling]] = {
    LegWish.TAKE: {
        _S.HOLDS: _R.TAKEN, _S.WATCHES: _R.TAKEN, _S.RINGS: _R.TAKEN,
        _S.LOST: _R.ELSEWHERE, _S.OUTSIDE: _R.ELSEWHERE,
    },
    LegWish.REATTACH: dict.fromkeys(PageStanding, _R.TAKEN_IF_EVER),
    LegWish.HANG_UP: {
        _S.HOLDS: _R.DONE, _S.WATCHES: _R.NOTHING, _S.RINGS: _R.DONE,
        _S.LOST: _R.NOTHING, _S.OUTSIDE: _R.DONE,
    },
    LegWish.PREPARE: {
        _S.HOLDS: _R.DONE, _S.WATCHES: _R.DONE, _S.RINGS: _R.DONE,
        _S.LOST: _R.NOTHING, _S.OUTSIDE: _R.NOTHING,
    },
    LegWish.USE: {
        _S.HOLDS: _R.DONE, _S.WATCHES: _R.NOTHING, _S.RINGS: _R.NOTHING,
        _S.LOST: _R.NOTHING, _S.OUTSIDE: _R.NOTHING,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged(Generic[PageT]):
    """What follows from a page's wish."""

    #: Whether it is done.
    done: bool = False
    #: Whether the leg has passed to this page from another one, or from none.
    passed: bool = False
    #: The pages to tell that the leg was answered elsewhere.
    losers: tuple[PageT, ...] = ()


@dataclass(slots=True, eq=False)
class LegHolders(Generic[PageT]):
    """The pages of one leg: the one that has it, and those that may take it."""

    #: The page that has the leg; None while none has, or its WebSocket is lost.
    holder: PageT | None = None
    #: Pages that believe they may have it, the one that has it among them.
    told: list[PageT] = field(default_factory=list)
    #: Whether any page ever had it.
    ever_held: bool = False

    def standing(self, page: PageT) -> PageStanding:
        """How a page stands to the leg."""
        if page is self.holder:
            return PageStanding.HOLDS
        if any(each is page for each in self.told):
            return PageStanding.RINGS if self.holder is None else PageStanding.WATCHES
        return PageStanding.OUTSIDE if self.holder is None else PageStanding.LOST

    def judge(self, page: PageT, wish: LegWish) -> Judged[PageT]:
        """What follows from a page's wish."""
        match RULINGS[wish][self.standing(page)]:
            case Ruling.DONE:
                return Judged(done=True)
            case Ruling.TAKEN:
                return self._take(page)
            case Ruling.TAKEN_IF_EVER if self.ever_held:
                return self._take(page)
            case Ruling.ELSEWHERE:
                return Judged(losers=(page,))
        return Judged()

    def ring(self, page: PageT) -> bool:
        """Whether to tell a page of the leg; once for each page."""
        if any(each is page for each in self.told):
            return False
        self.told.append(page)
        return True

    def leave(self, page: PageT) -> bool:
        """Forget a page that is gone; whether the leg was its own, and may ring on any other now."""
        self.told = [each for each in self.told if each is not page]
        if self.holder is not page:
            return False
        self.holder = None
        return True

    def _take(self, page: PageT) -> Judged[PageT]:
        losers = tuple(each for each in self.told if each is not page)
        passed = self.holder is not page
        self.holder, self.told, self.ever_held = page, [page], True
        return Judged(done=True, passed=passed, losers=losers)
