"""The main of a browser worker: a process with legs in browsers, which the core commands."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, NoReturn

from pydantic import BaseModel
from twisted.internet.defer import Deferred

from media.core_link import CoreLink, run
from media.engines.pjsua2 import WorkerSettings
from media.protocol import BrowserLegEnded, Ready, Report, Signalled, WorkerRefusedError
from sip.journal import note
from webrtc.leg_table import BrowserWorkerError, LegTable
from webrtc.signalling import write


class BrowserWorker(CoreLink):
    """Carries legs in browsers."""

    #: For BYE and DTLS's close_notify.
    longest_farewell = 0.5

    def __init__(self, reactor: Any, token: str) -> None:
        super().__init__(reactor, token)
        self._legs: LegTable | None = None

    def begin(self, settings: bytes) -> Deferred[Any]:
        """Listen for phone workers."""
        return Deferred.fromFuture(
            asyncio.ensure_future(self._start(WorkerSettings.model_validate_json(settings)))
        )

    def farewell(self) -> bool:
        """End every leg."""
        return self._legs is not None and self._legs.close_all()

    def open_leg(self, leg_id: str, codecs: tuple[str, ...], audio: str) -> str:
        """Expect a browser; the answer is where a phone worker dials."""
        if self._legs is None:
            raise WorkerRefusedError("the worker is not ready")
        try:
            return self._legs.open(leg_id, codecs, audio)
        except (ValueError, OSError) as error:
            raise WorkerRefusedError(str(error)) from error

    def close_leg(self, leg_id: str) -> None:
        """End a leg."""
        if self._legs is not None:
            self._legs.close(leg_id)

    def signal(self, leg_id: str, message: str) -> None:
        """Take a browser's message."""
        if self._legs is not None:
            self._legs.signal(leg_id, message)

    async def _start(self, settings: WorkerSettings) -> None:
        error = ""
        try:
            self._legs = await LegTable.start(
                settings.webrtc,
                settings.sip,
                settings.sip_port,
                self._tell,
                self._ended,
                lambda event: self.tell(Report(event)),
                note,
            )
        except BrowserWorkerError as reason:
            error = str(reason)
        self.tell(Ready(error))

    def _tell(self, leg_id: str, message: BaseModel) -> None:
        self.tell(Signalled(leg_id, write(message)))

    def _ended(self, leg_id: str, cause: str) -> None:
        self.tell(BrowserLegEnded(leg_id, cause))


def main(connection_path: str, token: str) -> NoReturn:
    """Run a browser worker until its core ends it.

    To be called in a fresh process, which must not have imported Twisted's reactor before.
    """
    import uvloop
    from twisted.internet import asyncioreactor

    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
    run(BrowserWorker, connection_path, token)


if __name__ == "__main__":
    main(*sys.argv[1:])
