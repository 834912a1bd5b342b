"""A shopper's call over HTTP: ask for it, look at it, end it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import phonenumbers
from starlette.requests import Request
from starlette.responses import Response

from api.browser_legs import BrowserLegs
from api.callers import Callers
from api.data_pass import passed
from api.numbers import check_policy, e164, read_number
from api.placing import DRAINING_WAIT, CallPlacing
from api.problems import FieldError, Problem, RequestError
from api.proofs import Proof, Proofs
from api.routes import BODY_PROBLEMS, Audience, UrlRow
from api.shop.form_tokens import FormTokens
from api.shop.models import CallRequest, StartedCall
from api.shop.signed_data import Signed, UsedTokens, read_signed
from api.shop.stories import CallStories
from api.shop.wishes import Wishes, WishKey
from api.tokens import CallTokens
from bridge.events import CancelRequested, Event
from bridge.progress import CallProgress, CallState
from bridge.protocols import Clock
from config.models import Config
from config.sections.sites import Site
from routing.plan import ClickToCall

#: Refusals that are a decision about a call, and stand among the CDRs; the rest are malformed requests.
RECORDED = frozenset(
    {
        Problem.NUMBER_TYPE_REFUSED,
        Problem.COUNTRY_REFUSED,
        Problem.LIMIT_NUMBER,
        Problem.LIMIT_IP,
        Problem.LIMIT_NUMBERS_PER_IP,
        Problem.LIMIT_VISITOR,
        Problem.LIMIT_NUMBERS_PER_VISITOR,
        Problem.LIMIT_SITE,
        Problem.LIMIT_LIVE_CALLS,
        Problem.SPEND_CAP,
    }
)
#: Seconds after which another try makes sense.

_PLACE = (
    Problem.CHAT_UNKNOWN, Problem.CHAT_CALLED,
    Problem.SITE_UNKNOWN, Problem.NUMBER_INVALID, Problem.ORIGIN_REFUSED, Problem.NUMBER_SHORT,
    Problem.NUMBER_TYPE_REFUSED, Problem.COUNTRY_REFUSED, Problem.LIMIT_NUMBER, Problem.LIMIT_IP,
    Problem.LIMIT_NUMBERS_PER_IP, Problem.LIMIT_VISITOR, Problem.LIMIT_NUMBERS_PER_VISITOR,
    Problem.LIMIT_SITE, Problem.FORM_TOKEN_MISSING, Problem.FORM_TOKEN_INVALID,
    Problem.PROOF_MISSING, Problem.PROOF_INVALID,
    Problem.SIGNED_MISSING, Problem.SIGNED_INVALID, Problem.SIGNED_EXPIRED, Problem.SIGNED_USED,
    Problem.TALK_REFUSED, Problem.LIMIT_LIVE_CALLS, Problem.SPEND_CAP, Problem.LIMIT_REQUESTS,
    Problem.OUT_OF_CAPACITY, Problem.DRAINING, Problem.STORE_UNAVAILABLE,
)  # fmt: skip


class CallPlacer(Protocol):
    """The engine, as far as shoppers move it."""

    @property
    def draining(self) -> bool:
        """Whether the server is about to stop and takes no new calls."""

    def new_call_id(self) -> str:
        """An id that cannot be guessed."""

    def handle(self, call_id: str, event: Event) -> None:
        """Let an event happen to a call; one that is over takes none."""

    def progress(self, call_id: str) -> CallProgress | None:
        """The newest line of a call that lives, or ended less than a minute ago."""

    def live(self) -> Sequence[CallProgress]:
        """The newest line of every live call."""


class RefusalStore(Protocol):
    """The calls that were refused; may raise StoreError."""

    async def write_refused(
        self, call_id: str, click: ClickToCall, route: str, at: float, reason: str
    ) -> None:
        """Put a refused request on disk; ``reason`` is the problem's id."""


@dataclass(frozen=True, slots=True)
class EscalatedChat:
    """A chat that a call is to come of."""

    chat_id: str
    page: str
    #: What its page claimed, and facts of the chat.
    context: Mapping[str, str]
    signed: Mapping[str, str]
    #: How the two may talk.
    ways: Collection[str]


