"""Keeps the trunks registered (RFC 3261 section 10) that want it, and tells of every change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pjsua2 as pj
from twisted.internet import defer, task

from config.models import Trunk
from sip.journal import note
from sip.legs import describe
from sip.lines import Line, Lines
from sip.reactor import Reactor

#: Called with a trunk's name, whether it is registered, and the registrar's SIP status.
Changed = Callable[[str, bool, int], None]
#: Seconds before a registration that failed is tried again; doubled with each failure, up to the longest.
_FIRST_RETRY, _LONGEST_RETRY = 2.0, 300.0


class Registration(Line):
    """The registering account of one trunk. PJSIP itself refreshes it; a failure is retried here."""

    def __init__(self, trunk: str, reactor: Reactor, changed: Changed) -> None:
        super().__init__(reactor, lambda user, call: False)
        self._trunk = trunk
        self._changed = changed
        self._last: tuple[bool, int] | None = None
        self._wait = _FIRST_RETRY
        self._leaving = False

    def onRegState(self, parameters: pj.OnRegStateParam) -> None:  # noqa: N802
        """PJSUA2 got an answer to a REGISTER, or gave up waiting for one."""
        try:
            registered = parameters.code // 100 == 2 and parameters.expiration > 0
            if (registered, parameters.code) != self._last:
                self._last = (registered, parameters.code)
                self._changed(self._trunk, registered, parameters.code)
            if registered:
                self._wait = _FIRST_RETRY
            else:
                self._retry_later()
        except Exception as error:  # noqa: BLE001 - C++ would print and forget it
            note("registration_report_failed", trunk=self._trunk, reason=describe(error))

    def leave(self) -> None:
        """Unregister, and stay so."""
        self._leaving = True
        if self._last and self._last[0]:
            self._send(False)

    def _retry_later(self) -> None:
        if not self._leaving:
            self._reactor.callLater(self._wait, self._retry)
            self._wait = min(self._wait * 2, _LONGEST_RETRY)

    def _retry(self) -> None:
        if not self._leaving and not self._send(True):
            self._retry_later()

    def _send(self, register: bool) -> bool:
        try:
            self.setRegistration(register)
        except pj.Error as error:
            note("register_failed", trunk=self._trunk, reason=error.reason)
            return False
        return True


class Registrar:
    """All registrations of a node; one worker, which places no calls, holds them."""

    def __init__(self, reactor: Reactor, lines: Lines, trunks: Mapping[str, Trunk], changed: Changed) -> None:
        self._reactor = reactor
        self._lines = lines
        self._changed = changed
        self._registrations: list[Registration] = []
        for name, trunk in trunks.items():
            if trunk.registration:
                defer.ensureDeferred(self._register(name, trunk)).addErrback(self._failed, name)

    def leave(self) -> None:
        """Unregister everywhere."""
        for registration in self._registrations:
            registration.leave()

    async def _register(self, name: str, trunk: Trunk) -> None:
        wait = _FIRST_RETRY
        while not (targets := await self._lines.lookup(trunk)):
            self._changed(name, False, 0)
            await task.deferLater(self._reactor, wait, lambda: None)
            wait = min(wait * 2, _LONGEST_RETRY)
        registration = Registration(name, self._reactor, self._changed)
        self._registrations.append(registration)
        self._lines.register(name, trunk, registration, targets[0])

    def _failed(self, failure: Any, trunk: str) -> None:
        note("registration_failed", trunk=trunk, reason=describe(failure.value))
        self._changed(trunk, False, 0)
