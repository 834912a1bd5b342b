"""Places a leg: tries each trunk that may carry it, at each address, until one takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal, Protocol

from twisted.internet import defer

from bridge.causes import HangupCause
from config.checks.addresses import is_address
from config.sections.trunks import Trunk
from routing.plan import SipEndpoint
from sip.addresses import split_host
from sip.causes import Next, Refusal
from sip.journal import note
from sip.reactor import Reactor
from sip.requests import RequestTarget, target_of
from sip.resolver import Lookup
from sip.targets import Target, Transport

#: Seconds that a peer without a trunk has to send its first response.
RESPONSE_TIMEOUT = 4.0

#: How a trunk took an attempt. ``answers`` is any response of its own but a 503 with Retry-After.
Outcome = Literal["answers", "unresolved", "silent", "busy"]


@dataclass(frozen=True, slots=True)
class TrunkNews:
    """How a trunk took an attempt; ``status`` is 0 if there was no response."""

    trunk: str
    outcome: Outcome
    status: int = 0
    #: Seconds that the trunk asks us to wait (Retry-After, RFC 3261 section 21.5.4).
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One INVITE to send."""

    #: Name of the trunk; None for a bare SIP URI.
    name: str | None
    trunk: Trunk | None
    #: Request URI, with the transport in it.
    uri: str
    target: Target
    #: The host name of the address, and all its addresses.
    host: str
    known: frozenset[IPv4Address]
    #: The Route headers that the trunk's registrar asks for (RFC 3608).
    routes: tuple[str, ...] = ()


class DialledLeg(Protocol):
    """What placing a leg needs of it."""

    leg_id: str

    @property
    def over(self) -> bool:
        """Whether it has ended."""

    def attempt(self, seconds: float) -> defer.Deferred[Refusal | None]:
        """Fires with how the INVITE that is sent now fails; with None if it is answered or the leg ends.

        It counts as failed, and is abandoned, where no response comes within so many seconds.
        """

    def hang_up(self, cause: HangupCause) -> None:
        """End it from our side."""

    def refuse(self, cause: HangupCause, status: int | None) -> None:
        """End it, because no trunk took it."""


class HostNames(Protocol):
    """Looks up host names of peers."""

    async def find(self, host: str, port: int | None, transport: Transport | None) -> Lookup:
        """What DNS says of a name."""

    async def resolve(self, host: str, port: int | None, transport: Transport | None) -> tuple[Target, ...]:
        """The addresses to try, in order."""


class Outgoing:
    """Places legs; ``tell`` gets how trunks took them."""

    def __init__(
        self,
        reactor: Reactor,
        names: HostNames,
        trunks: Mapping[str, Trunk],
        tell: Callable[[TrunkNews], None],
    ) -> None:
        self._reactor = reactor
        self._names = names
        self._trunks = trunks
        self._tell = tell

    async def place(
        self, leg: DialledLeg, endpoint: SipEndpoint, invite: Callable[[Attempt], Awaitable[None]]
    ) -> None:
        """Try all trunks and addresses until the leg is answered, refused by the callee, or over."""
        refusal: Refusal | None = None
        for way in endpoint.ways or (None,):
            name, uri = (way.trunk, way.uri) if way else (None, endpoint.uri)
            routes = dict(endpoint.service_routes).get(name or "", ())
            found = await self._through(leg, name, uri, routes, invite)
            if found == "taken" or leg.over:
                return
            if isinstance(found, Refusal):
                refusal = found
                if refusal.next is Next.NOTHING:
                    break
        if refusal is None:
            leg.refuse(HangupCause.TRUNK_UNRESOLVED if endpoint.ways else HangupCause.UNREACHABLE, None)
        elif refusal.from_peer:
            leg.refuse(refusal.cause, refusal.status)
        else:
            leg.refuse(HangupCause.TRUNK_UNREACHABLE if endpoint.ways else HangupCause.UNREACHABLE, None)

    async def _through(
        self,
        leg: DialledLeg,
        name: str | None,
        uri: str,
        routes: tuple[str, ...],
        invite: Callable[[Attempt], Awaitable[None]],
    ) -> Refusal | Literal["taken", "unresolved"]:
        """Try one trunk at each of its addresses."""
        trunk = self._trunks[name] if name is not None else None
        asked = target_of(uri, trunk.transport if trunk else None)
        host, port = next_hop(trunk, asked, routes)
        targets = await self._names.resolve(host, port, asked.transport)
        if leg.over:
            return "taken"
        refusal: Refusal | None = None
        for target in targets:
            fired = leg.attempt(trunk.response_timeout if trunk else RESPONSE_TIMEOUT)
            known = frozenset(each.address for each in targets)
            await invite(Attempt(name, trunk, asked.uri, target, host, known, routes))
            refusal = await fired
            if refusal is None:
                if not leg.over:
                    self._learn(name, "answers")
                return "taken"
            self._note(leg, name, target, refusal)
            if refusal.next is not Next.ADDRESS:
                break
        if refusal is not None:
            self._learn_of(name, refusal)
            return refusal
        note("host_unknown", leg=leg.leg_id, trunk=name, host=host)
        self._learn(name, "unresolved")
        return "unresolved"

    def _learn_of(self, name: str | None, refusal: Refusal) -> None:
        if not refusal.from_peer:
            self._learn(name, "silent")
        elif refusal.status == _UNAVAILABLE and refusal.retry_after:
            self._learn(name, "busy", refusal.status, refusal.retry_after)
        else:
            self._learn(name, "answers", refusal.status)

    def _learn(self, name: str | None, outcome: Outcome, status: int = 0, retry_after: float = 0.0) -> None:
        if name is not None:
            self._tell(TrunkNews(name, outcome, status, retry_after))

    def _note(self, leg: DialledLeg, name: str | None, target: Target, refusal: Refusal) -> None:
        if refusal.next is not Next.NOTHING:
            note(
                "attempt_failed",
                leg=leg.leg_id,
                trunk=name,
                peer=f"{target.address}:{target.port}",
                status=refusal.status if refusal.from_peer else 0,
                reason=refusal.cause,
            )


_UNAVAILABLE = 503


def next_hop(
    trunk: Trunk | None, asked: RequestTarget, routes: tuple[str, ...] = ()
) -> tuple[str, int | None]:
    """Host and port that an INVITE is sent to: the trunk's, or the URI's where that is another address.

    The first of the routes that the registrar asks for comes before both, an outbound proxy before all.
    """
    if trunk is None:
        return asked.host, asked.port
    if routes and trunk.outbound_proxy is None:
        first = split_host(routes[0].strip("<>"))
        return first.host, first.port
    hop = split_host(trunk.outbound_proxy or trunk.host)
    if trunk.outbound_proxy is None and (
        hop.host == asked.host or (is_address(hop.host) and is_address(asked.host))
    ):
        return asked.host, asked.port
    return hop.host, hop.port
