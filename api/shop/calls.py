"""A shopper's call over HTTP: ask for it, look at it, end it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import phonenumbers
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import sender_of
from api.core import Core
from api.limits import LONGEST_WAIT, RequestRate, check_limits
from api.numbers import check_policy, e164, read_number
from api.origins import site_allows
from api.problems import FieldError, Problem, RequestError
from api.shop.data_pass import passed
from api.shop.form_tokens import FormTokens
from api.shop.signed_data import Signed, read_signed
from api.wire import CallRequest, FormTokenRequest, GrantedFormToken, IceServer, PlacedCall
from bridge.callback import Callback
from bridge.causes import Disposition
from bridge.cdr import CallRecord
from bridge.events import CancelRequested
from bridge.progress import CallProgress, CallState
from bridge.protocols import OutOfCapacityError
from calls.engine import DrainingError
from config.models import Config, Site
from routing.plan import ClickToCall

#: Refusals that are a decision about a call, and stand among the CDRs; the rest are malformed requests.
RECORDED = frozenset(
    {
        Problem.NUMBER_TYPE_REFUSED,
        Problem.COUNTRY_REFUSED,
        Problem.LIMIT_NUMBER,
        Problem.LIMIT_IP,
        Problem.LIMIT_NUMBERS_PER_IP,
        Problem.LIMIT_SITE,
        Problem.LIMIT_LIVE_CALLS,
        Problem.SPEND_CAP,
    }
)
#: Seconds after which another try makes sense.
BUSY_WAIT = 10.0
DRAINING_WAIT = 30.0
#: Sequence of the last line as told from the CDR, when the engine has forgotten the story.
LAST_SEQUENCE = 2**31 - 1


async def current_progress(core: Core, call_id: str) -> CallProgress | None:
    """The newest line of a call, from the engine or, long after its end, from its CDR."""
    if progress := core.engine.progress(call_id):
        return progress
    record = await core.store.call(call_id)
    if record is None:
        return None
    booked = record.disposition is Disposition.CALLBACK_BOOKED
    callback = await core.callbacks.callback_of_call(call_id) if booked else None
    return _last_line(record, callback)


def _last_line(record: CallRecord, callback: Callback | None) -> CallProgress:
    business = [leg for leg in record.legs if leg.role == "business"]
    return CallProgress(
        call_id=record.call_id,
        site=record.site,
        sequence=LAST_SEQUENCE,
        at=record.ended_at,
        state=CallState.ENDED,
        attempt=len(business),
        attempts=len(business),
        connected_to=next((leg.label for leg in business if leg.joined_at is not None), None),
        callback_at=callback.due_at if callback else None,
        disposition=record.disposition,
        cause=record.cause,
    )


class Calls:
    """The endpoints of ``/v1/calls``."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rate = RequestRate()
        self._token_rate = RequestRate()
        self._form_tokens = FormTokens()
        # From counting to placing no other request may pass, else both could be the last within a limit.
        self._placing = asyncio.Lock()

    async def place(self, wanted: CallRequest, request: Request, response: Response) -> PlacedCall:
        """Ask for a call: Ringback dials the shopper's number, or expects their browser, then the business.

        Where nobody is there to talk, a message is taken from the shopper by phone, or a callback is booked.
        """
        config = self._core.config()
        name: str | None = None
        try:
            client_ip = self._admit(request, config)
            name, site = _site(config, wanted.site_key)
            origin = request.headers.get("origin")
            if not origin or not site_allows(site, origin):
                raise RequestError(Problem.ORIGIN_REFUSED)
            if wanted.by not in site.talk_methods:
                raise RequestError(Problem.TALK_REFUSED)
            await self._use_form_token(wanted, name, site, origin, client_ip)
            number = _number(wanted)
            signed = read_signed(wanted.signed, name, site, self._core.clock.time())
            click = ClickToCall(
                site=name,
                number=e164(number) if number else "",
                page=wanted.page,
                context=passed(wanted.context, site.data_pass, "body.context"),
                client_ip=client_ip,
                by=wanted.by,
                signed=signed.context,
            )
            call_id = self._core.new_call_id()
            try:
                if number:
                    check_policy(number, site.countries, config.numbers)
                await self._place(call_id, click, site, signed)
            except RequestError as refusal:
                await self._record(call_id, click, site, refusal)
                raise
        except RequestError as refusal:
            recorded = refusal.problem in RECORDED
            self._core.metrics.refused(name if recorded else None, refusal.problem.id)
            raise
        token = self._core.tokens.grant(call_id, origin)
        progress = await current_progress(self._core, call_id)
        assert progress is not None  # noqa: S101 - the engine keeps a call's story for a minute
        legs = self._core.browser_legs
        leg = legs.leg_of(call_id)
        path = f"/v1/calls/{call_id}"
        response.headers["Location"] = path
        return PlacedCall(
            id=call_id,
            token=token.secret,
            expires_at=token.expires_at,
            events=f"{path}/events",
            progress=progress,
            leg=leg,
            ice_servers=[IceServer(**each) for each in legs.ice_servers(leg)] if leg else [],
        )

    async def form_token(self, wanted: FormTokenRequest, request: Request) -> GrantedFormToken:
        """A token for one call: of this site, from a page of this origin, by this visitor, within minutes."""
        config, now = self._core.config(), self._core.clock.time()
        client_ip = sender_of(request, config.server.trusted_proxies)
        wait = self._token_rate.admit(client_ip, config.server.requests_per_ip, now)
        if wait is not None:
            raise RequestError(Problem.LIMIT_REQUESTS, retry_after=wait)
        name, site = _site(config, wanted.site_key)
        origin = request.headers.get("origin")
        if not origin or not site_allows(site, origin):
            raise RequestError(Problem.ORIGIN_REFUSED)
        token, expires_at = self._form_tokens.grant(name, origin, client_ip, now)
        return GrantedFormToken(form_token=token, expires_at=expires_at)

    async def _use_form_token(
        self, wanted: CallRequest, name: str, site: Site, origin: str, client_ip: str
    ) -> None:
        """Use the form's token up, whatever becomes of the call: a page gets a new one for each try."""
        now = self._core.clock.time()
        if wanted.form_token is None:
            if site.form_token == "required":  # noqa: S105 - a choice of the settings
                raise RequestError(Problem.FORM_TOKEN_MISSING)
            return
        token = self._form_tokens.read(wanted.form_token, name, origin, client_ip, now)
        if token is None or not await self._core.used_tokens.use(name, token.token_id, token.expires_at, now):
            raise RequestError(Problem.FORM_TOKEN_INVALID)

    async def show(self, call_id: str) -> CallProgress:
        """How a call stands, or how it ended."""
        if progress := await current_progress(self._core, call_id):
            return progress
        raise RequestError(Problem.CALL_UNKNOWN)

    async def cancel(self, call_id: str) -> CallProgress:
        """End a call in whatever state it is. Again, or after its end, it changes nothing."""
        progress = self._core.engine.progress(call_id)
        if progress is not None and progress.state is not CallState.ENDED:
            self._core.engine.handle(call_id, CancelRequested())
        return await self.show(call_id)

    def _admit(self, request: Request, config: Config) -> str:
        """The client's address, unless it sends too many requests or we are about to stop."""
        client_ip = sender_of(request, config.server.trusted_proxies)
        wait = self._rate.admit(client_ip, config.server.requests_per_ip, self._core.clock.time())
        if wait is not None:
            raise RequestError(Problem.LIMIT_REQUESTS, retry_after=wait)
        if self._core.engine.draining:
            raise RequestError(Problem.DRAINING, retry_after=DRAINING_WAIT)
        return client_ip

    async def _place(self, call_id: str, click: ClickToCall, site: Site, signed: Signed) -> None:
        plan = self._core.plan_call(click, call_id)
        async with self._placing:
            live = sum(progress.site == click.site for progress in self._core.engine.live())
            if self._core.beyond_spend(click.site, plan):
                raise RequestError(Problem.SPEND_CAP, retry_after=LONGEST_WAIT)
            await check_limits(self._core.store, site.limits, click, live, self._core.clock.time())
            async with self._using(signed, click.site):
                try:
                    await self._core.engine.place(plan, click, call_id)
                except OutOfCapacityError:
                    raise RequestError(Problem.OUT_OF_CAPACITY, retry_after=BUSY_WAIT) from None
                except DrainingError:
                    raise RequestError(Problem.DRAINING, retry_after=DRAINING_WAIT) from None

    @asynccontextmanager
    async def _using(self, signed: Signed, site: str) -> AsyncIterator[None]:
        """Use the token up for this call; it may be used again if the call does not come about."""
        tokens, now = self._core.used_tokens, self._core.clock.time()
        if not signed.token_id:
            yield
            return
        if not await tokens.use(site, signed.token_id, signed.expires_at, now):
            raise RequestError(Problem.SIGNED_USED)
        try:
            yield
        except Exception:
            await tokens.give_back(site, signed.token_id)
            raise

    async def _record(self, call_id: str, click: ClickToCall, site: Site, refusal: RequestError) -> None:
        if refusal.problem in RECORDED:
            await self._core.store.write_refused(
                call_id, click, site.route, self._core.clock.time(), refusal.problem.id
            )


def _number(wanted: CallRequest) -> phonenumbers.PhoneNumber | None:
    """The number that was typed; None for a shopper who talks by PC and gave none."""
    if wanted.number is None and wanted.by == "pc":
        return None
    if wanted.number is None or wanted.country is None:
        lacking = [name for name in ("number", "country") if getattr(wanted, name) is None]
        errors = [FieldError(path=f"body.{name}", message="Field required") for name in lacking]
        raise RequestError(Problem.VALIDATION_FAILED, errors=errors)
    return read_number(wanted.number, wanted.country)


def _site(config: Config, key: str) -> tuple[str, Site]:
    for name, site in config.sites.items():
        if site.key == key:
            return name, site
    raise RequestError(Problem.SITE_UNKNOWN)
