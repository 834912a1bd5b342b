"""The mails about leads: to the people whose they are, and the acknowledgement to the shopper. Pure.

Subjects are cleaned and bounded; times are told in the reader's zone, with its name. Links show a page and
act by its buttons alone: what scans mails follows links.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

from chat.transcript import Transcript
from config.models import Config
from config.sections.data_pass import DataPass
from follow.lead import ChosenTime, ContactKind, Lead, ReminderKind
from follow.links import SHOPPER, write_link
from notify.delivery import Delivery
from notify.tries import LEAD_AGENT, LEAD_SITE, own_addresses, staff_addresses
from notify.wording import new_delivery_id, one_line, spoken_number

#: What a delivery is about that tells of a lead.
LEAD = "lead:"
#: Where a link leads, below the public URL.
PATH = "/follow-up/"
LONGEST_SUBJECT = 120
#: Fields of the page that one mail tells.
_MOST_FIELDS = 20
_LONGEST_SAID = 2000

#: What happened, by the kind of the last contact.
HAPPENED: Mapping[str, str] = {
    ContactKind.CALL_UNANSWERED: "called, and nobody took the call",
    ContactKind.CALL_LEFT: "waited for a call, and hung up",
    ContactKind.CALL_FAILED: "had a call that broke off",
    ContactKind.UNREACHABLE: "asked for a call twice, and could not be reached",
    ContactKind.VOICEMAIL: "left a voice message",
    ContactKind.CALLBACK: "was promised a callback, and was not reached",
    ContactKind.CHAT_LEFT: "waited for a chat, and left",
    ContactKind.CHAT_UNANSWERED: "had a chat in which nobody answered",
    ContactKind.MESSAGE: "left a written message",
    ContactKind.FLOW_LEFT: "left the questions of a chat before its end",
    ContactKind.FORM: "sent a form",
}
#: Told of a lead that a contact joined by its number or address alone.
SHARED = (
    "Several people may be meant: a later contact gave the same number or address, which anybody can type. "
    "Ask who it is before you tell anything."
)
WHY: Mapping[ReminderKind, str] = {
    "new": "New",
    "back": "Waits again",
    "warning": "Soon overdue",
    "step": "Waits",
    "breach": "Overdue",
}


@dataclass(frozen=True, slots=True)
class LeadReader:
    """Who gets a mail about leads."""

    #: ``agent:NAME`` or ``mailbox:NAME``.
    reader: str
    address: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class LeadNews:
    """A lead that a mail tells of, and why."""

    lead: Lead
    kind: ReminderKind
    #: Of a chat, all that was said; of a voice message, its file.
    transcript: Transcript | None = None
    recording: str | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """One lead, as it is told."""

    title: str
    link: str
    lines: Sequence[tuple[str, str]] = field(default_factory=tuple)
    said: str = ""


def readers_of(config: Config, reader: str, sites: Sequence[str]) -> tuple[LeadReader, ...]:
    """The addresses of ``agent:NAME`` or ``mailbox:NAME``; none where the settings know none."""
    kind, _, name = reader.partition(":")
    known = config.sites.get(sites[0]) if sites else None
    zone = known.time_zone if known else "UTC"
    if kind == "mailbox":
        box = config.mailboxes.get(name)
        return tuple(LeadReader(reader, each, ZoneInfo(zone)) for each in (box.email if box else ()))
    agent = config.agents.get(name)
    if agent is None or agent.email is None:
        return ()
    hours = config.hours.get(agent.hours or "")
    own = agent.time_zone or (hours.time_zone if hours else None) or zone
    return (LeadReader(reader, agent.email, ZoneInfo(own)),)


def staff_mail(
    config: Config,
    to: LeadReader,
    news: Sequence[LeadNews],
    now: float,
    new_id: Callable[[], str] = new_delivery_id,
) -> Delivery:
    """One mail with everything that a reader is to know, the most urgent first."""
    first = news[0].lead
    site = config.sites.get(first.site)
    base = config.public_url_of(first.site)
    blocks = [_block(config, to, each, base, now) for each in news]
    one = len(news) == 1
    about = f"{who(first)} - {site.label if site else first.site}"
    subject = f"Lead: {about}" if one else f"{len(news)} leads wait for you: {about}, …"
    token = write_link(first, to.reader, now)
    mute = f"{base}{PATH}{token}/mute"
    last = (
        f"Times are those of {to.zone.key}. You get this mail as these leads are yours, or your team's.\n"
        f"No more such mails: {mute}"
    )
    transcript = news[0].transcript if one else None
    headers = {
        "List-Unsubscribe": f"<{mute}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        **_reply_to(config),
        **(_thread(config, first) if one else {}),
    }
    kind, _, name = to.reader.partition(":")
    return Delivery(
        delivery_id=new_id(),
        kind="email",
        mailbox=name if kind == "mailbox" else f"{LEAD_AGENT}{name}",
        target=to.address,
        subject=one_line(subject, LONGEST_SUBJECT),
        body=_text(blocks, last, transcript),
        html=_html(blocks, last, transcript, mute),
        attachment=news[0].recording if one else None,
        created_at=now,
        next_at=now,
        site=first.site,
        about=f"{LEAD}{first.lead_id}" if one else "",
        headers=tuple(headers.items()),
    )


def acknowledgement(
    config: Config, lead: Lead, address: str, now: float, new_id: Callable[[], str] = new_delivery_id
) -> Delivery | None:
    """The mail to a shopper who typed an address; None where none is wanted, or the address is ours."""
    settings, site = config.follow_up, config.sites.get(lead.site)
    terms = settings.acknowledge if settings else None
    if terms is None or site is None or (terms.sites and lead.site not in terms.sites):
        return None
    if address.lower() in own_addresses(config) | staff_addresses(config):
        return None
    zone = ZoneInfo(site.time_zone)
    by = f" by {moment_words(lead.due_at, zone)}" if lead.due_at is not None else ""
    if lead.chosen is not None:
        by = f" on {slot_words(lead.chosen, zone)}"
    told = {"site": one_line(site.label), "name": one_line(lead.person.name, 60), "by": by}
    text = filled(terms.text, told)
    link = f"{config.public_url_of(lead.site)}{PATH}{write_link(lead, SHOPPER, now)}"
    quote = [f"> {line}" for line in lead.said[:_LONGEST_SAID].splitlines()]
    body = [text, *(["You wrote:\n" + "\n".join(quote)] if quote else [])]
    ask = "Another time, or none?" if lead.chosen else "You need nothing any more?"
    body.append(f"{ask} Tell us here: {link}")
    html = [f"<p>{escape(text)}</p>"]
    if quote:
        html.append(f"<p>You wrote:</p><blockquote>{_lines(lead.said[:_LONGEST_SAID])}</blockquote>")
    html.append(f'<p>{ask} <a href="{escape(link)}">Tell us here.</a></p>')
    return Delivery(
        delivery_id=new_id(),
        kind="email",
        mailbox=f"{LEAD_SITE}{lead.site}",
        target=address,
        subject=one_line(filled(terms.subject, told), LONGEST_SUBJECT),
        body="\n\n".join(body) + "\n",
        html=_document("".join(html), site.tongue),
        attachment=None,
        created_at=now,
        next_at=now,
        site=lead.site,
        about=f"{LEAD}{lead.lead_id}",
        headers=(
            ("Message-ID", f"<lead-{lead.lead_id}.{_word()}@{domain(config)}>"),
            *_reply_to(config).items(),
        ),
    )


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders filled in; a missing one leaves no hole: ``Dear {name},``."""
    text = template
    for name, value in values.items():
        if not value:  # what stands before an empty placeholder goes with it: a space, or ", "
            text = text.replace(f", {{{name}}}", "").replace(f" {{{name}}}", "")
        text = text.replace(f"{{{name}}}", value)
    return text


