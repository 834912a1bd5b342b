"""How long the media service waits for what, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """All of them; tests shorten some."""

    #: Between pings, and for an answer to one.
    ping: float = 5.0
    #: For commands that wait until a worker is ready, and for a browser leg to open.
    ready: float = 5.0
    #: From asking for a worker until it is ready.
    start: float = 10.0
    #: From telling a worker to leave until it is killed.
    leave: float = 3.0
    #: For the phones of a dead worker to be told, before its legs are reported as ended.
    farewell: float = 2.0
    #: For a tie to be answered.
    tie: float = 5.0
    #: For espeak-ng to speak a text, mostly long before a leg needs it.
    render: float = 10.0
    #: For a leg to wait for a text.
    speech: float = 2.0
    #: For idle workers that are not needed.
    idle: float = 60.0
    #: Between checks of the workers.
    tick: float = 1.0
