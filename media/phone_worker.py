"""The main of a phone worker: a process with SIP legs, which the core commands."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from twisted.internet.defer import Deferred

from bridge.commands import MediaCommand
from bridge.tracing import TraceWish
from config.sections.one_port import listeners_of
from media.core_link import run
from media.engines.pjsua2 import SLOTS, WorkerSettings
from media.protocol import Ready
from media.sip_link import SipLink
from sip.gate.records import load
from sip.lines import Lines
from sip.registrar import Registrar
from sip.stack import FrontPort, SipStackError, Stack
from sip.switchboard import Switchboard
from sip.wiretap import Wiretap


class PhoneWorker(SipLink):
    """Carries SIP legs, or keeps the trunks' registrations."""

    def __init__(self, reactor: Any, token: str) -> None:
        super().__init__(reactor, token)
        self._wiretap = Wiretap(self.sighted)
        self._board: Switchboard | None = None
        self._lines: Lines | None = None
        self._registrar: Registrar | None = None

    def begin(self, settings: bytes) -> None:
        """Start the SIP stack."""
        self._begin(WorkerSettings.model_validate_json(settings))

    def _begin(self, settings: WorkerSettings) -> None:
        error = ""
        try:
            stack = Stack(self.reactor, settings.sip, settings.sip_port, SLOTS)
            stack.gate.wiretap = self._wiretap
            if ports := settings.shared_ports:
                listeners = dict(zip(listeners_of(settings.trunks.values()), ports, strict=False))
                stack.share_port(
                    FrontPort(self.beside_core("front"), ports[0], listeners),
                    own=settings.role == "registrar",
                )
            if settings.tell_dialogs:
                stack.gate.recorded = self.noted
            self._lines = Lines(
                self.reactor, stack, settings.sip, settings.trunks, settings.rtp_port, self.heard
            )
            if settings.role == "registrar":
                stack.gate.routed = self.routed
                self._registrar = Registrar(self.reactor, self._lines, settings.trunks, self.registered)
            else:
                self._board = Switchboard(self.reactor, self._lines, self.report, stack.wake)
        except (SipStackError, ValueError) as reason:
            error = str(reason)
        self.tell(Ready(error))

    def farewell(self) -> bool:
        """Hang up and unregister."""
        waiting = False
        if self._board is not None and self._board.busy:
            self._board.hang_up_all()
            waiting = True
        if self._registrar is not None:
            self._registrar.leave()
            waiting = True
        return waiting

    def perform(self, command: MediaCommand) -> None:
        """Carry out a media command."""
        self._ready_board().perform(command)

    def await_tie(self, leg_id: str, secret: str) -> str:
        """Expect a tie; the answer is where to dial."""
        board = self._ready_board()
        board.await_tie(leg_id, secret)
        if self._lines is None:
            raise RuntimeError("the worker is not ready")
        return self._lines.tie_uri(secret)

    def dial_tie(self, leg_id: str, uri: str) -> None:
        """Dial the tie that another worker expects."""
        self._ready_board().dial_tie(leg_id, uri)

    def end_dialog(self, record: str) -> Deferred[bool]:
        """End the dialog of a dead worker."""
        if self._lines is None:
            raise RuntimeError("the worker is not ready")
        return self._lines.end_dialog(load(record))

    def listen_for(self, wish: TraceWish) -> None:
        """Report these SIP messages from now on."""
        self._wiretap.listen_for(wish)

    def _ready_board(self) -> Switchboard:
        if self._board is None:
            raise RuntimeError("the worker is not ready")
        return self._board


def main(connection_path: str, token: str) -> NoReturn:
    """Run a phone worker until its core ends it.

    To be called in a freshly forked process, which must not have imported Twisted's reactor before.
    """
    from twisted.internet.epollreactor import install

    install()  # type: ignore[no-untyped-call]
    # PJSIP writes to stdout, phone numbers too, before its log level can be set.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    run(PhoneWorker, connection_path, token)


if __name__ == "__main__":
    main(*sys.argv[1:])
