"""The plan of one call as data: all that it needs to know of the settings, decided at the click.

Who it rings is decided again when its hunt begins: the shopper takes a while to answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class ClickToCall:
    """A shopper's request, after validation: numbers are E.164, the site is known."""

    site: str
    #: Empty for a shopper who talks by PC and gave none.
    number: str
    page: str
    #: What the page claims, by keys such as ``cart.value``.
    context: Mapping[str, str]
    client_ip: str
    #: Whether the shopper talks by phone, or in the browser.
    by: Literal["phone", "pc"] = "phone"
    #: What the retailer's server has signed, by such keys.
    signed: Mapping[str, str] = field(default_factory=dict)
    #: Of who talks by phone: whether the business is rung only once this phone was answered. Not so in
    #: callbacks that ring the business first.
    reached: bool = True
    #: The random id by which the page knows its visitor; empty where it told none. A claim.
    visitor: str = ""
    #: The chat that the call comes of; None for a call of its own. Not a claim: the server knows it.
    chat_id: str | None = None

    @property
    def known(self) -> Mapping[str, str]:
        """What is known of the shopper: where both say something, what was signed."""
        return {**self.context, **self.signed}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A recording to play to a leg: the path of a WAV file."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Tone:
    """A call-progress tone (ITU-T E.180): bursts of ``(hz, hz, on ms, off ms)``, repeated."""

    name: str
    bursts: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Speech:
    """Words for a synthetic voice; ``voice`` is one of espeak-ng's, such as ``en-us``."""

    text: str
    voice: str = "en-us"
    #: What PromptFinished calls it.
    name: str = "speech"


#: What tells people something and comes to an end.
Spoken = Prompt | Speech
Audio = Prompt | Speech | Tone


@dataclass(frozen=True, slots=True)
class Screening:
    """What the person who answers must do before the call is theirs: hear a prompt and press a key.

    So neither a voicemail nor a bystander takes a call. Their clock starts again with the answer.
    """

    prompt: Spoken
    #: Seconds from the answer; the prompt is said again until they are over.
    timeout: float
    #: Whether to hang up on an answer that talks like an answering machine.
    detect_machine: bool = False
    accept_key: str = "1"
    decline_key: str = "2"


@dataclass(frozen=True, slots=True)
class Originate:
    """Has a PBX place the leg: it rings ``channel`` itself, and dials us by SIP once that is answered."""

    #: The Asterisk in the settings.
    asterisk: str
    #: What it rings, such as ``PJSIP/alice`` or ``Local/810@from-internal``.
    channel: str
    #: The endpoint by which it dials us.
    endpoint: str


@dataclass(frozen=True, slots=True)
class TrunkWay:
    """A trunk that may carry a leg, and what is dialled through it."""

    trunk: str
    #: Request URI.
    uri: str


@dataclass(frozen=True, slots=True)
class SipEndpoint:
    """What a leg dials by SIP."""

    #: Name of the destination in the settings; "shopper" for the shopper.
    destination: str
    #: What people are shown: "Boston store".
    label: str
    #: Request URI, such as ``sip:+16175550100@carrier.example``.
    uri: str
    #: Trunk whose account places the call; None dials a bare SIP URI with no account of its own.
    trunk: str | None
    caller_number: str | None = None
    caller_name: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    #: Seconds without RTP, while not on hold, after which the leg counts as dead.
    media_timeout: float = 20.0
    screening: Screening | None = None
    #: What the person who takes the call is told before the shopper hears them.
    whisper: Spoken | None = None
    #: Who places the leg, if not we: then ``uri`` is what we would dial.
    originate: Originate | None = None
    #: Further trunks, tried in order when ``trunk`` cannot carry the leg.
    backups: tuple[TrunkWay, ...] = ()
    #: The number that is dialled (E.164), whatever the trunk; None for a SIP URI of the settings.
    number: str | None = field(default=None, compare=False)
    #: By trunk: the Route headers that its registrar asks for (RFC 3608), as they are when it is dialled.
    service_routes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def ways(self) -> tuple[TrunkWay, ...]:
        """Every trunk that may carry the leg, the first to try first; none without a trunk."""
        return () if self.trunk is None else (TrunkWay(self.trunk, self.uri), *self.backups)

    def through(self, ways: tuple[TrunkWay, ...]) -> SipEndpoint:
        """The same leg through these trunks."""
        return replace(self, trunk=ways[0].trunk, uri=ways[0].uri, backups=ways[1:])


@dataclass(frozen=True, slots=True)
class BrowserEndpoint:
    """What a leg rings in a browser: the shopper's page, or the pages where an agent is logged in."""

    #: "shopper", or "agent:alice".
    destination: str
    label: str
    #: Name of the agent in the settings; None for the shopper.
    agent: str | None = None
    #: Whether the browser is sent what the business speaks, or Opus.
    audio: Literal["passthrough", "opus"] = "passthrough"
    media_timeout: float = 20.0
    screening: Screening | None = None
    whisper: Spoken | None = None

    @property
    def uri(self) -> str:
        """What the CDR shows in the place of a SIP URI."""
        return f"browser:{self.destination}"


Endpoint = SipEndpoint | BrowserEndpoint


