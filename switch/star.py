"""The star: every leg of a call is a pair inside rtpengine, and pairs are joined without any SIP.

A leg's tag ``X`` has a placeholder of its own, ``hX``, whose SDP names a UDP port of ours: the *hub*, which
nobody reads, or an *ear*, which somebody does. Two legs are joined by an offer and an answer with the SDPs
that both far sides sent last: their ports, and so what the far sides know, stay as they are.

What follows was found the hard way (rtpengine 10.5 and 26): ``port-latching`` in every offer and answer, or
a leg's port changes at the next answer; a ``via-branch`` for every leg; the old partner is parted before a
leg is joined with another, or the old one is heard on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from switch.ng import Answer, NgClient, NgError, Value
from switch.rtpengine import LOOP
from switch.sdp import CODECS, EVENTS, Described, Direction, for_relay

#: What every offer and answer says. ``strict-source``: once a far side is known by its first packets, what
#: comes from elsewhere is dropped (RTP bleed). ICE is for browsers.
_PLAIN: Mapping[str, Value] = {
    "replace": ["origin", "session-connection"],
    "flags": ["port-latching", "strict-source"],
    "ICE": "remove",
    "rtcp-mux": ["demux"],
}
#: What is said toward a browser (RFC 8827): ICE with checks of our own, DTLS-SRTP, RTCP on the port of RTP.
_BROWSER: Mapping[str, Value] = {
    "ICE": "force",
    "SDES": "off",
    "rtcp-mux": ["offer", "require"],
    "transport-protocol": "UDP/TLS/RTP/SAVPF",
}
_LOOPBACK = "127.0.0.1"
#: Times that a loop is repeated: longer than any call.
_ENDLESS = 1_000_000


def hub_of(tag: str) -> str:
    """The placeholder's tag."""
    return f"h{tag}"


def hub_sdp(port: int, codecs: Sequence[str], direction: Direction = "sendrecv") -> str:
    """The SDP of a placeholder whose audio comes to this port of loopback."""
    spoken = {codec: CODECS[codec][0] for codec in codecs}
    return for_relay(Described(_LOOPBACK, port, "RTP/AVP", spoken, EVENTS, direction), codecs)


