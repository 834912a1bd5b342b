"""The section ``follow_up``: shoppers nobody served are answered later, by a promised time.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from config.base import AGENT, CallbackName, HoursName, MailboxName, Model, Name, RouteName, SiteName
from config.checks.templates import check_template
from config.draft import Draft
from config.fields import DAY, HOUR, KeptSeconds, Limit, Percent, Seconds, Window
from config.languages import check_languages
from config.marks import Form, Usual
from config.problems import Loc, suggest
from config.section import Section
from config.sections.agents import Agent
from config.sections.flows import SaidTexts
from config.sections.mailboxes import Mailbox
from config.sections.route import Route, reached
from config.sections.sites import Site
from config.sections.speech import Words, check_spoken

#: What stands before the name of a mailbox where it is told of a lead.
MAILBOX = "mailbox:"
#: Why there may be a lead; the words of ``follow.lead.ContactKind``.
LeadKind = Literal[
    "call_unanswered", "call_left", "call_failed", "unreachable", "voicemail", "callback", "chat_left",
    "chat_unanswered", "message", "flow_left", "form",
]  # fmt: skip
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)%")


def parse_share(value: Any) -> float:
    """A share, which may be more than the whole, from ``150%``."""
    if isinstance(value, str) and (found := _SHARE.fullmatch(value.strip())):
        return float(Decimal(found[1]) / 100)
    raise ValueError("write a percentage, such as 50% or 150%")


Share = Annotated[
    float,
    BeforeValidator(parse_share),
    PlainSerializer(lambda share: f"{(Decimal(repr(float(share))) * 100).normalize():f}%", when_used="json"),
    Form("a percentage, such as 50% or 150%"),
]
Promised = Annotated[
    Seconds,
    Field(ge=60),
    Usual(5 * 60.0, "nobody answers that quickly", 3 * 24 * HOUR, "few shoppers wait that long"),
]


class EscalationStep(Model):
    """Who is told when so much of the promised time is used up."""

    after: Share
    """How much of it: `50%`; `100%` is when it is due; up to `999%`."""
    tell: Annotated[
        str,
        Field(pattern=r"^(agent|(agent|mailbox):[a-z0-9][a-z0-9_-]{0,63})$"),
        Form("agent, or somebody such as agent:alice or mailbox:sales"),
    ]
    """`agent`: whose lead it is; `agent:NAME` or `mailbox:NAME`: these."""


class LeadPromise(Model):
    """By when leads are answered."""

    first: Promised
    """Open time from the shopper's first contact to the first answer of a person."""
    next: Promised | None = None
    """Open time to each further answer, while the shopper spoke last; by default as `first`."""
    in_: HoursName | None = Field(default=None, alias="in")
    """The hours in which time counts, and people are reminded; without hours, always."""
    warn: Percent | None = 0.75
    """When its people are warned, before it is due."""
    steps: tuple[EscalationStep, ...] = ()
    """Who is told besides, and when."""
    sites: tuple[SiteName, ...] = ()
    """Only leads of these sites."""
    kinds: tuple[LeadKind, ...] = ()
    """Only leads that begin so."""


class Acknowledgement(Model):
    """The mail to a shopper who typed an address: what they wanted has arrived, and what is promised."""

    subject: Annotated[str, Field(min_length=1, max_length=120)] = "We have your message"
    """Its subject, with {site}."""
    text: Annotated[str, Field(min_length=1, max_length=2000)] = (
        "Thank you for your message. Somebody of {site} will answer you{by}."
    )
    """Its text, with {site}, {name} and {by}: ` by Monday, 16 November 2026, 11:20 EST`, or nothing where
    nothing is promised."""
    sites: tuple[SiteName, ...] = ()
    """Only for these sites; without, for all."""
    new_addresses: Limit = Window(20, HOUR)
    """How many addresses of one site get one at most: nobody can have strangers mailed."""


