"""Settings of follow-up: what is refused, and what is doubtful."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from config.sections.follow_up import LeadKind
from follow.lead import ContactKind
from tests.config.files import GOOD, changed, complaints, load_text, warnings

#: Line 40 is ``follow_up:``.
LEADS = GOOD.replace(
    "mailboxes:\n  office: {label: Office}\n",
    """mailboxes:
  office: {label: Office, email: [office@shop.example]}
mail: {sender: ringback@shop.example}
agents:
  kim:
    label: Kim
    password_hash: $argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g
    email: kim@shop.example
    phones: [store]
hours:
  office: {opening_hours: Mo-Fr 09:00-18:00}
follow_up:
  route: sales
  mailbox: office
  promises:
    sales:
      first: 4h
      in: office
      steps:
        - {after: 50%, tell: agent}
        - {after: 100%, tell: mailbox:office}
  acknowledge: {sites: [shop]}
""",
).replace("    countries: [US]\n", "    countries: [US]\n    time_zone: America/New_York\n")


def test_the_settings_know_every_kind_of_contact() -> None:
    assert get_args(LeadKind) == tuple(ContactKind)


def test_a_promise(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, LEADS)
    settings = loaded.config.follow_up
    assert settings is not None
    promise = settings.promises["sales"]
    assert (promise.first, promise.in_, promise.warn) == (4 * 3600.0, "office", 0.75)
    assert [(step.after, step.tell) for step in promise.steps] == [(0.5, "agent"), (1.0, "mailbox:office")]
    assert loaded.warnings == ()


def test_without_the_section_there_are_no_leads(tmp_path: Path) -> None:
    assert load_text(tmp_path, GOOD).config.follow_up is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('first: 4h', 'first: 30s'), ['47:14: follow_up.promises.sales.first: too small: the minimum is 1m']),
        (('in: office', 'in: ofice'), ['48:11: follow_up.promises.sales.in: there is no opening hours called "ofice": did you mean "office"?']),
        (('after: 100%', 'after: 40%'), ['51:19: follow_up.promises.sales.steps[1].after: comes after a later step: write the steps in the order of their times']),
        (('after: 100%', 'after: 100'), ['51:19: follow_up.promises.sales.steps[1].after: write a percentage, such as 50% or 150%']),
        (('tell: mailbox:office', 'tell: mailbox:ofice'), ['51:31: follow_up.promises.sales.steps[1].tell: there is no mailbox called "ofice": did you mean "office"?']),
        (('tell: agent}', 'tell: agent:tim}'), ['50:30: follow_up.promises.sales.steps[0].tell: there is no agent called "tim": did you mean "kim"?']),
        (('tell: agent}', 'tell: everybody}'), ['50:30: follow_up.promises.sales.steps[0].tell: write agent, or somebody such as agent:alice or mailbox:sales']),
        (('    phones: [store]\n', ''), ['42:10: follow_up.route: no agent gets a lead: name agents in its ring steps, such as "agent:alice", or what agents have as "phones" or "follows"']),
        (('route: sales\n  mailbox', 'route: sale\n  mailbox'), ['43:10: follow_up.route: there is no route called "sale": did you mean "sales"?']),
        (('mail: {sender: ringback@shop.example}\n', ''), ['32:27: mailboxes.office.email: nothing says how mail is sent: add the section "mail"', '37:12: agents.kim.email: nothing says how mail is sent: add the section "mail"', '51:3: follow_up.acknowledge: nothing says how mail is sent: add the section "mail"']),
        (('[shop]}\n', "[shop]}\n  forms: {per_ip: [0 per 1h]}\n"), ['53:20: follow_up.forms.per_ip[0]: no form is ever taken: write at least 1, or remove "forms"']),
        (('[shop]}\n', "[shop]}\n  forms: {sites: [shp]}\n"), ['53:19: follow_up.forms.sites[0]: there is no site called "shp": did you mean "shop"?']),
        (('[shop]}\n', "[shop]}\n  forms: {per_ip: []}\n"), ['53:11: follow_up.forms.per_ip: needs at least one item']),
        (('[shop]}\n', "[shop], text: 'Hello {who}'}\n"), ['52:45: follow_up.acknowledge.text: {who} is not a placeholder: the placeholders are: by, context.KEY, name, signed.KEY, site']),
    ],
)  # fmt: skip
def test_what_is_wrong(tmp_path: Path, change: tuple[str, str], expected: list[str]) -> None:
    assert complaints(tmp_path, changed(change, text=LEADS)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('  mailbox: office\n', ''), ['51:3: follow_up.acknowledge: shoppers who answer the mail reach nobody: add "mailbox", whose first address gets the answers']),
        (('  acknowledge', '    rest:\n      first: 5h\n  acknowledge'), ['52:5: follow_up.promises.rest: never fits: a promise before it fits all of its leads']),
        (('    time_zone: America/New_York\n', ''), ['51:17: follow_up.acknowledge.sites: times are told in UTC: give site shop a "time_zone"']),
        (('first: 4h', 'first: 2m'), ['47:14: follow_up.promises.sales.first: 2m is very short: nobody answers that quickly. Is the unit right?']),
    ],
)  # fmt: skip
def test_what_is_doubtful(tmp_path: Path, change: tuple[str, str], expected: list[str]) -> None:
    assert warnings(tmp_path, changed(change, text=LEADS)) == expected
