"""Mails about leads: what stands in them, and that nothing goes in circles."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.entries import ChatEntry
from chat.transcript import TranscriptHead, transcript
from config.models import Config
from config.sections.agents import Agent
from config.sections.follow_up import Acknowledgement, FollowUp
from config.sections.mail import Mail
from config.sections.mailboxes import Mailbox
from follow.events import LeadOpened
from follow.lead import ChosenTime, Lead
from follow.machine import open_lead
from notify.delivery import Delivery
from notify.lead_mail import LeadNews, acknowledgement, filled, readers_of, staff_mail, who
from notify.mail import compose
from notify.tries import MailErrand, TryFailed, errand
from tests.api.test_leads import HASH
from tests.follow.samples import FRIDAY, PAT, SALES, at, unserved
from tests.notify.parts import settings

KIM = "agent:kim"


def config(**follow_up: object) -> Config:
    plain = settings(
        mail=Mail(sender="ringback@shop.example", bounces="bounces@shop.example"),
        mailboxes={"lead": Mailbox(label="Leads", email=("team@shop.example",))},
    )
    agents = {
        "kim": Agent(label="Kim", password_hash=HASH, email="kim@shop.example", time_zone="America/Lima"),
        "lee": Agent(label="Lee", password_hash=HASH),
    }
    settled = {"mailbox": "lead", "acknowledge": Acknowledgement()} | follow_up
    return plain.model_copy(update={"agents": agents, "follow_up": FollowUp(**settled)})  # type: ignore[arg-type]


def lead(**changes: object) -> Lead:
    opened = open_lead("a" * 24, LeadOpened(unserved(), ("kim",)), SALES, FRIDAY, "secret").lead
    return replace(opened, **changes)  # type: ignore[arg-type]


def mail_of(delivery: Delivery, settings: Config) -> EmailMessage:
    assert settings.mail is not None
    content = compose(delivery, settings.mail.sender, None)
    read = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


def staff(*leads: Lead, reader: str = KIM, of: Config | None = None) -> Delivery:
    settled = of or config()
    [to] = readers_of(settled, reader, ["shop"])
    return staff_mail(settled, to, [LeadNews(each, "new") for each in leads], FRIDAY)


def test_a_mail_to_staff_says_what_who_how_and_by_when_in_the_readers_zone():
    delivery = staff(lead(context={"cart.value": "120"}, said="In blue?"))
    assert delivery.subject == "Lead: Pat (+1 617-555-0123) - Boston Shop"
    for told in (
        "New: Pat (+1 617-555-0123)",
        "called, and nobody took the call",
        "Friday, 13 November 2026, 16:20 -05",
        "Monday, 16 November 2026, 11:20 -05 (due Mon 11:20 EST: 1 h 40 min on Fri, 2 h 20 min on Mon)",
        "pat@mail.example",
        "https://shop.example/",
        "120",
        "> In blue?",
        "/follow-up/" + "a" * 24,
        "Times are those of America/Lima.",
    ):
        assert told in delivery.body, told


def test_its_headers_stop_loops_and_keep_one_thread():
    settled = config()
    first, second = (mail_of(staff(lead(), of=settled), settled) for _ in range(2))
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["X-Auto-Response-Suppress"] == "All"
    assert first["Reply-To"] == "team@shop.example"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http\S+/follow-up/\S+/mute>", first["List-Unsubscribe"])
    assert first["References"] == first["In-Reply-To"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Subject"] == second["Subject"]


def test_a_digest_has_all_and_says_how_many():
    other = replace(lead(), lead_id="b" * 24, person=replace(PAT, name="Sam"))
    delivery = staff(lead(), other)
    assert delivery.subject.startswith("2 leads wait for you: Pat")
    assert delivery.body.count("Take it, call, or close it:") == 2
    assert "References" not in dict(delivery.headers)
    assert delivery.about == ""


def test_html_has_no_picture_no_script_and_nothing_of_the_shopper_is_markup():
    page = staff(lead(said="<script>x</script><img src=http://evil.example>", context={"a": "<b>"})).html
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert not re.findall(r"<[^>]*(?:src|background)=", page)


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_a_shopper_is_called_the_subject_is_one_clean_line(name, said):
    delivery = staff(lead(person=replace(PAT, name=name), said=said))
    assert len(delivery.subject) <= 120
    assert not re.search("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", delivery.subject)
    mail = mail_of(delivery, config())
    assert len(mail.get_all("Subject", [])) == 1
    assert mail.get_all("Bcc") is None


def test_a_transcript_is_complete():
    """LHC PR#1309: cut at 100 entries."""
    entries = [
        ChatEntry(n, FRIDAY + n, "shopper" if n % 2 else "agent", "text", f"line {n}!")
        for n in range(1, 5001)
    ]
    head = TranscriptHead("th-1", "Shop", ZoneInfo("America/New_York"), for_shopper=False)
    settled = config()
    [to] = readers_of(settled, KIM, ["shop"])
    news = LeadNews(lead(), "new", transcript(head, entries))
    body = staff_mail(settled, to, [news], FRIDAY).body
    assert all(f"line {n}!" in body for n in range(1, 5001))


