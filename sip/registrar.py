"""Keeps the trunks registered (RFC 3261 section 10) that want it, and tells of every change."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pjsua2 as pj
from twisted.internet import defer, task

from config.sections.trunks import Trunk
from sip.causes import refusal_of
from sip.journal import note
from sip.line_account import LineAccount
from sip.lines import Lines
from sip.pj_call import describe
from sip.reactor import Reactor
from sip.retries import is_for_good, wait_before_retry

#: Called with a trunk's name, whether it is registered, and the registrar's SIP status.
Changed = Callable[[str, bool, int], None]
#: Points a registration at the next address of its registrar, or, with False, the first; False: it has none.
Retarget = Callable[[bool], Awaitable[bool]]


class Registration(LineAccount):
    """The registering account of one trunk. PJSIP itself refreshes it; a failure is retried here."""

    def __init__(self, trunk: str, reactor: Reactor, changed: Changed, retarget: Retarget) -> None:
        super().__init__(reactor, lambda user, call: False)
        self._trunk = trunk
        self._changed = changed
        self._retarget = retarget
        self._last: tuple[bool, int] | None = None
        self._failures = 0
        self._leaving = False

    def onRegState(self, parameters: pj.OnRegStateParam) -> None:  # noqa: N802
        """PJSUA2 got an answer to a REGISTER, or gave up waiting for one."""
        try:
            registered = parameters.code // 100 == 2 and parameters.expiration > 0
            if (registered, parameters.code) != self._last:
                self._last = (registered, parameters.code)
                self._changed(self._trunk, registered, parameters.code)
            if registered:
                self._failures = 0
            else:
                refusal = refusal_of(parameters.code, parameters.rdata.wholeMsg or None, rang=False)
                self._retry_later(parameters.code, refusal.retry_after or 0.0)
        except Exception as error:  # noqa: BLE001 - C++ would print and forget it
            note("registration_report_failed", trunk=self._trunk, reason=describe(error))

    def leave(self) -> None:
        """Unregister, and stay so."""
        self._leaving = True
        if self._last and self._last[0]:
            self._send(False)

    def _retry_later(self, status: int, retry_after: float = 0.0) -> None:
        if self._leaving:
            return
        self._failures += 1
        wait = wait_before_retry(status, self._failures, retry_after) * random.uniform(0.9, 1.1)  # noqa: S311
        note("registration_failed", trunk=self._trunk, status=status, again_in=round(wait))
        self._reactor.callLater(wait, self._retry, status)

    def _retry(self, status: int) -> None:
        defer.ensureDeferred(self._try_again(status)).addErrback(self._broke, status)

    async def _try_again(self, status: int) -> None:
        # Who does not answer, or fails, may have another address.
        found = await self._retarget(not is_for_good(status))
        if not self._leaving and not (found and self._send(True)):
            self._retry_later(status)

    def _broke(self, failure: Any, status: int) -> None:
        note("register_failed", trunk=self._trunk, reason=describe(failure.value))
        self._retry_later(status)

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
        failures = 0
        while not (targets := await self._lines.lookup(trunk)):
            self._changed(name, False, 0)
            failures += 1
            await task.deferLater(self._reactor, wait_before_retry(0, failures), lambda: None)
        at = 0

        async def retarget(following: bool) -> bool:
            nonlocal at
            found = await self._lines.lookup(trunk)
            if found:
                at = (at + following) % len(found)
                self._lines.register_at(name, trunk, found[at])
            return bool(found)

        registration = Registration(name, self._reactor, self._changed, retarget)
        self._registrations.append(registration)
        self._lines.register(name, trunk, registration, targets[0])

    def _failed(self, failure: Any, trunk: str) -> None:
        note("registration_failed", trunk=trunk, reason=describe(failure.value))
        self._changed(trunk, False, 0)
