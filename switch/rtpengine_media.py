"""The media of the switch by rtpengine: who hears what, as :class:`switch.media.SwitchMedia` promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bridge.commands import Join, JudgeAnswerer, Play, RecordLeg, RecordTalk, StopRecording, StopTalk
from bridge.events import MediaStats
from sip.journal import note
from switch.borrowing import BorrowedSockets
from switch.leg_relay import LegRelay
from switch.media import Agreed, HeardCommand, MediaError, MediaOwner, Terms
from switch.ng import NgClient, NgError
from switch.prompts import Prompts
from switch.sdp import OurAudio, agree, for_relay, offered, reachable, read
from switch.silence import Silence
from switch.star import hub_sdp
from switch.stats import stats_of

_PROFILE = {"off": "RTP/AVP", "optional": "RTP/AVP", "required": "RTP/SAVP"}


class RtpengineMedia(LegRelay):
    """All legs of a switch. ``client`` is its rtpengine's."""

    def __init__(
        self,
        owner: MediaOwner,
        client: NgClient,
        prompts: Prompts,
        interfaces: Mapping[str, str] | None = None,
        borrowed: BorrowedSockets | None = None,
    ) -> None:
        super().__init__(owner, client, prompts, interfaces, borrowed)
        self._silence = Silence(owner.report)

    def key_came(self, leg_id: str, digit: str) -> None:
        """rtpengine heard a key by RFC 4733."""
        leg = self._legs.get(leg_id)
        if leg is not None and not leg.broken:
            self._owner.key_pressed(leg_id, digit, "kept" if leg.keys_blocked else "rfc4733")

    async def offer(self, leg_id: str, terms: Terms) -> str:
        """The SDP of an INVITE of ours."""
        leg = self._leg(leg_id, terms)

        async def work() -> str:
            if leg.open:
                await self._forget(leg)
            hub = hub_sdp(self._hub_port, [codec for codec in terms.codecs if codec != "opus"])
            made = await leg.call.star.offer(
                leg_id, hub, _PROFILE[terms.srtp], optional_srtp=terms.srtp == "optional"
            )
            leg.open = True
            told = read(made)
            self._guard(leg, told.address, told.port)
            ours = offered(terms.address, told.port, terms.codecs, _PROFILE[terms.srtp])
            return leg.tell(replace(ours, crypto=told.crypto))

        return await self._do(leg, work)

    async def answer(self, leg_id: str, sdp: str, *, early: bool) -> Agreed:
        """The far side answered our offer."""
        leg = self._known(leg_id)

        async def work() -> Agreed:
            far = reachable(read(sdp), leg.terms.address)
            agreed = agree(far, leg.terms.codecs, leg.terms.srtp)
            told = for_relay(far, leg.terms.codecs)
            changed, leg.sdp, leg.far, leg.agreed = told != leg.sdp, told, far, agreed
            await self._place(leg)
            if changed and leg.partner is not None:
                await self._join(leg, leg.partner)
            elif changed:
                leg.placeholder_port = read(await leg.call.star.answer(leg_id, told)).port
                if agreed.codec != leg.terms.codecs[0] or leg.ear is not None:
                    await self.part(leg)  # its placeholder speaks what it speaks first
            if early:
                self._listening.await_early_media(leg)
            return agreed

        return await self._do(leg, work)

    async def take_offer(self, leg_id: str, sdp: str, terms: Terms) -> tuple[str, Agreed]:
        """The far side offers; our answer."""
        leg = self._leg(leg_id, terms)

        async def work() -> tuple[str, Agreed]:
            far = reachable(read(sdp), terms.address)
            agreed = agree(far, terms.codecs, terms.srtp)
            returns = leg.far is not None and leg.far.on_hold and not far.on_hold
            leg.sdp, leg.far, leg.agreed = for_relay(far, terms.codecs), far, agreed
            await self._place(leg)
            if leg.partner is not None:
                made = await self._join(leg, leg.partner)
            else:
                made, inner = await leg.call.star.take_offer(leg_id, leg.sdp, self._hub_of(leg))
                leg.placeholder_port = read(inner).port
                if returns and leg.playing is not None:
                    await self._play_file(leg, leg.playing[0], loop=leg.playing[1])
            leg.open = True
            told = read(made)
            if leg.guard is None:
                self._guard(leg, told.address, told.port)
                await self._place(leg)
            ours = OurAudio(
                terms.address,
                told.port,
                far.profile,
                {agreed.codec: far.codecs[agreed.codec]},
                far.events,
                far.answer_direction,
                told.crypto[:1],
            )
            return leg.tell(ours), agreed

        return await self._do(leg, work)

    async def reoffer(self, leg_id: str) -> str:
        """Our SDP once more."""
        leg = self._known(leg_id)

        async def work() -> str:
            if leg.ours is None:
                raise MediaError("a leg without an SDP")
            return leg.tell(leg.ours)

        return await self._do(leg, work)

    def answered(self, leg_id: str) -> None:
        """The far side picked up."""
        leg = self._known(leg_id)
        leg.answered = True
        if leg.guard is not None:
            leg.guard.answered()
        self._silence.watch(leg)

        async def work() -> None:
            await self._listening.picked_up(leg)
            if leg.partner is not None:
                await self._join(leg, leg.partner)
            else:
                await self._listening.listen(leg)
                await self.be_silent_soon(leg)

        self.begin(leg, work)

    def abandon(self, leg_id: str) -> None:
        """Its INVITE failed."""
        leg = self._legs.get(leg_id)
        if leg is not None:
            self.begin(leg, lambda: self._forget(leg))

    async def close(self, leg_id: str) -> MediaStats | None:
        """Let go of a leg."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return None
        answered = leg.answered
        partner = leg.partner.tag if leg.partner else None
        self._silence.forget(leg)

        async def work() -> MediaStats | None:
            await self._listening.stop_recording(leg)
            await self._talks.stop(leg)
            leg.judging = None
            if leg.ear is not None:
                leg.ear.listeners.pop("judge", None)
            stats = None
            try:
                if answered and not leg.broken:
                    stats = stats_of(await leg.call.star.query(), leg.tag, leg.codec, partner)
                await self.unlink(leg)
                await self._forget(leg)
            except NgError as error:
                note("leg_close_failed", level="info", leg=leg_id, reason=error)
            return stats

        try:
            return await leg.call.then(work)
        finally:
            self._drop(leg)

    def perform(self, command: HeardCommand) -> None:
        """Change what a leg hears, or listen to it."""
        leg = self._legs.get(command.leg_id)
        if leg is None:
            return
        match command:
            case Play():
                self.begin(leg, lambda: self._play(leg, command))
            case Join(other_leg_id=other_leg_id):
                other = self._legs.get(other_leg_id)
                if other is not None and other.call is leg.call:
                    self.begin(leg, lambda: self._join_anew(leg, other))
            case JudgeAnswerer():
                self.begin(leg, lambda: self._listening.judge(leg))
            case RecordLeg():
                self.begin(leg, lambda: self._listening.record(leg, command))
            case StopRecording():
                self.begin(leg, lambda: self._listening.stop_recording(leg))
            case RecordTalk():
                self.begin(leg, lambda: self._talks.record(leg, command))
            case StopTalk():
                self.begin(leg, lambda: self._talks.stop(leg))
