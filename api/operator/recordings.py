"""Talks that were recorded, for the operator: list them, hear one, delete one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse

from api.askers import Asker, Whose
from api.audit import AuditTrail
from api.operator.models import RecordingList, RecordingView
from api.paging import CursorText, PageSize, read_cursor
from api.problems import Problem, RequestError
from api.recorded_files import recorded_file
from api.routes import LIST_PROBLEMS, Audience, UrlRow, binary
from config.models import Config
from store.paging import Cursor
from store.recordings import KeptRecording, RecordingFilter, RecordingPage

log = structlog.get_logger(__name__)


class RecordingLookup(Protocol):
    """The recordings; every method may raise store.errors.StoreError."""

    async def recordings(
        self, which: RecordingFilter, *, limit: int = 100, after: Cursor | None = None
    ) -> RecordingPage:
        """A page of recordings, newest first."""

    async def recording(self, recording_id: str) -> KeptRecording | None:
        """One recording."""

    async def forget(self, recording_id: str) -> bool:
        """Delete one, but not its file; whether there was one."""


class RecordingEndpoints:
    """Lists recordings, plays them, and deletes them."""

    def __init__(self, config: Callable[[], Config], recordings: RecordingLookup, audit: AuditTrail) -> None:
        self._config = config
        self._recordings = recordings
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of recordings."""
        one, unknown = "/v1/recordings/{recording_id}", (Problem.RECORDING_UNKNOWN, Problem.STORE_UNAVAILABLE)
        return (
            UrlRow("GET", "/v1/recordings", self.list, "recordings", Audience.OPERATOR, LIST_PROBLEMS),
            UrlRow("GET", f"{one}/audio", self.audio, "recording_audio", Audience.OPERATOR,
                  (*unknown, Problem.AUDIO_MISSING), answers=binary("audio/wav")),
            UrlRow("DELETE", one, self.delete, "delete_recording", Audience.OPERATOR, unknown, status=204),
        )  # fmt: skip

    async def list(
        self,
        asker: Whose,
        site: str | None = None,
        call_id: str | None = None,
        limit: PageSize = 100,
        cursor: CursorText = None,
    ) -> RecordingList:
        """Recordings, newest first."""
        page = await self._recordings.recordings(
            RecordingFilter(site, call_id, asker.sites), limit=limit, after=read_cursor(cursor)
        )
        return RecordingList(
            recordings=[RecordingView.of(kept) for kept in page.recordings],
            next=str(page.next) if page.next else None,
        )

    async def audio(self, recording_id: str, request: Request, asker: Whose) -> FileResponse:
        """What was said, as a WAV file: the shopper on the left, the business on the right."""
        kept = await self._kept(recording_id, asker)
        file = recorded_file(self._config(), kept.path)
        if file is None or not await asyncio.to_thread(file.is_file):
            raise RequestError(Problem.AUDIO_MISSING)
        self._audit.write(request, "recording_heard", recording_id=recording_id)
        return FileResponse(file, media_type="audio/wav", filename=f"call-{recording_id}.wav")

    async def delete(self, recording_id: str, request: Request, asker: Whose) -> None:
        """Delete a recording with its audio."""
        kept = await self._kept(recording_id, asker)
        file = recorded_file(self._config(), kept.path)
        if file is None:
            log.warning("recording_left", recording_id=recording_id, path=kept.path)
        else:
            # First the file: should the row stay, deleting can be asked for once more.
            await asyncio.to_thread(file.unlink, missing_ok=True)
        await self._recordings.forget(recording_id)
        self._audit.write(request, "recording_deleted", recording_id=recording_id)

    async def _kept(self, recording_id: str, asker: Asker) -> KeptRecording:
        kept = await self._recordings.recording(recording_id)
        if kept is None or kept.seconds is None or not asker.sees(kept.site):
            raise RequestError(Problem.RECORDING_UNKNOWN)
        return kept