class TimesToChoose(Model):
    """The times that shoppers may choose for a call."""

    in_: HoursName | None = Field(default=None, alias="in")
    """The hours in which they lie; without hours, always."""
    slot: Annotated[Seconds, Field(ge=300, le=8 * HOUR)] = 1800.0
    """How long a slot is: a shopper who chooses 10:00 is called between 10:00 and 10:30. The first one of a
    day begins when the doors open."""
    most: Annotated[int, Field(ge=1, le=1000)] = 2
    """How many shoppers of a site may choose the same one."""
    notice: Seconds = HOUR
    """How long before it begins it must be chosen."""
    ahead: Annotated[KeptSeconds, Field(ge=HOUR, le=31 * DAY)] = 5 * DAY
    """How far ahead one may be chosen."""
    remind: Annotated[Seconds, Field(le=DAY)] = 600.0
    """How long before it begins those whose lead it is are reminded."""
    callback: CallbackName | None = None
    """The terms of [callbacks](#callbacksname) by which the call is dialled by itself when the
    slot begins, the people of the site's route first: their `tries`, `pause`, `first_leg` and texts count.
    Without it, whose lead it is calls with one click."""


class LeadForms(Model):
    """Forms of the shop's own pages that leave a lead without a call or a chat."""

    sites: tuple[SiteName, ...] = ()
    """Only on pages of these sites; without, of all."""
    per_ip: Annotated[tuple[Limit, ...], Field(min_length=1)] = (Window(5, HOUR), Window(20, DAY))
    """Forms that one IP address may send; of IPv6 its /64, and four times as many its /56, sixteen times its
    /48. What was refused does not count, and a restart forgets what was sent."""
    per_site: Annotated[tuple[Limit, ...], Field(min_length=1)] = (Window(200, HOUR), Window(1000, DAY))
    """Forms of one site, whoever sends them."""
    proof: bool = False
    """Whether forms need a [proof of work](limits.md#proof-of-work) as calls do, by the site's
    `proof_of_work`. The panel's form makes it by itself; forms of your own pages must send it as `proof`."""
    panel: Literal["never", "nobody", "always"] = "nobody"
    """Whether the [panel](follow-up.md#in-the-panel) has a form of its own: where nobody is there to talk,
    always, or never."""
    consent: SaidTexts | None = None
    """What shoppers read above its button, such as how you use their number: one text, or one by language."""
    times: TimesToChoose | None = None
    """Whether shoppers may [choose a time](follow-up.md#choose-a-time) for the call."""


class FollowUp(Model):
    """Follow-up of shoppers nobody served: with this section, each becomes a [lead](follow-up.md)."""

    route: RouteName | None = None
    """The root of the routes that say whose a lead is: the first of their ring steps that names agents, or
    destinations that agents have as `phones` or `follows`. Who is closed or away counts, too: they are there
    tomorrow. Without a route a lead is everybody's who works for the site."""
    promises: dict[Name, LeadPromise] = {}
    """What is promised, by name: the first that fits a lead is its own. Without one, nothing is due."""
    mailbox: MailboxName | None = None
    """Where shoppers' answers to our mails go (Reply-To), and who is told of leads that are no agent's."""
    forms: LeadForms | None = None
    """Whether [forms of your pages](follow-up.md#forms) may leave a lead; without it, none is taken."""
    acknowledge: Acknowledgement | None = None
    """Whether shoppers who typed an address are mailed that we have heard them."""
    whisper: Words = "Web lead for {site}{from_shopper}. Press 1 to take the call, or 2 to decline."
    """What a synthetic voice says to an agent at a phone whose lead is called, before the shopper is dialled;
    placeholders as in `screening`."""
    digest: Annotated[
        Seconds, Field(ge=60), Usual(10 * 60.0, "people get many mails", 24 * HOUR, "people hear late")
    ] = HOUR
    """How long after a mail a person gets no other one: then all that has happened is in one."""
    absent: Annotated[Seconds, Field(ge=60)] = 1800.0
    """Open time after which the lead of an agent who is offline is given back."""
    close_after: Annotated[KeptSeconds, Field(ge=3600)] = 30 * 86400.0
    """How long after its last contact a lead is closed by itself."""


def check_follow_up(draft: Draft) -> None:
    """Problems and warnings of follow-up."""
    settings = draft.section(FollowUp)
    if settings is None:
        return
    here: Loc = ("follow_up",)
    check_spoken(draft, here, settings, "whisper")
    earlier: list[LeadPromise] = []
    for name, promise in settings.promises.items():
        loc: Loc = (*here, "promises", name)
        _steps(draft, loc, promise)
        if any(_covers(each, promise) for each in earlier):
            draft.doubtful(loc, "never fits: a promise before it fits all of its leads")
        earlier.append(promise)
    if settings.forms is not None:
        _forms(draft, (*here, "forms"), settings, settings.forms)
    _agents(draft, here, settings)
    _mails(draft, here, settings)


