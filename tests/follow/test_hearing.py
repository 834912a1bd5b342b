"""Whose number and address count where contacts of several people meet in one lead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from follow.commands import Acknowledge
from follow.events import CancelAsked, ContactAdded, LeadOpened
from follow.hearing import LONGEST_SAID, MOST_CLAIMED, is_surely
from follow.lead import Lead, LeadPerson, Unserved
from follow.machine import open_lead, step
from tests.follow.samples import FRIDAY, HOUR, SALES, unserved

NUMBER, MAIL, OTHER = "+16175550123", "pat@mail.example", "mallory@mail.example"


def opened(said: str = "In blue?", **person: Any) -> Lead:
    wanted = replace(
        unserved(person=LeadPerson(**person)),
        said=said,
        context={"cart": "sofa"},
        signed={"customer.id": "c-1"} if "signed_id" in person else {},
    )
    return open_lead("lead-1", LeadOpened(wanted, ("kim",)), SALES, FRIDAY).lead


def heard(lead: Lead, said: str = "", **person: Any) -> Lead:
    wanted = replace(
        unserved(FRIDAY + HOUR, person=LeadPerson(**person), ref="form-2"),
        said=said,
        context={"cart": "nothing"},
        signed={"customer.id": person["signed_id"]} if "signed_id" in person else {},
        page="https://shop.example/other",
    )
    return added(lead, wanted)


def added(lead: Lead, wanted: Unserved) -> Lead:
    moved = step(lead, ContactAdded(wanted, ("lee",)), SALES, FRIDAY + HOUR)
    assert not any(isinstance(each, Acknowledge) for each in moved.commands)
    return moved.lead


def test_who_types_somebody_elses_number_changes_nothing_of_their_lead():
    lead = heard(opened(number=NUMBER, mail=MAIL), "I am Pat", number=NUMBER, mail=OTHER, name="Mallory")
    assert lead.person == LeadPerson(number=NUMBER, mail=MAIL)
    assert (lead.shared, lead.claimed) == (True, (OTHER,))
    assert lead.said == "In blue?\n\nI am Pat"
    assert (lead.page, lead.context, lead.assigned) == ("https://shop.example/", {"cart": "sofa"}, ("kim",))


def test_an_empty_address_is_not_filled_in_either_and_gives_no_way_into_the_lead():
    lead = heard(opened(number=NUMBER), number=NUMBER, mail=OTHER, visitor="browser-m", signed_id="m-1")
    assert lead.person == LeadPerson(number=NUMBER)
    assert lead.keys == (f"number:{NUMBER}",)
    assert lead.signed == {}
    again = heard(lead, number="+16175550666", visitor="browser-m", signed_id="m-1")
    assert again.person == LeadPerson(number=NUMBER)
    assert again.claimed == (OTHER, "+16175550666")


def test_the_same_browser_or_signed_id_may_mend_what_it_gave():
    for surely in ({"visitor": "browser-1"}, {"signed_id": "c-1"}):
        lead = heard(opened(number=NUMBER, **surely), "Or red?", number="+16175550124", mail=MAIL, **surely)
        assert lead.person == LeadPerson(number="+16175550124", mail=MAIL, **surely)
        assert (lead.shared, lead.claimed, lead.said) == (False, (), "Or red?")
        assert lead.page == "https://shop.example/other"


def test_two_customers_at_one_browser_are_two():
    lead = opened(visitor="b", signed_id="c-1")
    assert not is_surely(LeadPerson(visitor="b", signed_id="c-2"), lead)
    assert is_surely(LeadPerson(visitor="b"), lead)


def test_who_answers_their_phone_twice_is_one_person():
    lead = heard(opened(number=NUMBER, verified=True), number=NUMBER, name="Pat", verified=True)
    assert (lead.shared, lead.person.name) == (False, "Pat")
    assert not is_surely(LeadPerson(number=NUMBER), lead)
    assert not is_surely(LeadPerson(number=NUMBER, verified=True), opened(number=NUMBER))


def test_who_has_the_link_of_a_shared_lead_cancels_nobody_elses():
    lead = heard(opened(number=NUMBER, mail=OTHER), number=NUMBER)
    moved = step(lead, CancelAsked(), SALES, FRIDAY + 2 * HOUR)
    assert moved.lead == lead
    assert [type(each).__name__ for each in moved.commands] == ["AddContact", "WriteLead", "TellDesk"]


@given(st.lists(st.tuples(st.text(max_size=3000), st.integers(0, 20)), max_size=12))
def test_what_others_say_is_bounded(contacts):
    lead = opened(number=NUMBER)
    for said, number in contacts:
        lead = heard(lead, said, number=NUMBER, mail=f"m{number}@mail.example")
    assert lead.person == LeadPerson(number=NUMBER)
    assert len(lead.claimed) <= MOST_CLAIMED
    assert len(lead.said) <= LONGEST_SAID
