"""The pages behind the links in mails about leads: they show, and act by their buttons alone.

They need no script, and tell nobody but who has the link. Looking changes nothing: what scans mails for bad
links looks at them too. The one POST that no page of ours makes is that of a mail program (RFC 8058).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from html import escape
from typing import Protocol
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.lead_views import LeadDetail, LeadView, agent_view
from api.lead_work import LeadWork
from api.problems import RequestError
from api.routes import UrlRow, for_people
from api.shop.lead_texts import LeadWords, lead_words
from api.shop.link_page import LinkPage
from bridge.protocols import Clock
from config.models import Config
from follow.lead import ChosenTime, Lead, LeadState
from follow.links import SHOPPER, LeadLink, is_signed, read_link
from notify.lead_mail import HAPPENED, PATH, SHARED, moment_words, slot_words
from notify.wording import spoken_number
from routing.language import clock_words, short_moment, written
from store.errors import StoreError

_PAGE = LinkPage(
    width="34rem",
    accent="#0b57d0",
    dark_accent="#a8c7fa",
    on_dark_accent="#062e6f",
    style=""".site, .soft, dt { color: var(--soft); }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; overflow-wrap: anywhere; }
p, dl, blockquote { margin: 0 0 .75rem; overflow-wrap: anywhere; }
blockquote { padding-left: .75rem; border-left: .1875rem solid var(--soft); white-space: pre-wrap; }
dl { display: grid; grid-template-columns: minmax(6rem, auto) 1fr; gap: .25rem 1rem; }
dd { margin: 0; min-width: 0; }
@media (max-width: 26rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .375rem; } }
form { margin: .75rem 0 0; }
button { width: 100%; min-height: 3rem; padding: .5rem 1rem; border: .125rem solid var(--accent);
  border-radius: .625rem; background: transparent; color: var(--ink); font: inherit; font-weight: 600;
  cursor: pointer; }
button.first { background: var(--accent); color: var(--on-accent); }
select { display: block; width: 100%; min-height: 3rem; margin: .25rem 0 .75rem; padding: .5rem;
  border: .0625rem solid var(--soft); border-radius: .625rem; background: var(--paper); color: var(--ink);
  font: inherit; }
