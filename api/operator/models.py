"""What operators are answered. Times are seconds since the epoch; numbers are E.164."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from bridge.callback import Callback, CallbackState
from bridge.cdr import CallRecord
from bridge.progress import CallProgress
from bridge.tracing import Sighting, with_masked_numbers
from config.fields import LogLevel

if TYPE_CHECKING:  # the commands, which read answers with these models, need not load the outbox
    from notify.delivery import Delivery
    from notify.mailboxes import KeptMessage
    from notify.standing import ReceiverStanding
    from store.recordings import KeptRecording


class SessionView(BaseModel):
    """A browser in which an agent is logged in."""

    id: str
    agent: str
    address: str = Field(description="Where the log-in came from; an IPv6 address as its /64.")
    browser: str = Field(description="What the browser calls itself.")
    opened_at: float
    used_at: float
    expires_at: float = Field(description="When it ends if it is not used any more.")
    pages: int = Field(description="How many pages are connected.")


class SessionList(BaseModel):
    """Sessions, the one that was opened last first."""

    sessions: list[SessionView]


class CallList(BaseModel):
    """The live calls: the newest line of each."""

    calls: list[CallProgress]


class CdrList(BaseModel):
    """A page of finished calls, newest first."""

    cdrs: list[CallRecord]
    next: str | None = Field(description="cursor of the next page; null on the last one.")


class MessageView(BaseModel):
    """What a shopper left to be heard; the audio is at ``/v1/messages/{id}/audio``."""

    id: str
    call_id: str
    mailbox: str
    site: str
    number: str
    page: str
    context: dict[str, str] = Field(description="What the page claimed.")
    signed: dict[str, str] = Field(description="What the retailer's server had signed.")
    seconds: float = Field(description="How long it is.")
    at: float = Field(description="When it was left.")

    @classmethod
    def of(cls, kept: KeptMessage) -> Self:
        """A message as the operator sees it."""
        message = kept.message
        return cls(
            id=kept.message_id,
            call_id=message.call_id,
            mailbox=message.mailbox,
            site=message.site,
            number=message.number,
            page=message.page,
            context=dict(message.context),
            signed=dict(message.signed),
            seconds=message.seconds,
            at=message.at,
        )


class MessageList(BaseModel):
    """A page of messages, newest first."""

    messages: list[MessageView]
    next: str | None = Field(description="cursor of the next page; null on the last one.")


class RecordingView(BaseModel):
    """A talk that was recorded; the audio is at ``/v1/recordings/{id}/audio``."""

    id: str
    call_id: str
    site: str
    leg_id: str = Field(description="The business's leg.")
    destination: str = Field(description="Who was dialled there.")
    seconds: float = Field(description="How long it is; 0 where the disk refused it.")
    complete: bool = Field(description="False where the disk refused it, or some of it.")
    at: float = Field(description="When it began.")

    @classmethod
    def of(cls, kept: KeptRecording) -> Self:
        """A recording as the operator sees it."""
        return cls(
            id=kept.recording_id,
            call_id=kept.call_id,
            site=kept.site,
            leg_id=kept.leg_id,
            destination=kept.destination,
            seconds=round(kept.seconds or 0.0, 1),
            complete=not kept.failed,
            at=kept.began_at,
        )


class RecordingList(BaseModel):
    """A page of recordings, newest first."""

    recordings: list[RecordingView]
    next: str | None = Field(description="cursor of the next page; null on the last one.")


class CallbackEntry(BaseModel):
    """A callback as the operator sees it, without its secret."""

    id: str
    call_id: str = Field(description="The call that could not be taken.")
    site: str
    number: str
    page: str
    terms: str
    booked_at: float
    at: float = Field(description="When the shopper is called back, or was.")
    tries: int
    state: CallbackState
    last_call_id: str | None = Field(description="The call that the last try was.")

    @classmethod
    def of(cls, callback: Callback) -> Self:
        """A callback as the operator sees it."""
        return cls(
            id=callback.callback_id,
            call_id=callback.call_id,
            site=callback.click.site,
            number=callback.click.number,
            page=callback.click.page,
            terms=callback.terms,
            booked_at=callback.booked_at,
            at=callback.due_at,
            tries=callback.tries,
            state=callback.state,
            last_call_id=callback.last_call_id,
        )


class CallbackList(BaseModel):
    """Callbacks, newest first."""

    callbacks: list[CallbackEntry]


class DeliveryView(BaseModel):
    """A mail or a webhook of the outbox."""

    id: str
    kind: Literal["email", "webhook"]
    mailbox: str = Field(description="A mailbox; of a screen pop, `site:` and the site.")
    target: str
    subject: str
    created_at: float
    tries: int
    next_at: float | None = Field(description="When it is tried next; null where it is not.")
    delivered_at: float | None
    dead: bool = Field(description="Whether it was given up.")
    error: str = Field(description="What went wrong at the last try; empty if nothing did.")

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """A delivery as the operator sees it."""
        return cls(
            id=delivery.delivery_id,
            kind=delivery.kind,
            mailbox=delivery.mailbox,
            target=delivery.target,
            subject=delivery.subject,
            created_at=delivery.created_at,
            tries=delivery.tries,
            next_at=delivery.next_at,
            delivered_at=delivery.delivered_at,
            dead=delivery.dead,
            error=delivery.error,
        )


class DeliveryList(BaseModel):
    """Deliveries, newest first."""

    deliveries: list[DeliveryView]


class ReceiverView(BaseModel):
    """A receiver of webhooks that gets nothing now."""

    target: str
    state: Literal["held", "disabled"] = Field(
        description="held: it asked to be left alone (429, Retry-After); disabled: it said 410 Gone."
    )
    since: float
    until: float | None = Field(description="When it is tried again; null for one that is disabled.")
    error: str = Field(description="What it said.")

    @classmethod
    def of(cls, standing: ReceiverStanding) -> Self:
        """A receiver as the operator sees it."""
        return cls(
            target=standing.target,
            state=standing.state,
            since=standing.since,
            until=standing.until,
            error=standing.error,
        )


class ReceiverList(BaseModel):
    """The receivers that get nothing now, the latest first; all others get everything."""

    receivers: list[ReceiverView]


class ReceiverResume(BaseModel):
    """Which receiver is to have everything again."""

    model_config = ConfigDict(extra="forbid", strict=True)

    target: str = Field(min_length=1, max_length=2048, description="Its URL.")


class Reloaded(BaseModel):
    """The new configuration is in force."""

    loaded_at: float
    warnings: list[str] = Field(description="What is doubtful, each as `file:line:column: path: text`.")
    needs_restart: list[str] = Field(
        description="Settings that changed in the file but stay as they were until a restart."
    )


class TracedMessage(BaseModel):
    """One SIP message that passed; secrets and pressed keys are replaced by `***`."""

    at: float
    sent: bool = Field(description="Whether this server sent it.")
    transport: Literal["udp", "tcp", "tls"]
    local_address: str
    local_port: int
    peer_address: str
    peer_port: int
    call_id: str = Field(description="Ringback's call, not the Call-ID; empty where it belongs to none.")
    leg_id: str
    trunk: str
    text: str

    @classmethod
    def of(cls, sighting: Sighting, full_numbers: bool) -> Self:
        """As the operator sees it."""
        fields = asdict(sighting)
        fields["call_id"] = sighting.call_id
        if not full_numbers:
            fields["text"] = with_masked_numbers(sighting.text)
        return cls(**fields)


class LogLevelChange(BaseModel):
    """From which level on the server writes log lines."""

    level: LogLevel


class Alive(BaseModel):
    """The process answers."""

    alive: Literal[True] = True


class PoolHealth(BaseModel):
    """The media workers."""

    has_room: bool
    workers: int
    slots: int
    free_slots: int


class StoreHealth(BaseModel):
    """The database."""

    writable: bool


class PartHealth(BaseModel):
    """Something that calls may come to need; without it they take another way."""

    usable: bool
    problem: str = Field(description="What is wrong; empty where nothing is.")


class ConfigHealth(BaseModel):
    """The settings in force, and how the last reload went."""

    loaded_at: float
    failed_at: float | None = Field(description="When a reload was last refused; null if the last succeeded.")
    problems: int = Field(description="How many problems the refused file had.")


class TrunkHealth(BaseModel):
    """A trunk: whether calls can be expected to go through, and its registration."""

    state: Literal["unknown", "up", "held", "down", "unresolved"] = Field(
        description="unknown: nothing was heard of it lately. held: it asked to be left alone for a while. "
        "unresolved: its host has no address."
    )
    reason: str = Field(description="What is wrong; empty while nothing is.")
    registered: bool | None = Field(description="null for a trunk that does not register.")
    status: int = Field(description="The registrar's last SIP status; 0 while none is known.")


class TrunkView(TrunkHealth):
    """A trunk as an operator sees it."""

    name: str
    since: float = Field(description="Since when its state holds, in seconds since the epoch.")
    addresses: list[str] = Field(description="Where calls go to, the first tried first.")
    name_problem: str = Field(description="What DNS says is wrong, also while older addresses still serve.")
    held_until: float | None = Field(description="Until when it is left alone, where it asked for that.")
    last_status: int = Field(description="What it said to the last ping or call; 0 for nothing.")
    ping_seconds: float | None = Field(description="How long its answer to the last ping took.")
    failures: int = Field(description="Attempts to place a call that it did not carry, since the start.")

    def health(self) -> TrunkHealth:
        """What readiness says of it."""
        return TrunkHealth(
            state=self.state, reason=self.reason, registered=self.registered, status=self.status
        )


class TrunkList(BaseModel):
    """Every trunk of the settings."""

    trunks: list[TrunkView]


class AsteriskHealth(BaseModel):
    """An Asterisk whose manager interface tells of agents' phones; calls go on without it."""

    state: Literal["connecting", "up", "down", "refused"] = Field(
        description="refused: it does not let us log in."
    )
    since: float = Field(description="Seconds since the epoch.")
    error: str = Field(description="What was wrong last; empty while it is up.")
    refused: list[str] = Field(
        default=[], description="Actions that its manager user may not have, each with what Asterisk says."
    )


class Readiness(BaseModel):
    """Whether new calls should be sent here; with the admin key also why not, else the rest is null."""

    ready: bool
    draining: bool
    pool: PoolHealth | None = None
    store: StoreHealth | None = None
    config: ConfigHealth | None = None
    trunks: dict[str, TrunkHealth] | None = None
    asterisk: dict[str, AsteriskHealth] | None = None
    recordings: PartHealth | None = Field(
        default=None, description="Unusable: callbacks and words take the place of messages."
    )
    speech: PartHealth | None = Field(
        default=None, description="Unusable: shipped recordings take the place of spoken texts."
    )
