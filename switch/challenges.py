"""The challenges (RFC 3261 section 22) that a dialog has met, and what answers them. Pure.

Sofia answers MD5 by itself; of every other algorithm (RFC 8760) the answers are ours.
"""

from __future__ import annotations

from sip.gate.digest import Challenge, Credentials, answer, challenges_in
from sip.gate.message import Message
from switch.dialog_rules import by_sofia

#: Challenges that one request may meet: a nonce may be stale, and a proxy and a registrar ask each.
_MOST = 4


class Challenges:
    """Of one dialog."""

    def __init__(self) -> None:
        #: Since the last request that was accepted.
        self.met = 0
        self._known: list[Challenge] = []
        #: How often each nonce was used.
        self._counts: dict[str, int] = {}

    def take(self, message: Message, who: Credentials) -> list[Challenge]:
        """Those of a response that are to be answered; none where that would be of no use."""
        found = [one for one in challenges_in(message.headers) if who.realm in ("*", one.realm)]
        self.met += 1
        if not found or self.met > _MOST:
            return []
        if self.met > 1 and not any(one.stale for one in found) and not self._new_realm(found):
            return []
        self._known = found
        return found

    def _new_realm(self, found: list[Challenge]) -> bool:
        known = {one.realm for one in self._known}
        return any(one.realm not in known for one in found)

    def answers(self, who: Credentials, method: str, uri: str, body: str) -> dict[str, str | int]:
        """The headers of a request that answer those that Sofia does not, as Sofia's tags."""
        tags: dict[str, str | int] = {}
        for one in self._known:
            if by_sofia(one) or method == "ACK":
                continue
            count = self._counts[one.nonce] = self._counts.get(one.nonce, 0) + 1
            own = one.header == "Authorization"
            tag = "siptag_authorization_str" if own else "siptag_proxy_authorization_str"
            tags[tag] = answer(one, who, method, uri, body.encode(), count)
        return tags
