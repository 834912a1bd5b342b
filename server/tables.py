"""Live calls, CDRs, messages, callbacks and deliveries as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from rich.markup import escape
from rich.table import Table

from api.wire import CallbackEntry, DeliveryView, MessageView
from bridge.cdr import CallRecord, LegRecord
from bridge.masking import mask_number, mask_text
from bridge.progress import CallProgress

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


def live_table(calls: Iterable[CallProgress], now: float) -> Table:
    """One row a live call; ``now`` is seconds since the epoch."""
    table = Table(title="Live calls", title_justify="left", expand=True)
    for column in ("Call", "Site", "State", "For", "Ringing", "Tried", "Connected to"):
        table.add_column(column)
    for call in calls:
        table.add_row(
            call.call_id[:8],
            call.site,
            _styled(call.state) + (" (held)" if call.held else ""),
            f"{max(0, now - call.at):.0f} s",
            ", ".join(call.ringing) or ("the shopper" if call.shopper_ringing else ""),
            f"{call.attempt} of {call.attempts}",
            call.connected_to or "",
        )
    return table


def cdr_table(
    records: Iterable[CallRecord], *, full_numbers: bool, data: bool = False, notes: bool = False
) -> Table:
    """One row a finished call: its business legs, and how those sounded that were answered.

    ``data``: also what was signed of the shopper, and what the page claimed. ``notes``: also the notes and
    wrap-up codes of agents.
    """
    table = Table(title="Calls", title_justify="left", expand=True)
    for column in ("When (UTC)", "Call", "Site", "Number", "Disposition", "Cause", "Talked", "Rang", "Audio"):
        table.add_column(column)
    if data:
        table.add_column("Known")
    if notes:
        table.add_column("Wrap-up")
    for record in records:
        rang = [f"{leg.label}: {leg.cause}" for leg in record.legs if leg.role == "business"]
        audio = [f"{leg.label}: {_audio(leg)}" for leg in record.legs if leg.answered_at and _audio(leg)]
        table.add_row(
            _when(record.requested_at),
            record.call_id[:8],
            record.site,
            _number(record.number, full_numbers),
            _styled(record.disposition),
            record.cause or record.reason or "",
            f"{record.talk_seconds:.0f} s" if record.talk_seconds else "",
            "\n".join(rang),
            "\n".join(audio),
            *(["\n".join(_known(record))] if data else ()),
            *(["\n".join(_written(record))] if notes else ()),
        )
    return table


def _known(record: CallRecord) -> Iterator[str]:
    """What is known of the shopper, and who says so."""
    for whose, fields in (("signed", record.signed), ("the page", record.context)):
        for key, value in fields.items():
            yield _foreign(f"{key}: {value} ({whose})")


def _written(record: CallRecord) -> Iterator[str]:
    """What the agents wrote about it."""
    for wrap_up in record.wrap_ups:
        said = ": ".join(each for each in (wrap_up.code, wrap_up.note) if each)
        yield _foreign(f"{wrap_up.agent}: {said}")


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


def message_table(messages: Iterable[MessageView], *, full_numbers: bool) -> Table:
    """One row a message."""
    table = Table(title="Messages", title_justify="left", expand=True)
    table.add_column("Message", no_wrap=True)
    for column in ("When (UTC)", "Call", "Mailbox", "Site", "Number", "Lasts", "Page"):
        table.add_column(column)
    for message in messages:
        table.add_row(
            message.id,
            _when(message.at),
            message.call_id[:8],
            message.mailbox,
            message.site,
            _number(message.number, full_numbers),
            f"{message.seconds:.0f} s",
            _foreign(message.page),
        )
    return table


def callback_table(callbacks: Iterable[CallbackEntry], *, full_numbers: bool) -> Table:
    """One row a callback."""
    table = Table(title="Callbacks", title_justify="left", expand=True)
    for column in (
        "Booked (UTC)",
        "Dialled (UTC)",
        "State",
        "Tries",
        "Call",
        "Last try",
        "Site",
        "Number",
        "Terms",
    ):
        table.add_column(column)
    for callback in callbacks:
        table.add_row(
            _when(callback.booked_at),
            _when(callback.at),
            _styled(callback.state),
            str(callback.tries),
            callback.call_id[:8],
            (callback.last_call_id or "")[:8],
            callback.site,
            _number(callback.number, full_numbers),
            callback.terms,
        )
    return table


def delivery_table(deliveries: Iterable[DeliveryView]) -> Table:
    """One row a mail or webhook; numbers that stand in subjects and errors are masked."""
    table = Table(title="Deliveries", title_justify="left", expand=True)
    table.add_column("Delivery", no_wrap=True)
    for column in ("Made (UTC)", "State", "Kind", "To", "Subject", "Tries", "Next (UTC)", "Last error"):
        table.add_column(column)
    for delivery in deliveries:
        state = "dead" if delivery.dead else "waiting" if delivery.delivered_at is None else "delivered"
        table.add_row(
            delivery.id,
            _when(delivery.created_at),
            _styled(state),
            delivery.kind,
            _foreign(delivery.target),
            _foreign(mask_text(delivery.subject)),
            str(delivery.tries),
            _when(delivery.next_at) if delivery.next_at is not None else "",
            _foreign(mask_text(delivery.error)),
        )
    return table


def _when(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def _number(number: str, full: bool) -> str:
    return number if full else mask_number(number)


def _foreign(text: str) -> str:
    """A text of others, with nothing in it that a terminal would obey."""
    return escape("".join(each if each.isprintable() else " " for each in text))


def _styled(word: str) -> str:
    return f"[{_STYLES.get(word, 'white')}]{word}[/]"
