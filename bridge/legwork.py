"""The legs of one call, its running clocks, and what the event being handled leads to: commands and facts."""

from __future__ import annotations

from typing import Any

from bridge.causes import HangupCause
from bridge.cdr import LegRole
from bridge.commands import Command, Dial, HangUp, Join, LegCommand, Play, RecordLeg, StartTimer, StopTimer
from bridge.events import (
    LegAnswered,
    LegAwaited,
    LegEnded,
    LegEvent,
    LegFaltered,
    LegHeld,
    LegRecovered,
    LegResumed,
    LegRinging,
    Timer,
)
from bridge.facts import (
    Fact,
    LegDialled,
    LegDropped,
    LegExpected,
    LegFact,
    LegFellSilent,
    LegGone,
    LegHeardAgain,
    LegIdentified,
    LegJoined,
    LegParted,
    LegPickedUp,
    LegPutOnHold,
    LegRang,
    LegTakenOffHold,
)
from bridge.leg_ids import leg_id_of
from bridge.legs import Leg, LegState
from routing.plan import Endpoint


class Legwork:
    """What the parts of a call machine share. Pure; ``at`` is in seconds since the epoch."""

    def __init__(self, call_id: str, at: float, *, keys_stay: bool = False) -> None:
        self.call_id = call_id
        self.at = at
        #: Whether keys of the business may be for us, and not for the shopper.
        self._keys_stay = keys_stay
        self.legs: dict[str, Leg] = {}
        self.timers: set[tuple[Timer, str | None]] = set()
        #: Commands, in the order to perform them.
        self.out: list[Command] = []
        #: What has become true, in that order.
        self.facts: list[Fact] = []

    @property
    def all_gone(self) -> bool:
        """Whether every leg has reported its end."""
        return all(leg.state is LegState.ENDED for leg in self.legs.values())

    def business(self) -> list[Leg]:
        """The business legs, the first one dialled first."""
        return [leg for leg in self.legs.values() if leg.role == "business"]

    def dial(self, role: LegRole, endpoint: Endpoint, step: str = "") -> Leg:
        """A new leg; ``step`` is the name of the ring step that rings it."""
        number = sum(leg.role == role for leg in self.legs.values()) + 1
        leg_id, position = leg_id_of(self.call_id, role, number), len(self.legs)
        leg = Leg(leg_id, role, endpoint, self.at, position=position, step=step)
        self.legs[leg.leg_id] = leg
        self.out.append(Dial(leg.leg_id, endpoint, keys_stay=self._keys_stay and role == "business"))
        self.tell(LegDialled, leg)
        return leg

    def take(self, leg: Leg, event: LegEvent) -> LegState:
        """Note what a leg reports and return the state that it found the leg in; IllegalEventError."""
        named, rang, held, silent = leg.sip_call_id, leg.ringing_at, leg.held, leg.faltering
        before = leg.take(event, self.at)
        if before is LegState.ENDED:  # late: nothing is told of a leg that is gone
            return before
        if leg.sip_call_id != named:
            self.tell(LegIdentified, leg)
        match event:
            case LegAwaited(uri=uri) if leg.live:
                self.tell(LegExpected, leg, uri=uri)
            case LegRinging() if leg.ringing_at != rang:
                self.tell(LegRang, leg)
            case LegAnswered() if before in (LegState.DIALING, LegState.RINGING):
                self.tell(LegPickedUp, leg)
            case LegHeld() | LegResumed() if leg.held != held:
                self.tell(LegPutOnHold if leg.held else LegTakenOffHold, leg)
            case LegFaltered() | LegRecovered() if leg.faltering != silent:
                self.tell(LegFellSilent if leg.faltering else LegHeardAgain, leg)
            case LegEnded():
                self.tell(LegGone, leg, cause=leg.cause)
        return before

    def command(self, leg: Leg, command: LegCommand) -> None:
        """Tell a leg to do something; IllegalCommandError where its state does not allow it."""
        self.order(leg, command)
        self.out.append(command)

    def order(self, leg: Leg, command: LegCommand) -> None:
        """Note what a leg is to do, which another leg's command sees to."""
        before = leg.state
        leg.order(command, self.at)
        match command:
            case Join() if leg.state is LegState.JOINED and before is not LegState.JOINED:
                self.tell(LegJoined, leg)
            case Play() | RecordLeg() if before is LegState.JOINED:
                self.tell(LegParted, leg)
            case HangUp(cause=cause):
                self.tell(LegDropped, leg, cause=cause)

    def true(self, kind: type[Fact], **more: Any) -> None:
        """Tell a fact of the call as a whole."""
        self.facts.append(kind(call_id=self.call_id, at=self.at, **more))

    def tell(self, kind: type[LegFact], leg: Leg, **more: Any) -> None:
        """Tell a fact of a leg as it now stands."""
        fact = kind(
            call_id=self.call_id,
            at=self.at,
            leg=leg.record(leg.dialed_at),
            endpoint=leg.endpoint,
            position=leg.position,
            step=leg.step,
            **more,
        )
        self.facts.append(fact)

    def hang_up(self, leg: Leg, cause: HangupCause) -> None:
        """End a leg, unless that is under way."""
        if leg.live:
            self.command(leg, HangUp(leg.leg_id, cause))
            self.stop_clocks(leg)

    def start(self, timer: Timer, seconds: float, leg_id: str | None = None) -> None:
        """Start a clock, or start it again."""
        self.timers.add((timer, leg_id))
        self.out.append(StartTimer(timer, seconds, leg_id))

    def stop(self, *timers: Timer, leg_id: str | None = None) -> None:
        """Stop these clocks, as far as they run."""
        for timer in timers:
            if (timer, leg_id) in self.timers:
                self.timers.remove((timer, leg_id))
                self.out.append(StopTimer(timer, leg_id))

    def stop_clocks(self, leg: Leg) -> None:
        """Stop the clocks of one leg."""
        self.stop(Timer.RING, Timer.SCREENING, Timer.WHISPER, leg_id=leg.leg_id)

    def stop_all(self) -> None:
        """Stop every clock."""
        for timer, leg_id in sorted(self.timers, key=str):
            self.stop(timer, leg_id=leg_id)