def who(lead: Lead) -> str:
    """Who it is, by what is known: a name, a number, or an address."""
    name = one_line(lead.person.name, 60)
    number = spoken_number(lead.person.number) if lead.person.number else ""
    way = number or one_line(lead.person.mail, 100)
    return f"{name} ({way})" if name and way else name or way or "A customer"


def domain(config: Config) -> str:
    """Ours, of the addresses that mails come from."""
    return config.mail.sender.rpartition("@")[2] if config.mail else "invalid"


def digest_of_address(address: str) -> str:
    """By what an address is remembered that got an acknowledgement."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


# --- what stands in them -----------------------------------------------------------------------------------


def _block(config: Config, to: LeadReader, news: LeadNews, base: str, now: float) -> _Block:
    lead = news.lead
    site = config.sites.get(lead.site)
    lines = [
        ("What", HAPPENED.get(lead.kind, lead.kind)),
        ("When", moment_words(lead.last_at, to.zone)),
        ("Due", _due(lead, to.zone)),
        ("Wants a call", slot_words(lead.chosen, to.zone) if lead.chosen else ""),
        ("Number", spoken_number(lead.person.number) if lead.person.number else ""),
        ("E-mail", one_line(lead.person.mail)),
        ("Also given", ", ".join(one_line(each, 100) for each in lead.claimed)),
        ("Note", SHARED if lead.shared else ""),
        ("Site", site.label if site else lead.site),
        ("Page", one_line(lead.page)),
        ("Taken by", _label(config, lead.owner)),
        *_fields(lead, site.data_pass if site else DataPass()),
    ]
    return _Block(
        title=f"{_why(news)}: {who(lead)}",
        link=f"{base}{PATH}{write_link(lead, to.reader, now)}",
        lines=[(name, value) for name, value in lines if value],
        said=lead.said[:_LONGEST_SAID],
    )


def _why(news: LeadNews) -> str:
    wants_a_call = news.lead.chosen is not None and news.kind in ("warning", "step")
    return "Wants a call soon" if wants_a_call else WHY[news.kind]


def _due(lead: Lead, zone: ZoneInfo) -> str:
    if lead.running is None or lead.due_at is None:
        return ""
    return f"{moment_words(lead.due_at, zone)} ({lead.running.explanation})"


def _fields(lead: Lead, rules: DataPass) -> list[tuple[str, str]]:
    """What is known of the shopper besides, such as the cart; without what is sensitive."""
    told = {**lead.context, **lead.signed}
    shown = [(key, one_line(value)) for key, value in told.items() if value and not rules.is_sensitive(key)]
    return [(one_line(key, 60), value) for key, value in shown if key != "customer.name"][:_MOST_FIELDS]


def _label(config: Config, agent: str | None) -> str:
    known = config.agents.get(agent or "")
    return known.label if known else ""


def _text(blocks: Sequence[_Block], last: str, transcript: Transcript | None) -> str:
    parts: list[str] = []
    for block in blocks:
        width = max((len(name) for name, _ in block.lines), default=0) + 2
        lines = [block.title, "", *(f"{name + ':':{width}}{value}" for name, value in block.lines)]
        if block.said:
            lines += ["", *(f"> {line}" for line in block.said.splitlines())]
        lines += ["", f"Take it, call, or close it: {block.link}"]
        parts.append("\n".join(lines))
    if transcript is not None:
        parts.append(transcript.text.rstrip())
    return "\n\n----\n\n".join([*parts, last]) + "\n"


def _html(blocks: Sequence[_Block], last: str, transcript: Transcript | None, mute: str) -> str:
    parts: list[str] = []
    for block in blocks:
        rows = "".join(
            f'<tr><th align="left" valign="top">{escape(name)}</th><td>{escape(value)}</td></tr>'
            for name, value in block.lines
        )
        said = f"<blockquote>{_lines(block.said)}</blockquote>" if block.said else ""
        parts.append(
            f"<h2>{escape(block.title)}</h2><table>{rows}</table>{said}"
            f'<p><a href="{escape(block.link)}">Take it, call, or close it</a></p>'
        )
    if transcript is not None:
        parts.append(f"<pre>{escape(transcript.text)}</pre>")
    zone = escape(last.split("\n")[0])
    parts.append(f'<p><small>{zone} <a href="{escape(mute)}">No more such mails</a></small></p>')
    return _document("<hr>".join(parts), "en")


def _document(body: str, language: str) -> str:
    """No pictures, no script, no colours of our own: readers keep theirs, dark ones too."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="color-scheme" content="light dark"></head><body>{body}</body></html>'
    )


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def moment_words(at: float, zone: ZoneInfo) -> str:
    """A moment in epoch seconds as people read it, with the zone's name."""
    local = datetime.fromtimestamp(at, zone)
    return f"{local:%A}, {local.day} {local:%B %Y, %H:%M} {local.tzname()}"


