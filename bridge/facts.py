"""What has become true of a call: the facts that its machine tells. Past tense and frozen.

Events say what happened *to* a call, commands what it wants done. Facts say what came of both. The engine
tells them once the commands are carried out (``bridge/bulletin.py``). All times are in seconds, by the clock
of the call.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.causes import HangupCause
from bridge.cdr import CallRecord, LegRecord, LegRole
from bridge.progress import CallProgress
from routing.plan import BrowserEndpoint, ClickToCall, Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that is true of a call from ``at`` on."""

    call_id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFact(Fact):
    """Something that is true of a leg."""

    #: The leg's row as it stands now. Its end and its cause count once the leg is gone.
    leg: LegRecord
    endpoint: Endpoint
    #: Place among the call's legs, from 0.
    position: int
    #: The ring step that rang it; empty for the shopper.
    step: str

    @property
    def leg_id(self) -> str:
        """The leg's id."""
        return self.leg.leg_id

    @property
    def role(self) -> LegRole:
        """Whose leg it is."""
        return self.leg.role

    @property
    def destination(self) -> str:
        """Who was dialled, by the name in the settings."""
        return self.leg.destination

    @property
    def in_browser(self) -> bool:
        """Whether the leg is in a browser and not at a phone."""
        return isinstance(self.endpoint, BrowserEndpoint)

    @property
    def agent(self) -> str | None:
        """The agent in whose browser the leg is; None for a phone, whose owner the settings tell."""
        return self.endpoint.agent if isinstance(self.endpoint, BrowserEndpoint) else None


# --- a leg, in the order of its life ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LegDialled(LegFact):
    """The leg was dialled. A leg that was not free any more is never dialled: of it only its end is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegExpected(LegFact):
    """The far side is to dial the leg, and may do so at this URI."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegIdentified(LegFact):
    """The far side's SIP Call-ID of the leg is known (``leg.sip_call_id``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRang(LegFact):
    """The leg was heard ringing, for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPickedUp(LegFact):
    """Somebody, or something, answered the leg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegJoined(LegFact):
    """The leg and another one hear each other, for the first time or again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegParted(LegFact):
    """The leg hears the other one no longer: it is on hold, or hears a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPutOnHold(LegFact):
    """The far side put the leg on hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegTakenOffHold(LegFact):
    """The far side took the leg off hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFellSilent(LegFact):
    """Nothing is heard of the leg for the moment: its browser reconnects, or its phone is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegHeardAgain(LegFact):
    """A leg that had fallen silent is heard again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegDropped(LegFact):
    """We hung up the leg; LegGone follows once it is gone."""

    cause: HangupCause


@dataclass(frozen=True, slots=True, kw_only=True)
class LegGone(LegFact):
    """The leg is over."""

    cause: HangupCause


# --- the call as a whole ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(Fact):
    """The call is on disk, and begins."""

    click: ClickToCall
    route: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(Fact):
    """The call waits in a queue, for the first time or again."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBridged(Fact):
    """Shopper and business talk; told again when somebody else takes the call over."""

    leg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingBegan(LegFact):
    """What the shopper and this leg say is recorded from now on."""

    recording_id: str
    #: Where its files are.
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEnded(Fact):
    """Both sides of a recording are on disk, as far as the disk took them."""

    recording_id: str
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPassedOn(Fact):
    """The one who had the call on this leg passed it on, and left."""

    leg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallProgressed(Fact):
    """What people may watch of the call has changed."""

    progress: CallProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Fact):
    """The call is over, and this is its record; the last fact of a call."""

    record: CallRecord
