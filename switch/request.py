"""A request of ours outside of Sofia's dialogs: REGISTER, or the BYE of a dialog that Sofia does not know.

We answer its challenges ourselves, with every algorithm that RFC 8760 names.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sip.gate.digest import Challenge, Credentials, answer, challenges_in
from sip.gate.message import MalformedError, Message, parse
from switch.sofia import Event, Handle, SofiaAgent

_MOST_CHALLENGES = 3
#: Called with the final status, and the response where the peer sent one.
Done = Callable[[int, Message | None], None]


@dataclass(slots=True)
class Identity:
    """What requests that belong together share: a Call-ID, a number that rises, what was asked for last."""

    call_id: str = field(default_factory=lambda: secrets.token_hex(12))
    cseq: int = 0
    challenges: list[Challenge] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, except for what Sofia adds: Via, Max-Forwards, Content-Length."""

    agent: SofiaAgent
    hop: str
    method: str
    uri: str
    from_: str
    to: str
    contact: str = ""
    routes: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    credentials: Credentials | None = None


class Request:
    """Sends it, again with credentials where they are asked for, and tells how it ended."""

    def __init__(self, asked: Asked, identity: Identity, done: Done) -> None:
        self._asked = asked
        self._identity = identity
        self._done: Done | None = done
        self._handle: Handle | None = None
        self._challenged = 0
        self._send()

    def forget(self) -> None:
        """Tell nothing any more."""
        self._done = None

    def _send(self) -> None:
        asked, identity = self._asked, self._identity
        identity.cseq += 1
        routes = ", ".join(asked.routes)
        # Within a dialog, the routes are those of the dialog: Sofia takes them as they are.
        route_tag = "siptag_route_str" if "tag=" in asked.to else "nutag_initial_route_str"
        tags: dict[str, str | int] = {
            "nutag_method": asked.method,
            "siptag_from_str": asked.from_,
            "siptag_to_str": asked.to,
            "siptag_call_id_str": identity.call_id,
            "siptag_cseq_str": f"{identity.cseq} {asked.method}",
        }
        if asked.contact:
            tags["siptag_contact_str"] = asked.contact
        if routes:
            tags[route_tag] = routes
        lines = [f"{name}: {value}\r\n" for name, value in (*asked.headers, *self._credentials())]
        if lines:
            tags["siptag_header_str"] = "".join(lines)
        self._handle = asked.agent.handle(self._heard, nutag_url=asked.uri)
        self._handle.send_by(asked.hop, "method", **tags)

    def _credentials(self) -> list[tuple[str, str]]:
        asked, identity, found = self._asked, self._identity, []
        for one in identity.challenges if asked.credentials else ():
            count = identity.counts[one.nonce] = identity.counts.get(one.nonce, 0) + 1
            if asked.credentials is not None:
                value = answer(one, asked.credentials, asked.method, asked.uri, b"", count)
                found.append((one.header, value))
        return found

    def _heard(self, event: Event) -> None:
        if event.name != "r_method" or event.status < 200 or self._handle is None:
            return
        self._handle.destroy()
        self._handle = None
        try:
            message = parse(event.text) if event.text else None
        except MalformedError:
            message = None
        if not event.from_peer:
            message = None
        if event.status in (401, 407) and message is not None and self._authorize(message):
            self._send()
            return
        done, self._done = self._done, None
        if done is not None:
            done(event.status, message)

    def _authorize(self, message: Message) -> bool:
        who, identity = self._asked.credentials, self._identity
        self._challenged += 1
        if who is None or self._challenged > _MOST_CHALLENGES:
            return False
        found = [one for one in challenges_in(message.headers) if who.realm in ("*", one.realm)]
        tried = {one.realm for one in identity.challenges} if self._challenged > 1 else set()
        if not found or all(one.realm in tried and not one.stale for one in found):
            return False
        identity.challenges = found
        return True
