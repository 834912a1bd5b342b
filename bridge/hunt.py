"""A hunt under way: the business's legs as they ring, are asked to accept, and fail."""

from __future__ import annotations

from bridge.causes import HangupCause
from bridge.commands import JudgeAnswerer, Play
from bridge.events import Timer
from bridge.legs import Leg
from bridge.legwork import Legwork
from bridge.ring_order import Ring, RingOrder
from routing.plan import PlannedStep


class Hunt:
    """Rings those that :class:`~bridge.ring_order.RingOrder` names, until somebody accepts.

    What returns a bool tells whether the hunt goes on: False once nobody is left to ring.
    """

    def __init__(self, work: Legwork, steps: tuple[PlannedStep, ...]) -> None:
        self._work = work
        self._steps = steps
        self._hunt = RingOrder(steps)
        #: The leg that has accepted the call.
        self.winner: Leg | None = None
        #: Those rung, in this hunt and in earlier ones, and how many of them in earlier ones.
        self._rung: list[Leg] = []
        self._before = 0

    @property
    def step(self) -> str:
        """The name of the ring step that rings."""
        return self._hunt.step

    @property
    def attempt(self) -> int:
        """How many destinations have been rung."""
        return self._hunt.attempt

    @property
    def attempts(self) -> int:
        """How many will have been rung if nobody accepts."""
        return self._hunt.attempts

    @property
    def asked(self) -> list[Leg]:
        """Who rings, or has answered and not accepted yet."""
        return [leg for leg in self._rung if leg.live and leg is not self.winner]

    @property
    def causes(self) -> list[HangupCause]:
        """Why legs have ended, in all hunts of the call."""
        return [leg.cause for leg in self._rung if leg.cause]

    @property
    def met_busy(self) -> bool:
        """Whether somebody was busy in this hunt."""
        busy = (HangupCause.BUSY, HangupCause.NOT_FREE)
        return any(leg.cause in busy for leg in self._rung[self._before :])

    def reset(self, steps: tuple[PlannedStep, ...]) -> None:
        """Forget who won, and take these steps for the next hunt."""
        self.winner = None
        self._steps = steps
        self._hunt = RingOrder(steps)

    def resume(self, winner: Leg, rung: list[Leg]) -> None:
        """Somebody has the call already, and these were rung for it."""
        self.winner, self._rung, self._before = winner, rung, len(rung)

    def take_over(self, other: Hunt) -> None:
        """Go on with another hunt of the same call, as far as it has come."""
        self._rung += other._rung
        self._steps, self._hunt, self.winner = other._steps, other._hunt, other.winner

    def begin(self) -> bool:
        """Ring the first."""
        self.reset(self._steps)
        self._before = len(self._rung)
        return self.go_on()

    def go_on(self) -> bool:
        """Ring the next."""
        ring = self._hunt.next(self._work.at)
        if ring is None:
            return False
        if ring.timeout is not None:
            self._work.start(Timer.STEP, ring.timeout)
        self._ring(ring)
        return True

    def ring_due(self) -> None:
        """Ring those of the group whose time has come."""
        self._ring(self._hunt.due(self._work.at))

    def answered(self, leg: Leg) -> bool:
        """Somebody, or something, picked up: True where the call is theirs, else it is theirs to accept."""
        screening = leg.endpoint.screening
        if screening is None:
            return True
        self._work.command(leg, Play(leg.leg_id, screening.prompt, loop=True))
        if screening.detect_machine:
            self._work.command(leg, JudgeAnswerer(leg.leg_id))
        self._work.start(Timer.SCREENING, screening.timeout, leg.leg_id)
        return False

    def accepted(self, leg: Leg) -> None:
        """The call is theirs; :meth:`stop` hangs up the others."""
        self.winner = leg
        self._work.stop_clocks(leg)

    def step_over(self) -> bool:
        """The step has lasted long enough: for who rings, not for who answered and may yet accept."""
        for leg in [leg for leg in self.asked if leg.pending]:
            self._hunt.failed(leg.endpoint, HangupCause.RING_TIMEOUT)
            self._work.hang_up(leg, HangupCause.RING_TIMEOUT)
        return bool(self.asked) or self.go_on()

    def failed(self, leg: Leg, cause: HangupCause) -> bool:
        """A destination did not take the call: do what its step says, then ring the next."""
        if self._hunt.failed(leg.endpoint, cause) in ("next_step", "end"):
            for other in self.asked:
                self._work.hang_up(other, HangupCause.RING_TIMEOUT)
        if follow := self._hunt.follow(leg.endpoint, self._work.at):
            self._ring(follow)
        if self.asked:
            self._await_next()
            return True
        self._work.stop(Timer.STEP, Timer.NEXT)
        return self.go_on()

    def stop(self, cause: HangupCause) -> None:
        """Hang up on those who are asked, and ring nobody else."""
        self._work.stop(Timer.STEP, Timer.NEXT)
        for leg in self.asked:
            self._work.hang_up(leg, cause)

    def _ring(self, ring: Ring) -> None:
        for ringing in ring.ringing:
            leg = self._work.dial("business", ringing.endpoint, self.step)
            self._rung.append(leg)
            if ringing.timeout is not None:
                self._work.start(Timer.RING, ringing.timeout, leg.leg_id)
        self._await_next()

    def _await_next(self) -> None:
        """Set the clock for those of the group that ring later."""
        self._work.stop(Timer.NEXT)
        later = self._hunt.later(self._work.at)
        if later is not None:
            self._work.start(Timer.NEXT, later)
