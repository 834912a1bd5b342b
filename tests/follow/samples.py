"""Leads and promises for the tests of follow-up."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from follow.lead import ContactKind, LeadContact, LeadPerson, Unserved
from follow.promises import PromiseStep, PromiseTerms
from routing.hours import OpeningHours

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = OpeningHours("Mo-Fr 09:00-18:00; PH off", "America/New_York", "US", "MA")
PAT = LeadPerson(number="+16175550123", mail="pat@mail.example", name="Pat")
HOUR, DAY = 3600.0, 86400.0
SALES = PromiseTerms(
    "sales",
    first=4 * HOUR,
    next=2 * HOUR,
    hours=OFFICE,
    zone=NEW_YORK,
    warn=0.75,
    steps=(PromiseStep(0.5, "agent"), PromiseStep(1.0, "mailbox:lead")),
)


def at(text: str) -> float:
    """Epoch seconds of a moment in New York, such as ``2026-11-13 16:20``."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()


#: A Friday, 100 minutes before the office closes.
FRIDAY = at("2026-11-13 16:20")


def unserved(
    when: float = FRIDAY,
    kind: ContactKind = ContactKind.CALL_UNANSWERED,
    person: LeadPerson = PAT,
    ref: str = "call-1",
    site: str = "shop",
    queue: str = "sales",
) -> Unserved:
    return Unserved(site, LeadContact(kind, ref, when), person, "https://shop.example/", queue=queue)
