"""Calls between a page and a phone: headers and times from the capture, samples from what peers kept.

SRTP hides the payload but not the header (RFC 3711), so a page's packets are found in the capture by port and
sequence number, with the kernel's time; what they say is known to the peer that sent or got them.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from bench.audio_wire import CallAudio, LegAudio, Streams, Track, follow
from bench.chromium_probe import NUMBER
from bench.figures import Figures, Followed, percentiles
from bench.packets import CapturedPackets
from bench.page_people import Heard
from bench.peer_sdp import Codec
from bench.peer_voice import ROUND, PeerVoice, by_sequence, voice
from bench.peers import PeerStory
from bench.sip_wire import DialogTimes, WireCall, business_dialogs, digits
from bench.sound import SHOPPER_HZ, carries


@dataclasses.dataclass(frozen=True)
class PageCall:
    """One page's call: its own story, and what the wire showed."""

    story: PeerStory
    followed: Followed

    @property
    def business(self) -> DialogTimes | None:
        """The business's leg."""
        return self.followed.wire.business if self.followed.wire else None

    def ringing(self) -> float | None:
        """Seconds from the click to the business's 180."""
        business = self.business
        return business.rang - self.story.clicked if business and business.rang else None

    def step(self, name: str) -> float | None:
        """Seconds from the click to a moment of the peer's story."""
        at: float | None = getattr(self.story, name)
        return None if at is None else at - self.story.clicked

    def talking(self) -> float | None:
        """Seconds from the business's answer until each had heard the other."""
        audio, business = self.followed.audio, self.business
        if audio.joined is None or audio.answered_back is None or business is None or not business.answered:
            return None
        return max(audio.joined, audio.answered_back) - business.answered


class PageStreams:
    """The SRTP of a capture, by the page's port."""

    def __init__(self, packets: CapturedPackets) -> None:
        self._packets = packets.secured()

    def leg(self, story: PeerStory, payloads: dict[int, bytes], said: PeerVoice) -> LegAudio:
        """What a peer said and heard. Its port is its own for the whole run."""
        packets = self._packets
        mine = packets.chosen((packets.source == story.port) & (packets.sender == story.ssrc))
        rows = (mine.sequence - story.first_sequence & 0xFFFF) % ROUND
        got = packets.chosen((packets.target == story.port) & (packets.sender == story.heard_ssrc))
        return LegAudio(
            Track(mine.time, mine.sequence, mine.sender, said.frames[rows]),
            Track(
                got.time,
                got.sequence,
                got.sender,
                by_sequence(got.sequence, payloads, story.codec or said.codec),
            ),
        )


def page_calls(
    packets: CapturedPackets, business_port: int, numbers: list[str], heard: Heard, codec: Codec
) -> list[PageCall]:
    """The calls of these numbers."""
    businesses = business_dialogs(packets, business_port)
    phones, pages = Streams(packets), PageStreams(packets)
    said = voice(codec, SHOPPER_HZ)
    calls = []
    for number in numbers:
        story, payloads = heard.peers.get(number, (PeerStory(number, 0.0, problem="never placed"), {}))
        business = businesses.get(number)
        shopper = DialogTimes(number, story.clicked, answered=story.connected, ended=story.ended)
        wire = WireCall(number, shopper, business)
        audio = CallAudio(None, None)
        if business is not None and business.answered is not None and story.port:
            audio = follow(
                pages.leg(story, payloads, said), phones.leg(business), business.answered, wire.ended
            )
        calls.append(PageCall(story, Followed(wire, audio)))
    return calls


def page_figures(calls: list[PageCall]) -> Figures:
    """What only calls by PC have."""
    problems: dict[str, int] = {}
    for call in calls:
        if call.story.problem:
            problems[call.story.problem] = problems.get(call.story.problem, 0) + 1
    return {
        **percentiles("click_to_ringing_ms", (call.ringing() for call in calls)),
        **{
            name: value
            for step in ("accepted", "opened", "answered", "connected")
            for name, value in percentiles(f"click_to_{step}_ms", (call.step(step) for call in calls)).items()
        },
        **percentiles("answer_to_talking_ms", (call.talking() for call in calls)),
        "problems": problems,
    }


def probe_figures(packets: CapturedPackets, business_port: int, heard: Heard) -> Figures | None:
    """What the real browser saw of its own call, and whether the business heard it."""
    if heard.probe is None:
        return None
    told = heard.probe
    figures: Figures = {"problem": told["problem"], "statistics": told["statistics"]}
    clicked = told.get("clicked")
    if clicked is not None and "connected" in told:
        figures["click_to_connected_ms"] = round(1000 * (told["connected"] - clicked), 1)
    business = business_dialogs(packets, business_port).get(digits(NUMBER))
    if business is None:
        return figures
    if clicked is not None and business.rang is not None:
        figures["click_to_ringing_ms"] = round(1000 * (business.rang - clicked), 1)
    at_business = Streams(packets).leg(business).heard
    with_voice = carries(at_business.frames, SHOPPER_HZ)
    figures["business_heard_percent"] = round(100 * float(np.mean(with_voice)), 1) if len(with_voice) else 0.0
    return figures