def test_who_gets_it_is_in_the_settings_at_the_moment_of_sending():
    settled = config()
    assert readers_of(settled, "agent:lee", ["shop"]) == ()
    assert readers_of(settled, "agent:gone", ["shop"]) == ()
    [team] = readers_of(settled, "mailbox:lead", ["shop"])
    assert (team.address, team.zone.key) == ("team@shop.example", "America/New_York")
    mail = errand(staff(lead(), of=settled), settled)
    assert isinstance(mail, MailErrand)
    moved = settled.agents["kim"].model_copy(update={"email": "new@shop.example"})
    other = settled.model_copy(update={"agents": {"kim": moved}})
    assert isinstance(errand(staff(lead(), of=settled), other), TryFailed)


# --- to the shopper ----------------------------------------------------------------------------------------


def test_an_acknowledgement_tells_what_is_promised_quotes_and_offers_a_way_out():
    settled = config()
    delivery = acknowledgement(settled, lead(said="In blue?\nOr red?"), "pat@mail.example", FRIDAY)
    assert delivery is not None
    assert delivery.subject == "We have your message"
    assert "Somebody of Boston Shop will answer you by Monday, 16 November 2026, 11:20 EST." in delivery.body
    assert "> In blue?\n> Or red?" in delivery.body
    assert "/follow-up/" in delivery.body
    mail = mail_of(delivery, settled)
    assert mail["Message-ID"].startswith(f"<lead-{'a' * 24}.")
    assert mail["Reply-To"] == "team@shop.example"
    assert isinstance(errand(delivery, settled), MailErrand)


def test_an_acknowledgement_of_a_chosen_time_tells_it_by_both_clocks():
    chosen = ChosenTime(at("2026-11-16 14:00"), 1800.0, zone="Europe/Berlin")
    mail = acknowledgement(config(), lead(chosen=chosen), "pat@mail.example", FRIDAY)
    assert mail is not None
    assert (
        "on Monday, 16 November 2026, 14:00 to 14:30 EST (Monday, 16 November 2026, 20:00 to 20:30 CET)."
        in mail.body
    )
    assert "Another time, or none? Tell us here: " in mail.body


def test_a_mail_to_staff_says_when_a_call_is_wanted_and_that_others_may_be_meant():
    chosen = ChosenTime(at("2026-11-16 14:00"), 1800.0)
    settled = config()
    [to] = readers_of(settled, KIM, ["shop"])
    shared = lead(chosen=chosen, shared=True, claimed=("+16175550144", "m@mail.example"))
    mail = staff_mail(settled, to, [LeadNews(shared, "warning")], FRIDAY)
    assert "Wants a call soon: Pat" in mail.body
    assert "Wants a call: Monday, 16 November 2026, 14:00 to 14:30 -05" in " ".join(mail.body.split())
    assert "Also given: +16175550144, m@mail.example" in " ".join(mail.body.split())
    assert "Ask who it is before you tell anything." in mail.body


@pytest.mark.parametrize(
    "address", ["ringback@shop.example", "Bounces@shop.example", "team@shop.example", "KIM@shop.example"]
)
def test_nothing_is_mailed_to_ourselves(address):
    settled = config()
    assert acknowledgement(settled, lead(), address, FRIDAY) is None


def test_a_mail_that_waits_is_not_sent_to_an_address_that_has_become_ours():
    settled = config()
    delivery = acknowledgement(settled, lead(), "pat@mail.example", FRIDAY)
    assert delivery is not None
    own = settled.model_copy(update={"mail": Mail(sender="pat@mail.example")})
    assert errand(delivery, own) == TryFailed(
        "it is an address of ours: nothing is mailed in circles", final=True
    )


def test_sites_without_an_acknowledgement_send_none():
    assert acknowledgement(config(acknowledge=None), lead(), "pat@mail.example", FRIDAY) is None
    other = config(acknowledge=Acknowledgement(sites=("other",)))
    assert acknowledgement(other, lead(), "pat@mail.example", FRIDAY) is None


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Dear {name}, hello", "Dear, hello"),
        ("Hello, {name}! By {site}", "Hello! By Shop"),
        ("We answer you{by}.", "We answer you."),
        ("{name}Hi", "Hi"),
    ],
)
def test_what_is_not_known_leaves_no_hole(template, text):
    """zendesk_sdk_chat_ios#54."""
    assert filled(template, {"name": "", "by": "", "site": "Shop"}) == text


def test_who_it_is_by_what_is_known():
    assert who(lead()) == "Pat (+1 617-555-0123)"
    assert who(lead(person=replace(PAT, number="", name=""))) == "pat@mail.example"
    assert who(lead(person=replace(PAT, number="", name="", mail=""))) == "A customer"
