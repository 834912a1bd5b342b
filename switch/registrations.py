"""Keeps the trunks registered (RFC 3261 section 10) that want it, and tells of every change."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.sections.trunks import Trunk
from sip.causes import refusal_of
from sip.gate.answers import service_route_in
from sip.gate.message import Message, parameter
from sip.journal import note
from sip.requests import domain_of
from sip.retries import is_for_good, wait_before_retry
from sip.targets import Target
from switch.lines import SwitchLines, credentials_of, hop_of, register_uri, routes_of
from switch.request import Asked, Identity, Request

#: A registrar may grant less than it was asked for, but we do not ask more often than this.
_SHORTEST = 5.0
#: Of what was granted, the part after which we ask again.
_AFTER = 0.8
#: More seconds than that nobody is registered for at once (RFC 3261 section 20.19 allows 136 years).
_LONGEST = 86400


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears of registrations: with a trunk's name, whether it is registered, the registrar's status."""

    changed: Callable[[str, bool, int], None]
    #: With a trunk's name, and the Route headers that its registrar asks for (RFC 3608).
    routed: Callable[[str, tuple[str, ...]], None]


class SwitchRegistrations:
    """All registrations of the switch."""

    def __init__(self, lines: SwitchLines, ears: Ears) -> None:
        self._lines = lines
        self._ears = ears
        self._kept: dict[str, _Registration] = {}

    def configure(self, trunks: Mapping[str, Trunk]) -> None:
        """Register these from now on; one whose settings changed unregisters first."""
        wanted = {name: trunk for name, trunk in trunks.items() if trunk.registration}
        for name, kept in list(self._kept.items()):
            if wanted.get(name) != kept.trunk:
                kept.leave()
                del self._kept[name]
        for name, trunk in wanted.items():
            if name not in self._kept:
                self._kept[name] = _Registration(name, trunk, self._lines, self._ears)
            else:
                self._kept[name].tell()

    def trunk_of(self, call_id: str) -> str:
        """Whose registration has this Call-ID; empty for none."""
        return next((name for name, one in self._kept.items() if one.call_id == call_id), "")

    def leave(self) -> bool:
        """Unregister everywhere; whether there was anything to unregister."""
        kept, self._kept = list(self._kept.values()), {}
        left = [one.leave() for one in kept]
        return any(left)


class _Registration:
    """One trunk's."""

    def __init__(self, name: str, trunk: Trunk, lines: SwitchLines, ears: Ears) -> None:
        self.name = name
        self.trunk = trunk
        self._lines = lines
        self._ears = ears
        self._loop = asyncio.get_running_loop()
        self._identity = Identity()
        self._interval = max(1, round(trunk.registration_interval))
        self._registered = False
        self._told: tuple[bool, int] | None = None
        self._failures = 0
        self.call_id = self._identity.call_id
        #: Which of the registrar's addresses is used, counted from the first.
        self._at = 0
        self._target: Target | None = None
        self._left = False
        self._timer: asyncio.TimerHandle | None = None
        self._task = self._loop.create_task(self._register())

    def tell(self) -> None:
        """Tell once more how it stands."""
        if self._told is not None:
            self._ears.changed(self.name, *self._told)

    def leave(self) -> bool:
        """Unregister, and stay so; whether there was anything to unregister."""
        self._left = True
        self._task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        if self._registered and self._target is not None:
            self._send(self._target, 0)
            return True
        return False

    async def _register(self) -> None:
        targets = await self._lines.lookup(self.trunk).asFuture(self._loop)
        if self._left:
            return
        if not targets:
            self._failed(0, None)
            return
        self._target = targets[self._at % len(targets)]
        try:
            self._send(self._target, self._interval)
        except OSError as error:
            note("register_failed", trunk=self.name, reason=error)
            self._failed(0, None)

    def _send(self, target: Target, expires: int) -> None:
        trunk = self.trunk
        door = self._lines.door(target, trunk.tls)
        user = trunk.username or "ringback"
        own = f"<sip:{user}@{domain_of(trunk)}>"
        asked = Asked(
            agent=door.agent,
            hop=hop_of(target),
            method="REGISTER",
            uri=register_uri(trunk),
            from_=own,
            to=own,
            contact=f"<{door.uri(user)}>",
            routes=routes_of(trunk, ()),
            headers=(("Expires", str(expires)),),
            credentials=credentials_of(trunk),
        )
        Request(asked, self._identity, self._unregistered if self._left else self._answered)

    def _answered(self, status: int, message: Message | None) -> None:
        if self._left:
            return
        if message is None or status // 100 != 2:
            self._failed(status, message)
            return
        granted = granted_in(message, self._interval)
        if granted <= 0:
            self._failed(status, message)
            return
        self._failures = 0
        self._tell(True, status)
        self._ears.routed(self.name, service_route_in(message))
        self._again(max(_SHORTEST, granted * _AFTER) if granted > _SHORTEST else granted * _AFTER)

    def _unregistered(self, status: int, message: Message | None) -> None:
        """Nothing follows."""

    def _failed(self, status: int, message: Message | None) -> None:
        self._tell(False, status)
        least = _number(message.get("Min-Expires")) if status == 423 and message is not None else None
        if least is not None and self._interval < least <= _LONGEST:
            self._interval = least
            self._again(0)
            return
        self._failures += 1
        text = message.dump().decode("utf-8", "replace") if message is not None else None
        refusal = refusal_of(status, text, rang=False)
        wait = wait_before_retry(status, self._failures, refusal.retry_after or 0.0)
        wait *= random.uniform(0.9, 1.1)  # noqa: S311
        note("registration_failed", trunk=self.name, status=status, again_in=round(wait))
        if not is_for_good(status):
            self._at += 1  # who does not answer, or fails, may have another address
        self._again(wait)

    def _again(self, seconds: float) -> None:
        def begin() -> None:
            self._task = self._loop.create_task(self._register())

        if not self._left:
            self._timer = self._loop.call_later(seconds, begin)

    def _tell(self, registered: bool, status: int) -> None:
        self._registered = registered
        if self._told != (registered, status):
            self._told = (registered, status)
            self._ears.changed(self.name, registered, status)


def granted_in(message: Message, asked: int) -> int:
    """Seconds that a registrar grants: our Contact's, else Expires, else what we asked for."""
    for contact in message.all("Contact")[:50]:
        found = _number(parameter(contact, "expires") or "")
        if found is not None:
            return min(found, _LONGEST)
    found = _number(message.get("Expires"))
    return min(asked if found is None else found, _LONGEST)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
