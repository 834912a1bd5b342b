"""ICE servers and where browsers find us: TURN credentials, media ports, the public address of 1:1 NAT."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from config.fields import PortRange
from config.sections.webrtc import WebRtc

#: Ports to try before the range counts as full.
_MOST_TRIES = 200


@dataclass(frozen=True, slots=True)
class MediaAddresses:
    """Where a worker binds its media sockets: one for each address, on ports of the range."""

    addresses: tuple[str, ...]
    ports: PortRange
    #: The address that browsers are told instead of the IPv4 addresses (1:1 NAT).
    public_address: str | None = None

    def told(self, address: str) -> str:
        """The address at which browsers reach a socket bound to ``address``."""
        return address if ":" in address else self.public_address or address

    def ports_to_try(self) -> Iterator[int]:
        """Ports of the range from a random one on, so that workers that share it seldom collide."""
        count = self.ports.last - self.ports.first + 1
        start = random.randrange(count)  # noqa: S311 - no secret
        for number in range(min(count, _MOST_TRIES)):
            yield self.ports.first + (start + number) % count


def turn_credentials(secret: str, user: str, expires_at: int) -> tuple[str, str]:
    """User name and password for a TURN server that shares the secret (coturn's ``use-auth-secret``,
    draft-uberti-behave-turn-rest): valid until ``expires_at``, seconds since 1970.
    """
    name = f"{expires_at}:{user}"
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(digest).decode()


def ice_servers(settings: WebRtc, user: str, now: float) -> list[dict[str, Any]]:
    """The ``iceServers`` of a page's RTCPeerConnection, with TURN credentials that are valid from ``now``."""
    servers: list[dict[str, Any]] = []
    if settings.stun:
        servers.append({"urls": list(settings.stun)})
    if settings.turn:
        server: dict[str, Any] = {"urls": list(settings.turn)}
        if settings.turn_secret is not None:
            server["username"], server["credential"] = turn_credentials(
                settings.turn_secret.get_secret_value(), user, int(now + settings.turn_lifetime)
            )
        servers.append(server)
    return servers


def media_addresses(
    settings: WebRtc, bind: str, public_address: str | None, own: Sequence[str]
) -> MediaAddresses:
    """Where to bind media: the address in the settings, else SIP's, else all of this machine (``own``)."""
    address = settings.bind_address or bind
    wildcard = address == "0.0.0.0"  # noqa: S104 - compared, not bound
    return MediaAddresses(
        tuple(own) if wildcard else (address,),
        settings.media_ports,
        settings.public_address or public_address,
    )
