"""What a call comes to: its disposition, which never changes once it is settled, and its record."""

from __future__ import annotations

from collections.abc import Collection

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, number_is_verified
from bridge.commands import Settle
from bridge.dispositions import Ending, judge
from bridge.legwork import Legwork
from routing.plan import CallPlan, ClickToCall


class CallOutcome:
    """One call's outcome. ``requested_at`` is in seconds, by the clock of the call."""

    def __init__(self, work: Legwork, plan: CallPlan, click: ClickToCall, requested_at: float) -> None:
        self._work = work
        self._plan = plan
        self._click = click
        self._requested_at = requested_at
        self.disposition: Disposition | None = None
        #: Why the call ended; None while it lives.
        self.cause: HangupCause | None = None
        #: What brought the call to its end, and when the two first talked.
        self._ending = Ending.CANCELLED
        self._bridged_at: float | None = None

    def settle(self, disposition: Disposition, cause: HangupCause | None) -> None:
        """From now on this is the call's disposition, unless it has one."""
        if self.disposition is None:
            self.disposition = disposition
            self._work.out.append(Settle(disposition, cause, self._bridged_at))

    def bridged(self) -> None:
        """The two talk: that is what the call counts as, whatever comes later."""
        if self._bridged_at is None:
            self._bridged_at = self._work.at
            self.settle(Disposition.BRIDGED, None)

    @property
    def bridged_at(self) -> float | None:
        """When the two first talked."""
        return self._bridged_at

    def resume(self, bridged_at: float) -> None:
        """The two have talked since then, and that is on disk."""
        self._bridged_at, self.disposition = bridged_at, Disposition.BRIDGED

    def ended(self, ending: Ending, cause: HangupCause) -> None:
        """The call comes to its end."""
        self._ending, self.cause = ending, cause

    def judge(self, business_causes: Collection[HangupCause]) -> None:
        """Settle what the end says, given why the business's legs ended."""
        self.settle(judge(self._ending, self.cause, business_causes), self.cause)

    def record(self) -> CallRecord:
        """The call's record, once every leg is gone and the disposition is settled."""
        assert self.disposition is not None  # noqa: S101 - the caller has seen to it
        legs = tuple(leg.record(self._work.at) for leg in self._work.legs.values())
        click = self._click
        return CallRecord(
            call_id=self._work.call_id,
            site=self._plan.site,
            route=self._plan.route,
            number=click.number,
            page=click.page,
            requested_at=self._requested_at,
            bridged_at=self._bridged_at,
            ended_at=self._work.at,
            disposition=self.disposition,
            cause=self.cause,
            legs=legs,
            context=click.context,
            signed=click.signed,
            number_verified=number_is_verified(click.number, click.signed, legs),
            chat_id=click.chat_id,
        )
