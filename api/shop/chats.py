"""A shopper's chat over HTTP: ask for one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from api.callers import Callers
from api.data_pass import passed
from api.limits import LONGEST_WAIT
from api.problems import FieldError, Problem, RequestError
from api.proofs import MAX_PROOF, Proofs
from api.routes import BODY_PROBLEMS, UrlRow
from api.shop.models import Page, SiteKey, Token
from api.shop.signed_data import Signed, UsedTokens, read_signed
from bridge.protocols import Clock
from chat.plan import ChatPlan
from chat.records import ChatOpening, StoredChat
from chat.states import ChatState
from chats.engine import ChatEngine
from chats.guide import LANGUAGE, ChatGuide
from config.fields import Window
from config.models import Config
from config.sections.chat import ChatSettings
from config.sections.sites import Site
from store.chats import AskedBefore

#: Tokens of one chat at once: a customer may be logged in on several devices.
MOST_TOKENS = 8
#: Seconds to wait where chats must end first.
OPEN_WAIT = 60.0

_OPEN = (
    Problem.SITE_UNKNOWN, Problem.ORIGIN_REFUSED, Problem.CHAT_OFF, Problem.SIGNED_MISSING,
    Problem.SIGNED_INVALID, Problem.SIGNED_EXPIRED, Problem.SIGNED_USED, Problem.CHAT_OPEN,
    Problem.PROOF_MISSING, Problem.PROOF_INVALID,
    Problem.LIMIT_CHATS, Problem.LIMIT_REQUESTS, Problem.STORE_UNAVAILABLE,
)  # fmt: skip


class ChatRequest(BaseModel):
    """A shopper's request to chat."""

    model_config = ConfigDict(extra="forbid", strict=True)

    site_key: SiteKey = Field(description="The site's public key.")
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22,64}$")] = Field(
        description="At least 128 random bits, a secret of this page's. The same key again is the same chat, "
        "with the same token."
    )
    visitor: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")] | None = Field(
        default=None, description="The browser's random id, if the shopper lets it be remembered."
    )
    page: Page = Field(default="", description="The page that the shopper is on.")
    language: Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z0-9-]*$")] = Field(
        default="",
        description="The language that the page speaks with the shopper, such as de: of canned replies, "
        "guided chats and transcripts. Agents see it.",
    )
    context: dict[str, JsonValue] = Field(
        default={},
        description="What the page tells of the shopper, and what they filled in before the chat.",
        examples=[{"cart": {"value": 120.5}, "customer": {"name": "Ann"}}],
    )
    signed: Token | None = Field(
        default=None,
        description="What the retailer's server has signed for this chat: a JSON Web Token (RFC 7519).",
    )
    proof: Annotated[str, Field(max_length=MAX_PROOF)] | None = Field(
        default=None,
        description="The solution of a challenge from POST /v1/page/challenge, where the site wants one.",
    )


class StartedChat(BaseModel):
    """A chat, and the token that opens it."""

    id: str
    token: str = Field(description="Secret: its holder reads the chat and writes in it.")
    events: str = Field(
        description="Path of the chat's WebSocket. Offer the subprotocols ringback.v2 and token.<token>."
    )


class ChatAsking(Protocol):
    """Chats on disk; every method may raise store.errors.StoreError."""

    async def asked_before(self, site: str, visitor: str, client_ip: str, since: float) -> AskedBefore:
        """When this visitor, and this address, asked for chats since then, the newest first."""

    async def chat_of_key(self, digest: str) -> str | None:
        """The chat that was asked for with this key."""

    async def add_token(self, chat_id: str, digest: str, most: int) -> None:
        """Let another token open a chat; of more than so many the oldest opens it no more."""

    async def chat(self, chat_id: str) -> StoredChat | None:
        """One chat."""

    async def count_refused(self, site: str, route: str, at: float) -> None:
        """Count a chat that never began."""


class ChatDoors:
    """Which token opens which chat, across restarts: digests are on disk with the chat."""

    def __init__(self, store: ChatAsking) -> None:
        self._store = store

    async def opens(self, chat_id: str, secret: str, origin: str) -> ChatOpening | None:
        """The chat, if this token opens it to a page of this origin. May raise StoreError."""
        stored = await self._store.chat(chat_id)
        if stored is None or stored.opening.origin != origin:
            return None
        wanted, right = digest_of_token(secret), False
        for digest in stored.opening.token_digest.split():
            right |= hmac.compare_digest(digest, wanted)
        return stored.opening if right else None


