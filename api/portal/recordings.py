"""Recorded talks, heard at the portal. Listening to one is noted in the audit trail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import FileResponse

from api.portal_audit import PortalAudit
from api.portal_door import Asks
from api.problems import Problem, RequestError
from api.recorded_files import recorded_file
from api.routes import Audience, UrlRow, binary
from config.models import Config
from store.recordings import SqlRecordings


class PortalRecordingEndpoints:
    """Plays recordings to operators who may listen."""

    def __init__(self, *, config: Callable[[], Config], store: SqlRecordings, audit: PortalAudit) -> None:
        self._config = config
        self._store = store
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of a recording's audio."""
        may = (Problem.RECORDING_UNKNOWN, Problem.AUDIO_MISSING, Problem.STORE_UNAVAILABLE)
        return (
            UrlRow("GET", "/v1/portal/recordings/{recording_id}/audio", self.audio, "portal_recording_audio",
                  Audience.PORTAL, may, answers=binary("audio/wav"), right="listen"),
        )  # fmt: skip

    async def audio(self, recording_id: str, request: Request, user: Asks) -> FileResponse:
        """What was said, as a WAV file: the shopper on the left, the business on the right."""
        kept = await self._store.recording(recording_id)
        if kept is None or kept.seconds is None:
            raise RequestError(Problem.RECORDING_UNKNOWN)
        file = recorded_file(self._config(), kept.path)
        if file is None or not await asyncio.to_thread(file.is_file):
            raise RequestError(Problem.AUDIO_MISSING)
        await self._audit.note(request, user, "recording_heard", id=recording_id)
        return FileResponse(file, media_type="audio/wav")
