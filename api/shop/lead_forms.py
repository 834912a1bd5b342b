"""A form of a shop's page leaves a lead: somebody wants an answer, and no call or chat now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.callers import Callers, KeyInPath
from api.data_pass import passed
from api.limits import LONGEST_WAIT, MovingWindows, RequestRate
from api.numbers import check_policy, e164, read_number
from api.problems import FieldError, Problem, RequestError
from api.proofs import MAX_PROOF, Proofs
from api.routes import BODY_PROBLEMS, UrlRow
from api.shop.models import Page, RequestKey, SiteKey
from api.shop.signed_data import UsedTokens
from api.typed_numbers import Country, TypedNumber
from bridge.protocols import Clock
from chat.masking import mask
from config.fields import Window
from config.models import Config
from config.sections.follow_up import LeadForms
from config.sections.sites import Site
from follow.lead import ChosenTime, ContactKind, Lead, LeadContact, LeadPerson, Unserved
from follow.links import SHOPPER, write_link
from leads.desk import LeadDesk
from leads.persons import is_mail, person_of
from leads.times import LeadTimes
from notify.lead_mail import PATH

#: Characters of what somebody may say.
LONGEST_SAID = 2000
#: Within so long the same words of the same person are one form: a page was reloaded, or a button hit twice.
_ONCE = Window(1, 600.0)
_MOST_SITES, _MOST_SENT = 1000, 10_000
_REFUSALS = (
    Problem.SITE_UNKNOWN, Problem.ORIGIN_REFUSED, Problem.LEAD_FORMS_OFF, Problem.NUMBER_SHORT,
    Problem.NUMBER_INVALID, Problem.NUMBER_TYPE_REFUSED, Problem.COUNTRY_REFUSED, Problem.LIMIT_LEADS,
    Problem.PROOF_MISSING, Problem.PROOF_INVALID, Problem.STORE_UNAVAILABLE, Problem.LIMIT_SITE_LEADS,
    Problem.TIME_GONE, Problem.LIMIT_REQUESTS,
)  # fmt: skip


class LeadForm(BaseModel):
    """What a shopper filled in; a number or an e-mail address is needed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    site_key: SiteKey = Field(description="The site's public key.")
    request: RequestKey = Field(
        description="At least 128 random bits, for this form alone. The same key again is the same lead."
    )
    name: Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    number: TypedNumber | None = Field(
        default=None, description="As it was typed.", examples=["(617) 555-0123"]
    )
    country: Country | None = Field(
        default=None,
        description="Where a number without +… belongs to; without it, the site's first country.",
    )
    email: Annotated[str, Field(max_length=254)] = ""
    said: Annotated[str, Field(max_length=LONGEST_SAID, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")] = (
        Field(default="", description="What the shopper wants, in their own words.")
    )
    page: Page = Field(default="", description="The page that the shopper is on.")
    visitor: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")] | None = Field(
        default=None, description="The browser's random id, if the shopper lets it be remembered."
    )
    context: dict[str, JsonValue] = Field(
        default={}, description="What the page tells of the shopper, as for a call."
    )
    proof: Annotated[str, Field(max_length=MAX_PROOF)] | None = Field(
        default=None,
        description="The solution of a challenge from POST /v1/page/challenge, where forms want one.",
    )
    at: Annotated[float, Field(ge=0, le=1e11)] | None = Field(
        default=None,
        description="When they want to be called: one of `starts` of the free times, in epoch seconds. "
        "It needs a number.",
    )
    zone: Annotated[str, Field(max_length=64)] = Field(
        default="",
        description="The shopper's time zone, as their browser tells it.",
        examples=["America/New_York"],
    )


class FreeTimes(BaseModel):
    """The times that shoppers may choose for a call; none where the site offers none."""

    zone: str = Field(description="Where the shop is: a time zone.")
    seconds: float = Field(description="How long each is: the call comes within it.")
    starts: list[float] = Field(description="When they begin, in epoch seconds.")


class TimeAgreed(BaseModel):
    """The answer to a form with a time."""

    at: float
    until: float
    zone: str = Field(description="Where the shop is: a time zone.")
    link: str = Field(description="Opens a page on which the shopper chooses another time, or none.")


