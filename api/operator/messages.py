"""The messages that shoppers left, for the operator: list them, hear one, delete one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse

from api.askers import Asker, Whose
from api.audit import AuditTrail
from api.operator.models import MessageList, MessageView
from api.paging import CursorText, PageSize, read_cursor
from api.problems import Problem, RequestError
from api.recorded_files import recorded_file
from api.routes import LIST_PROBLEMS, Audience, UrlRow, binary
from config.models import Config
from notify.mailboxes import KeptMessage
from store.messages import MessageFilter, MessagePage
from store.paging import Cursor

log = structlog.get_logger(__name__)


class MessageLookup(Protocol):
    """The messages; every method may raise store.errors.StoreError."""

    async def messages(
        self, which: MessageFilter, *, limit: int = 100, after: Cursor | None = None
    ) -> MessagePage:
        """A page of messages, newest first."""

    async def message(self, message_id: str) -> KeptMessage | None:
        """One message."""

    async def forget_message(self, message_id: str) -> bool:
        """Delete a message and what tells of it, but not its file; whether there was one."""


class MessageEndpoints:
    """Lists messages, plays them, and deletes them."""

    def __init__(self, config: Callable[[], Config], messages: MessageLookup, audit: AuditTrail) -> None:
        self._config = config
        self._messages = messages
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of messages."""
        message, unknown = "/v1/messages/{message_id}", (Problem.MESSAGE_UNKNOWN, Problem.STORE_UNAVAILABLE)
        return (
            UrlRow("GET", "/v1/messages", self.list, "messages", Audience.OPERATOR, LIST_PROBLEMS),
            UrlRow("GET", f"{message}/audio", self.audio, "message_audio", Audience.OPERATOR,
                  (*unknown, Problem.AUDIO_MISSING), answers=binary("audio/wav")),
            UrlRow("DELETE", message, self.delete, "delete_message", Audience.OPERATOR, unknown, status=204),
        )  # fmt: skip

    async def list(
        self,
        asker: Whose,
        site: str | None = None,
        mailbox: str | None = None,
        limit: PageSize = 100,
        cursor: CursorText = None,
    ) -> MessageList:
        """Messages, newest first."""
        page = await self._messages.messages(
            MessageFilter(site, mailbox, asker.sites), limit=limit, after=read_cursor(cursor)
        )
        return MessageList(
            messages=[MessageView.of(kept) for kept in page.messages],
            next=str(page.next) if page.next else None,
        )

    async def audio(self, message_id: str, request: Request, asker: Whose) -> FileResponse:
        """What the shopper said, as a WAV file."""
        file = self._file(await self._kept(message_id, asker))
        if file is None or not await asyncio.to_thread(file.is_file):
            raise RequestError(Problem.AUDIO_MISSING)
        self._audit.write(request, "message_heard", message_id=message_id)
        return FileResponse(file, media_type="audio/wav", filename=f"message-{message_id}.wav")

    async def delete(self, message_id: str, request: Request, asker: Whose) -> None:
        """Delete a message, its audio, and the mails and webhooks that tell of it, sent or not."""
        kept = await self._kept(message_id, asker)
        file = self._file(kept)
        if file is None:
            log.warning("recording_left", message_id=message_id, path=kept.message.path)
        else:
            # First the file: should the row stay, deleting can be asked for once more.
            await asyncio.to_thread(file.unlink, missing_ok=True)
        await self._messages.forget_message(message_id)
        self._audit.write(request, "message_deleted", message_id=message_id)

    async def _kept(self, message_id: str, asker: Asker) -> KeptMessage:
        kept = await self._messages.message(message_id)
        if kept is None or not asker.sees(kept.message.site):
            raise RequestError(Problem.MESSAGE_UNKNOWN)
        return kept

    def _file(self, kept: KeptMessage) -> Path | None:
        return recorded_file(self._config(), kept.message.path)
