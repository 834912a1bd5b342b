"""The media of the switch by rtpengine: who hears what, as :class:`switch.media.SwitchMedia` promises."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

from bridge.causes import HangupCause
from bridge.commands import Join, JudgeAnswerer, Play, RecordLeg, StopRecording
from bridge.events import MediaStats, PromptFinished
from bridge.leg_ids import call_of
from routing.plan import Prompt, Speech, Tone
from sip.journal import note
from switch.listening import LegEars
from switch.media import Agreed, HeardCommand, IncompatibleError, MediaError, MediaOwner, Terms
from switch.media_leg import MediaCall, MediaLeg, ignored
from switch.ng import NgClient, NgError, NgGoneError
from switch.pressing import STEP, packets_of
from switch.prompts import PromptError, Prompts
from switch.rtpengine import EXTERNAL, LOOP
from switch.sdp import OurAudio, agree, for_relay, offered, read, write
from switch.silence import Silence, streams_of
from switch.stack import local_address
from switch.star import Star, hub_sdp
from switch.stats import stats_of

#: Length of a key that we send, in milliseconds, and seconds after which the relay is plain again.
_KEY, _KEYS_OVER = 120, 1.5
#: Seconds between looks whether a far side behind NAT has spoken.
_VOICE_LOOK = 0.2
_PROFILE = {"off": "RTP/AVP", "optional": "RTP/AVP", "required": "RTP/SAVP"}

Result = TypeVar("Result")


class RtpengineMedia:
    """All legs of a switch. ``client`` is its rtpengine's; ``interfaces`` are its own, by address."""

    def __init__(
        self,
        owner: MediaOwner,
        client: NgClient,
        prompts: Prompts,
        interfaces: Mapping[str, str] | None = None,
    ) -> None:
        self._owner, self._client, self._prompts = owner, client, prompts
        self._interfaces = interfaces or {}
        self._loop = asyncio.get_running_loop()
        self._calls: dict[str, MediaCall] = {}
        self._legs: dict[str, MediaLeg] = {}
        # Where the audio of legs goes that nobody is to hear: a full socket that nobody reads costs nothing.
        self._hub = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._hub.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        self._hub.bind(("127.0.0.1", 0))
        self._hub_port: int = self._hub.getsockname()[1]
        self._silence = Silence(owner.report)
        self._listening = LegEars(owner, self)

    @property
    def legs(self) -> int:
        """Legs that have media now."""
        return len(self._legs)

    def engine_died(self) -> None:
        """rtpengine is dead: so is every leg's audio."""
        for leg in list(self._legs.values()):
            self._broke(leg, HangupCause.WORKER_LOST, "rtpengine died")

    def key_came(self, leg_id: str, digit: str) -> None:
        """rtpengine heard a key by RFC 4733."""
        leg = self._legs.get(leg_id)
        if leg is not None and not leg.broken:
            self._owner.key_pressed(leg_id, digit, "rfc4733")

    # --- offers and answers -----------------------------------------------------------------------------

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
            ours = offered(terms.address, told.port, terms.codecs, _PROFILE[terms.srtp])
            return leg.tell(replace(ours, crypto=told.crypto))

        return await self._do(leg, work)

    async def answer(self, leg_id: str, sdp: str, *, early: bool) -> Agreed:
        """The far side answered our offer."""
        leg = self._known(leg_id)

        async def work() -> Agreed:
            far = read(sdp)
            agreed = agree(far, leg.terms.codecs, leg.terms.srtp)
            told = for_relay(far, leg.terms.codecs)
            changed, leg.sdp, leg.far, leg.agreed = told != leg.sdp, told, far, agreed
            self._place(leg)
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
            far = read(sdp)
            agreed = agree(far, terms.codecs, terms.srtp)
            returns = leg.far is not None and leg.far.on_hold and not far.on_hold
            leg.sdp, leg.far, leg.agreed = for_relay(far, terms.codecs), far, agreed
            self._place(leg)
            if leg.partner is not None:
                made = await self._join(leg, leg.partner)
            else:
                made, inner = await leg.call.star.take_offer(leg_id, leg.sdp, self._hub_of(leg))
                leg.placeholder_port = read(inner).port
                if returns and leg.playing is not None:
                    await self._play_file(leg, leg.playing[0], loop=leg.playing[1])
            leg.open = True
            told = read(made)
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
        self._silence.watch(leg)

        async def work() -> None:
            await self._listening.picked_up(leg)
            if leg.partner is not None:
                await self._join(leg, leg.partner)
            else:
                await self._listening.listen(leg)
                if leg.hearing == "nothing":
                    await self.be_silent(leg)

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

    # --- who hears what ---------------------------------------------------------------------------------

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

    async def press(self, leg_id: str, digit: str) -> bool:
        """Send a key by RFC 4733."""
        leg = self._known(leg_id)

        async def work() -> bool:
            other = leg.partner
            if leg.far is None or leg.far.events is None:
                return False
            if other is None:
                await self._press_alone(leg, digit, leg.far.events)
                return True
            if leg.injecting is None:
                await self._join(other, leg, keys=True)
            else:
                leg.injecting.cancel()
            leg.injecting = self._loop.call_later(_KEYS_OVER, self._plain_again, leg, other)
            await leg.call.star.press(other.tag, digit, _KEY)
            return True

        return await self._do(leg, work)

    async def _press_alone(self, leg: MediaLeg, digit: str, number: int) -> None:
        target = ("127.0.0.1", leg.placeholder_port)
        for packet in packets_of(digit, number):
            if leg.ear is not None and leg.ear.used:
                leg.ear.say(packet, target)
            else:
                self._hub.sendto(packet, target)
            await asyncio.sleep(STEP)

    def _plain_again(self, leg: MediaLeg, other: MediaLeg) -> None:
        leg.injecting = None

        async def work() -> None:
            if leg.partner is other and leg.injecting is None:
                await self._join(other, leg)

        self.begin(leg, work)

    async def _play(self, leg: MediaLeg, command: Play) -> None:
        audio = command.audio
        if isinstance(audio, Speech):
            raise MediaError("words are spoken before they come here")
        await self.unlink(leg)
        leg.turn += 1
        turn = leg.turn
        path = await self._prompts.prepare(audio, leg.codec)
        loudness = await self._prompts.loudness(path)
        await self._play_file(leg, path, loop=command.loop)
        leg.hearing, leg.loudness, seconds = "prompt", loudness, loudness.seconds
        if not command.loop:
            leg.ending = self._loop.call_later(seconds, self._prompt_over, leg, audio, turn)

    async def _play_file(self, leg: MediaLeg, path: Path, *, loop: bool) -> None:
        """Play a file, to a far side on hold (rtpengine refuses that) when it comes back."""
        if leg.far is None or not leg.far.on_hold:
            await leg.call.star.play(leg.tag, str(path), loop=loop)
        leg.playing = (path, loop, self._loop.time())

    def own_level(self, leg: MediaLeg, ago: float) -> int:
        """How loud we were to a leg so many seconds ago: that may come back as an echo."""
        if leg.playing is None or leg.loudness is None:
            return 0
        _, loop, since = leg.playing
        return leg.loudness.at(self._loop.time() - ago - since, loop=loop)

    def _prompt_over(self, leg: MediaLeg, audio: Prompt | Tone, turn: int) -> None:
        leg.ending = None
        if leg.turn == turn and leg.leg_id in self._legs:
            self.begin(leg, lambda: self.be_silent(leg, turn))
            if not leg.broken:
                self._owner.report(PromptFinished(leg.leg_id, audio.name))

    async def be_silent(self, leg: MediaLeg, turn: int | None = None) -> None:
        """Send silence: a far side that hears nothing at all may hang up, or never open its NAT."""
        if turn is not None and leg.turn != turn:
            return
        self._hush(leg)
        if leg.sdp and not (leg.far and leg.far.direction == "inactive"):
            path = await self._prompts.prepare(None, leg.codec)
            await self._play_file(leg, path, loop=True)
            leg.hearing = "silence"

    def _hush(self, leg: MediaLeg) -> None:
        leg.turn += 1
        leg.playing = leg.loudness = None
        if leg.ending is not None:
            leg.ending.cancel()
            leg.ending = None

    async def _join_anew(self, leg: MediaLeg, other: MediaLeg) -> None:
        for one, partner in ((leg, other), (other, leg)):
            if one.partner is not partner:
                await self.unlink(one)
        for one in (leg, other):
            if one.judging is not None:
                self._listening.judged_as(one, "unknown")
            await self._listening.stop_recording(one)
        leg.partner, other.partner = other, leg
        await self._join(leg, other)

    async def _join(self, leg: MediaLeg, other: MediaLeg, *, keys: bool = False) -> str:
        """Let rtpengine join the two once more; the SDP toward ``leg``."""
        if not leg.sdp or not other.sdp:
            return ""  # one of them has no audio yet: its answer joins them
        if "inactive" in (leg.far and leg.far.direction, other.far and other.far.direction):
            return await self._suspend(leg, other)
        star = leg.call.star
        first, second = (other, leg) if other.in_browser else (leg, other)
        transcode = second.codec if second.codec != first.codec else ""
        toward = await star.join(
            (first.tag, first.sdp),
            (second.tag, second.sdp),
            second.profile,
            transcode,
            accept=first.codec if transcode and first.far and len(first.far.codecs) > 1 else "",
            keys=keys,
        )
        made = toward[0] if first is leg else toward[1]
        for one, heard in ((leg, other), (other, leg)):
            if one.hearing in ("prompt", "silence"):
                self._hush(one)
                await star.stop(one.tag)
            one.hearing = "partner"
            # Who only rings is heard, and hears silence.
            mute = not heard.answered and heard.far is not None
            if mute is not one.muted:
                await star.silence(one.tag, on=mute)
                one.muted = mute
        for one, heard in ((leg, other), (other, leg)):
            if one.muted:
                await self.be_silent(heard)
            elif not heard.spoke and heard.leg_id in star.elsewhere:
                await self._await_voice(one, heard)
        return made

    async def _await_voice(self, leg: MediaLeg, other: MediaLeg) -> None:
        """Send a leg silence until its partner speaks.

        A partner behind NAT cannot be reached before; both would wait for the other one.
        """
        streams = streams_of(await leg.call.star.query(), other.tag)
        other.spoke = any(stream.get("stats", {}).get("packets") for stream in streams[:1])
        if leg.partner is not other or other.spoke:
            if leg.hearing == "silence" and leg.partner is other:
                self._hush(leg)
                await leg.call.star.stop(leg.tag)
                leg.hearing = "partner"
            return
        if leg.hearing != "silence":
            await self.be_silent(leg)

        def again() -> None:
            if leg.partner is other and not other.spoke:
                self.begin(leg, lambda: self._await_voice(leg, other))

        self._loop.call_later(_VOICE_LOOK, again)

    async def _suspend(self, leg: MediaLeg, other: MediaLeg) -> str:
        """One of two partners wants no audio either way: until it does, the other one hears silence."""
        for one in (leg, other):
            await self.part(one)
            await self.be_silent(one)
        # What the far side is told is no different from before.
        return "" if leg.ours is None else write(leg.ours, 0, 0)

    async def unlink(self, leg: MediaLeg) -> None:
        """Part a leg from its partner, who hears silence from now on."""
        other = leg.partner
        self._hush(leg)
        if other is None:
            return
        leg.partner = other.partner = None
        for one in (leg, other):
            if one.injecting is not None:
                one.injecting.cancel()
                one.injecting = None
            if one.muted:
                await one.call.star.silence(one.tag, on=False)
                one.muted = False
            if one.sdp and one.open:
                await self.part(one)
                one.hearing = "nothing"
        await self.be_silent(other)

    async def part(self, leg: MediaLeg) -> None:
        """Lead a leg's audio to its ear where one is used, else nowhere."""
        star, hub = leg.call.star, self._hub_of(leg)
        differ = leg.codec != leg.hub_codec
        if leg.in_browser:
            _, inner = await star.take_offer(leg.tag, leg.sdp, hub, leg.hub_codec if differ else "")
        else:
            inner = await star.part(leg.tag, leg.sdp, hub, leg.profile, leg.codec if differ else "")
        leg.placeholder_port = read(inner).port

    def _hub_of(self, leg: MediaLeg) -> str:
        port = leg.ear.port if leg.ear is not None and leg.ear.used else self._hub_port
        return hub_sdp(port, (leg.hub_codec,))

    def _place(self, leg: MediaLeg) -> None:
        """Is its far side where its SDP says?"""
        elsewhere, known = leg.call.star.elsewhere, leg.terms.known
        if leg.far is not None and known and ip_address(leg.far.address) not in known and not leg.far.on_hold:
            elsewhere.add(leg.leg_id)
        else:
            elsewhere.discard(leg.leg_id)

    # --- legs -------------------------------------------------------------------------------------------

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

    async def _forget(self, leg: MediaLeg) -> None:
        """Close a leg's ports."""
        was_open, leg.open = leg.open, False
        leg.sdp, leg.far, leg.agreed, leg.ours = "", None, None, None
        if leg.ear is not None:
            leg.ear.close()
            leg.ear = None
        if not was_open:
            return
        if any(other.open for other in leg.call.legs.values()):
            for tag in leg.pages.values() if leg.pages else (leg.tag,):
                await leg.call.star.delete(tag)
        else:
            await leg.call.star.delete_all()

    def _drop(self, leg: MediaLeg) -> None:
        self._hush(leg)
        if leg.ear is not None:
            leg.ear.close()
        if leg.partner is not None:
            leg.partner.partner = None
        self._legs.pop(leg.leg_id, None)
        leg.call.legs.pop(leg.leg_id, None)
        if not leg.call.legs:
            self._calls.pop(leg.call.call_id, None)

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

    def _broke(self, leg: MediaLeg, cause: HangupCause, why: str) -> None:
        if not leg.broken and leg.leg_id in self._legs:
            leg.broken = True
            self._owner.broke(leg.leg_id, cause, why)
