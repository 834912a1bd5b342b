"""The legs of one call, its running clocks, and the commands that the event being handled leads to."""

from __future__ import annotations

from typing import get_args

from bridge.causes import HangupCause
from bridge.cdr import LegRole
from bridge.commands import Command, Dial, HangUp, LegCommand, StartTimer, StopTimer
from bridge.events import Timer
from bridge.legs import Leg, LegState
from routing.plan import Endpoint

_LEG_COMMANDS = get_args(LegCommand)


class Legwork:
    """What the parts of a call machine share. Pure; ``at`` is in seconds since the epoch."""

    def __init__(self, call_id: str, at: float) -> None:
        self._call_id = call_id
        self.at = at
        self.legs: dict[str, Leg] = {}
        self.timers: set[tuple[Timer, str | None]] = set()
        #: Commands, in the order to perform them.
        self.out: list[Command] = []

    @property
    def all_gone(self) -> bool:
        """Whether every leg has reported its end."""
        return all(leg.state is LegState.ENDED for leg in self.legs.values())

    def business(self) -> list[Leg]:
        """The business legs, the first one dialled first."""
        return [leg for leg in self.legs.values() if leg.role == "business"]

    def dial(self, role: LegRole, endpoint: Endpoint) -> Leg:
        """A new leg."""
        number = sum(leg.role == role for leg in self.legs.values()) + 1
        leg = Leg(f"{self._call_id}-{role[0]}{number}", role, endpoint, self.at)
        self.legs[leg.leg_id] = leg
        self.out.append(Dial(leg.leg_id, endpoint))
        return leg

    def command(self, leg: Leg, command: LegCommand) -> None:
        """Tell a leg to do something; IllegalCommandError where its state does not allow it."""
        leg.order(command, self.at)
        self.out.append(command)

    def hang_up(self, leg: Leg, cause: HangupCause) -> None:
        """End a leg, unless that is under way."""
        if leg.live:
            self.command(leg, HangUp(leg.leg_id, cause))
            self.stop_clocks(leg)

    def perform(self, command: Command) -> None:
        """Take up a command that a part of the call returned."""
        if isinstance(command, StartTimer):
            self.start(command.timer, command.seconds, command.leg_id)
        elif isinstance(command, _LEG_COMMANDS):
            self.command(self.legs[command.leg_id], command)
        else:
            self.out.append(command)

    def start(self, timer: Timer, seconds: float, leg_id: str | None = None) -> None:
        """Start a clock, or start it anew."""
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
