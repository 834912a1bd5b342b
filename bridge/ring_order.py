"""The hunt: which destinations ring next, step by step, and what their failures change."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.causes import HangupCause
from routing.plan import Action, Endpoint, PlannedStep, SipEndpoint

_C = HangupCause
#: Which of a step's actions a hangup cause calls for; for all others the hunt just goes on.
ACTION_OF: dict[HangupCause, str] = {
    _C.BUSY: "busy",
    _C.NOT_FREE: "busy",
    _C.DECLINED: "declined",
    _C.NO_ANSWER: "no_answer",
    _C.RING_TIMEOUT: "no_answer",
    _C.MACHINE: "no_answer",
    _C.NOT_ACCEPTED: "no_answer",
    _C.UNREACHABLE: "unreachable",
    _C.NOT_FOUND: "unreachable",
    _C.TRUNK_UNRESOLVED: "unreachable",
    _C.TRUNK_UNREACHABLE: "unreachable",
}
#: The trunk did its work: who was called is busy, declines, or does not exist. Another trunk cannot help.
REACHED = frozenset({_C.BUSY, _C.DECLINED, _C.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class RingPlace:
    """A destination to ring. ``timeout`` in seconds is its own; None where its group has one."""

    endpoint: Endpoint
    timeout: float | None


@dataclass(frozen=True, slots=True)
class Ring:
    """Destinations to ring now. ``timeout`` in seconds is the group's; None where each has its own."""

    ringing: tuple[RingPlace, ...]
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class _Planned:
    """An endpoint of a step and when it rings: seconds from the beginning of its group."""

    endpoint: Endpoint
    delay: float
    timeout: float | None


@dataclass(frozen=True, slots=True)
class _Group:
    """Endpoints that belong together: one in order, or a whole step at once."""

    step: int
    planned: tuple[_Planned, ...]
    timeout: float | None


