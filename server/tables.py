"""Live calls, CDRs, messages, callbacks and deliveries as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.operator.models import CallbackEntry, DeliveryView, MessageView, ReceiverView, SessionView
from bridge.cdr import CallRecord, LegRecord
from bridge.masking import mask_number, mask_written
from bridge.progress import CallProgress
from bridge.utc import readable
from server.listing import TextCell, TextColumn, TextTable

_STYLES = {
    "bridged": "green",
    "hunting": "yellow",
    "calling_shopper": "cyan",
    "greeting": "cyan",
    "unanswered": "yellow",
    "cancelled": "dim",
    "shopper_unreachable": "magenta",
    "refused": "magenta",
    "failed": "bold red",
    "queued": "yellow",
    "message_taken": "cyan",
    "callback_booked": "cyan",
    "booked": "cyan",
    "dialling": "yellow",
    "done": "green",
    "given_up": "bold red",
    "waiting": "yellow",
    "delivered": "green",
    "dead": "bold red",
}


def live_table(calls: Iterable[CallProgress], now: float) -> TextTable:
    """One row a live call; ``now`` is seconds since the epoch."""
    columns = (
        TextColumn("Call", whole=True),
        TextColumn("Site", from_width=100),
        TextColumn("State"),
        TextColumn("For"),
        TextColumn("Ringing"),
        TextColumn("Tried"),
        TextColumn("Connected to"),
    )
    rows = [
        (
            call.call_id[:8],
            call.site,
            _styled(call.state, " (held)" if call.held else ""),
            f"{max(0, now - call.at):.0f} s",
            ", ".join(call.ringing) or ("the shopper" if call.shopper_ringing else ""),
            f"{call.attempt} of {call.attempts}",
            call.connected_to or "",
        )
        for call in calls
    ]
    return TextTable("Live calls", columns, rows)


def cdr_table(
    records: Iterable[CallRecord], *, full_numbers: bool, data: bool = False, notes: bool = False
) -> TextTable:
    """One row a finished call: its business legs, and how those sounded that were answered.

    ``data``: also what was signed of the shopper, and what the page claimed. ``notes``: also the notes and
    wrap-up codes of agents.
    """
    columns = [
        TextColumn("When (UTC)"),
        TextColumn("Call", whole=True),
        TextColumn("Site", from_width=100),
        TextColumn("Number"),
        TextColumn("Disposition"),
        TextColumn("Cause", from_width=120),
        TextColumn("Talked"),
        TextColumn("Rang"),
        TextColumn("Audio", from_width=140),
        *([TextColumn("Known")] if data else ()),
        *([TextColumn("Wrap-up")] if notes else ()),
    ]
    return TextTable("Calls", columns, [_cdr_row(record, full_numbers, data, notes) for record in records])


def _cdr_row(record: CallRecord, full_numbers: bool, data: bool, notes: bool) -> list[TextCell | str]:
    rang = [f"{leg.label}: {leg.cause}" for leg in record.legs if leg.role == "business"]
    audio = [f"{leg.label}: {_audio(leg)}" for leg in record.legs if leg.answered_at and _audio(leg)]
    return [
        readable(record.requested_at),
        record.call_id[:8],
        record.site,
        _number(record.number, full_numbers),
        _styled(record.disposition),
        record.cause or record.reason or "",
        f"{record.talk_seconds:.0f} s" if record.talk_seconds else "",
        TextCell(rang),
        TextCell(audio),
        *([TextCell(list(_known(record)))] if data else ()),
        *([TextCell(list(_written(record)))] if notes else ()),
    ]


def _known(record: CallRecord) -> Iterator[str]:
    """What is known of the shopper, and who says so."""
    for whose, fields in (("signed", record.signed), ("the page", record.context)):
        for key, value in fields.items():
            yield f"{key}: {value} ({whose})"


def _written(record: CallRecord) -> Iterator[str]:
    """What the agents wrote about it."""
    for wrap_up in record.wrap_ups:
        said = ": ".join(each for each in (wrap_up.code, wrap_up.note) if each)
        yield f"{wrap_up.agent}: {said}"


def _audio(leg: LegRecord) -> str:
    """What we received of a leg, and what its browser heard of us."""
    told = []
    if stats := leg.stats:
        told.append(f"{stats.codec} {stats.loss:.1f}% lost {stats.jitter_ms:.0f} ms jitter")
    if heard := leg.heard:
        told.append(
            f"heard {heard.loss:.1f}% lost {heard.jitter_ms:.0f} ms jitter {heard.concealed:.1f}% made up"
        )
    return ", ".join(told)


def message_table(messages: Iterable[MessageView], *, full_numbers: bool) -> TextTable:
    """One row a message."""
    columns = (
        TextColumn("Message", whole=True),
        TextColumn("When (UTC)"),
        TextColumn("Call", from_width=120, whole=True),
        TextColumn("Mailbox"),
        TextColumn("Site", from_width=100),
        TextColumn("Number"),
        TextColumn("Lasts"),
        TextColumn("Page", from_width=100),
    )
    rows = [
        (
            message.id,
            readable(message.at),
            message.call_id[:8],
            message.mailbox,
            message.site,
            _number(message.number, full_numbers),
            f"{message.seconds:.0f} s",
            message.page,
        )
        for message in messages
    ]
    return TextTable("Messages", columns, rows)


def callback_table(callbacks: Iterable[CallbackEntry], *, full_numbers: bool) -> TextTable:
    """One row a callback."""
    columns = (
        TextColumn("Booked (UTC)", from_width=120),
        TextColumn("Dialled (UTC)"),
        TextColumn("State"),
        TextColumn("Tries"),
        TextColumn("Call", whole=True),
        TextColumn("Last try", from_width=100, whole=True),
        TextColumn("Site", from_width=100),
        TextColumn("Number"),
        TextColumn("Terms"),
    )
    rows = [
        (
            readable(callback.booked_at),
            readable(callback.at),
            _styled(callback.state),
            str(callback.tries),
            callback.call_id[:8],
            (callback.last_call_id or "")[:8],
            callback.site,
            _number(callback.number, full_numbers),
            callback.terms,
        )
        for callback in callbacks
    ]
    return TextTable("Callbacks", columns, rows)


def delivery_table(deliveries: Iterable[DeliveryView]) -> TextTable:
    """One row a mail or webhook; numbers that stand in subjects and errors are masked."""
    columns = (
        TextColumn("Delivery", whole=True),
        TextColumn("Made (UTC)", from_width=120),
        TextColumn("State"),
        TextColumn("Kind", from_width=100),
        TextColumn("To"),
        TextColumn("Subject", from_width=100),
        TextColumn("Tries"),
        TextColumn("Next (UTC)", from_width=120),
        TextColumn("Last error"),
    )
    rows = [
        (
            delivery.id,
            readable(delivery.created_at),
            _styled("dead" if delivery.dead else "waiting" if delivery.delivered_at is None else "delivered"),
            delivery.kind,
            delivery.target,
            mask_written(delivery.subject),
            str(delivery.tries),
            readable(delivery.next_at) if delivery.next_at is not None else "",
            mask_written(delivery.error),
        )
        for delivery in deliveries
    ]
    return TextTable("Deliveries", columns, rows)


def receiver_lines(receivers: Iterable[ReceiverView]) -> Iterator[str]:
    """One line for each receiver of webhooks that gets nothing now."""
    for each in receivers:
        how = (
            f"is held back until {readable(each.until)} UTC"
            if each.until is not None
            else f"is disabled since {readable(each.since)} UTC, until --resume or other settings"
        )
        yield f"{each.target} {how}: {mask_written(each.error)}"


def session_table(sessions: Iterable[SessionView]) -> TextTable:
    """One row a browser in which an agent is logged in."""
    columns = (
        TextColumn("Session", whole=True),
        TextColumn("Agent"),
        TextColumn("From"),
        TextColumn("Since (UTC)"),
        TextColumn("Last used (UTC)", from_width=100),
        TextColumn("Ends (UTC)", from_width=120),
        TextColumn("Pages"),
        TextColumn("Browser", from_width=140),
    )
    rows = [
        (
            each.id,
            each.agent,
            each.address,
            readable(each.opened_at),
            readable(each.used_at),
            readable(each.expires_at),
            str(each.pages),
            each.browser,
        )
        for each in sessions
    ]
    return TextTable("Sessions", columns, rows)


def _number(number: str, full: bool) -> str:
    return number if full else mask_number(number)


def _styled(word: str, more: str = "") -> TextCell:
    return TextCell((word + more,), _STYLES.get(word, ""))
