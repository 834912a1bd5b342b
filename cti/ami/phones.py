"""What the agents' phones do, as a PBX's devices and queues tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from asterisk.ami.event import Event

from cti.ami.packets import value
from routing.directory import AgentState

#: Device states (AST_DEVICE_*), as DeviceStateChange writes them; those that tell nothing have no row.
DEVICE_STATES: Mapping[str, AgentState] = {
    "NOT_INUSE": "available",
    "INUSE": "on_call",
    "BUSY": "on_call",
    "RINGINUSE": "on_call",
    "ONHOLD": "on_call",
    "RINGING": "ringing",
    "UNAVAILABLE": "offline",
    "INVALID": "offline",
}
#: The same, as the numbers that queues write. A member's INVALID may only mean that nobody tells.
MEMBER_STATES: Mapping[str, AgentState] = {
    "1": "available",
    "2": "on_call",
    "3": "on_call",
    "5": "offline",
    "6": "ringing",
    "7": "on_call",
    "8": "on_call",
}
#: Queues that one phone may be in.
MOST_SEATS = 200
_MEMBER_EVENTS = frozenset({"QueueMember", "QueueMemberAdded", "QueueMemberStatus", "QueueMemberPause"})


@dataclass(frozen=True, slots=True)
class _Seat:
    """A phone's place in one queue."""

    state: AgentState | None = None
    paused: bool = False
    #: Until when the queue lets them be after a call, in seconds since the epoch.
    rests_until: float = 0.0


@dataclass(frozen=True, slots=True)
class _InterfaceState:
    device: AgentState | None = None
    seats: Mapping[str, _Seat] = field(default_factory=dict)

    def state(self, now: float) -> AgentState | None:
        """What a phone does; None if nobody reports it."""
        state = self.device or next((seat.state for seat in self.seats.values() if seat.state), None)
        if state != "available":
            return state
        if any(seat.rests_until > now for seat in self.seats.values()):
            return "wrap_up"
        return "away" if self.seats and all(seat.paused for seat in self.seats.values()) else "available"


_UNKNOWN = _InterfaceState()


class AgentPhones:
    """The phones of one Asterisk: the interfaces ``watched``, as members of ``queues`` (empty: of any)."""

    def __init__(self, watched: Iterable[str], queues: Iterable[str]) -> None:
        self._watched = frozenset(watched)
        self._queues = frozenset(queues)
        self._phones: dict[str, _InterfaceState] = {}

    def forget(self) -> None:
        """Forget everything: nobody reports now."""
        self._phones.clear()

    def states(self, now: float) -> Mapping[str, AgentState | None]:
        """What each watched phone does; None if nobody reports it."""
        return {interface: self._phones.get(interface, _UNKNOWN).state(now) for interface in self._watched}

    def paused(self, interface: str) -> tuple[str, ...]:
        """The queues that have this phone paused, by name."""
        seats = self._phones.get(interface, _UNKNOWN).seats
        return tuple(sorted(queue for queue, seat in seats.items() if seat.paused))

    def next_change(self, now: float) -> float | None:
        """When the next pause after a call ends; no event reports that."""
        ends = (seat.rests_until for phone in self._phones.values() for seat in phone.seats.values())
        return min((end for end in ends if end > now), default=None)

    def take(self, event: Event) -> bool:
        """Take an event, or an entry of a list; whether it was about one of these phones."""
        if event.name == "DeviceStateChange":
            return self._device(event)
        if event.name in _MEMBER_EVENTS:
            return self._seat(event)
        if event.name == "QueueMemberRemoved":
            return self._unseat(event)
        return False

    def _device(self, event: Event) -> bool:
        interface = value(event, "Device")
        if interface not in self._watched:
            return False
        state = DEVICE_STATES.get(value(event, "State"))
        self._phones[interface] = replace(self._phones.get(interface, _UNKNOWN), device=state)
        return True

    def _seat(self, event: Event) -> bool:
        interface, queue = self._interface(event), value(event, "Queue")
        if interface is None or not self._counts(queue):
            return False
        phone = self._phones.get(interface, _UNKNOWN)
        seat = _Seat(
            MEMBER_STATES.get(value(event, "Status")),
            value(event, "Paused") == "1",
            _number(event, "LastCall") + _number(event, "Wrapuptime"),
        )
        if queue in phone.seats or len(phone.seats) < MOST_SEATS:
            self._phones[interface] = replace(phone, seats={**phone.seats, queue: seat})
        return True

    def _unseat(self, event: Event) -> bool:
        interface, queue = self._interface(event), value(event, "Queue")
        if interface is None or interface not in self._phones:
            return False
        phone = self._phones[interface]
        seats = {name: seat for name, seat in phone.seats.items() if name != queue}
        self._phones[interface] = replace(phone, seats=seats)
        return True

    def _counts(self, queue: str) -> bool:
        return not self._queues or queue in self._queues

    def _interface(self, event: Event) -> str | None:
        """Which of our phones a member of a queue is: by what is dialled, or by whose state counts."""
        # A list calls Location what events call Interface.
        for key in ("Interface", "Location", "StateInterface"):
            if (interface := value(event, key)) in self._watched:
                return interface
        return None


def _number(event: Event, key: str) -> float:
    text = value(event, key)
    return float(text) if text.isascii() and text.isdigit() else 0.0
