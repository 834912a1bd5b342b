"""Calls, messages, deliveries and callbacks to put into a store."""

from __future__ import annotations

from dataclasses import replace

from bridge.callback import Callback
from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, LegRecord, number_is_verified
from bridge.events import AudioQuality, MediaStats
from bridge.protocols import VoiceMessage
from notify.delivery import Delivery
from routing.plan import ClickToCall

NUMBER = "+16175550100"
STATS = MediaStats(codec="PCMU", received=1500, lost=2, sent=1499, jitter_ms=0.625)


def a_click(number: str = NUMBER, *, site: str = "boston", client_ip: str = "203.0.113.9") -> ClickToCall:
    return ClickToCall(
        site=site,
        number=number,
        page="https://shop.example/cart?id=7",
        context={"cart": "120 €", "customer": "gold"},
        client_ip=client_ip,
        signed={"customer": "silver"},
    )


def a_leg(leg_id: str, **changes: object) -> LegRecord:
    fields: dict[str, object] = {
        "leg_id": leg_id,
        "role": "business",
        "destination": "boston_store",
        "label": "Boston store",
        "uri": "sip:200@pbx.example",
        "dialed_at": 101.5,
        "ringing_at": 102.0,
        "answered_at": None,
        "joined_at": None,
        "ended_at": 110.0,
        "cause": HangupCause.NO_ANSWER,
        "sip_status": 487,
        "sip_call_id": "c0ffee@192.0.2.1",
        "stats": None,
    }
    return LegRecord(**(fields | changes))  # type: ignore[arg-type]


def a_record(call_id: str, **changes: object) -> CallRecord:
    """A bridged call of three legs, whose first has every field set."""
    shopper = a_leg(
        f"{call_id}-z",
        role="shopper",
        destination="shopper",
        answered_at=103.1,
        joined_at=104.2,
        cause=HangupCause.NORMAL,
        sip_status=200,
        stats=STATS,
        heard=AudioQuality(loss=0.25, jitter_ms=11.5, concealed=0.4),
    )
    bare = a_leg(f"{call_id}-a", ringing_at=None, sip_status=None, sip_call_id=None)
    fields: dict[str, object] = {
        "call_id": call_id,
        "site": "boston",
        "route": "sales",
        "number": NUMBER,
        "page": a_click().page,
        "requested_at": 100.1,
        "bridged_at": 104.2,
        "ended_at": 164.700001,
        "disposition": Disposition.BRIDGED,
        "cause": HangupCause.NORMAL,
        "legs": (shopper, bare, a_leg(f"{call_id}-m")),
        "context": a_click().context,
        "signed": a_click().signed,
    }
    record = CallRecord(**(fields | changes))  # type: ignore[arg-type]
    verified = number_is_verified(record.number, record.signed, record.legs)
    return record if "number_verified" in changes else replace(record, number_verified=verified)


def a_message(call_id: str = "one", **changes: object) -> VoiceMessage:
    fields: dict[str, object] = {
        "call_id": call_id,
        "mailbox": "sales",
        "site": "boston",
        "number": NUMBER,
        "page": a_click().page,
        "context": a_click().context,
        "signed": a_click().signed,
        "path": f"recordings/{call_id}.wav",
        "seconds": 12.375,
        "at": 200.25,
    }
    return VoiceMessage(**(fields | changes))  # type: ignore[arg-type]


def a_delivery(delivery_id: str, **changes: object) -> Delivery:
    fields: dict[str, object] = {
        "delivery_id": delivery_id,
        "kind": "email",
        "mailbox": "sales",
        "target": "sales@shop.example",
        "subject": "A message for Größe 7",
        "body": "From +16175550100\n",
        "attachment": "recordings/one.wav",
        "created_at": 200.25,
        "next_at": 200.25,
    }
    return Delivery(**(fields | changes))  # type: ignore[arg-type]


def a_callback(callback_id: str, **changes: object) -> Callback:
    fields: dict[str, object] = {
        "callback_id": callback_id,
        "secret": f"secret-of-{callback_id}",
        "call_id": f"call-of-{callback_id}",
        "terms": "usual",
        "click": replace(a_click(), reached=False),
        "booked_at": 300.5,
        "due_at": 1200.125,
    }
    return Callback(**(fields | changes))  # type: ignore[arg-type]
