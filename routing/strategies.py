"""Ring strategies: from the candidates of a ring step to waves of phones that ring.

How a step becomes a :class:`~routing.plan.PlannedStep`, which knows ``all`` and ``in_order`` only: ``all``
and ``memory`` have one wave, which is a step ``all`` with a delay and a timeout for each endpoint; every
other strategy has waves of one phone each, which are the endpoints of a step ``in_order``. A ring step stays
one step, since ``next_step`` and ``retry`` speak of it. In ``memory`` nobody is hung up to be dialled again:
the second joins the first, then the third joins both, and the hunt lets the next one join at once when
nobody rings any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, assert_never

from routing.directory import Directory
from routing.plan import Actions, Endpoint, PlannedStep

Strategy = Literal["all", "in_order", "round_robin", "longest_idle", "memory", "weighted", "nearest"]
Why = Literal[
    "closed",
    "at_cap",
    "not_free",
    "offline",
    "named_twice",
    "no_place_known",
    "too_far",
    "over_limit",
    "too_late",
]

#: Strategies whose destinations ring at the same time.
TOGETHER: tuple[Strategy, ...] = ("all", "memory")
#: Why somebody is left out who may be free again in a moment.
BUSY: tuple[Why, ...] = ("at_cap", "not_free")
#: How many a ``nearest`` step rings when it does not say.
NEAREST = 5
_BELOW_ONE = 1 - 2**-53
_DRAWN = 15


@dataclass(frozen=True, slots=True)
class StepRule:
    """How one ring step rings its candidates. Times are in seconds."""

    #: By this name the directory keeps the step's turns; unique in the settings.
    name: str
    strategy: Strategy
    #: How long each destination rings, or each group that rings together.
    timeout: float
    #: At most so many destinations, the best by the strategy.
    limit: int | None = None
    #: In ``nearest``: the farthest that is rung.
    max_distance_km: float | None = None
    actions: Actions = field(default_factory=Actions)


@dataclass(frozen=True, slots=True)
class FindMePlace:
    """One place where a destination may be found: its own phone, or an entry of its find-me list."""

    #: 0 is its own phone, 1 the first entry.
    number: int = 0
    #: Seconds to ring here; None: the step's timeout.
    timeout: float | None = None
    #: Why it is closed now, such as "opens Mon 09:00"; None while it is open.
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A destination that a step may ring."""

    destination: str
    #: Where to find it, one after the other.
    places: tuple[FindMePlace, ...] = (FindMePlace(),)
    #: Why all of it is closed now; None while it is open.
    closed: str | None = None
    #: Seconds by which it begins to ring after the others of ``all`` or ``memory``.
    delay: float = 0.0
    #: The most calls at once; None: no cap.
    max_calls: int | None = None
    #: Its share in ``weighted``; 0 comes after all others.
    weight: float = 1.0
    #: How far it is from the shopper, by geography; None where either place is unknown.
    distance_km: float | None = None
    #: By how much that may be wrong, where the shopper's place is a guess.
    unsure_km: float = 0.0


@dataclass(frozen=True, slots=True)
class WavePhone:
    """One phone in a wave: it begins after ``delay`` seconds and rings for ``timeout`` seconds."""

    destination: str
    place: int
    delay: float
    timeout: float


