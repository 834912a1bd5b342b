"""Which legs have gone silent: rtpengine is asked about a call once one of its legs may have."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from bridge.events import LegEvent, LegFaltered, LegRecovered, LegSilent
from switch.media_leg import MediaCall, MediaLeg, ignored
from switch.ng import Answer, NgError

#: Seconds without a sign of life after which others may be told; RTCP comes every 5 s or so.
_FALTERS_AFTER = 8.0
#: Seconds between two looks at a leg that has faltered.
_LOOK = 1.0


class Silence:
    """Watches answered legs. A call is looked at as late as can be: mostly every 8 s."""

    def __init__(self, report: Callable[[LegEvent], None]) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()

    def watch(self, leg: MediaLeg) -> None:
        """From now on."""
        leg.heard_at = self._loop.time()
        if leg.terms.media_timeout is not None:
            self._plan(leg.call)

    def forget(self, leg: MediaLeg) -> None:
        """No more."""
        leg.answered = False
        self._plan(leg.call)

    def _plan(self, call: MediaCall) -> None:
        now = self._loop.time()
        due = [
            max(_LOOK, leg.heard_at + falters_after(leg.terms.media_timeout) - now)
            if not leg.faltered
            else _LOOK
            for leg in call.legs.values()
            if leg.answered and leg.terms.media_timeout is not None
        ]
        if call.looking is not None:
            call.looking.cancel()
            call.looking = None
        if due:
            call.looking = self._loop.call_later(min(due), self._look, call)

    def _look(self, call: MediaCall) -> None:
        call.looking = None

        async def work() -> None:
            try:
                answer = await call.star.query()
            except NgError:
                return  # whatever is wrong is told elsewhere
            for leg in list(call.legs.values()):
                if leg.answered and leg.terms.media_timeout is not None:
                    self._judge(leg, age_of(answer, leg.tag, time.time()))
            self._plan(call)

        call.then(work).add_done_callback(ignored)

    def _judge(self, leg: MediaLeg, age: float | None) -> None:
        now, timeout = self._loop.time(), leg.terms.media_timeout or 0.0
        if age is not None:
            leg.heard_at = max(leg.heard_at, now - age)
        if leg.far is not None and leg.far.direction in ("recvonly", "inactive", "sendonly"):
            leg.heard_at = now  # silent by right
        quiet = now - leg.heard_at
        if leg.faltered and quiet < falters_after(timeout):
            leg.faltered = leg.silent = False
            self._report(LegRecovered(leg.leg_id))
        elif not leg.faltered and quiet >= falters_after(timeout):
            leg.faltered = True
            self._report(LegFaltered(leg.leg_id))
        if quiet >= timeout and not leg.silent:
            leg.silent = True
            self._report(LegSilent(leg.leg_id))


def falters_after(media_timeout: float | None) -> float:
    """Seconds without a sign of life after which others may be told."""
    return min(_FALTERS_AFTER, (media_timeout or 0.0) * 0.6)


def age_of(answer: Answer, tag: str, now: float) -> float | None:
    """Seconds since a leg's last packet, RTCP too; None where none came."""
    last = 0
    for stream in streams_of(answer, tag):
        at = stream.get("last packet")
        last = max(last, at if isinstance(at, int) else 0)
    return max(0.0, now - last) if last else None


def streams_of(answer: Answer, tag: str) -> list[Mapping[str, Any]]:
    """The streams of a leg, RTP's and RTCP's, in an answer to ``query``."""
    tags: Any = answer.get("tags")
    medias = tags[tag].get("medias", []) if isinstance(tags, dict) and isinstance(tags.get(tag), dict) else []
    return [stream for media in medias for stream in media.get("streams", []) if isinstance(stream, dict)]
