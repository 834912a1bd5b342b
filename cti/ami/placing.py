"""Legs that Asterisk places for us by Originate: what it is asked, and how they come to nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from asterisk.ami.action import Action, SimpleAction
from asterisk.ami.event import Event

from bridge.causes import HangupCause
from bridge.facts import LegDropped, LegExpected, LegFact, LegGone, LegPickedUp
from cti.ami.packets import one_line, value
from routing.plan import Originate, SipEndpoint

#: Milliseconds that Asterisk may ring: how long it does is for the call to say.
LONGEST_RING = 3_600_000
#: Seconds that Asterisk gives us to answer, once somebody has answered there.
OUR_ANSWER = 15
#: Cause codes (ITU-T Q.850) of a channel's end.
CAUSES = {
    "1": HangupCause.NOT_FOUND,
    "3": HangupCause.UNREACHABLE,
    "17": HangupCause.BUSY,
    "18": HangupCause.NO_ANSWER,
    "19": HangupCause.NO_ANSWER,
    "20": HangupCause.UNREACHABLE,
    "21": HangupCause.DECLINED,
    "27": HangupCause.UNREACHABLE,
    "34": HangupCause.CONGESTION,
    "38": HangupCause.CONGESTION,
    "42": HangupCause.CONGESTION,
    "58": HangupCause.INCOMPATIBLE,
    "88": HangupCause.INCOMPATIBLE,
}
#: Reasons of an OriginateResponse: control frames. Most often it is 0, which tells nothing: then the end of
#: the channel does, if there ever was one.
REASONS = {"3": HangupCause.NO_ANSWER, "5": HangupCause.BUSY, "8": HangupCause.CONGESTION}


@dataclass(frozen=True, slots=True)
class PlaceLeg:
    """Have Asterisk place this leg, and dial us at this URI."""

    call_id: str
    leg_id: str
    endpoint: SipEndpoint
    uri: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """Have Asterisk end what it does for a leg that we want no more."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class Rings:
    """It rings there."""

    call_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class Fails:
    """Nobody will answer there."""

    call_id: str
    leg_id: str
    cause: HangupCause


Step = PlaceLeg | LetGo | Rings | Fails


@dataclass(frozen=True, slots=True)
class _Placed:
    call_id: str
    #: Whether there is a channel.
    begun: bool = False
    rings: bool = False
    #: Whether it has come to nothing, which the call is about to learn.
    over: bool = False


class Placing:
    """The legs that one Asterisk places, until each is answered or over."""

    def __init__(self, asterisk: str) -> None:
        self._asterisk = asterisk
        self._placed: dict[str, _Placed] = {}

    def note(self, fact: LegFact) -> Iterator[Step]:
        """Something is true of a leg of ours."""
        match fact:
            case LegExpected(endpoint=SipEndpoint(originate=Originate(asterisk=name)) as endpoint, uri=uri):
                if name == self._asterisk and fact.leg_id not in self._placed:
                    self._placed[fact.leg_id] = _Placed(fact.call_id)
                    yield PlaceLeg(fact.call_id, fact.leg_id, endpoint, uri)
            case LegPickedUp():
                self._placed.pop(fact.leg_id, None)
            case LegDropped() | LegGone():
                placed = self._placed.pop(fact.leg_id, None)
                if placed is not None and not placed.over:
                    yield LetGo(fact.leg_id)

    def take(self, event: Event) -> Iterator[Step]:
        """Something happened at the PBX."""
        match event.name:
            case "Newchannel":
                leg_id = leg_of(value(event, "Uniqueid"))
                if leg_id in self._placed:
                    self._placed[leg_id] = replace(self._placed[leg_id], begun=True)
            case "Newstate" if value(event, "ChannelStateDesc") == "Ringing":
                leg_id = leg_of(value(event, "Uniqueid"))
                placed = self._placed.get(leg_id)
                if placed is not None and not placed.rings:
                    self._placed[leg_id] = replace(placed, rings=True)
                    yield Rings(placed.call_id, leg_id)
            case "Hangup":
                cause = CAUSES.get(value(event, "Cause"), HangupCause.UNREACHABLE)
                yield from self.failed(leg_of(value(event, "Uniqueid")), cause)
            case "OriginateResponse" if value(event, "Response") == "Failure":
                leg_id = leg_of(value(event, "ActionID"))
                reason, placed = REASONS.get(value(event, "Reason")), self._placed.get(leg_id)
                if reason is not None or (placed is not None and not placed.begun):
                    yield from self.failed(leg_id, reason or HangupCause.UNREACHABLE)

    def failed(self, leg_id: str, cause: HangupCause) -> Iterator[Step]:
        """A leg comes to nothing; what follows, if it is one of these and nobody knows yet."""
        placed = self._placed.get(leg_id)
        if placed is not None and not placed.over:
            self._placed[leg_id] = replace(placed, over=True)
            yield Fails(placed.call_id, leg_id, cause)


def uniqueid_of(leg_id: str) -> str:
    """What Asterisk calls the channel of a leg, and the action that asks for it."""
    return f"ringback-{leg_id}"


def leg_of(uniqueid: str) -> str:
    """The other way round; empty for what is none."""
    found = uniqueid.removeprefix("ringback-")
    return found if found != uniqueid else ""


def originate(step: PlaceLeg) -> Action:
    """The action; its id is to be :func:`uniqueid_of` the leg."""
    endpoint = step.endpoint
    assert endpoint.originate is not None  # noqa: S101 - as Placing has seen
    channel = endpoint.originate.channel
    keys = {
        "Application": "Dial",
        "Data": f"PJSIP/{endpoint.originate.endpoint}/{step.uri},{OUR_ANSWER}",
        "Timeout": str(LONGEST_RING),
        "Async": "true",
        "ChannelId": uniqueid_of(step.leg_id),
    }
    if channel.startswith("Local/"):
        # Optimised away, the channel that is the leg to us would end while its call goes on.
        channel = channel if channel.endswith("/n") else f"{channel}/n"
        keys["OtherChannelId"] = f"{uniqueid_of(step.leg_id)}-far"
    name = one_line(endpoint.caller_name or "", 80).replace('"', "").replace("<", "").replace(">", "")
    keys["CallerID"] = f'"{name}" <{endpoint.caller_number or ""}>'
    return Action("Originate", {"Channel": channel, **keys})


def hang_up(leg_id: str) -> Action:
    """End the channel of a leg."""
    return SimpleAction("Hangup", Channel=uniqueid_of(leg_id), Cause="16")