class ChatsToCall(Protocol):
    """The chats, as far as calls come of them."""

    async def chat(self, chat_id: str, token: str, site: str, origin: str) -> EscalatedChat:
        """The chat that a page wants a call for; RequestError for any other. May raise StoreError."""

    def begins(self, chat_id: str, call_id: str) -> None:
        """A call for this chat is about to be placed."""

    def placed(self, chat_id: str, call_id: str) -> None:
        """It was placed."""

    def refused(self, chat_id: str, call_id: str) -> None:
        """It was not."""


class CallEndpoints:
    """Places calls for shoppers' pages, shows them, and ends them.

    ``refused(site, reason)`` counts a refusal; with a site, it is a refused call of that site.
    ``placed(site, visitor, offer, call_id)`` hears of each call, with what its page says of the visitor.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        engine: CallPlacer,
        store: RefusalStore,
        stories: CallStories,
        placing: CallPlacing,
        refused: Callable[[str | None, str], None],
        tokens: CallTokens,
        form_tokens: FormTokens,
        proofs: Proofs,
        placed: Callable[[str, str | None, str | None, str], None],
        used_tokens: UsedTokens,
        legs: BrowserLegs,
        chats: ChatsToCall,
    ) -> None:
        self._chats = chats
        self._config = config
        self._clock = clock
        self._engine = engine
        self._store = store
        self._stories = stories
        self._placing = placing
        self._refused = refused
        self._tokens = tokens
        self._form_tokens = form_tokens
        self._proofs = proofs
        self._placed = placed
        self._used_tokens = used_tokens
        self._legs = legs
        self._callers = Callers(config, clock)
        self._wishes = Wishes(clock)

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of calls."""
        call = "/v1/calls/{call_id}"
        return (
            UrlRow("POST", "/v1/calls", self.place, "place_call", status=201,
                  problems=(*BODY_PROBLEMS, *_PLACE), for_sites=True, express=True),
            UrlRow("GET", call, self.show, "show_call", Audience.CALL, for_sites=True),
            UrlRow("DELETE", call, self.cancel, "cancel_call", Audience.CALL, status=202, for_sites=True),
        )  # fmt: skip

    async def place(self, wanted: CallRequest, request: Request, response: Response) -> StartedCall:
        """Ask for a call: Ringback dials the shopper, or connects their browser, and then dials the business.

        If nobody can talk, the shopper can leave a message by phone, or a callback is booked. Asked again
        with the same `request`, it tells of the same call.
        """
        if wanted.request is None:
            started = await self._start(wanted, request)
        else:
            wish = WishKey(wanted.site_key, request.headers.get("origin", ""), wanted.request)
            started = await self._wishes.once(wish, lambda: self._start(wanted, request))
        response.headers["Location"] = f"/v1/calls/{started.id}"
        return started

    async def _start(self, wanted: CallRequest, request: Request) -> StartedCall:
        name: str | None = None
        try:
            caller = self._callers.admit(request)
            if self._engine.draining:
                raise RequestError(Problem.DRAINING, retry_after=DRAINING_WAIT)
            name, site, origin = self._callers.site(wanted.site_key, request)
            of = wanted.thread
            chat = await self._chats.chat(of.id, of.token, name, origin) if of else None
            if wanted.by not in (chat.ways if chat else site.talk_methods):
                raise RequestError(Problem.TALK_REFUSED)
            proof = None
            if chat is None:  # else who asks was let in with the chat
                now = self._clock.time()
                proof = self._proofs.check(wanted.proof, name, site, origin, caller, now)
                await self._use_form_token(wanted, name, site, origin, caller)
            number = _number(wanted)
            if chat is None:
                signed = read_signed(wanted.signed, name, site, self._clock.time())
            else:
                signed = Signed(dict(chat.signed))
            context = passed(wanted.context, site.data_pass, "body.context")
            click = ClickToCall(
                site=name,
                number=e164(number) if number else "",
                page=wanted.page or (chat.page if chat else ""),
                context={**context, **chat.context} if chat else context,
                client_ip=caller,
                by=wanted.by,
                signed=signed.context,
                visitor=wanted.visitor or "",
                chat_id=chat.chat_id if chat else None,
            )
            call_id = self._engine.new_call_id()
            try:
                if number:
                    check_policy(number, site.countries, self._config().numbers)
                await self._use_proof(proof, name)
                if chat:
                    self._chats.begins(chat.chat_id, call_id)
                await self._placing.place(click, call_id, site.limits, self._using(signed, name))
            except RequestError as refusal:
                if chat:
                    self._chats.refused(chat.chat_id, call_id)
                await self._record(call_id, click, site, refusal)
                raise
            if chat:
                self._chats.placed(chat.chat_id, call_id)
        except RequestError as refusal:
            recorded = refusal.problem in RECORDED
            self._refused(name if recorded else None, refusal.problem.id)
            raise
        self._proofs.placed(name, caller, self._clock.time())
        self._placed(name, wanted.visitor, wanted.offer, call_id)
        token = self._tokens.grant(call_id, origin)
        progress = await self._stories.newest(call_id)
        assert progress is not None  # noqa: S101 - the engine keeps a call's story for a minute
        leg = self._legs.leg_of(call_id)
        return StartedCall(
            id=call_id,
            token=token.secret,
            expires_at=token.expires_at,
            events=f"/v1/calls/{call_id}/events",
            progress=progress,
            leg=leg,
            ice_servers=self._legs.ice_servers(leg) if leg else [],
        )

    async def show(self, call_id: str) -> CallProgress:
        """How a call stands, or how it ended."""
        if progress := await self._stories.newest(call_id):
            return progress
        raise RequestError(Problem.CALL_UNKNOWN)

    async def cancel(self, call_id: str) -> CallProgress:
        """End a call in any state. Repeating this, or ending a finished call, changes nothing."""
        progress = self._engine.progress(call_id)
        if progress is not None and progress.state is not CallState.ENDED:
            self._engine.handle(call_id, CancelRequested())
        return await self.show(call_id)

    async def _use_proof(self, proof: Proof | None, name: str) -> None:
        """Use it up: only here, so that a slip in the number costs the shopper no second one."""
        now = self._clock.time()
        if proof and not await self._used_tokens.use(name, proof.token_id, proof.expires_at, now):
            raise RequestError(Problem.PROOF_INVALID)

    async def _use_form_token(
        self, wanted: CallRequest, name: str, site: Site, origin: str, caller: str
    ) -> None:
        """Use the form's token up, whatever becomes of the call: a page gets a new one for each try."""
        now = self._clock.time()
        if wanted.form_token is None:
            if site.form_token == "required":  # noqa: S105 - a choice of the settings
                raise RequestError(Problem.FORM_TOKEN_MISSING)
            return
        token = self._form_tokens.read(wanted.form_token, name, origin, caller, now)
        if token is None or not await self._used_tokens.use(name, token.token_id, token.expires_at, now):
            raise RequestError(Problem.FORM_TOKEN_INVALID)

    @asynccontextmanager
    async def _using(self, signed: Signed, site: str) -> AsyncIterator[None]:
        """Use the token up for this call; it may be used again if the call does not come about."""
        if not signed.token_id:
            yield
            return
        now = self._clock.time()
        if not await self._used_tokens.use(site, signed.token_id, signed.expires_at, now):
            raise RequestError(Problem.SIGNED_USED)
        try:
            yield
        except Exception:
            await self._used_tokens.give_back(site, signed.token_id)
            raise

    async def _record(self, call_id: str, click: ClickToCall, site: Site, refusal: RequestError) -> None:
        if refusal.problem in RECORDED:
            reason = refusal.problem.id
            await self._store.write_refused(call_id, click, site.route, self._clock.time(), reason)


def _number(wanted: CallRequest) -> phonenumbers.PhoneNumber | None:
    """The number that was typed; None for a shopper who talks by PC and gave none."""
    if wanted.number is None and wanted.by == "pc":
        return None
    if wanted.number is None or wanted.country is None:
        lacking = [name for name in ("number", "country") if getattr(wanted, name) is None]
        errors = [FieldError(path=f"body.{name}", message="Field required") for name in lacking]
        raise RequestError(Problem.VALIDATION_FAILED, errors=errors)
    return read_number(wanted.number, wanted.country)