class Star:
    """What is asked of rtpengine for the legs of one call. Every method raises :class:`NgError`."""

    def __init__(self, client: NgClient, call: str) -> None:
        self._client = client
        self._call = call
        #: The interface of each leg; placeholders are on loopback.
        self.interfaces: dict[str, str] = {}
        #: Legs whose SDPs name addresses that are not their peers', as behind NAT.
        self.elsewhere: set[str] = set()
        #: How rtpengine learns where a leg's media comes from: ``immediate`` by the first packet, ``off`` by
        #: the SDP alone. For all others the SDP counts, and 3 s decide what is to be believed.
        self.learning: dict[str, str] = {}
        #: Tags of browsers' connections. ICE finds where they are, and only DTLS proves who they are. They
        #: always offer and never answer: so neither ICE's roles nor DTLS's ever change.
        self.browsers: set[str] = set()

    async def offer(self, tag: str, hub: str, profile: str, *, optional_srtp: bool = False) -> str:
        """Open ports for a leg that we invite; an SDP with them."""
        extra: dict[str, Value] = {"via-branch": f"b{tag}", "transport-protocol": profile}
        if optional_srtp:
            extra["flags"] = ["port-latching", "strict-source", "OSRTP-offer"]
        return await self._sdp("offer", hub_of(tag), None, hub, extra)

    async def answer(self, tag: str, far: str) -> str:
        """Take the answer of a leg's far side; the SDP toward its placeholder."""
        return await self._sdp("answer", hub_of(tag), tag, far, {"via-branch": f"b{tag}"})

    async def take_offer(self, tag: str, far: str, hub: str, transcode: str = "") -> tuple[str, str]:
        """Take an offer of a leg's far side, which is joined with nobody; SDPs with our ports.

        The first one is for the far side, the second one for its placeholder. ``transcode`` is the codec of
        its placeholder where the two differ.
        """
        extra = _transcoding(transcode) | {"transport-protocol": "RTP/AVP", "via-branch": f"b{tag}"}
        toward_hub = await self._sdp("offer", tag, hub_of(tag), far, extra)
        return await self._sdp("answer", tag, hub_of(tag), hub, {}), toward_hub

    async def part(self, tag: str, far: str, hub: str, profile: str, transcode: str = "") -> str:
        """Take a leg from its partner; what it says goes to its placeholder, for which the SDP is."""
        extra = _transcoding(transcode) | {"transport-protocol": profile}
        await self._sdp("offer", hub_of(tag), tag, hub, extra)
        return await self._sdp("answer", hub_of(tag), tag, far, {})

    async def join(
        self,
        one: tuple[str, str],
        other: tuple[str, str],
        profile: str,
        transcode: str = "",
        *,
        accept: str = "",
        keys: bool = False,
    ) -> tuple[str, str]:
        """Let two legs, each a tag and its far side's SDP, hear each other; the SDPs toward the two.

        ``transcode`` is the codec of the other one where the two differ, ``profile`` its kind of RTP;
        ``accept`` the codec that the first one hears, where it speaks several.
        ``keys``: those of :meth:`press` are heard.
        """
        extra = _transcoding(transcode, accept) | {"transport-protocol": profile}
        more: dict[str, Value] = {"flags": ["port-latching", "strict-source", "inject-DTMF"]} if keys else {}
        toward_other = await self._sdp("offer", one[0], other[0], one[1], extra | more)
        return await self._sdp("answer", one[0], other[0], other[1], more), toward_other

    async def play(self, tag: str, path: str, *, loop: bool) -> float:
        """Let a leg hear a file; its length in seconds, 0 where rtpengine does not know it."""
        answer = await self._ask("play media", tag, file=path, **{"repeat-times": _ENDLESS if loop else 1})
        duration = answer.get("duration")
        return duration / 1000 if isinstance(duration, int) else 0.0

    async def stop(self, tag: str) -> None:
        """Play no more."""
        await self._ask("stop media", tag)

    async def silence(self, tag: str, *, on: bool) -> None:
        """Let nobody hear a leg, or again."""
        await self._ask("block media" if on else "unblock media", tag, flags=["directional"])

    async def block_keys(self, tag: str, *, on: bool) -> None:
        """Let a leg's keys by RFC 4733 reach nobody, or again; they are told of all the same."""
        await self._ask("block DTMF" if on else "unblock DTMF", tag, flags=["directional"])

    async def press(self, tag: str, digit: str, milliseconds: int) -> None:
        """Send a key as if this leg had pressed it, to the leg that ``keys`` joined it with."""
        await self._ask("play DTMF", tag, code=digit, duration=milliseconds)

    async def subscribe(self, tag: str, port: int) -> str:
        """Send a port of loopback a copy of what a leg says, as PCMU; what the subscription is known by."""
        asked = await self._ask(
            "subscribe request",
            tag,
            **{"transport-protocol": "RTP/AVP"},
            ICE="remove",
            interface=LOOP,
            codec={"transcode": ["PCMU"], "mask": ["all"]},
        )
        subscription, offered = asked.get("to-tag"), asked.get("sdp")
        if not isinstance(subscription, str) or not isinstance(offered, str):
            raise NgError("subscribe request without an SDP")
        await self._client.ask(
            "subscribe answer",
            call_id=self._call,
            to_tag=subscription,
            sdp=hub_sdp(port, ("PCMU",), "recvonly"),
            flags=["allow transcoding"],  # 10.5 else refuses an answer that leaves out a codec
        )
        return subscription

    async def unsubscribe(self, subscription: str) -> None:
        """Send no copy any more."""
        await self._client.ask("unsubscribe", call_id=self._call, to_tag=subscription)

    async def query(self) -> Answer:
        """What is known of the whole call."""
        return await self._client.ask("query", call_id=self._call)

    async def delete(self, tag: str) -> None:
        """Let go of one leg."""
        for one in (tag, hub_of(tag)):
            await self._client.ask("delete", call_id=self._call, from_tag=one)

    async def delete_all(self) -> None:
        """Let go of the whole call."""
        await self._client.ask("delete", call_id=self._call)

    async def _ask(self, command: str, tag: str, **arguments: Value) -> Answer:
        return await self._client.ask(command, call_id=self._call, from_tag=tag, **arguments)

    async def _sdp(
        self, command: str, from_tag: str, to_tag: str | None, sdp: str, extra: Mapping[str, Value]
    ) -> str:
        arguments = {**_PLAIN, **extra, **({"to-tag": to_tag} if to_tag else {})}
        speaks, hears = (from_tag, to_tag) if command == "offer" else (to_tag, from_tag)
        if hears in self.browsers:
            arguments |= _BROWSER
        if speaks in self.browsers:
            arguments["flags"] = ["port-latching"]
        if speaks in self.learning:
            arguments["endpoint-learning"] = [self.learning[speaks]]  # a text would be ignored
        if command == "offer":
            toward = to_tag or from_tag.removeprefix(hub_of(""))
            arguments["direction"] = [self.interfaces.get(tag, LOOP) for tag in (from_tag, toward)]
        answer = await self._client.ask(command, call_id=self._call, from_tag=from_tag, sdp=sdp, **arguments)
        made = answer.get("sdp")
        if not isinstance(made, str):
            raise NgError(f"{command} without an SDP")
        return made


def _transcoding(codec: str, accept: str = "") -> dict[str, Value]:
    asked = {name: [one] for name, one in (("transcode", codec), ("accept", accept)) if one}
    return {"codec": asked} if asked else {}