:is(select, button, summary):focus-visible { outline: .1875rem solid var(--ink); outline-offset: .1875rem; }
summary { min-height: 2.75rem; padding: .5rem 0; cursor: pointer; font-weight: 600; }
""",
)
#: What the buttons of a lead's page do.
_ACTS = ("take", "call", "release", "done", "cancel", "move")
#: Bytes of the form that says which time; more is none of ours.
_LONGEST_FORM = 200


class LeadMutes(Protocol):
    """Who wants no mails; may raise store.errors.StoreError."""

    async def mute(self, reader: str, at: float | None) -> None:
        """A reader wants no more mails from now on; None: wants them again."""


class LeadLinkPages:
    """``/follow-up/{token}``, for agents, teams and shoppers, each by their own link."""

    def __init__(
        self, *, config: Callable[[], Config], clock: Clock, work: LeadWork, mutes: LeadMutes
    ) -> None:
        self._config = config
        self._clock = clock
        self._work = work
        self._mutes = mutes

    def routes(self) -> tuple[UrlRow, ...]:
        """The pages' addresses."""
        path = f"{PATH}{{token}}"
        return (
            *for_people(path, self.show, _PAGE.headers),
            *for_people(f"{path}/mute", self.ask_mute, _PAGE.headers),
            *for_people(f"{path}/mute", self.mute, _PAGE.headers, method="POST"),
            *for_people(f"{path}/unmute", self.unmute, _PAGE.headers, method="POST"),
            *(
                row
                for act in _ACTS
                for row in for_people(f"{path}/{act}", self.act, _PAGE.headers, method="POST")
            ),
        )

    async def show(self, request: Request) -> Response:
        """The lead; a link that opens none gets a friendly page."""
        return await self._with_lead(request, self._show)

    async def act(self, request: Request) -> Response:
        """Do what a button says, and go to the lead's page, so that a reload asks for nothing."""
        return await self._with_lead(request, lambda lead, link: self._act(request, lead, link))

    async def ask_mute(self, request: Request) -> Response:
        """Ask whether they really want no more mails."""
        return await self._with_lead(request, self._ask_mute)

    async def mute(self, request: Request) -> Response:
        """Mail them no more: from the page's button, or at once by their mail program (RFC 8058)."""
        return await self._with_lead(request, lambda lead, link: self._mute(link, self._clock.time()))

    async def unmute(self, request: Request) -> Response:
        """Mail them again."""
        return await self._with_lead(request, lambda lead, link: self._mute(link, None))

    async def _with_lead(
        self, request: Request, go: Callable[[Lead, LeadLink], Awaitable[Response]]
    ) -> Response:
        link = read_link(request.path_params["token"])
        try:
            lead = await self._work.find(link.lead_id) if link else None
            if link is None or lead is None or not is_signed(link, lead, self._clock.time()):
                return _unknown()
            return await go(lead, link)
        except StoreError:
            body = "<p>Our server is in trouble. Please open this link again in a moment.</p>\n"
            return _PAGE.html("Please try again", body, status=503, headers={"Retry-After": "5"})

    # --- staff ----------------------------------------------------------------------------------------------

    def _view(self, link: LeadLink, lead: Lead) -> LeadView | None:
        """Who has the link, as the settings let them see now; None for who is gone from them."""
        kind, _, name = link.reader.partition(":")
        config = self._config()
        if kind == "agent" and name in config.agents:
            view = agent_view(name, config)
            return view if view.sees(lead) else None
        if kind == "mailbox" and name in config.mailboxes:
            return LeadView({lead.site}, numbers=True, sensitive=False)
        return None

    async def _show(self, lead: Lead, link: LeadLink, trouble: str = "") -> Response:
        if link.reader == SHOPPER:
            return self._for_shopper(lead, link)
        view = self._view(link, lead)
        if view is None:
            return _unknown()
        try:
            found = await self._work.look(view, lead.lead_id)
        except RequestError:
            return _unknown()
        return self._for_staff(found, lead, link, view, trouble)

    def _for_staff(
        self, found: LeadDetail, lead: Lead, link: LeadLink, view: LeadView, trouble: str
    ) -> Response:
        zone = ZoneInfo(self._zone(lead))
        rows = [
            ("What", HAPPENED.get(found.kind, found.kind)),
            ("When", moment_words(found.last_at, zone)),
            ("Due", f"{moment_words(found.due_at, zone)} ({found.explanation})" if found.due_at else ""),
            ("Wants a call", slot_words(lead.chosen, zone) if lead.chosen else ""),
            ("Number", spoken_number(found.number) if "•" not in found.number else found.number),
            ("E-mail", found.email),
            ("Also given", ", ".join(found.claimed)),
            ("Page", found.page),
            ("Taken by", found.owner_label or ""),
            ("Closed", found.closed_how),
            *((field.label, "•••" if field.masked else field.value) for field in found.fields),
        ]
        told = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in rows if value)
        body = f'<p role="alert"><b>{escape(trouble)}</b></p>\n' if trouble else ""
        if found.shared:
            body += f"<p>{escape(SHARED)}</p>\n"
        body += f"<dl>{told}</dl>\n"
        if found.said_all:
            body += f"<blockquote>{escape(found.said_all)}</blockquote>\n"
        if found.chat:
            lines = "\n".join(f"<p><b>{escape(each.by)}:</b> {escape(each.text)}</p>" for each in found.chat)
            body += f"<details><summary>The chat ({len(found.chat)})</summary>\n{lines}\n</details>\n"
        return _PAGE.html(
            found.name or found.number or found.email or "A customer",
            body + self._buttons(lead, link, view),
            site=found.site_label,
            status=409 if trouble else 200,
        )

    def _buttons(self, lead: Lead, link: LeadLink, view: LeadView) -> str:
        if not lead.open:
            return '<p class="soft">There is nothing left to do.</p>\n'
        words: list[tuple[str, str]] = []
        if view.agent and lead.owner in (None, view.agent):
            if lead.person.number:
                words.append(("call", "Call now: my phone first"))
            words.append(("take", "I take it") if lead.owner is None else ("release", "Give it back"))
        words.append(("done", "Done"))
        return "".join(
            f'<form method="post" action="{link.text}/{act}"><button type="submit"'
            f"{' class=first' if number == 0 else ''}>{text}</button></form>\n"
            for number, (act, text) in enumerate(words)
        )

    async def _act(self, request: Request, lead: Lead, link: LeadLink) -> Response:
        act = request.url.path.rpartition("/")[2]
        if link.reader == SHOPPER:
            if act == "move":
                return await self._move(request, lead, link)
            if act != "cancel":
                return _unknown()
            found = self._work.cancel(lead.lead_id)
            return self._noted(found) if found is not None and found.open else _back(link)
        view = self._view(link, lead)
        if view is None or act in ("cancel", "move") or (not view.agent and act != "done"):
            return _unknown()
        try:
            await self._do(act, view, lead.lead_id)
        except RequestError as refused:
            return await self._show(lead, link, refused.problem.title)
        return _back(link)

    async def _do(self, act: str, view: LeadView, lead_id: str) -> None:
        match act:
            case "take":
                await self._work.take(view, lead_id)
            case "release":
                await self._work.release(view, lead_id)
            case "call":
                await self._work.call(view, lead_id)
            case _:
                await self._work.close(view, lead_id, "", "")

    # --- mails ----------------------------------------------------------------------------------------------

    async def _ask_mute(self, lead: Lead, link: LeadLink) -> Response:
        if link.reader == SHOPPER:
            return _unknown()
        body = (
            "<p>You will get no more mails about leads. They stay on your list.</p>\n"
            '<form method="post"><button type="submit" class=first>No more mails</button></form>\n'
        )
        return _PAGE.html("No more mails?", body)

    async def _mute(self, link: LeadLink, at: float | None) -> Response:
        if link.reader == SHOPPER:
            return _unknown()
        await self._mutes.mute(link.reader, at)
        if at is None:
            return _PAGE.html(
                "You get mails again", "<p>About each lead that is yours, or your team's.</p>\n"
            )
        body = (
            "<p>Leads stay on your list.</p>\n"
            '<form method="post" action="unmute"><button type="submit">Get them again</button></form>\n'
        )
        return _PAGE.html("You get no more mails about leads", body)

    # --- shoppers -------------------------------------------------------------------------------------------

    async def _move(self, request: Request, lead: Lead, link: LeadLink) -> Response:
        """Another time; one that is gone by now is told, with those that are left."""
        try:
            self._work.choose_time(lead.lead_id, await _start_of(request))
        except RequestError:
            return self._for_shopper(lead, link, gone=True)
        return _back(link)

    def _for_shopper(self, lead: Lead, link: LeadLink, gone: bool = False) -> Response:
        site = self._config().sites.get(lead.site)
        words = lead_words(site.tongue if site else "en")
        label, body, title = site.label if site else "", "", words.waits
        zone = ZoneInfo(self._zone(lead))
        if lead.state is LeadState.CLOSED:
            cancelled = lead.closed_how == "cancelled"
            title = words.cancelled if cancelled else words.over
            body = f"<p>{escape(words.cancelled_body if cancelled else words.over_body)}</p>\n"
            return _PAGE.html(title, body, site=label, language=words.language)
        if lead.state is LeadState.ANSWERED:
            body += f"<p>{escape(words.answered)}</p>\n"
        elif lead.chosen is not None:
            title = words.called
            body += _slot(lead.chosen, zone, words.language)
        elif lead.due_at is not None:
            by = moment_words(lead.due_at, zone)
            body += f"<p>{escape(words.promised.format(by=by))}</p>\n"
        if lead.said and not lead.shared:  # else these may be another person's words
            body += f"<blockquote>{escape(lead.said)}</blockquote>\n"
        if gone:
            body += f'<p role="alert"><b>{escape(words.time_gone)}</b></p>\n'
        body += self._other_times(lead, link, words)
        body += (
            f"<details><summary>{escape(words.not_needed)}</summary>\n<p>{escape(words.sure)}</p>\n"
            f'<form method="post" action="{link.text}/cancel"><button type="submit">'
            f"{escape(words.cancel)}</button></form>\n</details>\n"
        )
        return _PAGE.html(title, body, site=label, language=words.language, status=409 if gone else 200)

    def _other_times(self, lead: Lead, link: LeadLink, words: LeadWords) -> str:
        """A choice of the times that are free; nothing where none may be chosen."""
        offered = self._work.free_times(lead)
        if offered is None or not offered.starts or lead.shared:
            return ""
        zone = ZoneInfo(self._zone(lead))
        known = lead.chosen.zone if lead.chosen else ""
        slots = (ChosenTime(start, offered.seconds, zone=known) for start in offered.starts)
        options = "".join(
            f'<option value="{each.start:.0f}"'
            f"{' selected' if lead.chosen and each.start == lead.chosen.start else ''}>"
            f"{escape(_option(each, zone, words.language))}</option>"
            for each in slots
        )
        summary = words.other_time if lead.chosen else words.a_time
        return (
            f"<details><summary>{escape(summary)}</summary>\n"
            f'<form method="post" action="{link.text}/move"><label>{escape(words.time)} '
            f'<select name="start">{options}</select></label><button type="submit" class=first>'
            f"{escape(words.choose)}</button></form>\n</details>\n"
        )

    def _noted(self, lead: Lead) -> Response:
        """The lead is others' as well, perhaps: it stays, and its people know."""
        site = self._config().sites.get(lead.site)
        words = lead_words(site.tongue if site else "en")
        body = f"<p>{escape(words.noted_body)}</p>\n"
        return _PAGE.html(words.noted, body, site=site.label if site else "", language=words.language)

    def _zone(self, lead: Lead) -> str:
        site = self._config().sites.get(lead.site)
        return site.time_zone if site else "UTC"


