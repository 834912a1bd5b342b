"""The legs of a switch as their media sees them: found, worked on one step after another, and let go."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import TypeVar

from bridge.causes import HangupCause
from bridge.leg_ids import call_of
from switch.borrowing import BorrowedSockets
from switch.media import IncompatibleError, MediaError, MediaOwner, Terms
from switch.media_leg import MediaCall, MediaLeg, ignored
from switch.ng import NgClient, NgError, NgGoneError
from switch.prompts import PromptError
from switch.rtpengine import EXTERNAL, LOOP
from switch.silence import streams_of
from switch.sources import SourceGuard
from switch.stack import local_address
from switch.star import Star
from switch.stats import received

Result = TypeVar("Result")


class MediaLegs:
    """All legs of a switch. ``interfaces`` are rtpengine's own, by address.

    ``borrowed`` are its sockets; None where the kernel lends none. Then nobody but rtpengine itself decides
    who is heard.
    """

    def __init__(
        self,
        owner: MediaOwner,
        client: NgClient,
        interfaces: Mapping[str, str],
        borrowed: BorrowedSockets | None,
    ) -> None:
        self._owner, self._client = owner, client
        self._interfaces, self._borrowed = interfaces, borrowed
        self._calls: dict[str, MediaCall] = {}
        self._legs: dict[str, MediaLeg] = {}

    @property
    def legs(self) -> int:
        """Legs that have media now."""
        return len(self._legs)

    def has(self, leg: MediaLeg) -> bool:
        """Whether the leg is there still."""
        return leg.leg_id in self._legs

    def begin(self, leg: MediaLeg, work: Callable[[], Awaitable[None]]) -> None:
        """Do something whose failure breaks the leg."""

        async def guarded() -> None:
            if leg.leg_id not in self._legs or leg.broken:
                return
            try:
                await work()
            except NgGoneError as error:
                self._broke(leg, HangupCause.WORKER_LOST, str(error))
            except IncompatibleError as error:
                self._broke(leg, HangupCause.INCOMPATIBLE, str(error))
            except (NgError, MediaError, OSError, PromptError) as error:
                self._broke(leg, HangupCause.FAILED, str(error))

        leg.call.then(guarded).add_done_callback(ignored)

    async def _do(self, leg: MediaLeg, work: Callable[[], Awaitable[Result]]) -> Result:
        if leg.broken:
            raise MediaError("the leg's media is broken")
        try:
            return await leg.call.then(work)
        except NgGoneError as error:
            self._broke(leg, HangupCause.WORKER_LOST, str(error))
            raise MediaError(str(error)) from error
        except NgError as error:
            raise MediaError(str(error)) from error

    def _leg(self, leg_id: str, terms: Terms) -> MediaLeg:
        leg = self._legs.get(leg_id)
        if leg is None:
            call_id = call_of(leg_id) or "-"
            call = self._calls.get(call_id)
            if call is None:
                session = secrets.randbelow(2**31)
                call = self._calls[call_id] = MediaCall(call_id, Star(self._client, call_id), session)
            leg = self._legs[leg_id] = call.legs[leg_id] = MediaLeg(leg_id, call, terms, leg_id)
        leg.terms = terms
        leg.call.star.interfaces[leg_id] = self._interface(terms)
        return leg

    def _interface(self, terms: Terms) -> str:
        """Where a leg's ports are: at the address that its far side sees, or the one behind that (NAT)."""
        if ip_address(terms.address).is_loopback:
            return LOOP
        for address in (terms.address, *(local_address(str(known)) for known in terms.known)):
            if address in self._interfaces:
                return self._interfaces[address]
        return EXTERNAL

    def _known(self, leg_id: str) -> MediaLeg:
        leg = self._legs.get(leg_id)
        if leg is None:
            raise MediaError(f"no leg {leg_id}")
        return leg

    def _guard(self, leg: MediaLeg, address: str, port: int) -> None:
        """Let nobody in at the ports of a leg that is new, until its far side is known."""
        if self._borrowed is None:
            return
        if leg.guard is not None:
            if leg.guard.port == port:
                return
            leg.guard.close()

        async def heard() -> int:
            streams = streams_of(await leg.call.star.query(), leg.tag)
            return received(streams[0].get("stats")) if streams else 0

        leg.guard = SourceGuard(leg.leg_id, leg.terms, heard)
        try:
            leg.guard.open(self._borrowed, address, port)
        except OSError as error:
            leg.guard.close()
            leg.guard = None
            raise MediaError(f"the ports of the leg cannot be guarded: {error}") from error
        if not leg.sdp:
            # All that rtpengine gets is right, from the first packet on.
            leg.call.star.learning[leg.tag] = "immediate"

    async def _forget(self, leg: MediaLeg) -> None:
        """Close a leg's ports."""
        was_open, leg.open = leg.open, False
        leg.sdp, leg.far, leg.agreed, leg.ours = "", None, None, None
        if leg.ear is not None:
            leg.ear.close()
            leg.ear = None
        guard, leg.guard = leg.guard, None
        if guard is not None:
            guard.deafen()
        try:
            if was_open:
                await self._delete(leg)
        finally:
            if guard is not None:
                guard.close()

    async def _delete(self, leg: MediaLeg) -> None:
        if any(other.open for other in leg.call.legs.values()):
            for tag in leg.pages.values() if leg.pages else (leg.tag,):
                await leg.call.star.delete(tag)
        else:
            await leg.call.star.delete_all()

    def _broke(self, leg: MediaLeg, cause: HangupCause, why: str) -> None:
        if not leg.broken and leg.leg_id in self._legs:
            leg.broken = True
            self._owner.broke(leg.leg_id, cause, why)
