"""Codes that shoppers read out on the phone, and who may try how many. Pure but for its memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

#: Digits of a code, seconds for which it is good, and how many there are at once.
DIGITS, LIFETIME, MOST = 6, 300.0, 10_000
#: Wrong codes of one agent, or in one talk, within so many seconds: then they wait as long.
TRIES, TRIES_WITHIN = 5, 300.0
#: So many agents and talks are remembered at once.
_MOST_TRIED = 10_000

CodeProblem = Literal["code_wrong", "code_tries"]


@dataclass(frozen=True, slots=True)
class _Code:
    view: str
    site: str
    ends_at: float


class ViewCodes:
    """``number(below)`` is a random number that nobody can guess."""

    def __init__(self, number: Callable[[int], int]) -> None:
        self._number = number
        #: In the order of their ends.
        self._codes: dict[str, _Code] = {}
        self._wrong: dict[str, deque[float]] = {}

    def make(self, view: str, site: str, now: float) -> str | None:
        """A new code; None where too many are open."""
        self._forget(now)
        if len(self._codes) >= MOST:
            return None
        while (code := f"{self._number(10**DIGITS):0{DIGITS}}") in self._codes:
            pass
        self._codes[code] = _Code(view, site, now + LIFETIME)
        return code

    def take(self, code: str, site: str, agent: str, talk: str, now: float) -> str | CodeProblem:
        """The view of a code of this site, once; else why not. A code of another site is a wrong one."""
        self._forget(now)
        tried = [self._tries(f"agent:{agent}", now), self._tries(f"talk:{talk}", now)]
        if any(len(times) >= TRIES for times in tried):
            return "code_tries"
        known = self._codes.get(code)
        if known is None or known.site != site:
            for times in tried:
                times.append(now)
            return "code_wrong"
        del self._codes[code]
        return known.view

    def drop(self, view: str) -> None:
        """The view is over: its code opens nothing."""
        self._codes = {code: known for code, known in self._codes.items() if known.view != view}

    def _tries(self, who: str, now: float) -> deque[float]:
        times = self._wrong.pop(who, None) or deque(maxlen=TRIES)
        while times and times[0] <= now - TRIES_WITHIN:
            times.popleft()
        self._wrong[who] = times  # at the end: they tried last
        if len(self._wrong) > _MOST_TRIED:
            del self._wrong[next(iter(self._wrong))]
        return times

    def _forget(self, now: float) -> None:
        while self._codes and next(iter(self._codes.values())).ends_at <= now:
            del self._codes[next(iter(self._codes))]