def token_of(chat_id: str, key: str) -> str:
    """The token of whoever asked for the chat with this key: so asking again gives the same one."""
    digest = hashlib.sha256(f"ringback chat token\0{chat_id}\0{key}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def digest_of_token(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


class ChatEndpoints:
    """Opens chats for shoppers' pages.

    ``plan(site, click data)`` tells how a chat goes; ``visitor_of(signed, site)`` who the retailer's server
    says it is, None where it does not. ``refused(site, reason)`` counts a refusal.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        engine: ChatEngine,
        store: ChatAsking,
        plan: Callable[[ChatOpening], ChatPlan | None],
        refused: Callable[[str | None, str], None],
        used_tokens: UsedTokens,
        guide: ChatGuide,
        proofs: Proofs,
    ) -> None:
        self._config = config
        self._clock = clock
        self._engine = engine
        self._store = store
        self._plan = plan
        self._guide = guide
        self._proofs = proofs
        self._refused = refused
        self._used_tokens = used_tokens
        self._callers = Callers(config, clock)
        # From counting to opening no other request may pass, else both could be the last within a limit.
        self._opening = asyncio.Lock()

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of chats."""
        return (
            UrlRow("POST", "/v1/threads", self.open, "open_chat", status=201,
                  problems=(*BODY_PROBLEMS, *_OPEN), for_sites=True),
        )  # fmt: skip

    async def open(self, wanted: ChatRequest, request: Request, response: Response) -> StartedChat:
        """Ask for a chat: it waits until an agent accepts it. Follow it on its WebSocket.

        A customer named by the retailer's server has one chat at once: asking again, from another browser,
        leads to it.
        """
        name: str | None = None
        try:
            caller = self._callers.admit(request)
            name, site, origin = self._callers.site(wanted.site_key, request)
            if site.chat is None:
                raise RequestError(Problem.CHAT_OFF)
            async with self._opening:
                chat_id = await self._open(wanted, name, site, site.chat, origin, caller)
        except RequestError as refusal:
            self._refused(None, refusal.problem.id)
            raise
        path = f"/v1/threads/{chat_id}"
        response.headers["Location"] = path
        return StartedChat(id=chat_id, token=token_of(chat_id, wanted.key), events=f"{path}/events")

    async def _open(
        self, wanted: ChatRequest, name: str, site: Site, chat: ChatSettings, origin: str, caller: str
    ) -> str:
        key_digest = hashlib.sha256(f"{origin}\0{wanted.key}".encode()).hexdigest()
        if known := await self._store.chat_of_key(key_digest):
            return known
        now = self._clock.time()
        signed = read_signed(wanted.signed, name, site, now)
        context = passed(wanted.context, site.data_pass, "body.context")
        if wanted.language:
            context = {LANGUAGE: wanted.language, **context}  # unless the page passes a field so named
        _complete(chat, {**context, **signed.context})
        customer = _customer(name, site, signed)
        visitor = customer or wanted.visitor or caller
        before = await self._store.asked_before(name, visitor, caller, now - LONGEST_LOOK)
        standing = self._engine.standing(before.open_chat) if before.open_chat else None
        # One that has just ended may still be open on disk.
        if before.open_chat and standing and standing.state is not ChatState.ENDED:
            if customer:
                digest = digest_of_token(token_of(before.open_chat, wanted.key))
                await self._store.add_token(before.open_chat, digest, MOST_TOKENS)
                return before.open_chat
            if visitor != caller:
                raise RequestError(Problem.CHAT_OPEN)
        proof = self._proofs.check(wanted.proof, name, site, origin, caller, now, "chat")
        if (wait := self._wait_for_room(chat, name, before, now)) is not None:
            await self._store.count_refused(name, chat.route, now)
            self._engine.refuse(self._engine.new_chat_id(), name)
            raise RequestError(Problem.LIMIT_CHATS, retry_after=wait)
        if proof and not await self._used_tokens.use(name, proof.token_id, proof.expires_at, now):
            raise RequestError(Problem.PROOF_INVALID)
        if signed.token_id and not await self._used_tokens.use(name, signed.token_id, signed.expires_at, now):
            raise RequestError(Problem.SIGNED_USED)
        chat_id = self._engine.new_chat_id()
        opening = ChatOpening(
            chat_id=chat_id,
            site=name,
            route=chat.route,
            visitor=visitor,
            page=wanted.page,
            context=context,
            signed=signed.context,
            client_ip=caller,
            origin=origin,
            token_digest=digest_of_token(token_of(chat_id, wanted.key)),
            key_digest=key_digest,
        )
        plan = self._plan(opening)
        if plan is None:
            raise RequestError(Problem.CHAT_OFF)
        try:
            guided = self._guide.guides(name)
            opened = await self._engine.open(opening, plan, guided=guided)
            if guided and opened == chat_id:
                self._guide.begin(chat_id)
            self._proofs.placed(name, caller, now, "chat")
            return opened
        except Exception:
            if signed.token_id:
                await self._used_tokens.give_back(name, signed.token_id)
            raise

    def _wait_for_room(self, chat: ChatSettings, site: str, before: AskedBefore, now: float) -> float | None:
        """Seconds to wait where one more chat would go over a limit."""
        for windows, asked in (
            (chat.limits.per_visitor, before.by_visitor),
            (chat.limits.per_ip, before.by_ip),
        ):
            if (wait := _wait(windows, asked, now)) is not None:
                return min(wait, LONGEST_WAIT)
        still_open = sum(opening.site == site for _, opening, _ in self._engine.open_chats())
        return OPEN_WAIT if still_open >= chat.limits.open_per_site else None


#: Limits look back no further, in seconds.
LONGEST_LOOK = 7 * 86400.0


def _complete(chat: ChatSettings, known: dict[str, str]) -> None:
    """``validation_failed`` where what the form requires is missing."""
    lacking = [key for key in chat.form.required if not known.get(key, "").strip()]
    if lacking:
        errors = [FieldError(path=f"body.context.{key}", message="Field required") for key in lacking]
        raise RequestError(Problem.VALIDATION_FAILED, errors=errors)


def _customer(name: str, site: Site, signed: Signed) -> str | None:
    """Who the retailer's server says it is, unlike all other sites'."""
    key = site.screen_pop.visitor
    value = signed.context.get(key) if key else None
    return f"{name}:{value}" if value else None


def _wait(windows: Sequence[Window], asked: Sequence[float], now: float) -> float | None:
    """Seconds to wait where one more would go over a limit; ``asked`` has the newest first."""
    for window in windows:
        if not window.times:
            return window.seconds
        if len(asked) >= window.times and asked[window.times - 1] > now - window.seconds:
            return asked[window.times - 1] + window.seconds - now
    return None
