"""What the agent does with a call: holds the shopper, consults somebody, pushes pages by keys."""

from __future__ import annotations

from bridge.causes import HangupCause
from bridge.commands import Join, Play, PushKeyedPage
from bridge.hunt import Hunt
from bridge.legs import Leg, LegState
from bridge.legwork import Legwork
from bridge.progress import Transfer
from routing.plan import HOLD_TONE, CallPlan, PlannedStep, Spoken

#: Keys of one page at most, and seconds after which a key does not belong to the keys before it any more.
LONGEST_KEYS = 8
KEY_PAUSE = 5.0


class Attendance:
    """One shopper and one ``agent``, from the bridge until either leaves or the call is passed on."""

    def __init__(self, work: Legwork, plan: CallPlan, shopper: Leg, agent: Leg) -> None:
        self._work = work
        self._plan = plan
        self._shopper = shopper
        self.agent = agent
        self.held = False
        #: The hunt for somebody to consult; None while the agent consults nobody.
        self.consult: Hunt | None = None
        #: Whether nobody was found the last time, and the shopper still waits.
        self.failed = False
        #: What was pressed after ``*`` so far, and when; None outside of such a sequence.
        self._keys: str | None = None
        self._pressed_at = 0.0

    @property
    def consulted(self) -> Leg | None:
        """The person that the agent consults, once they are there."""
        return self.consult.winner if self.consult else None

    @property
    def transfer(self) -> Transfer | None:
        """How a transfer stands."""
        if self.consult is None:
            return "failed" if self.failed else None
        return "talking" if self.consulted else "ringing"

    @property
    def consulting(self) -> str | None:
        """The label of the person that the agent consults, or of those who are rung for that."""
        if self.consult is None:
            return None
        legs = [self.consulted] if self.consulted else self.consult.asked
        return ", ".join(leg.endpoint.label for leg in legs)

    def talk(self) -> None:
        """Let the two hear each other; a person who is consulted is let go."""
        if self.consult:
            self.drop_consult(HangupCause.CANCELLED)
        self.held = self.failed = False
        self._join(self._shopper, self.agent)

    def hold(self) -> None:
        """Let the shopper hear music, and nobody hear the other."""
        self._play_hold()
        self._work.command(self.agent, Play(self.agent.leg_id, HOLD_TONE, loop=True))

    def seek(self, steps: tuple[PlannedStep, ...]) -> None:
        """Ring somebody to consult, while the shopper is on hold."""
        if self.consult:
            self.drop_consult(HangupCause.CANCELLED)
        self._play_hold()
        self._work.command(self.agent, Play(self.agent.leg_id, self._plan.ringback, loop=True))
        self.consult = Hunt(self._work, steps)
        self.went_on(self.consult.begin())

    def went_on(self, goes_on: bool) -> None:
        """Whether the hunt goes on. If not, the shopper stays on hold until the agent resumes."""
        if not goes_on:
            self.consult, self.failed = None, True
            self._work.command(self.agent, Play(self.agent.leg_id, HOLD_TONE, loop=True))

    def found(self, leg: Leg) -> None:
        """The person to consult is there."""
        assert self.consult is not None  # noqa: S101 - the leg is one of its
        self.consult.accepted(leg)
        self.consult.stop(HangupCause.ANSWERED_ELSEWHERE)
        self._join(self.agent, leg)

    def lost(self) -> None:
        """The person that the agent consulted has left: back to holding."""
        self.consult, self.failed = None, True
        self.hold()

    def drop_consult(self, cause: HangupCause) -> None:
        """Hang up on those who are consulted or rung."""
        if self.consult is None:
            return
        consulted, self.consult = self.consult, None
        consulted.stop(cause)
        if consulted.winner:
            self._work.hang_up(consulted.winner, cause)

    def peer_of(self, leg: Leg) -> Leg | None:
        """The leg that a leg talks to now."""
        consulted = self.consulted
        if consulted is not None:
            return {self.agent.leg_id: consulted, consulted.leg_id: self.agent}.get(leg.leg_id)
        if self.held or leg.state is not LegState.JOINED:
            return None
        other = {self.agent.leg_id: self._shopper, self._shopper.leg_id: self.agent}.get(leg.leg_id)
        return other if other and other.state is LegState.JOINED else None

    # --- keys -----------------------------------------------------------------------------------------

    def takes_key(self, leg: Leg, digit: str) -> bool:
        """Whether a key belongs to a page's number, ``*12#``, and is not for the shopper."""
        if not self._plan.push_by_keys or leg is not self.agent or self.held or self.consult:
            return False
        late = self._work.at - self._pressed_at > KEY_PAUSE
        self._pressed_at = self._work.at
        if digit == "*":
            self._keys = ""
            return True
        if self._keys is None or late or len(self._keys) >= LONGEST_KEYS:
            self._keys = None
            return False
        if digit == "#":
            self._work.out.append(PushKeyedPage(leg.leg_id, self._keys))
            self._keys = None
        else:
            self._keys += digit
        return True

    def answer_page(self, words: Spoken) -> None:
        """Tell the agent what came of it; the shopper hears nothing of that."""
        if not self.held and not self.consult:
            self._work.command(self.agent, Play(self.agent.leg_id, words))

    def prompt_finished(self) -> None:
        """The agent was told: back to the shopper."""
        if not self.held and not self.consult:
            self._join(self._shopper, self.agent)

    # --- inside ---------------------------------------------------------------------------------------

    def _play_hold(self) -> None:
        self.held, self.failed = True, False
        self._work.command(self._shopper, Play(self._shopper.leg_id, self._plan.hold_audio, loop=True))

    def _join(self, one: Leg, other: Leg) -> None:
        """Join two legs: one command does it, for both."""
        self._work.command(one, Join(one.leg_id, other.leg_id))
        self._work.order(other, Join(other.leg_id, one.leg_id))
