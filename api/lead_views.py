"""What people are shown of leads: in lists, and one with all that is known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bridge.masking import mask_number
from chat.entries import ChatEntry
from config.models import Config
from cti.pop import KnownCall, Viewer, make_pop
from follow.lead import Lead, LeadContact
from notify.wording import one_line
from routing.places import Place
from routing.plan import ClickToCall

#: Characters of what was said that a list shows.
LONGEST_SAID = 200
_MAIL_SEEN = 2
#: The longest note of a lead, in characters.
LONGEST_NOTE = 2000


class LeadEntry(BaseModel):
    """One lead, as a list shows it. Times are epoch seconds."""

    lead_id: str
    site: str
    site_label: str
    name: str
    number: str = Field(description="E.164; masked for who may not see it.")
    email: str
    kind: str = Field(description="How they tried last, such as `voicemail`.")
    said: str = Field(description="The beginning of what they wrote.")
    page: str
    queue: str
    opened_at: float
    last_at: float
    state: Literal["waiting", "answered", "closed"]
    owner: str | None
    owner_label: str | None
    assigned: list[str]
    promise: str | None
    due_at: float | None
    overdue: bool
    explanation: str
    chosen_at: float | None = Field(
        description="When the shopper wants to be called, until `due_at`; None where they chose no time."
    )
    breached: bool
    tries: int = Field(description="How often it was called in between.")
    code: str
    note: str
    closed_at: float | None
    closed_how: str


class LeadFieldEntry(BaseModel):
    """One thing that is known of the shopper."""

    label: str
    value: str
    signed: bool
    masked: bool


class LeadContactEntry(BaseModel):
    """One try of the shopper to reach the business, or of an agent to reach them."""

    kind: str
    ref: str
    at: float
    by: str = Field(description="The agent; empty where it was the shopper.")


class LeadLineEntry(BaseModel):
    """One thing said in a chat of theirs."""

    at: float
    by: str
    text: str


class LeadDetail(LeadEntry):
    """A lead with all that is known."""

    fields: list[LeadFieldEntry]
    contacts: list[LeadContactEntry]
    chat: list[LeadLineEntry] = Field(description="Their last chat, complete.")
    said_all: str
    shared: bool = Field(
        description="Whether a contact joined it by its number or address alone, maybe another person's."
    )
    claimed: list[str] = Field(
        description="Numbers and addresses that such contacts gave; nobody has checked them."
    )


class LeadCounts(BaseModel):
    """How many leads are open, by view."""

    open: int
    due: int
    overdue: int
    mine: int


class LeadList(BaseModel):
    """A page of leads."""

    leads: list[LeadEntry]
    counts: LeadCounts
    next: str | None = Field(description="Where the next page begins; None on the last.")
    codes: dict[str, str] = Field(description="What a lead may be closed with, and what each is called.")


class LeadDone(BaseModel):
    """How a lead ended."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str = Field(default="", max_length=64, description="One of `codes` of the list; empty for none.")
    note: str = Field(default="", max_length=LONGEST_NOTE)


@dataclass(frozen=True, slots=True)
class LeadView:
    """Who looks: the sites whose leads they see, their name if they are an agent, and their rights."""

    sites: Collection[str] | None
    agent: str = ""
    numbers: bool = True
    sensitive: bool = True
    #: Whether they see their own and their team's alone: those that the route names them for.
    own_only: bool = False

    def sees(self, lead: Lead) -> bool:
        """Whether this lead is theirs to see."""
        if self.sites is not None and lead.site not in self.sites:
            return False
        named = not lead.assigned or self.agent in lead.assigned
        return not self.own_only or lead.owner == self.agent or named

    def works_on(self, lead: Lead) -> bool:
        """Whether it is theirs, or may become so."""
        return lead.owner == self.agent or (lead.owner is None and self.agent in lead.assigned)


def agent_view(agent: str, config: Config) -> LeadView:
    """An agent, as the settings let them see."""
    known = config.agents.get(agent)
    rights = known.rights if known else ()
    return LeadView(
        config.sites_of_agent(agent),
        agent,
        numbers="numbers" in rights,
        sensitive="sensitive" in rights,
        own_only="supervise" not in rights,
    )


