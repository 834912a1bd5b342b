"""Which lead a contact belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from follow.events import LeadOpened
from follow.lead import Lead, LeadPerson, LeadState
from follow.machine import open_lead
from follow.merge import lead_of
from tests.follow.samples import DAY, FRIDAY, HOUR, SALES, unserved


def lead(name: str = "one", when: float = FRIDAY, **person: str) -> Lead:
    known = LeadPerson(**person)  # type: ignore[arg-type]
    return open_lead(name, LeadOpened(unserved(when, person=known)), SALES, when).lead


NUMBER, MAIL = "+16175550123", "pat@mail.example"


@pytest.mark.parametrize(
    "person",
    [
        LeadPerson(number=NUMBER),
        LeadPerson(mail="PAT@mail.example "),
        LeadPerson(signed_id="c-1", number="+15005550006"),
        LeadPerson(visitor="browser-1"),
    ],
)
def test_the_same_person_by_any_key(person):
    known = lead(number=NUMBER, mail=MAIL, signed_id="c-1", visitor="browser-1")
    assert lead_of(person, "shop", FRIDAY + HOUR, [known]) is known


@pytest.mark.parametrize(
    ("person", "site"),
    [
        (LeadPerson(number="+16175550999"), "shop"),
        (LeadPerson(number=NUMBER), "other"),
        (LeadPerson(number=NUMBER, signed_id="c-2"), "shop"),  # one browser or phone, two customers
        (LeadPerson(), "shop"),
    ],
)
def test_another_person(person, site):
    known = lead(number=NUMBER, signed_id="c-1")
    assert lead_of(person, site, FRIDAY + HOUR, [known]) is None


def test_a_closed_lead_takes_what_comes_within_a_day_and_an_open_one_everything():
    open_one = lead(number=NUMBER)
    closed = replace(open_one, state=LeadState.CLOSED, closed_at=FRIDAY + 60)
    person = LeadPerson(number=NUMBER)
    assert lead_of(person, "shop", FRIDAY + DAY - 1, [closed]) is closed
    assert lead_of(person, "shop", FRIDAY + DAY, [closed]) is None
    assert lead_of(person, "shop", FRIDAY + 20 * DAY, [open_one]) is open_one


def test_the_surest_key_wins_then_an_open_lead_then_the_oldest():
    by_number, by_mail = lead("a", number=NUMBER), lead("b", mail=MAIL)
    person = LeadPerson(number=NUMBER, mail=MAIL)
    assert lead_of(person, "shop", FRIDAY, [by_mail, by_number]) is by_number
    closed = replace(by_number, state=LeadState.CLOSED)
    other = lead("c", FRIDAY + 60, number=NUMBER)
    assert lead_of(person, "shop", FRIDAY + 90, [closed, other]) is other
    later = lead("d", FRIDAY + 70, number=NUMBER)
    assert lead_of(person, "shop", FRIDAY + 90, [later, other]) is other
