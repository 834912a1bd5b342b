"""The transcript of a chat, for its shopper: to save, or mailed to an address that they type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.callers import Callers
from api.limits import RequestRate
from api.problems import Problem, RequestError
from api.routes import BODY_PROBLEMS, UrlRow
from api.shop.chats import ChatDoors
from bridge.protocols import Clock
from chat.entries import ChatEntry
from chat.transcript import Transcript, TranscriptHead, transcript
from config.base import EmailAddress
from config.fields import Window
from config.models import Config
from notify.delivery import Delivery
from notify.transcripts import transcript_delivery

#: Transcripts of one chat, whether saved or mailed; mails to one address; and mails that one caller asks for.
PER_CHAT = (Window(6, 60.0), Window(30, 86400.0))
PER_ADDRESS = (Window(3, 3600.0), Window(6, 86400.0))
PER_CALLER = (Window(5, 3600.0), Window(20, 86400.0))
#: Entries read at once.
PIECE = 1000


class TranscriptRequest(BaseModel):
    """A shopper's wish for the transcript of their chat."""

    model_config = ConfigDict(extra="forbid", strict=True)

    token: Annotated[str, Field(min_length=20, max_length=100)] = Field(description="The chat's token.")
    email: EmailAddress | None = Field(
        default=None, description="Where to mail it; without one, it is only in the answer."
    )


class ChatTranscript(BaseModel):
    """The transcript: all that the shopper could read."""

    subject: str
    text: str = Field(description="As plain text.")
    html: str = Field(description="As an HTML document, in which nothing that anybody wrote is markup.")
    mailed: bool = Field(description="Whether it is on its way to the address.")


class EntriesOnDisk(Protocol):
    """What was said; may raise store.errors.StoreError."""

    async def entries(self, chat_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[ChatEntry]:
        """The entries of a chat after a number, in order."""


class TranscriptEndpoints:
    """Transcripts for shoppers' pages.

    ``tell(deliveries)`` is the outbox's; ``flushed()`` waits until all that was said is on disk.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        doors: ChatDoors,
        store: EntriesOnDisk,
        flushed: Callable[[], Awaitable[None]],
        tell: Callable[[Sequence[Delivery]], Awaitable[None]],
    ) -> None:
        self._config = config
        self._clock = clock
        self._doors = doors
        self._store = store
        self._flushed = flushed
        self._tell = tell
        self._callers = Callers(config, clock)
        self._chats, self._addresses, self._mailers = RequestRate(), RequestRate(), RequestRate()

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of transcripts."""
        problems = (
            *BODY_PROBLEMS, Problem.CHAT_UNKNOWN, Problem.TRANSCRIPT_OFF, Problem.MAIL_OFF,
            Problem.LIMIT_REQUESTS, Problem.STORE_UNAVAILABLE,
        )  # fmt: skip
        return (
            UrlRow("POST", "/v1/threads/{thread}/transcript", self.ask, "ask_transcript",
                  problems=problems, for_sites=True),
        )  # fmt: skip

    async def ask(self, thread: str, wanted: TranscriptRequest, request: Request) -> ChatTranscript:
        """Get the transcript of a chat, to save it, and have it mailed to an address if one is given."""
        caller, chat_id = self._callers.admit(request), thread
        opening = await self._doors.opens(chat_id, wanted.token, request.headers.get("origin", ""))
        if opening is None:
            raise RequestError(Problem.CHAT_UNKNOWN)
        config = self._config()
        site = config.sites.get(opening.site)
        if site is None:
            raise RequestError(Problem.CHAT_UNKNOWN)
        if site.chat is not None and not site.chat.transcript.shopper:
            raise RequestError(Problem.TRANSCRIPT_OFF)
        if wanted.email is not None and config.mail is None:
            raise RequestError(Problem.MAIL_OFF)
        self._admit(self._chats, chat_id, PER_CHAT)
        if wanted.email is not None:
            self._admit(self._mailers, caller, PER_CALLER)
            self._admit(self._addresses, wanted.email.lower(), PER_ADDRESS)
        head = TranscriptHead(
            chat_id=chat_id,
            site=site.label,
            zone=ZoneInfo(site.time_zone),
            language=opening.context.get("language") or site.tongue,
            agents={name: agent.label for name, agent in config.agents.items()},
        )
        made = transcript(head, await self._entries(chat_id))
        if wanted.email is not None:
            await self._mail(made, chat_id, opening.site, wanted.email)
        return ChatTranscript(
            subject=made.subject, text=made.text, html=made.html, mailed=wanted.email is not None
        )

    async def _mail(self, made: Transcript, chat_id: str, site: str, address: str) -> None:
        await self._tell([transcript_delivery(made, chat_id, site, address, self._clock.time())])

    async def _entries(self, chat_id: str) -> list[ChatEntry]:
        await self._flushed()
        found: list[ChatEntry] = []
        while piece := await self._store.entries(chat_id, after=found[-1].seq if found else 0, limit=PIECE):
            found += piece
        return found

    def _admit(self, rate: RequestRate, key: str, windows: Sequence[Window]) -> None:
        wait = rate.admit(key, windows, self._clock.time())
        if wait is not None:
            raise RequestError(Problem.LIMIT_REQUESTS, retry_after=wait)