class RingOrder:
    """Walks the ring steps of a plan. Pure: it knows neither legs nor a clock; ``at`` is in seconds."""

    def __init__(self, steps: tuple[PlannedStep, ...]) -> None:
        self._steps = steps
        self._groups = [group for number, step in enumerate(steps) for group in _groups(number, step)]
        self._step = 0
        #: Of the group that rings: those whose time has not come, by the time when it does.
        self._waiting: list[tuple[float, _Planned]] = []
        #: Endpoints that had their second try, by step.
        self._retried: set[tuple[int, Endpoint]] = set()
        #: Destinations rung so far.
        self.attempt = 0

    @property
    def attempts(self) -> int:
        """How many destinations the hunt will have rung if nobody answers, as it stands now."""
        return self.attempt + len(self._waiting) + sum(len(group.planned) for group in self._groups)

    @property
    def step(self) -> str:
        """The name of the step that rings."""
        return self._steps[self._step].name if self._steps else ""

    def next(self, at: float) -> Ring | None:
        """What to ring next; None when every destination has been rung."""
        if self._waiting:
            self._hurry(self._waiting[0][0] - at)
            return self.due(at)
        if not self._groups:
            return None
        group = self._groups.pop(0)
        self._step = group.step
        first = min(planned.delay for planned in group.planned)
        self._waiting = sorted(
            ((at + planned.delay - first, planned) for planned in group.planned), key=lambda pair: pair[0]
        )
        return replace(self.due(at), timeout=group.timeout)

    def due(self, at: float) -> Ring:
        """Those of the group whose time has come; at least one, so ask when :meth:`later` is over."""
        until = max(at, self._waiting[0][0])
        begun = [planned for when, planned in self._waiting if when <= until]
        self._waiting = self._waiting[len(begun) :]
        return self._ring(begun)

    def later(self, at: float) -> float | None:
        """Seconds until more of the group are to ring; None if none are."""
        return max(0.0, self._waiting[0][0] - at) if self._waiting else None

    def failed(self, endpoint: Endpoint, cause: HangupCause) -> Action:
        """Note that an endpoint did not take the call; the step's action for that, as far as it is left.

        ``retry`` and ``end`` are carried out here; ``next_step`` too, once what still rings was hung up.
        """
        kind = ACTION_OF.get(cause)
        action: Action = getattr(self._steps[self._step].actions, kind) if kind else "next"
        if kind == "declined":
            self._leave_alone(endpoint.destination)
        if cause in REACHED and isinstance(endpoint, SipEndpoint) and endpoint.number:
            self._not_by_another_trunk(endpoint.number, endpoint.trunk)
        match action:
            case "retry":
                self._retry(endpoint)
            case "next_step":
                self._waiting = []
                self._groups = [group for group in self._groups if group.step != self._step]
            case "end":
                self._waiting, self._groups = [], []
        return action

    def follow(self, endpoint: Endpoint, at: float) -> Ring | None:
        """The next place of a destination that cannot be had at ``endpoint``, at once; None without one."""
        places = [pair for pair in self._waiting if pair[1].endpoint.destination == endpoint.destination]
        if not places:
            return None
        early = places[0][0] - at
        others = [pair for pair in self._waiting if pair not in places]
        later = [(when - early, planned) for when, planned in places[1:]]
        self._waiting = sorted([*others, *later], key=lambda pair: pair[0])
        return self._ring([places[0][1]])

    def _leave_alone(self, destination: str) -> None:
        """Who declines at one phone does not want to be found at another, as far as this step goes."""
        self._waiting = [pair for pair in self._waiting if pair[1].endpoint.destination != destination]
        self._groups = [
            group
            for group in self._groups
            if group.step != self._step
            or any(planned.endpoint.destination != destination for planned in group.planned)
        ]

    def _not_by_another_trunk(self, number: str, trunk: str | None) -> None:
        """Forget other trunks' ways to a number: they lead to the same person."""

        def same(planned: _Planned) -> bool:
            other = planned.endpoint
            return isinstance(other, SipEndpoint) and other.number == number and other.trunk != trunk

        self._waiting = [pair for pair in self._waiting if not same(pair[1])]
        groups = [
            replace(group, planned=tuple(each for each in group.planned if not same(each)))
            for group in self._groups
        ]
        self._groups = [group for group in groups if group.planned]

    def _hurry(self, seconds: float) -> None:
        """Nobody rings any more: let the rest of the group begin so much sooner."""
        self._waiting = [(when - seconds, planned) for when, planned in self._waiting]

    def _ring(self, begun: list[_Planned]) -> Ring:
        self.attempt += len(begun)
        return Ring(tuple(RingPlace(planned.endpoint, planned.timeout) for planned in begun))

    def _retry(self, endpoint: Endpoint) -> None:
        if (self._step, endpoint) in self._retried:
            return
        self._retried.add((self._step, endpoint))
        where = sum(group.step == self._step for group in self._groups)
        step = self._steps[self._step]
        timeouts = dict(zip(step.endpoints, step.timeouts, strict=False))
        again = _Planned(endpoint, 0.0, timeouts.get(endpoint, step.timeout))
        self._groups.insert(where, _Group(self._step, (again,), None))


def _groups(number: int, step: PlannedStep) -> list[_Group]:
    timeouts = step.timeouts or (step.timeout,) * len(step.endpoints)
    match step.strategy:
        case "all" if not step.delays and not step.timeouts:
            together = tuple(_Planned(endpoint, 0.0, None) for endpoint in step.endpoints)
            return [_Group(number, together, step.timeout)]
        case "all":
            delays = step.delays or (0.0,) * len(step.endpoints)
            staggered = zip(step.endpoints, delays, timeouts, strict=True)
            return [_Group(number, tuple(_Planned(*planned) for planned in staggered), None)]
        case "in_order":
            return [
                _Group(number, (_Planned(endpoint, 0.0, timeout),), None)
                for endpoint, timeout in zip(step.endpoints, timeouts, strict=True)
            ]
