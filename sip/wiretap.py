"""What a worker tells of the SIP messages that pass, while an operator looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from bridge.tracing import Sighting, TraceWish, without_secrets


class Wiretap:
    """Shows messages that are wanted to ``tell(sighting)``; costs one comparison while nobody looks."""

    def __init__(self, tell: Callable[[Sighting], None]) -> None:
        self._tell = tell
        self._wish = TraceWish()
        self.on = False

    def listen_for(self, wish: TraceWish) -> None:
        """Show these from now on."""
        self._wish = wish
        self.on = wish != TraceWish()

    def saw(
        self,
        message: bytes,
        *,
        sent: bool,
        transport: Literal["udp", "tcp", "tls"],
        local: tuple[str, int],
        peer: tuple[str, int],
        leg_id: str,
        trunk: str,
    ) -> None:
        """A message passed between us and the world."""
        if self.on and self._wish.wants(leg_id, trunk):
            text = without_secrets(message)
            self._tell(Sighting(time.time(), sent, transport, *local, *peer, leg_id, trunk, text))