def slot_words(chosen: ChosenTime, zone: ZoneInfo) -> str:
    """The time that a shopper chose, by the shop's clock, and by theirs where that shows another time."""
    told = _slot(chosen, zone)
    theirs = ZoneInfo(chosen.zone) if chosen.zone else zone
    start = datetime.fromtimestamp(chosen.start, UTC)
    same = start.astimezone(theirs).utcoffset() == start.astimezone(zone).utcoffset()
    return told if same else f"{told} ({_slot(chosen, theirs)})"


def _slot(chosen: ChosenTime, zone: ZoneInfo) -> str:
    start, end = (datetime.fromtimestamp(each, zone) for each in (chosen.start, chosen.end))
    return f"{start:%A}, {start.day} {start:%B %Y, %H:%M} to {end:%H:%M} {end.tzname()}"


def _reply_to(config: Config) -> dict[str, str]:
    """Where people's answers go: the team's mailbox."""
    settings = config.follow_up
    box = config.mailboxes.get(settings.mailbox or "") if settings else None
    return {"Reply-To": box.email[0]} if box and box.email else {}


def _thread(config: Config, lead: Lead) -> dict[str, str]:
    """What makes all mails about a lead one thread: they refer to the same root."""
    root = f"<lead-{lead.lead_id}@{domain(config)}>"
    return {"In-Reply-To": root, "References": root}


def _word() -> str:
    return secrets.token_hex(6)