class LeadFormEndpoints:
    """Takes forms from pages. ``refused(site, reason)`` counts a refusal."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        desk: LeadDesk,
        times: LeadTimes,
        proofs: Proofs,
        used_tokens: UsedTokens,
        refused: Callable[[str | None, str], None],
    ) -> None:
        self._config = config
        self._clock = clock
        self._desk = desk
        self._times = times
        self._proofs = proofs
        self._used_tokens = used_tokens
        self._refused = refused
        self._callers = Callers(config, clock)
        self._looks = Callers(config, clock)
        self._rate = RequestRate()
        self._of_sites = MovingWindows(_MOST_SITES)
        self._sent = MovingWindows(_MOST_SENT)

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of forms."""
        public = (Problem.SITE_UNKNOWN, Problem.ORIGIN_REFUSED, Problem.LIMIT_REQUESTS)
        return (
            UrlRow("POST", "/v1/page/lead", self.leave, "leave_lead", status=204, for_sites=True,
                  answers={200: {"model": TimeAgreed}}, problems=(*BODY_PROBLEMS, *_REFUSALS)),
            UrlRow("GET", "/v1/page/{site_key}/times", self.times, "free_times", for_sites=True,
                  problems=(Problem.VALIDATION_FAILED, *public)),
        )  # fmt: skip

    async def leave(self, form: LeadForm, request: Request) -> Response:
        """Leave a lead. The answer is the same whether the person was known or not.

        204; with a time, 200 and when it is, with the link to another one.
        """
        try:
            caller = self._callers.admit(request)
            name, site, origin = self._callers.site(form.site_key, request)
            forms = _forms(self._config(), name)
            ref = "form-" + _digest(name, origin, form.request)[:24]
            if self._desk.of_ref(ref) is None:
                unserved = self._read(form, name, site, ref, caller)
                if forms.proof:
                    await self._check_proof(form, name, site, origin, caller)
                self._leave(unserved, forms)
            lead = self._desk.of_ref(ref)
        except RequestError as refusal:
            self._refused(None, refusal.problem.id)
            raise
        if form.at is None or lead is None or lead.chosen is None:
            return Response(status_code=204)
        return self._agreed(lead, lead.chosen)

    async def times(self, site_key: KeyInPath, request: Request) -> FreeTimes:
        """The times that shoppers may choose for a call, as they are free now."""
        self._looks.admit(request)
        name, site = self._looks.public_site(site_key, request)
        offered = self._times.offered(name)
        if offered is None:
            return FreeTimes(zone=site.time_zone, seconds=0.0, starts=[])
        return FreeTimes(zone=str(offered.zone), seconds=offered.seconds, starts=list(offered.starts))

    def _agreed(self, lead: Lead, chosen: ChosenTime) -> Response:
        config = self._config()
        offered = self._times.offered(lead.site)
        link = write_link(lead, SHOPPER, self._clock.time())
        agreed = TimeAgreed(
            at=chosen.start,
            until=chosen.end,
            zone=str(offered.zone) if offered else config.sites[lead.site].time_zone,
            link=f"{config.public_url_of(lead.site)}{PATH}{link}",
        )
        return JSONResponse(agreed.model_dump())

    async def _check_proof(self, form: LeadForm, name: str, site: Site, origin: str, caller: str) -> None:
        """Use up a proof of work where one is wanted, and count the form for the next one."""
        now = self._clock.time()
        proof = self._proofs.check(form.proof, name, site, origin, caller, now, "lead")
        if proof and not await self._used_tokens.use(name, proof.token_id, proof.expires_at, now):
            raise RequestError(Problem.PROOF_INVALID)
        self._proofs.placed(name, caller, now, "lead")

    def _leave(self, unserved: Unserved, forms: LeadForms) -> None:
        """Count a form and hand it on; the same words of the same person within minutes are one form."""
        now, site, caller = self._clock.time(), unserved.site, unserved.client_ip
        person, chosen = unserved.person, unserved.chosen
        wish = f"{unserved.said}\0{chosen.start if chosen else ''}"
        same = _digest(site, person.number, person.mail.lower(), wish)
        if self._sent.admit(same, (_ONCE,), now) is not None:
            return
        problem, wait = Problem.LIMIT_LEADS, self._rate.admit(caller, forms.per_ip, now)
        if wait is None:
            problem, wait = Problem.LIMIT_SITE_LEADS, self._of_sites.admit(site, forms.per_site, now)
            if wait is not None:
                self._rate.forgive(caller, now)
        if wait is not None:
            self._sent.forgive(same, now)
            raise RequestError(problem, retry_after=min(wait, LONGEST_WAIT))
        self._desk.unserved(unserved)

    def _read(self, form: LeadForm, name: str, site: Site, ref: str, caller: str) -> Unserved:
        """What the form says, as leads know it; what cannot be answered is refused."""
        config, mail, number = self._config(), form.email.strip(), ""
        if form.number is None and not mail:
            raise _wrong("number", "Give a number or an e-mail address: else nobody can answer")
        if form.number is None and form.at is not None:
            raise _wrong("number", "Give the number that is to be called at this time")
        if mail and not is_mail(mail):
            raise _wrong("email", "This is no e-mail address: write it as ann@mail.example")
        if form.number is not None:
            typed = read_number(form.number, form.country or site.countries[0])
            check_policy(typed, site.countries, config.numbers)
            number = e164(typed)
        context = passed(form.context, site.data_pass, "body.context")
        chosen = self._times.choose(name, form.at, form.zone) if form.at is not None else None
        if form.at is not None and chosen is None:
            raise RequestError(Problem.TIME_GONE)
        known = person_of(config, name, number, context, {}, form.visitor or "")
        masks = site.chat.mask if site.chat else ()
        return Unserved(
            site=name,
            contact=LeadContact(ContactKind.FORM, ref, self._clock.time()),
            person=known.with_more(LeadPerson(number, mail, name=" ".join(form.name.split()))),
            page=form.page,
            context=context,
            said=mask(form.said.replace("\r\n", "\n").strip(), masks).text,
            typed_mail=bool(mail),
            client_ip=caller,
            chosen=chosen,
        )


def _forms(config: Config, site: str) -> LeadForms:
    """How forms of this site are taken; ``lead_forms_off`` where they are not."""
    forms = config.follow_up.forms if config.follow_up else None
    if forms is None or (forms.sites and site not in forms.sites):
        raise RequestError(Problem.LEAD_FORMS_OFF)
    return forms


def _digest(*told: str) -> str:
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


def _wrong(field: str, message: str) -> RequestError:
    return RequestError(Problem.VALIDATION_FAILED, errors=[FieldError(path=f"body.{field}", message=message)])