#: What follows when a destination did not take the call: the next one, the next step, the same one once
#: more at the step's end, or the end of the hunt.
Action = Literal["next", "next_step", "retry", "end"]


@dataclass(frozen=True, slots=True)
class Actions:
    """What follows in a step, by how a destination failed."""

    busy: Action = "next"
    declined: Action = "next"
    unreachable: Action = "next"
    no_answer: Action = "next"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One stage of the hunt. ``timeout`` is in seconds: each destination's, or for ``all`` the step's.

    A destination may stand here several times, with each place where it can be found.
    """

    strategy: Literal["all", "in_order"]
    endpoints: tuple[Endpoint, ...]
    timeout: float
    #: For ``all``: seconds from the step's beginning until each endpoint rings; empty if all do at once.
    delays: tuple[float, ...] = ()
    #: Seconds that each endpoint rings; empty if ``timeout`` says it.
    timeouts: tuple[float, ...] = ()
    actions: Actions = Actions()
    #: What the settings call it, for whose turn it is.
    name: str = ""


@dataclass(frozen=True, slots=True)
class OfferCallback:
    """The hunt's last resort: the shopper is called back by the terms of this name.

    ``booked`` is what they hear, {when} being the time in words; ``sorry`` where no callback can be had.
    """

    terms: str
    booked: Spoken
    sorry: Spoken


@dataclass(frozen=True, slots=True)
class Apology:
    """Where neither a message nor a callback can be had: the shopper hears so, and the call ends."""

    sorry: Spoken


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """The hunt's last resort: the shopper leaves a message. Times are in seconds."""

    mailbox: str
    greeting: Spoken
    thanks: Spoken
    #: Where the WAV file is to be.
    path: str
    longest: float = 120.0
    #: Seconds of silence that end a message.
    silence: float = 5.0
    finish_key: str = "#"
    #: What follows where nothing can be recorded.
    instead: OfferCallback | Apology | None = None


Ending = TakeMessage | OfferCallback | Apology


@dataclass(frozen=True, slots=True)
class RecordTalks:
    """That what shopper and business say is recorded, unless the shopper refuses."""

    #: What tells the shopper, before they are put through, and what they hear who refuse.
    announcement: Spoken
    refused: Spoken
    decline_key: str
    #: Where the files are to be.
    folder: str


#: What a shopper on hold hears who has no music, and an agent who holds: a short soft beep now and then.
HOLD_TONE = Tone("hold", ((425, 0, 120, 4880),))


@dataclass(frozen=True, slots=True)
class Queueing:
    """How a shopper waits while all are busy. Times are in seconds.

    In ``announcement``, {position} and {minutes} are filled in.
    """

    queue: str
    announcement: Spoken
    music: Audio
    announce_every: float
    longest: float
    #: Key with which the shopper leaves the queue for this callback.
    callback: OfferCallback | None = None
    callback_key: str = "1"


@dataclass(frozen=True, slots=True)
class CallPlan:
    """Everything a call will do, decided at the click; a reload of the settings touches only who it rings.

    ``steps`` are who it would ring now; once the shopper is there, the route is asked again.

    Where steps are missing nobody can be rung now, and the call goes straight to its ending: a message is
    taken from the shopper by phone, a callback is booked without dialling anybody.
    """

    site: str
    route: str
    shopper: Endpoint
    #: Seconds that the shopper's phone rings.
    shopper_timeout: float
    greeting: Prompt | None
    ringback: Audio
    steps: tuple[PlannedStep, ...]
    #: Seconds from the shopper's answer.
    max_duration: float
    dial_business: Literal["at_once", "after_greeting"] = "at_once"
    early_media: bool = False
    on_loss: Literal["end", "redial"] = "end"
    #: What becomes of a call that nobody takes. Every plan made from a checked config has one, except
    #: callbacks, which are tried again instead.
    ending: Ending | None = None
    #: With a queue, the hunt begins when the call's turn comes, with the steps that are right then.
    queue: Queueing | None = None
    #: Who to dial first. ``business``: hunt, and dial the shopper once somebody has accepted.
    first: Literal["shopper", "business"] = "shopper"
    #: Whether the route is asked again when the hunt begins; not for who found the queue full: they would be
    #: put through before those who wait.
    ask_again: bool = True
    #: Of a callback: the terms that it is dialled by, by name.
    terms: str | None = None
    #: What the shopper is told when the business's leg breaks off under the call.
    lost: Spoken | None = None
    #: What the shopper hears on hold.
    hold_audio: Audio = HOLD_TONE
    #: Whether the business's keys `*12#` push a page to the shopper, and are kept from them.
    push_by_keys: bool = False
    #: Whether the person who took the call may pass it on: there is room for one more leg, then.
    transferable: bool = False
    #: How the talk is recorded; None where it is not.
    recording: RecordTalks | None = None

    @property
    def attempts(self) -> int:
        """How many destinations the hunt can ring at most."""
        return sum(len(step.endpoints) for step in self.steps)

    @property
    def width(self) -> int:
        """The most destinations that ring at once."""
        return max((len(step.endpoints) if step.strategy == "all" else 1 for step in self.steps), default=0)
