"""How much the pages of one call or agent may say on their WebSockets."""

from __future__ import annotations

import time

from api.limits import RequestRate
from config.fields import Window

#: What the pages of a call or an agent may say together. A call's offer and its candidates are some 20.
MOST_MESSAGES = (Window(200, 10.0),)
#: How often they may connect. A page connects again at once when its connection is cut, then more slowly.
MOST_CONNECTS = (Window(40, 10.0), Window(200, 300.0))


class Talk:
    """How much pages may say, and how often they may connect: counted by call or agent, across all sockets.

    Otherwise a page that says too much on one socket could go on with the next.
    """

    def __init__(self) -> None:
        self._said, self._connected = RequestRate(), RequestRate()

    def connects(self, owner: str) -> bool:
        """Count a page that connects; whether it may."""
        return self._connected.admit(owner, MOST_CONNECTS, time.monotonic()) is None

    def says(self, owner: str) -> bool:
        """Count a message; whether it is heard."""
        return self._said.admit(owner, MOST_MESSAGES, time.monotonic()) is None
