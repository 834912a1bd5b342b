"""The page asks what to show, tells what became of it, and asks whether it is still true."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Protocol, TypeVar

from fastapi import Query
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import sender_of
from api.edge import BODY
from api.limits import MovingWindows, RequestRate
from api.page.models import (
    MOST_ASKED,
    MOST_TOLD,
    VERSION,
    AskAgain,
    Explained,
    ExplainedDecision,
    ExplainedRule,
    FromLoader,
    Later,
    PageEvent,
    PageOffer,
    PagePlan,
    PageQuestion,
    RuleButton,
    Ways,
    WaysNow,
)
from api.page.sites import PageSites, SiteOfPage
from api.page.tokens import PageIdentity, PageTokens
from api.page.words import words_of
from api.problems import FieldError, Problem, RequestError
from api.routes import BODY_PROBLEMS, UrlRow
from bridge.protocols import Clock
from config.fields import Window
from config.models import Config
from engage.availability import WayState
from engage.decision import HeldReason
from engage.facts import PageTold
from engage.recheck import OfferState, recheck
from routing.places import Place
from visits.engagement import DEVICES, Engagement, PageAsk, PageShows, path_of
from visits.live import ExplainedAsk, LiveVisitor
from visits.records import ConversionRow
from visits.standing import SiteStanding

#: Requests of one visitor, or one page view, and of one address; questions and events count apart.
PER_VISITOR = (Window(60, 60.0),)
PER_ADDRESS = (Window(600, 60.0),)
MOST_REMEMBERED = 20_000
_BUSY = {str(reason): reason for reason in HeldReason}
_PLACE_WAYS = frozenset({"phone", "pc", "chat", "choose"})
_REFUSALS = (Problem.SITE_UNKNOWN, Problem.ORIGIN_REFUSED, Problem.LIMIT_REQUESTS)
_TOKEN = (Problem.SIGNED_INVALID, Problem.SIGNED_EXPIRED)

M = TypeVar("M", bound=BaseModel)


class Visitors(Protocol):
    """Those who are here, and those on disk."""

    def visitor(
        self, site: str, key: str, *, remembered: bool, fresh: bool = False
    ) -> Awaitable[LiveVisitor]:
        """A visitor, a new one if need be; nobody is looked for on disk who is ``fresh``."""


class PageEndpoints:
    """Serves the loader.

    ``standing(site, page)`` tells who is there; ``place(address)`` where an IP address is; ``widget()`` the
    address of the panel after the loader's base, ``follow()`` that of the module that follows the page.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        sites: PageSites,
        engagement: Engagement,
        visitors: Visitors,
        standing: Callable[[str, str], SiteStanding],
        place: Callable[[str, str], Place],
        widget: Callable[[], str],
        follow: Callable[[], str],
        told: Callable[[str], None],
    ) -> None:
        """``told(result)`` counts events by what was done with them."""
        self._config = config
        self._clock = clock
        self._sites = sites
        self._engagement = engagement
        self._visitors = visitors
        self._standing = standing
        self._place = place
        self._widget = widget
        self._follow = follow
        self._told = told
        self._tokens = PageTokens()
        self._questions = _Rates()
        self._events = _Rates()

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of the page."""
        refused = (*BODY_PROBLEMS, *_REFUSALS)
        return (
            UrlRow("POST", "/v1/page", self.ask, "ask_page", problems=(*refused, *_TOKEN), for_sites=True,
                  max_body=MOST_ASKED, express=True, body=PageQuestion, answers={200: {"model": PagePlan}}),
            UrlRow("POST", "/v1/page/events", self.tell, "tell_page", problems=(*refused, *_TOKEN),
                  status=204, for_sites=True, max_body=MOST_TOLD, express=True, body=PageEvent),
            UrlRow("GET", "/v1/page/{key}/now", self.now, "page_now", for_sites=True,
                  problems=(Problem.VALIDATION_FAILED, *_REFUSALS)),
            UrlRow("POST", "/v1/page/explain", self.explain, "explain_page", for_sites=True,
                  problems=(*refused, *_TOKEN, Problem.EXPLAIN_OFF), max_body=MOST_TOLD, body=FromLoader,
                  answers={200: {"model": Explained}}),
        )  # fmt: skip

    async def ask(self, request: Request) -> Response:
        """What a page shows now, and when it asks again. The body is JSON of any content type.

        `text/plain` saves browsers the question whether they may ask (CORS preflight).
        """
        question, now = await _read(request, PageQuestion), self._clock.time()
        site = self._sites.of_page(question.site, request)
        address = self._admit(self._questions, request, question, now)
        identity = self._identity(question, site, now)
        visitor = await self._visitor(
            question, site, identity, consent=question.consent, fresh=question.fresh and identity is None
        )
        rules = site.rules
        told = PageTold(
            url=question.page.url,
            title=question.page.title,
            referrer=question.page.referrer,
            language=question.language,
            device=question.device if question.device in DEVICES else "desktop",
            facts=question.facts,
            signed=identity.signed if identity else {},
            place=self._place(site.name, address) if "geo" in rules.roots else None,
        )
        busy = frozenset(_BUSY[word] for word in question.busy if word in _BUSY)
        standing = self._standing(site.name, question.page.url)
        shows = self._engagement.ask(
            rules,
            visitor,
            PageAsk(question.view, told, busy, question.trusted),
            standing,
            datetime.fromtimestamp(now, site.zone),
            explain=site.settings.page.explain,
        )
        return _json(self._plan(site, standing, shows, question.language))

    def _plan(self, site: SiteOfPage, standing: SiteStanding, shows: PageShows, language: str) -> PagePlan:
        decision = shows.decision
        states = {button.way: button.state for button in decision.buttons}
        best = next((state for state in WayState if state in states.values()), WayState.HIDDEN)
        best = _with_form(best, site, standing)
        offer, again = decision.offer, decision.ask_again
        return PagePlan(
            v=VERSION,
            site=site.shown,
            widget=self._widget(),
            state=best.value,
            ways=_ways(lambda way: states.get(way, WayState.HIDDEN)),
            later=_later(standing, language, best),
            buttons=[
                RuleButton(
                    way=each.way, offer=each.offer_id, arm="shown" if each.shown else "control", text=""
                )
                for each in shows.buttons
            ],
            offer=None
            if offer is None
            else PageOffer(
                id=shows.offer_id,
                kind="invitation",
                # Who is held out need not know by which experiment.
                arm="shown" if offer.text else "control",
                way=offer.way,
                text=offer.text,
                place=offer.place,
            ),
            ask_again=AskAgain(facts=list(again.facts), seconds=again.seconds, busy=again.busy),
            watch=site.watch,
            watch_kinds=site.watch_kinds,
            follow=self._follow(),
            words=dict(words_of(language, site.settings.page_languages)),
        )

    async def tell(self, request: Request) -> Response:
        """What became of an offer or a button. What cannot be is ignored: the answer is always the same."""
        event, now = await _read(request, PageEvent), self._clock.time()
        site = self._sites.of_page(event.site, request)
        self._admit(self._events, request, event, now)
        self._told(await self._take(event, site, now))
        return Response(status_code=204)

    async def _take(self, event: PageEvent, site: SiteOfPage, now: float) -> str:
        """Have an event count; what was done with it."""
        device = event.device if event.device in DEVICES else "desktop"
        if event.what in ("button_seen", "button_clicked") and event.place:
            way = event.way if event.way in _PLACE_WAYS else "other"
            clicked = event.what == "button_clicked"
            page = path_of(event.page)
            self._engagement.book.button(now, site.name, event.place, page, way, clicked=clicked)
            if event.offer is None:
                return "counted"
        if event.what == "converted":
            return self._claimed(event, site, now)
        if event.what == "opted_out":
            identity = self._identity(event, site, now)
            visitor = await self._visitor(event, site, identity, consent=event.consent)
            self._engagement.opted_out(visitor, device, now)
            return "counted"
        made = self._engagement.offers.find(event.offer or "", site.name, now)
        if made is None:
            return "unknown_offer"
        # The id was given to this page alone: it says who it is, better than the page could.
        visitor = await self._visitors.visitor(site.name, made.visitor, remembered=made.assigned)
        taken = self._engagement.told(visitor, event.view, made.id, event.what, event.reason, now)
        return "counted" if taken else "unknown_offer"

    def _claimed(self, event: PageEvent, site: SiteOfPage, now: float) -> str:
        """What a page says that its shopper bought."""
        if not event.ref:
            return "incomplete"
        identity = self._identity(event, site, now)
        key, remembered = _key(event, site, identity, consent=event.consent)
        row = ConversionRow(
            site=site.name,
            ref=event.ref,
            visitor=key if remembered else None,
            at=now,
            value=event.value,
            currency=event.currency,
            source="page",
        )
        return "counted" if self._engagement.book.order(row) else "too_many"

    async def now(
        self,
        key: str,
        request: Request,
        offer: Annotated[str, Query(max_length=160, description="The offer that is meant.")] = "",
        language: Annotated[str, Query(max_length=35)] = "",
    ) -> WaysNow:
        """Whether what is about to be shown, or was clicked, is still true."""
        site, now = self._sites.of_page(key, request), self._clock.time()
        self._questions.admit(sender_of(request, self._config().server.trusted_proxies), "", now)
        made = self._engagement.offers.find(offer, site.name, now) if offer else None
        standing = self._standing(site.name, made.page if made else "")
        answer = WaysNow(
            state=_with_form(standing.best, site, standing).value,
            ways=_ways(standing.state),
            later=_later(standing, language, standing.best),
            offer=None,
            why=None,
        )
        if not offer or (made is not None and made.kind == "button"):
            return answer
        if made is None or made.declined:
            return answer.model_copy(update={"offer": "gone"})
        visible = "exposed" in made.told
        self._engagement.offers.alive(made, now)
        found = recheck(
            site.rules,
            made.rule,
            standing.with_invitations(self._engagement.offers.open_invitations(site.name, now)),
            datetime.fromtimestamp(now, site.zone),
            visible=visible,
        )
        if found.state is not OfferState.OPEN and found.why is not None:
            if visible:
                self._engagement.changed(made, str(found.why), now)
            else:
                visitor = await self._visitors.visitor(site.name, made.visitor, remembered=made.assigned)
                self._engagement.withdraw(visitor, made, str(found.why), now)
        return answer.model_copy(
            update={"offer": str(found.state), "why": str(found.why) if found.why else None}
        )

    async def explain(self, request: Request) -> Response:
        """The last decisions of this visitor with what each rule came to, where `page.explain` is true."""
        asked, now = await _read(request, FromLoader), self._clock.time()
        site = self._sites.of_page(asked.site, request)
        self._admit(self._questions, request, asked, now)
        if not site.settings.page.explain:
            raise RequestError(Problem.EXPLAIN_OFF)
        identity = self._identity(asked, site, now)
        decisions: list[ExplainedAsk] = []
        # Those of before the shopper consented are kept by the page view.
        for key, remembered in {_key(asked, site, identity, consent=consent) for consent in (True, False)}:
            visitor = await self._visitors.visitor(site.name, key, remembered=remembered)
            decisions += visitor.decisions
        return _json(Explained(decisions=[
            ExplainedDecision(
                at=each.at,
                url=each.url,
                shown=each.offered,
                rules=[
                    ExplainedRule(
                        rule=account.rule,
                        condition=account.condition,
                        waits_for=list(account.waits_for),
                        held=str(account.held or ""),
                        text=account.text,
                    )
                    for account in each.accounts
                ],
            )
            for each in sorted(decisions, key=lambda each: each.at)
        ]))  # fmt: skip

    # --- who asks -------------------------------------------------------------------------------------

    def _admit(self, rates: _Rates, request: Request, asked: FromLoader, now: float) -> str:
        address = sender_of(request, self._config().server.trusted_proxies)
        rates.admit(address, f"{asked.site} {asked.visitor or asked.view}", now)
        return address

    def _identity(self, asked: FromLoader, site: SiteOfPage, now: float) -> PageIdentity | None:
        if asked.token is None:
            return None
        return self._tokens.read(asked.token, site.name, site.settings, now)

    async def _visitor(
        self,
        asked: FromLoader,
        site: SiteOfPage,
        identity: PageIdentity | None,
        *,
        consent: bool,
        fresh: bool = False,
    ) -> LiveVisitor:
        key, remembered = _key(asked, site, identity, consent=consent)
        return await self._visitors.visitor(site.name, key, remembered=remembered, fresh=fresh)


def _key(
    asked: FromLoader, site: SiteOfPage, identity: PageIdentity | None, *, consent: bool
) -> tuple[str, bool]:
    """By what the visitor is known, and whether they may be remembered; else by the page view."""
    known = identity.visitor if identity else asked.visitor
    if known is not None and site.remembers(consent=consent):
        return known, True
    return f"~{asked.view}", False


class _Rates:
    """How often a visitor and an address may ask."""

    def __init__(self) -> None:
        self._visitors = MovingWindows(MOST_REMEMBERED)
        self._addresses = RequestRate()

    def admit(self, address: str, visitor: str, now: float) -> None:
        """Count a request; ``limit_requests`` for one too many."""
        wait = self._addresses.admit(address, PER_ADDRESS, now)
        if wait is None and visitor:
            wait = self._visitors.admit(visitor, PER_VISITOR, now)
            if wait is not None:
                self._addresses.forgive(address, now)
        if wait is not None:
            raise RequestError(Problem.LIMIT_REQUESTS, retry_after=wait)


async def _read(request: Request, model: type[M]) -> M:
    body = request.scope.get(BODY)
    try:
        return model.model_validate_json(await request.body() if body is None else body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)[:20]
        errors = [
            FieldError(path=".".join(("body", *map(str, each["loc"]))), message=each["msg"]) for each in found
        ]
        syntax = found[0]["type"] == "json_invalid"
        raise RequestError(
            Problem.BODY_INVALID if syntax else Problem.VALIDATION_FAILED, errors=errors
        ) from None


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")


def _ways(state: Callable[..., WayState]) -> Ways:
    return Ways(phone=state("phone").value, pc=state("pc").value, chat=state("chat").value)


def _with_form(best: WayState, site: SiteOfPage, standing: SiteStanding) -> WayState:
    """How the panel as a whole stands: where nobody is there, or always, its form can be had.

    What rules alone hide is not there for this shopper: the form does not come in by the back door.
    """
    form = site.shown.form
    if best is WayState.HIDDEN and form and (form.when == "always" or standing.best is WayState.HIDDEN):
        return WayState.LATER
    return best


def _later(standing: SiteStanding, language: str, best: WayState) -> Later | None:
    if best is WayState.OPEN and not standing.instead:
        return None
    return Later(
        ways=list(standing.instead), opens_at=standing.opens_at, opens=standing.opens_in_words(language)
    )
