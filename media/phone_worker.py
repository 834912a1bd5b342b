"""The main of a phone worker: SIP legs in a process of its own, driven by the core over AMP."""

# mypy: disallow-untyped-calls=False
# Twisted leaves AMP without annotations.

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

from twisted.internet import protocol
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import connectionDone
from twisted.protocols import amp

from bridge.commands import MediaCommand
from bridge.events import LegEvent
from media.protocol import (
    WORKER_SLOTS,
    AwaitTie,
    DialTie,
    Hello,
    Leave,
    Perform,
    Ping,
    Ready,
    Report,
    TrunkRegistered,
    WorkerSettings,
)
from sip.journal import note
from sip.lines import Lines
from sip.registrar import Registrar
from sip.stack import SipStackError, Stack
from sip.switchboard import Switchboard

#: Seconds for BYE, CANCEL and un-REGISTER to be answered before the process ends regardless.
_LONGEST_FAREWELL = 1.0


class PhoneWorker(amp.AMP):
    """The worker's end of the line to the core."""

    def __init__(self, reactor: Any, token: str) -> None:
        super().__init__()
        self._reactor = reactor
        self._token = token
        self._board: Switchboard | None = None
        self._lines: Lines | None = None
        self._registrar: Registrar | None = None
        self._connected = False
        self._leaving = False

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Say hello and begin."""
        super().connectionMade()
        self._connected = True
        hello = self.callRemote(Hello, token=self._token, pid=os.getpid())
        hello.addCallback(self._start).addErrback(self._give_up)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """The core is gone, and so is every call's reason to live."""
        self._connected = False
        super().connectionLost(reason)
        self.leave()

    def leave(self) -> dict[str, Any]:
        """Hang up and unregister what is left, give the far sides a moment to answer, and exit."""
        if not self._leaving:
            self._leaving = True
            waiting = False
            if self._board is not None and self._board.busy:
                self._board.hang_up_all()
                waiting = True
            if self._registrar is not None:
                self._registrar.leave()
                waiting = True
            # os._exit: PJSIP's clean-up at interpreter exit aborts where Python still holds its objects.
            self._reactor.callLater(_LONGEST_FAREWELL if waiting else 0, os._exit, 0)
        return {}

    def perform(self, command: MediaCommand) -> dict[str, Any]:
        """Carry out a media command."""
        self._ready_board().perform(command)
        return {}

    def await_tie(self, leg_id: str, secret: str) -> dict[str, Any]:
        """Expect a tie, and say where."""
        board = self._ready_board()
        board.await_tie(leg_id, secret)
        if self._lines is None:
            raise RuntimeError("the worker is not ready")
        return {"uri": self._lines.tie_uri(secret)}

    def dial_tie(self, leg_id: str, uri: str) -> dict[str, Any]:
        """Dial the tie that another worker awaits."""
        self._ready_board().dial_tie(leg_id, uri)
        return {}

    def ping(self) -> dict[str, Any]:
        """Show that the reactor turns."""
        return {}

    Leave.responder(leave)
    Ping.responder(ping)
    Perform.responder(perform)
    AwaitTie.responder(await_tie)
    DialTie.responder(dial_tie)

    def _ready_board(self) -> Switchboard:
        if self._board is None:
            raise RuntimeError("the worker is not ready")
        return self._board

    def _start(self, answer: dict[str, Any]) -> Any:
        settings = WorkerSettings.model_validate_json(answer["settings"])
        error = ""
        try:
            stack = Stack(self._reactor, settings.sip, settings.sip_port, WORKER_SLOTS)
            self._lines = Lines(self._reactor, stack, settings.sip, settings.trunks, settings.rtp_port)
            if settings.role == "registrar":
                self._registrar = Registrar(self._reactor, self._lines, settings.trunks, self._registered)
            else:
                self._board = Switchboard(self._reactor, self._lines, self._report, stack.wake)
        except (SipStackError, ValueError) as reason:
            error = str(reason)
        return self.callRemote(Ready, error=error)

    def _report(self, event: LegEvent) -> None:
        if self._connected:
            self.callRemote(Report, event=event)

    def _registered(self, trunk: str, registered: bool, status: int) -> None:
        if self._connected:
            self.callRemote(TrunkRegistered, trunk=trunk, registered=registered, status=status)

    def _give_up(self, failure: Any) -> None:
        if failure.check(ConnectionDone, ConnectionLost):
            return  # the core is gone: connectionLost sees to it
        note("worker_failed", reason=failure.getErrorMessage(), trace=failure.getTraceback())
        os._exit(1)


class _ToCore(protocol.ClientFactory):
    """Makes the one connection to the core."""

    def __init__(self, reactor: Any, token: str) -> None:
        self._reactor = reactor
        self._token = token

    def buildProtocol(self, address: Any) -> PhoneWorker:  # noqa: N802 - Twisted's name
        """The worker itself."""
        return PhoneWorker(self._reactor, self._token)

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """No core, no worker."""
        note("core_unreachable", reason=reason.getErrorMessage())
        os._exit(1)


def main(connection_path: str, token: str) -> NoReturn:
    """Run a phone worker until the core lets go of it.

    To be called in a freshly forked process, which must not have imported Twisted's reactor before. The
    worker ignores SIGINT and SIGTERM, which also reach it when its core is told to drain: it ends with the
    connection to its core.
    """
    from twisted.internet.epollreactor import install

    install()
    from twisted.internet import reactor

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # PJSIP greets on stdout, numbers and all, before it can be told not to.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    reactor.connectUNIX(connection_path, _ToCore(reactor, token))
    reactor.run(installSignalHandlers=False)  # type: ignore[call-arg, misc]
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
