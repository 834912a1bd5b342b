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
#: Seconds before a trunk whose name could not be looked up is tried again; doubled up to the longest.
_FIRST_RETRY, _LONGEST_RETRY = 1.0, 60.0


class Registration(Line):
    """The registering account of one trunk. PJSIP itself refreshes it, and retries after a failure."""

    def __init__(self, trunk: str, changed: Changed) -> None:
        super().__init__(lambda user, source, call: False)
        self._trunk = trunk
        self._changed = changed
        self._last: tuple[bool, int] | None = None

    def onRegState(self, parameters: pj.OnRegStateParam) -> None:  # noqa: N802
        """PJSUA2 got an answer to a REGISTER, or gave up waiting for one."""
        try:
            registered = parameters.code // 100 == 2 and parameters.expiration > 0
            if (registered, parameters.code) != self._last:
                self._last = (registered, parameters.code)
                self._changed(self._trunk, registered, parameters.code)
        except Exception as error:  # noqa: BLE001 - C++ would print and forget it
            note("registration_report_failed", trunk=self._trunk, reason=describe(error))


class Registrar:
    """All registrations of a node; one worker, which places no calls, holds them."""

    def __init__(self, reactor: Reactor, lines: Lines, trunks: Mapping[str, Trunk], changed: Changed) -> None:
        self._reactor = reactor
        self._lines = lines
        self._changed = changed
        self._registrations: list[Registration] = []
        for name, trunk in trunks.items():
            if trunk.registration:
                defer.ensureDeferred(self._register(name, trunk)).addErrback(_failed, name)

    def leave(self) -> None:
        """Unregister everywhere."""
        for registration in self._registrations:
            try:
                registration.setRegistration(False)
            except pj.Error as error:
                note("unregister_failed", reason=error.reason)

    async def _register(self, name: str, trunk: Trunk) -> None:
        wait = _FIRST_RETRY
        while not (addresses := await self._lines.lookup(trunk)):
            self._changed(name, False, 0)
            await task.deferLater(self._reactor, wait, lambda: None)
            wait = min(wait * 2, _LONGEST_RETRY)
        registration = Registration(name, self._changed)
        self._registrations.append(registration)
        self._lines.register(trunk, registration, addresses[0])


def _failed(failure: Any, trunk: str) -> None:
    note("registration_failed", trunk=trunk, reason=describe(failure.value))
