"""What the legs in browsers are for the rest of the media service, whichever workers serve them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from bridge.causes import HangupCause
from bridge.events import LegEnded
from media.browser_choices import BrowserWorkerLoad
from media.worker import Worker

#: What follows when a leg in a browser was begun: the leg's worker gets its ``Dial`` now (``dial``), or dials
#: a URI later (``wait``), or no worker has room for the leg (``full``).
Opening = Literal["dial", "wait", "full"]


class BrowserSideOwner(Protocol):
    """Has the other half of each leg, in a worker with calls."""

    def browser_opened(self, leg_id: str, uri: str) -> None:
        """The leg can be dialled there now."""

    def browser_lost(self, leg_id: str, cause: HangupCause) -> None:
        """The leg is over: its browser sends nothing more. Told at most once for each leg."""


class BrowserSide(Protocol):
    """All legs in browsers of this node.

    The browser of each leg that was begun is told ``bye`` once, as its last message, however the leg ends.
    """

    @property
    def wanted(self) -> int:
        """How many browser workers today's settings ask for."""

    def loads(self) -> list[BrowserWorkerLoad]:
        """The browser workers that take legs of today's settings."""

    def count_legs(self) -> int:
        """Legs that a call has."""

    def look_again(self, now: float, accepting: bool) -> None:
        """Have the browser workers that are wanted."""

    def worker_ready(self, worker: Worker) -> None:
        """A worker takes commands now."""

    def browser_worker_gone(self, worker: Worker) -> None:
        """A browser worker died."""

    def open(
        self,
        leg_id: str,
        worker: Worker,
        generation: int,
        codecs: tuple[str, ...],
        audio: Literal["passthrough", "opus"],
    ) -> Opening:
        """Begin a leg, whose slot is in ``worker``."""

    def signal(self, leg_id: str, message: str) -> None:
        """Pass on a message of a leg's browser; it is kept while no worker can take it."""

    def close(self, leg_id: str) -> None:
        """The call has this leg no more; does nothing for other legs."""

    def settle(self, event: LegEnded, answered: bool, told: Callable[[LegEnded], None]) -> None:
        """Close a leg that ended by itself, and tell why it ended, by its browser's side too."""

    def worker_signalled(self, worker: Worker, leg_id: str, message: str) -> None:
        """A worker has a message for a leg's browser."""

    def worker_ended(self, worker: Worker, leg_id: str, cause: str) -> None:
        """A worker has sent its last message to a leg's browser."""