def _clocks(chosen: ChosenTime, zone: ZoneInfo) -> list[datetime]:
    """When it begins, by the shop's clock, and by the shopper's if that shows another time."""
    theirs = ZoneInfo(chosen.zone) if chosen.zone else zone
    here, there = (datetime.fromtimestamp(chosen.start, each) for each in (zone, theirs))
    return [here] if here.utcoffset() == there.utcoffset() else [here, there]


def _slot(chosen: ChosenTime, zone: ZoneInfo, language: str) -> str:
    """The time that a shopper chose, in sentences of their language."""
    told = [
        written(each, str(each.tzinfo).rpartition("/")[2].replace("_", " "), language)
        for each in _clocks(chosen, zone)
    ]
    return "".join(f"<p>{escape(each[:1].upper() + each[1:])}</p>\n" for each in told)


def _option(chosen: ChosenTime, zone: ZoneInfo, language: str) -> str:
    """One of the times to choose from."""
    here, *there = _clocks(chosen, zone)
    told = short_moment(here, language)
    return f"{told} ({clock_words(there[0], language)})" if there else told


async def _start_of(request: Request) -> float:
    """When the time begins that the form says; -1, which nobody may have, where it says none."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            return -1.0
    given = parse_qs(body.decode("ascii", "replace")).get("start", [""])[0]
    return float(given) if given.isascii() and given.isdigit() else -1.0


def _back(link: LeadLink) -> Response:
    """To the lead's page, one step up, whatever path a proxy has put before it."""
    return RedirectResponse(f"../{link.text}", 303)


def _unknown() -> Response:
    words = lead_words("en")
    return _PAGE.html(words.unknown, f"<p>{escape(words.unknown_body)}</p>\n", status=404)
