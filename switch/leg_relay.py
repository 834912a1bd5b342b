"""Who hears what: legs joined, played to and silent, by rtpengine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from bridge.causes import HangupCause
from bridge.commands import Play
from bridge.events import PromptFinished
from routing.plan import Prompt, Speech, Tone
from switch.borrowing import BorrowedSockets
from switch.hub_packets import STEP, packets_of, silence_of
from switch.listening import LegEars
from switch.media import MediaError, MediaOwner
from switch.media_leg import MediaLeg
from switch.media_legs import MediaLegs
from switch.ng import NgClient
from switch.prompts import Prompts
from switch.sdp import read, write
from switch.silence import streams_of
from switch.star import hub_sdp
from switch.talks import Talks

#: Length of a key that we send, in milliseconds, and seconds after which the relay is plain again.
_KEY, _KEYS_OVER = 120, 1.5
#: Seconds between looks whether a far side behind NAT has spoken.
_VOICE_LOOK = 0.2
#: Seconds for which a leg that was just answered may hear nothing: mostly its greeting or its partner comes
#: sooner, and to begin playing a file costs rtpengine a millisecond.
_NOTHING_YET = 0.2


class LegRelay(MediaLegs):
    """Leads each leg's audio to its partner, its ear or nowhere, and plays to it."""

    def __init__(
        self,
        owner: MediaOwner,
        client: NgClient,
        prompts: Prompts,
        interfaces: Mapping[str, str] | None = None,
        borrowed: BorrowedSockets | None = None,
    ) -> None:
        super().__init__(owner, client, interfaces or {}, borrowed)
        self._prompts = prompts
        self._loop = asyncio.get_running_loop()
        # Where the audio of legs goes that nobody is to hear: a full socket that nobody reads costs nothing.
        self._hub = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._hub.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        self._hub.bind(("127.0.0.1", 0))
        self._hub_port: int = self._hub.getsockname()[1]
        self._listening = LegEars(owner, self)
        self._talks = Talks(owner, self.has)

    def engine_died(self) -> None:
        """rtpengine is dead: so is every leg's audio."""
        for leg in list(self._legs.values()):
            self._broke(leg, HangupCause.WORKER_LOST, "rtpengine died")
            self._drop(leg)
        self._hub.close()

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
            if other.keys_blocked:
                # rtpengine blocks what it injects as well: the two are apart for as long as the key lasts.
                await self.part(leg)
                await self._press_alone(leg, digit, leg.far.events)
                if leg.partner is other:
                    await self._join(other, leg)
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
        for packet in packets_of(digit, number):
            self._say(leg, packet)
            await asyncio.sleep(STEP)

    def _say(self, leg: MediaLeg, packet: bytes) -> None:
        """Send a packet to a leg that is joined with nobody, as its placeholder."""
        target = ("127.0.0.1", leg.placeholder_port)
        if leg.ear is not None and leg.ear.used:
            leg.ear.say(packet, target)
        else:
            self._hub.sendto(packet, target)

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

    async def be_silent_soon(self, leg: MediaLeg) -> None:
        """Send a leg that hears nothing a little silence, and more unless it hears something in a moment."""
        if leg.hearing != "nothing":
            return
        packets = silence_of(leg.codec, (leg.far and leg.far.packet_time) or 20)
        # A page's placeholder may not be known yet.
        if not packets or not leg.placeholder_port or (leg.far is not None and leg.far.on_hold):
            await self.be_silent(leg)
            return
        await self._prompts.prepare(None, leg.codec)  # while there is time
        for packet in packets:
            self._say(leg, packet)

        async def work() -> None:
            if leg.hearing == "nothing" and leg.partner is None:
                await self.be_silent(leg)

        self._loop.call_later(_NOTHING_YET, self.begin, leg, work)

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
            kept = one.terms.keys_stay or heard.terms.keys_by_info
            await self._block_keys(one, on=kept)
        for one, heard in ((leg, other), (other, leg)):
            if one.muted:
                await self.be_silent(heard)
            elif not heard.spoke and heard.leg_id in star.elsewhere:
                await self._await_voice(one, heard)
        return made

    async def _block_keys(self, leg: MediaLeg, *, on: bool) -> None:
        if on is not leg.keys_blocked:
            await leg.call.star.block_keys(leg.tag, on=on)
            leg.keys_blocked = on

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
            await self._block_keys(one, on=False)
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

    async def _place(self, leg: MediaLeg) -> None:
        """Where its far side is by its SDP, and who may be heard instead."""
        star, far, known = leg.call.star, leg.far, leg.terms.known
        if far is None:
            return
        if known and ip_address(far.address) not in known and not far.on_hold:
            star.elsewhere.add(leg.leg_id)
        else:
            star.elsewhere.discard(leg.leg_id)
        if leg.guard is not None:
            await leg.guard.expect(far)
        elif leg.terms.listed:
            # Nobody but rtpengine can tell a stranger: then only where the SDP says.
            star.learning[leg.tag] = "off"
        elif leg.leg_id in star.elsewhere:
            star.learning[leg.tag] = "immediate"
        else:
            star.learning.pop(leg.tag, None)

    def _drop(self, leg: MediaLeg) -> None:
        self._hush(leg)
        if leg.ear is not None:
            leg.ear.close()
        if leg.talk is not None:
            leg.talk.ear.close()
        if leg.guard is not None:
            leg.guard.close()
            leg.guard = None
        if leg.partner is not None:
            leg.partner.partner = None
        self._legs.pop(leg.leg_id, None)
        leg.call.legs.pop(leg.leg_id, None)
        if not leg.call.legs:
            self._calls.pop(leg.call.call_id, None)