def _forms(draft: Draft, loc: Loc, settings: FollowUp, forms: LeadForms) -> None:
    if forms.consent is not None:
        sites = draft.items(Site)
        names = [name for name in sites if not forms.sites or name in forms.sites]
        languages = dict.fromkeys(each for name in names for each in sites[name].page_languages)
        check_languages(draft, (*loc, "consent"), forms.consent, languages)
    if forms.times is not None and not settings.promises:
        draft.wrong((*loc, "times"), 'nothing is promised to anybody: add "promises", which say who is told')
    for name, windows in (("per_ip", forms.per_ip), ("per_site", forms.per_site)):
        for index, window in enumerate(windows):
            if window.times == 0:
                draft.wrong((*loc, name, index), 'no form is ever taken: write at least 1, or remove "forms"')


def _covers(one: LeadPromise, other: LeadPromise) -> bool:
    sites = not one.sites or (bool(other.sites) and set(other.sites) <= set(one.sites))
    kinds = not one.kinds or (bool(other.kinds) and set(other.kinds) <= set(one.kinds))
    return sites and kinds


def _steps(draft: Draft, loc: Loc, promise: LeadPromise) -> None:
    last = 0.0
    for index, step in enumerate(promise.steps):
        here: Loc = (*loc, "steps", index)
        if step.after < last:
            draft.wrong(
                (*here, "after"), "comes after a later step: write the steps in the order of their times"
            )
        last = max(last, step.after)
        kind, _, name = step.tell.partition(":")
        if not name:
            continue
        section = "agents" if kind == "agent" else "mailboxes"
        if name not in draft.named(section):
            one, many = ("agent", "agents") if kind == "agent" else ("mailbox", "mailboxes")
            draft.wrong(
                (*here, "tell"),
                f'there is no {one} called "{name}": {suggest(name, draft.named(section), many)}',
            )
        elif kind == "agent" and (agent := draft.items(Agent).get(name)) and agent.email is None:
            draft.doubtful((*here, "tell"), f'nobody is told: agent {name} has no "email"')
        elif kind == "mailbox" and (box := draft.items(Mailbox).get(name)) and not box.email:
            draft.doubtful((*here, "tell"), f'nobody is told: mailbox {name} has no "email"')
        draft.used(section, [name])


def _agents(draft: Draft, loc: Loc, settings: FollowUp) -> None:
    """Leads are agents': their page and their phones are where they are worked on."""
    if settings.route is None:
        return
    routes = draft.items(Route)
    steps = [step for name in reached(routes, [settings.route]) for step in routes[name].steps or ()]
    named = {name for step in steps for name in step.destinations}
    theirs = {name for agent in draft.items(Agent).values() for name in (*agent.phones, *agent.follows)}
    tables = {name.partition("/")[0] for name in theirs if "/" in name}
    if steps and not any(name.startswith(AGENT) or name in theirs | tables for name in named):
        draft.wrong(
            (*loc, "route"),
            f'no agent gets a lead: name agents in its ring steps, such as "{AGENT}alice", or what agents '
            'have as "phones" or "follows"',
        )


def _mails(draft: Draft, loc: Loc, settings: FollowUp) -> None:
    boxes, sites = draft.items(Mailbox), draft.items(Site)
    if settings.acknowledge is not None and draft.tree.get("mail") is None:
        draft.wrong((*loc, "acknowledge"), 'nothing says how mail is sent: add the section "mail"')
        return
    if settings.acknowledge is not None:
        check_template(
            draft, (*loc, "acknowledge", "text"), settings.acknowledge.text, ("site", "name", "by")
        )
        check_template(draft, (*loc, "acknowledge", "subject"), settings.acknowledge.subject, ("site",))
    if settings.acknowledge is not None and settings.mailbox is None:
        draft.doubtful(
            (*loc, "acknowledge"),
            'shoppers who answer the mail reach nobody: add "mailbox", whose first address gets the answers',
        )
    box = boxes.get(settings.mailbox or "")
    if box is not None and not box.email:
        draft.doubtful((*loc, "mailbox"), 'nobody is told: this mailbox has no "email"')
    for name in settings.acknowledge.sites if settings.acknowledge else ():
        if name in sites and draft.source.find(("sites", name, "time_zone")) is None:
            draft.doubtful(
                (*loc, "acknowledge", "sites"), f'times are told in UTC: give site {name} a "time_zone"'
            )


FOLLOW_UP = Section(checks=(check_follow_up,))
