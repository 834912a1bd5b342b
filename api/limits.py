"""How often calls may be asked for: the limits of the settings, and a brake on requests as such."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Protocol

from api.problems import Problem, RequestError
from config.fields import Window
from config.sections.sites import Limits
from routing.networks import TIMES, wider_networks
from routing.plan import ClickToCall
from store.counting import CallCount, NumberCount, Question

#: Retry-After is never longer than this many seconds: a day's wait says no more than an hour's.
LONGEST_WAIT = 3600.0
#: Seconds to wait where live calls must end first.
LIVE_WAIT = 60.0


class CallCounts(Protocol):
    """Counts calls on disk; may raise store.errors.StoreError."""

    async def count(self, questions: Sequence[Question]) -> tuple[int, ...]:
        """One number for each question, in one transaction."""


async def check_limits(
    store: CallCounts,
    limits: Limits,
    click: ClickToCall,
    live_calls: int,
    now: float,
    visitor: str | None = None,
) -> None:
    """Refuse a call that goes over a limit, with :class:`RequestError`; counts nothing by itself.

    ``visitor`` is whose call it is, as its row on disk says; None where nobody knows.
    Who gave no number, to talk by PC, is held to the limits that are not about numbers. ``live_calls`` are
    the site's. Who calls this and then places the call must do both under one lock.
    """
    if live_calls >= limits.live_calls_per_site:
        raise RequestError(Problem.LIMIT_LIVE_CALLS, retry_after=LIVE_WAIT)
    wider = wider_networks(click.client_ip)
    sources: list[tuple[dict[str, str], int]] = [
        ({"client_ip": click.client_ip}, 1),
        *(({f"net{length}": network}, TIMES[length]) for length, network in wider.items()),
    ]
    asked: list[tuple[Problem, Window, Question]] = [
        *(
            (Problem.LIMIT_NUMBER, window, CallCount(now - window.seconds, number=click.number))
            for window in (limits.calls_per_number if click.number else ())
        ),
        *(
            (Problem.LIMIT_IP, more(window, times), CallCount(now - window.seconds, **where))
            for window in limits.calls_per_ip
            for where, times in sources
        ),
        *(
            (
                Problem.LIMIT_NUMBERS_PER_IP,
                more(window, times),
                NumberCount(now - window.seconds, but=click.number, **where),
            )
            for window in (limits.numbers_per_ip if click.number else ())
            for where, times in sources
        ),
        *(
            (Problem.LIMIT_VISITOR, window, CallCount(now - window.seconds, visitor=visitor))
            for window in (limits.calls_per_visitor if visitor else ())
        ),
        *(
            (
                Problem.LIMIT_NUMBERS_PER_VISITOR,
                window,
                NumberCount(now - window.seconds, but=click.number, visitor=visitor),
            )
            for window in (limits.numbers_per_visitor if visitor and click.number else ())
        ),
        *(
            (Problem.LIMIT_SITE, window, CallCount(now - window.seconds, site=click.site))
            for window in limits.calls_per_site
        ),
    ]
    counts = await store.count([question for _, _, question in asked])
    for (problem, window, _), count in zip(asked, counts, strict=True):
        if count >= window.times:
            raise RequestError(problem, retry_after=min(window.seconds, LONGEST_WAIT))


def more(window: Window, times: int) -> Window:
    """The limit of a whole network, which is so many times that of an address."""
    return Window(window.times * times, window.seconds)


class RequestRate:
    """A moving window of requests for each address, so that refused ones cannot fill the disk.

    An IPv6 address counts for the /56 and the /48 around it too, which may do more (:data:`TIMES`). Remembers
    ``max_addresses``, those that asked last; an address that is pushed out starts afresh.
    """

    def __init__(self, max_addresses: int = 10_000) -> None:
        self._addresses = MovingWindows(max_addresses)
        self._networks = {length: MovingWindows(max_addresses) for length in TIMES}

    def admit(self, address: str, windows: Sequence[Window], now: float) -> float | None:
        """Count a request, or say how many seconds to wait; one that must wait does not count."""
        wait = self._addresses.admit(address, windows, now)
        if wait is not None:
            return wait
        counted: list[tuple[MovingWindows, str]] = [(self._addresses, address)]
        for length, network in wider_networks(address).items():
            moving, wider = self._networks[length], [more(window, TIMES[length]) for window in windows]
            wait = moving.admit(network, wider, now)
            if wait is not None:
                for earlier, key in counted:
                    earlier.forgive(key, now)
                return wait
            counted.append((moving, network))
        return None

    def forgive(self, address: str, at: float) -> None:
        """Count a request no more that was admitted at this time."""
        self._addresses.forgive(address, at)
        for length, network in wider_networks(address).items():
            self._networks[length].forgive(network, at)

    def __len__(self) -> int:
        return len(self._addresses)


class MovingWindows:
    """Times of requests by key, of so many keys at most."""

    def __init__(self, max_keys: int) -> None:
        self._max = max_keys
        #: In arrays: a deque takes 600 bytes for a single number.
        self._times: dict[str, array[float]] = {}

    def admit(self, address: str, windows: Sequence[Window], now: float) -> float | None:
        """Count a request, or say how many seconds to wait; each window admits one at least."""
        longest = max((window.seconds for window in windows), default=0.0)
        times = self._times.pop(address, None) or array("d")
        self._times[address] = times  # at the end: it asked last
        del times[: next((n for n, at in enumerate(times) if at > now - longest), len(times))]
        for window in windows:
            if len(times) >= window.times and times[-window.times] > now - window.seconds:
                return times[-window.times] + window.seconds - now
        times.append(now)
        if len(self._times) > self._max:
            del self._times[next(iter(self._times))]
        return None

    def forgive(self, address: str, at: float) -> None:
        """Count a request no more that was admitted at this time."""
        times = self._times.get(address)
        if times and at in times:
            times.remove(at)

    def __len__(self) -> int:
        return len(self._times)
