"""The media of a node: rtpengine started or taken over, and another one when it dies."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bridge.events import MediaStats
from sip.journal import note
from switch.borrowing import BorrowedSockets
from switch.keys import Keys
from switch.media import Agreed, HeardCommand, MediaError, MediaOwner, PageState, Terms
from switch.ng import NgError
from switch.page_media import PageMedia
from switch.prompts import Prompts
from switch.rtpengine import Rtp, Rtpengine, RtpengineError

#: Seconds until the next attempt to start rtpengine, at first and in the end.
_AGAIN, _LONGEST_AGAIN = 0.2, 10.0
#: Seconds for which a new leg waits for the next rtpengine: it is usually there in 0.1 s.
_PATIENCE = 2.0


class NodeMedia:
    """Keeps to :class:`switch.media.SwitchMedia` and :class:`switch.media.BrowserMedia`.

    While there is no rtpengine, legs fail (:class:`MediaError`); those that begin wait for it a little.
    """

    def __init__(self, owner: MediaOwner, folder: Path, rtp: Rtp) -> None:
        self._owner = owner
        self._engine = Rtpengine(folder, rtp, self._died)
        self._interfaces = rtp.interfaces
        self._prompts = Prompts(folder / "prompts")
        self._media: PageMedia | None = None
        self._keys: Keys | None = None
        self._borrowed: BorrowedSockets | None = None
        self._restarting: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Have an rtpengine; :class:`MediaError`, with what the operator can do, where that fails."""
        try:
            client = await self._engine.start()
            daemon = self._engine.daemon
            if daemon is None:
                raise RtpengineError("rtpengine ended as it was started")
            self._borrowed = borrowed_of(daemon.pid)
            media = PageMedia(self._owner, client, self._prompts, self._interfaces, self._borrowed)
            self._keys = await Keys.open(daemon.keys_port, media.key_came)
        except (RtpengineError, NgError, OSError) as error:
            raise MediaError(str(error)) from error
        self._media = media

    def end(self) -> None:
        """End rtpengine, and all audio with it."""
        if self._restarting is not None:
            self._restarting.cancel()
        self._engine.kill()

    def _died(self) -> None:
        media, self._media = self._media, None
        if self._keys is not None:
            self._keys.close()
            self._keys = None
        if self._borrowed is not None:
            self._borrowed.close()
            self._borrowed = None
        if media is not None:
            media.engine_died()
        self._restarting = asyncio.ensure_future(self._restart())

    async def _restart(self) -> None:
        wait = _AGAIN
        while True:
            try:
                await self.begin()
            except MediaError as error:
                note("rtpengine_start_failed", level="error", reason=error, again_in=wait)
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_AGAIN)
            else:
                note("rtpengine_started", level="info")
                return

    # --- switch.media.SwitchMedia --------------------------------------------------------------------------

    @property
    def legs(self) -> int:
        """Legs that have media now."""
        return self._media.legs if self._media else 0

    async def offer(self, leg_id: str, terms: Terms) -> str:
        """The SDP of an INVITE of ours."""
        return await (await self._soon()).offer(leg_id, terms)

    async def answer(self, leg_id: str, sdp: str, *, early: bool) -> Agreed:
        """The far side answered our offer."""
        return await self._now().answer(leg_id, sdp, early=early)

    async def take_offer(self, leg_id: str, sdp: str, terms: Terms) -> tuple[str, Agreed]:
        """The far side offers; our answer."""
        return await (await self._soon()).take_offer(leg_id, sdp, terms)

    async def reoffer(self, leg_id: str) -> str:
        """Our SDP once more."""
        return await self._now().reoffer(leg_id)

    def answered(self, leg_id: str) -> None:
        """The far side picked up."""
        if self._media is not None:
            self._media.answered(leg_id)

    def abandon(self, leg_id: str) -> None:
        """Its INVITE failed."""
        if self._media is not None:
            self._media.abandon(leg_id)

    def perform(self, command: HeardCommand) -> None:
        """Change what a leg hears, or listen to it."""
        if self._media is not None:
            self._media.perform(command)

    async def press(self, leg_id: str, digit: str) -> bool:
        """Send a key by RFC 4733."""
        return await self._now().press(leg_id, digit)

    async def close(self, leg_id: str) -> MediaStats | None:
        """Let go of a leg."""
        return await self._media.close(leg_id) if self._media is not None else None

    # --- switch.media.BrowserMedia ----------------------------------------------------------------------

    async def open_page(
        self, leg_id: str, session: int, sdp: str, codec: str, terms: Terms, interface: str
    ) -> str:
        """Open a connection of a leg's page."""
        return await (await self._soon()).open_page(leg_id, session, sdp, codec, terms, interface)

    async def tell_page(self, leg_id: str, session: int, sdp: str, codec: str) -> None:
        """The same connection with more candidates."""
        await self._now().tell_page(leg_id, session, sdp, codec)

    async def look_at_page(self, leg_id: str, session: int) -> PageState | None:
        """How a connection is."""
        return await self._now().look_at_page(leg_id, session)

    async def take_over(self, leg_id: str, session: int, sdp: str, codec: str) -> None:
        """The leg has this connection from now on."""
        await self._now().take_over(leg_id, session, sdp, codec)

    async def drop_page(self, leg_id: str, session: int) -> None:
        """Let go of a connection that the leg does not have."""
        await self._now().drop_page(leg_id, session)

    async def fill(self, leg_id: str, *, on: bool) -> None:
        """Send silence to the other side while the leg's page is lost."""
        await self._now().fill(leg_id, on=on)

    def codec_beside(self, leg_id: str) -> str | None:
        """What an answered leg of the same call speaks."""
        return self._media.codec_beside(leg_id) if self._media is not None else None

    async def _soon(self) -> PageMedia:
        if self._media is None and self._restarting is not None:
            await asyncio.wait({self._restarting}, timeout=_PATIENCE)
        return self._now()

    def _now(self) -> PageMedia:
        if self._media is None:
            raise MediaError("there is no rtpengine at the moment")
        return self._media


def borrowed_of(pid: int) -> BorrowedSockets | None:
    """The sockets of rtpengine; None, which the log tells, where the kernel lends us none."""
    try:
        return BorrowedSockets(pid)
    except OSError as error:
        note("media_sources_unguarded", level="error", reason=error)
        return None