@dataclass(frozen=True, slots=True)
class Wave:
    """Phones that ring together; it is over after ``timeout`` seconds, or when all of them have ended."""

    ringing: tuple[WavePhone, ...]
    timeout: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A destination, or one place of it, that is not rung; ``detail`` is for people."""

    destination: str
    why: Why
    detail: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Arranged:
    """What one ring step does for one call: every candidate is in a wave or left out with the reason."""

    step: StepRule
    waves: tuple[Wave, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """The destinations in the order in which they begin to ring."""
        ringing = (
            phone.destination
            for wave in self.waves
            for phone in sorted(wave.ringing, key=lambda phone: phone.delay)
        )
        return tuple(dict.fromkeys(ringing))

    @property
    def crew(self) -> frozenset[str]:
        """The destinations that are there, if only busy."""
        busy = {left.destination for left in self.left_out if left.why in BUSY}
        return frozenset(busy.union(self.order))

    def planned(self, endpoint: Callable[[str, int], Endpoint]) -> PlannedStep | None:
        """The step for the call machine; None when nobody can be rung.

        ``endpoint`` tells what to dial for a destination and the number of its place.
        """
        phones = [phone for wave in self.waves for phone in wave.ringing]
        if not phones:
            return None
        together = self.step.strategy in TOGETHER
        delays = tuple(phone.delay for phone in phones)
        timeouts = tuple(phone.timeout for phone in phones)
        return PlannedStep(
            "all" if together else "in_order",
            tuple(endpoint(phone.destination, phone.place) for phone in phones),
            self.waves[0].timeout if together else self.step.timeout,
            delays if any(delays) else (),
            timeouts if set(timeouts) != {self.step.timeout} else (),
            self.step.actions,
            self.step.name,
        )


def order(step: StepRule, candidates: Iterable[Candidate], directory: Directory, pick: float) -> Arranged:
    """Who the step rings, when and for how long. Pure: the same arguments give the same waves.

    ``pick``, from 0 up to 1, is the one draw of luck, and only ``weighted`` looks at it.
    """
    left_out: list[LeftOut] = []
    able = _able(step, candidates, directory, left_out)
    ranked = _ranked(step, able, directory, pick, left_out)
    limit = NEAREST if step.limit is None and step.strategy == "nearest" else step.limit
    if limit is not None:
        detail = f"the step rings at most {limit}"
        left_out += [LeftOut(candidate.destination, "over_limit", detail) for candidate in ranked[limit:]]
        ranked = ranked[:limit]
    match step.strategy:
        case "all":
            waves = _together(
                step, [(candidate, candidate.delay) for candidate in ranked], step.timeout, left_out
            )
        case "memory":
            starts = [(one, index * step.timeout + one.delay) for index, one in enumerate(ranked)]
            waves = _together(step, starts, len(ranked) * step.timeout, left_out)
        case "in_order" | "round_robin" | "longest_idle" | "weighted" | "nearest":
            waves = tuple(wave for candidate in ranked for wave in _alone(step, candidate))
        case _:
            assert_never(step.strategy)
    return Arranged(step, waves, tuple(left_out))


def _able(
    step: StepRule, candidates: Iterable[Candidate], directory: Directory, left_out: list[LeftOut]
) -> list[Candidate]:
    """The candidates that can be rung now, in their order."""
    able: list[Candidate] = []
    seen: set[str] = set()
    for candidate in candidates:
        name, standing = candidate.destination, directory.of(candidate.destination)
        if name in seen:
            left_out.append(LeftOut(name, "named_twice", "it is in this step already"))
        elif step.strategy == "nearest" and candidate.distance_km is None:
            # First of all: it will never be rung here, so nobody waits for it.
            left_out.append(LeftOut(name, "no_place_known", "its distance is not known"))
        elif candidate.closed is not None:
            left_out.append(LeftOut(name, "closed", candidate.closed))
        elif (far := _too_far(step, candidate)) is not None:
            left_out.append(LeftOut(name, "too_far", far))
        elif candidate.max_calls is not None and standing.live_calls >= candidate.max_calls:
            detail = f"{standing.live_calls} of {candidate.max_calls} calls"
            left_out.append(LeftOut(name, "at_cap", detail))
        elif standing.agent is not None and standing.agent != "available":
            why: Why = "offline" if standing.agent == "offline" else "not_free"
            left_out.append(LeftOut(name, why, f"the agent is {standing.agent.replace('_', ' ')}"))
        else:
            reachable = False
            for place in candidate.places:
                if place.closed is None:
                    reachable = True
                else:
                    left_out.append(LeftOut(name, "closed", place.closed, place.number))
            if reachable:
                able.append(candidate)
        seen.add(name)
    return able


def _ranked(
    step: StepRule, able: list[Candidate], directory: Directory, pick: float, left_out: list[LeftOut]
) -> list[Candidate]:
    """The best first; who is equal to the strategy stays in the order of the settings."""
    match step.strategy:
        case "all" | "in_order" | "memory":
            return able
        case "round_robin":
            # Who waited longest for a turn, closed meanwhile or not: so one that is down, or that never
            # answers, does not give its share to the one behind it alone.
            last = directory.turns_of(step.name).last
            return sorted(able, key=lambda candidate: last.get(candidate.destination, -1))
        case "longest_idle":
            return sorted(able, key=_idleness(directory))
        case "weighted":
            return _drawn(able, pick)
        case "nearest":
            return sorted(able, key=lambda candidate: candidate.distance_km or 0.0)
        case _:
            assert_never(step.strategy)


def _idleness(directory: Directory) -> Callable[[Candidate], tuple[bool, float]]:
    """The key that puts first who has been left in peace for longest, and last who is in a call.

    A call that was offered and not taken counts as a disturbance too: else a phone that nobody picks up would
    be the first one for every shopper.
    """

    def key(candidate: Candidate) -> tuple[bool, float]:
        standing = directory.of(candidate.destination)
        times = (standing.last_offered_at, standing.last_answered_at, standing.last_ended_at)
        return standing.live_calls > 0, max((at for at in times if at is not None), default=float("-inf"))

    return key


def _drawn(able: list[Candidate], pick: float) -> list[Candidate]:
    """An order drawn by weight, one after the other, without putting back.

    Where ``pick`` falls among the weights names the first; how far into that one's share it fell is the
    pick for the rest. A float does not hold luck for more than some 15 of them: behind ``_DRAWN`` the order
    is that of the settings.
    """
    rest = [candidate for candidate in able if candidate.weight > 0]
    drawn: list[Candidate] = []
    while rest and len(drawn) < _DRAWN:
        point = pick * sum(candidate.weight for candidate in rest)
        below = 0.0
        for index, candidate in enumerate(rest):
            if point < below + candidate.weight or index == len(rest) - 1:
                pick = min(max((point - below) / candidate.weight, 0.0), _BELOW_ONE)
                drawn.append(rest.pop(index))
                break
            below += candidate.weight
    return drawn + rest + [candidate for candidate in able if candidate.weight <= 0]


def _too_far(step: StepRule, candidate: Candidate) -> str | None:
    """Why a candidate of ``nearest`` is too far away; None where it is not."""
    km, most = candidate.distance_km, step.max_distance_km
    if step.strategy != "nearest" or km is None or most is None or km + candidate.unsure_km <= most:
        return None
    return f"{away(km, candidate.unsure_km)}, the step reaches {most:.0f}"


def away(km: float, unsure_km: float) -> str:
    """A distance in words: ``12 km``; where the shopper's place is a guess ``somewhere from 0 to 27 km``."""
    if not unsure_km:
        return f"{km:.0f} km"
    return f"somewhere from {max(0.0, km - unsure_km):.0f} to {km + unsure_km:.0f} km"


