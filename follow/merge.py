"""Which lead a contact belongs to: one person at one site is one lead a day, however often they try."""

from __future__ import annotations

from collections.abc import Iterable

from follow.lead import Lead, LeadPerson

#: Seconds from its opening in which a closed lead takes further contacts of the person.
DAY = 86400.0


def lead_of(person: LeadPerson, site: str, at: float, leads: Iterable[Lead]) -> Lead | None:
    """The lead of this person at this site; None where they have none, or none any more.

    An open lead takes every contact; one that is closed takes those within a day of its opening. Of several
    it is the one that shares the surest key: signed id, a phone that was answered, browser, number, address;
    then an open one; then the oldest.
    """
    best: tuple[tuple[int, bool, float, str], Lead] | None = None
    for lead in leads:
        if lead.site != site or not (lead.open or at < lead.opened_at + DAY) or _other(person, lead.person):
            continue
        sure = next((place for place, key in enumerate(person.keys) if key in lead.keys), None)
        if sure is None:
            continue
        rank = (sure, not lead.open, lead.opened_at, lead.lead_id)
        if best is None or rank < best[0]:
            best = rank, lead
    return best[1] if best else None


def _other(one: LeadPerson, two: LeadPerson) -> bool:
    """Whether the retailer's server says that these are two people, such as at one browser in a store."""
    return bool(one.signed_id and two.signed_id and one.signed_id != two.signed_id)