def entry(lead: Lead, config: Config, view: LeadView, now: float) -> LeadEntry:
    """A lead, as this viewer sees it in a list."""
    return LeadEntry(**_values(lead, config, view, now))


def detail(
    lead: Lead,
    contacts: Sequence[LeadContact],
    chat: Sequence[ChatEntry],
    config: Config,
    view: LeadView,
    now: float,
) -> LeadDetail:
    """A lead with everything that this viewer may see."""
    click = ClickToCall(
        lead.site, lead.person.number, lead.page, lead.context, "", "phone", lead.signed, reached=False
    )
    pop = make_pop(
        KnownCall(lead.lead_id, click, lead.opened_at, Place()),
        config,
        Viewer(view.agent, sensitive=view.sensitive, numbers=view.numbers),
    )
    fields = [
        LeadFieldEntry(label=each.label, value=each.value, signed=signed, masked=each.masked)
        for signed, told in ((True, pop.signed), (False, pop.claimed))
        for each in told
    ]
    return LeadDetail(
        **_values(lead, config, view, now),
        fields=fields,
        contacts=[
            LeadContactEntry(kind=str(each.kind), ref=each.ref, at=each.at, by=each.by) for each in contacts
        ],
        chat=[LeadLineEntry(at=each.at, by=each.by, text=each.text) for each in chat],
        said_all=lead.said,
        shared=lead.shared,
        claimed=[each if view.numbers else _masked(each) for each in lead.claimed],
    )


def counts(leads: Sequence[Lead], view: LeadView, now: float) -> LeadCounts:
    """How many of these open leads each view of a list has."""
    return LeadCounts(
        open=len(leads),
        due=sum(lead.due_at is not None for lead in leads),
        overdue=sum(is_overdue(lead, now) for lead in leads),
        mine=sum(lead.owner == view.agent for lead in leads) if view.agent else 0,
    )


def is_overdue(lead: Lead, now: float) -> bool:
    """Whether a promise that runs is broken."""
    return lead.due_at is not None and now >= lead.due_at


def matches(search: str) -> Callable[[Lead], bool]:
    """Whether a lead has this text in its name, number, address or words; an empty text fits all."""
    wanted = search.strip().casefold()
    digits = "".join(each for each in wanted if each.isdigit())

    def fits(lead: Lead) -> bool:
        who = lead.person
        given = "\n".join(lead.claimed)
        if wanted in f"{who.name}\n{who.mail}\n{given}\n{lead.said}\n{lead.page}\n{lead.site}".casefold():
            return True
        return len(digits) >= 3 and digits in lead.person.number

    return fits if wanted else lambda lead: True


def _values(lead: Lead, config: Config, view: LeadView, now: float) -> dict[str, object]:
    site, owner = config.sites.get(lead.site), config.agents.get(lead.owner or "")
    number = lead.person.number
    return {
        "lead_id": lead.lead_id,
        "site": lead.site,
        "site_label": site.label if site else lead.site,
        "name": one_line(lead.person.name, 80),
        "number": number if view.numbers else mask_number(number),
        "email": lead.person.mail if view.numbers else _masked_mail(lead.person.mail),
        "kind": str(lead.kind),
        "said": one_line(lead.said, LONGEST_SAID),
        "page": lead.page,
        "queue": lead.queue,
        "opened_at": lead.opened_at,
        "last_at": lead.last_at,
        "state": lead.state.value,
        "owner": lead.owner,
        "owner_label": owner.label if owner else lead.owner,
        "assigned": list(lead.assigned),
        "promise": lead.running.promise if lead.running else None,
        "due_at": lead.due_at,
        "overdue": is_overdue(lead, now),
        "explanation": lead.running.explanation if lead.running else "",
        "chosen_at": lead.chosen.start if lead.chosen else None,
        "breached": lead.breached,
        "tries": lead.tries,
        "code": lead.code,
        "note": lead.note,
        "closed_at": lead.closed_at,
        "closed_how": lead.closed_how,
    }


def _masked(told: str) -> str:
    """A number or an address, masked."""
    return _masked_mail(told) if "@" in told else mask_number(told)


def _masked_mail(mail: str) -> str:
    local, at, host = mail.partition("@")
    return f"{local[:_MAIL_SEEN]}•••{at}{host}" if mail else ""
