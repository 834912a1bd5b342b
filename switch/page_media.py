"""Legs in browsers, in the star: each connection of a page is a tag of its own, and a leg has one at a time.

A page's next connection, after a reload or a change of network, is opened beside the one that the leg has.
Once it stands, the leg is moved to it, with what it hears and all who listen to it; the old one is deleted.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.leg_ids import call_of
from switch.media import Agreed, HeardQuality, MediaError, PageState, Terms
from switch.media_leg import MediaLeg
from switch.ng import Answer
from switch.rtpengine_media import RtpengineMedia
from switch.silence import age_of, streams_of
from switch.star import hub_sdp
from switch.stats import received

#: Told by ``query`` of a stream whose far side has proved by DTLS who it is.
_VERIFIED = "DTLS fingerprint verified"


class PageMedia(RtpengineMedia):
    """The media of a switch, browsers among its legs: keeps to :class:`switch.media.BrowserMedia`."""

    async def open_page(
        self, leg_id: str, session: int, sdp: str, codec: str, terms: Terms, interface: str
    ) -> str:
        """Open a connection of the leg's page; rtpengine's SDP."""
        leg = self._leg(leg_id, terms)

        async def work() -> str:
            tag = f"{leg_id}~{session}"
            star = leg.call.star
            star.browsers.add(tag)
            star.interfaces[tag] = interface
            leg.pages[session], leg.open = tag, True
            return await self._offer_page(leg, tag, sdp, codec)

        return await self._do(leg, work)

    async def tell_page(self, leg_id: str, session: int, sdp: str, codec: str) -> None:
        """The same connection with more candidates; it has no use for them once the leg has it."""
        leg = self._known(leg_id)

        async def work() -> None:
            tag = leg.pages.get(session)
            if tag is not None and tag != leg.tag:
                await self._offer_page(leg, tag, sdp, codec)

        await self._do(leg, work)

    async def look_at_page(self, leg_id: str, session: int) -> PageState | None:
        """How the connection is; None where there is none."""
        leg = self._known(leg_id)

        async def work() -> PageState | None:
            tag = leg.pages.get(session)
            if tag is None:
                return None
            partner = leg.partner.tag if leg.partner is not None else None
            return state_of(await leg.call.star.query(), tag, partner, time.time())

        return await self._do(leg, work)

    async def take_over(self, leg_id: str, session: int, sdp: str, codec: str) -> None:
        """The leg has this connection from now on, and hears by it what it heard before."""
        leg = self._known(leg_id)

        async def work() -> None:
            tag, before, star = leg.pages.get(session), leg.tag, leg.call.star
            if tag is None:
                raise MediaError("a connection that is not open")
            replaces = before in star.browsers
            if replaces and leg.partner is not None:
                await self.part(leg)  # otherwise its partner goes on hearing the old one
            leg.tag, leg.sdp, leg.agreed = tag, sdp, Agreed(codec, held=False, events=False)
            leg.muted = False
            if leg.partner is not None:
                await self._join(leg, leg.partner)
            elif replaces:
                await self.part(leg)
                if leg.playing is not None:
                    await self._play_file(leg, leg.playing[0], loop=leg.playing[1])
            await self._talks.follow(leg)
            if replaces:
                await self._delete_page(leg, before)

        await self._do(leg, work)

    async def fill(self, leg_id: str, *, on: bool) -> None:
        """While the page is lost, send the other side silence instead of nothing."""
        leg = self._known(leg_id)

        async def work() -> None:
            partner, star = leg.partner, leg.call.star
            if partner is None or not partner.sdp:
                return
            if on:
                path = await self._prompts.prepare(None, partner.codec)
                await star.play(partner.tag, str(path), loop=True)
            else:
                await star.stop(partner.tag)

        await self._do(leg, work)

    def codec_beside(self, leg_id: str) -> str | None:
        """What an answered leg of the same call speaks."""
        call = self._calls.get(call_of(leg_id) or "-")
        others = [leg for leg in call.legs.values() if leg.leg_id != leg_id] if call is not None else []
        return next((leg.codec for leg in others if leg.answered), None)

    async def drop_page(self, leg_id: str, session: int) -> None:
        """Let go of a connection that the leg does not have."""
        leg = self._known(leg_id)

        async def work() -> None:
            tag = leg.pages.get(session)
            if tag is not None and tag != leg.tag:
                await self._delete_page(leg, tag)

        await self._do(leg, work)

    async def _offer_page(self, leg: MediaLeg, tag: str, sdp: str, codec: str) -> str:
        hub = "PCMU" if codec == "opus" else codec
        made, _ = await leg.call.star.take_offer(
            tag, sdp, hub_sdp(self._hub_port, (hub,)), hub if hub != codec else ""
        )
        return made

    async def _delete_page(self, leg: MediaLeg, tag: str) -> None:
        leg.pages = {session: one for session, one in leg.pages.items() if one != tag}
        try:
            await leg.call.star.delete(tag)
        finally:
            leg.call.star.browsers.discard(tag)


def state_of(answer: Answer, tag: str, partner: str | None, now: float) -> PageState:
    """How a connection is, by an answer to ``query``.

    What its page sends is reported by the ``partner``, and what the page is sent, which comes of the partner,
    by the page.
    """
    streams = streams_of(answer, tag)
    flags = [flag for stream in streams for flag in stream.get("flags", ())]
    return PageState(
        connected=_VERIFIED in flags,
        age=age_of(answer, tag, now),
        packets=sum(received(stream.get("stats")) for stream in streams),
        up=_heard(answer, streams),
        down=_heard(answer, streams_of(answer, partner) if partner else []),
    )


def _heard(answer: Answer, streams: Sequence[Mapping[str, Any]]) -> HeardQuality:
    reports: Any = answer.get("SSRC")
    for stream in streams:
        told = reports.get(str(stream.get("SSRC"))) if isinstance(reports, dict) else None
        average = told.get("average") if isinstance(told, dict) else None
        if isinstance(average, dict):
            trip = _number(average, "round-trip time")
            return HeardQuality(
                min(100.0, _number(average, "packet loss")),
                _number(average, "jitter"),
                trip / 1000 if trip else None,
            )
    return HeardQuality()


def _number(average: Mapping[str, Any], name: str) -> float:
    found = average.get(name)
    return float(found) if isinstance(found, int) and found >= 0 else 0.0
