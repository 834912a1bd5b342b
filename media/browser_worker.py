"""The main of a browser worker: browser legs in a process of its own, driven by the core over AMP."""

# mypy: disallow-untyped-calls=False
# Twisted leaves AMP without annotations.

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn

from pydantic import BaseModel
from twisted.internet import protocol
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import connectionDone
from twisted.protocols import amp

from media.protocol import (
    BrowserLegEnded,
    CloseBrowserLeg,
    Hello,
    Leave,
    LegRefusedError,
    OpenBrowserLeg,
    Ping,
    Ready,
    Signal,
    Signalled,
    WorkerSettings,
)
from sip.journal import note
from webrtc.legs import BrowserLegs, BrowserWorkerError
from webrtc.signalling import write

#: Seconds for BYE to be answered and DTLS to be closed before the process ends regardless.
_LONGEST_FAREWELL = 0.5


class BrowserWorker(amp.AMP):
    """The worker's end of the line to the core."""

    def __init__(self, reactor: Any, token: str) -> None:
        super().__init__()
        self._reactor = reactor
        self._token = token
        self._legs: BrowserLegs | None = None
        self._connected = False
        self._leaving = False

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Say hello and begin."""
        super().connectionMade()
        self._connected = True
        hello = self.callRemote(Hello, token=self._token, pid=os.getpid())
        hello.addCallback(self._begin).addErrback(self._give_up)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """The core is gone, and so is every leg's reason to live."""
        self._connected = False
        super().connectionLost(reason)
        self.leave()

    def leave(self) -> dict[str, Any]:
        """End what is left, give the far sides a moment, and exit."""
        if not self._leaving:
            self._leaving = True
            busy = self._legs is not None and self._legs.close_all()
            self._reactor.callLater(_LONGEST_FAREWELL if busy else 0, os._exit, 0)
        return {}

    def open_leg(self, leg_id: str, codecs: str, audio: str) -> dict[str, Any]:
        """Expect a browser, and say where a phone worker finds it."""
        if self._legs is None:
            raise LegRefusedError("the worker is not ready")
        try:
            return {"uri": self._legs.open(leg_id, tuple(codecs.split(",")), audio)}
        except (ValueError, OSError) as error:
            raise LegRefusedError(str(error)) from error

    def close_leg(self, leg_id: str) -> dict[str, Any]:
        """Forget a leg."""
        if self._legs is not None:
            self._legs.close(leg_id)
        return {}

    def signal(self, leg_id: str, message: str) -> dict[str, Any]:
        """Take what a browser says."""
        if self._legs is not None:
            self._legs.signal(leg_id, message)
        return {}

    def ping(self) -> dict[str, Any]:
        """Show that the reactor turns."""
        return {}

    Leave.responder(leave)
    Ping.responder(ping)
    OpenBrowserLeg.responder(open_leg)
    CloseBrowserLeg.responder(close_leg)
    Signal.responder(signal)

    def _begin(self, answer: dict[str, Any]) -> Deferred[Any]:
        return _deferred(self._start(WorkerSettings.model_validate_json(answer["settings"])))

    async def _start(self, settings: WorkerSettings) -> None:
        error = ""
        try:
            self._legs = await BrowserLegs.start(
                settings.webrtc, settings.sip, settings.sip_port, self._tell, self._ended, note
            )
        except BrowserWorkerError as reason:
            error = str(reason)
        if self._connected:
            self.callRemote(Ready, error=error)

    def _tell(self, leg_id: str, message: BaseModel) -> None:
        if self._connected:
            self.callRemote(Signalled, leg_id=leg_id, message=write(message))

    def _ended(self, leg_id: str, cause: str) -> None:
        if self._connected:
            self.callRemote(BrowserLegEnded, leg_id=leg_id, cause=cause)

    def _give_up(self, failure: Any) -> None:
        if failure.check(ConnectionDone, ConnectionLost):
            return  # the core is gone: connectionLost sees to it
        note("worker_failed", reason=failure.getErrorMessage(), trace=failure.getTraceback())
        os._exit(1)


def _deferred(coroutine: Coroutine[Any, Any, Any]) -> Deferred[Any]:
    return Deferred.fromFuture(asyncio.ensure_future(coroutine))


class _ToCore(protocol.ClientFactory):
    """Makes the one connection to the core."""

    def __init__(self, reactor: Any, token: str) -> None:
        self._reactor = reactor
        self._token = token

    def buildProtocol(self, address: Any) -> BrowserWorker:  # noqa: N802 - Twisted's name
        """The worker itself."""
        return BrowserWorker(self._reactor, self._token)

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """No core, no worker."""
        note("core_unreachable", reason=reason.getErrorMessage())
        os._exit(1)


def main(connection_path: str, token: str) -> NoReturn:
    """Run a browser worker until the core lets go of it.

    To be called in a fresh process, which must not have imported Twisted's reactor before. As a phone worker
    does, it ignores SIGINT and SIGTERM, and ends with the connection to its core.
    """
    import uvloop
    from twisted.internet import asyncioreactor

    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)
    from twisted.internet import reactor

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    reactor.connectUNIX(connection_path, _ToCore(reactor, token))
    reactor.run(installSignalHandlers=False)  # type: ignore[call-arg, misc]
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
