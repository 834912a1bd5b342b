"""What one more contact tells of a lead, and how much of it is believed. Pure.

A contact that shares the signed id, the browser's random id, or a phone that was answered is surely the same
person's: its newer word counts. One that shares a number or an address alone may be anybody's who typed it:
what the lead had first stays, and what the contact gave besides is kept apart as claimed.
"""

from __future__ import annotations

from dataclasses import replace

from follow.lead import Lead, LeadPerson, Unserved

#: Characters of what contacts of several people said that a lead keeps.
LONGEST_SAID = 4000
#: The most numbers and addresses that are kept as claimed.
MOST_CLAIMED = 5


def first_heard(lead: Lead, wanted: Unserved, assigned: tuple[str, ...]) -> Lead:
    """A new lead with all that its first contact tells."""
    return _heard(lead, wanted, assigned)


def heard_again(lead: Lead, wanted: Unserved, assigned: tuple[str, ...]) -> Lead:
    """A lead with what a further contact tells."""
    if is_surely(wanted.person, lead):
        return _heard(lead, wanted, assigned)
    said = [each for each in (lead.said, wanted.said) if each]
    return replace(
        lead,
        shared=True,
        claimed=_claimed(lead, wanted.person),
        last_at=max(lead.last_at, wanted.contact.at),
        page=lead.page or wanted.page,
        context={**wanted.context, **lead.context},
        said="\n\n".join(dict.fromkeys(said))[:LONGEST_SAID],
        kind=wanted.contact.kind,
        queue=lead.queue or wanted.queue,
        assigned=lead.assigned or assigned,
    )


def is_surely(person: LeadPerson, lead: Lead) -> bool:
    """Whether a contact of this person is surely of the lead's own."""
    ids = {key for key in lead.keys if key.startswith("id:")}
    if person.signed_id and ids:
        return f"id:{person.signed_id}" in ids
    return not set(person.sure_keys).isdisjoint(lead.keys)


def _heard(lead: Lead, wanted: Unserved, assigned: tuple[str, ...]) -> Lead:
    return replace(
        lead,
        person=lead.person.with_more(wanted.person),
        keys=tuple(dict.fromkeys((*lead.keys, *wanted.person.keys))),
        last_at=max(lead.last_at, wanted.contact.at),
        page=wanted.page or lead.page,
        context={**lead.context, **wanted.context},
        signed={**lead.signed, **wanted.signed},
        said=wanted.said or lead.said,
        kind=wanted.contact.kind,
        queue=wanted.queue or lead.queue,
        assigned=assigned or lead.assigned,
    )


def _claimed(lead: Lead, person: LeadPerson) -> tuple[str, ...]:
    """The numbers and addresses that others gave, without those that the lead has itself."""
    own = {lead.person.number, lead.person.mail.strip().lower()}
    given = (each for each in (person.number, person.mail.strip()) if each and each.lower() not in own)
    return tuple(dict.fromkeys((*lead.claimed, *given)))[:MOST_CLAIMED]