def _alone(step: StepRule, candidate: Candidate) -> Iterable[Wave]:
    """One wave for each open place of a destination, one after the other."""
    for place in candidate.places:
        if place.closed is None:
            seconds = step.timeout if place.timeout is None else place.timeout
            yield Wave((WavePhone(candidate.destination, place.number, 0.0, seconds),), seconds)


def _together(
    step: StepRule, starts: list[tuple[Candidate, float]], end: float, left_out: list[LeftOut]
) -> tuple[Wave, ...]:
    """One wave; who is to be found in several places is rung there one after the other.

    In one place a destination rings until the group's end; several places may take longer than the group, and
    the wave waits for them.
    """
    ringing: list[WavePhone] = []
    for candidate, start in starts:
        if start >= end:
            detail = f"it would start after {start:g} s, but the step ends after {end:g} s"
            left_out.append(LeftOut(candidate.destination, "too_late", detail))
            continue
        places = [place for place in candidate.places if place.closed is None]
        for place in places:
            until_end = end - start if len(places) == 1 else step.timeout
            seconds = until_end if place.timeout is None else place.timeout
            ringing.append(WavePhone(candidate.destination, place.number, start, seconds))
            start += seconds
    if not ringing:
        return ()
    return (Wave(tuple(ringing), max(end, *(phone.delay + phone.timeout for phone in ringing))),)
