"""Which phones a PBX rings for our calls, followed through its own events. Pure: packets in, outcomes out.

A business leg of ours is a channel there, known by the SIP Call-ID of the leg. Whatever the PBX does with it,
be it a queue, a ring group or a transfer, all channels that belong together share a Linkedid; so an agent's
phone that rings with that Linkedid rings for our call. Who picks up another's ringing phone (``*8``,
``PickupChan``) comes with a Linkedid of their own: that they took the call is told by Pickup, by the DialEnd
of the channel that dialled, and by the bridge that they enter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from asterisk.ami.event import Event

from bridge.facts import LegDialled, LegFact, LegGone, LegIdentified
from cti.ami.packets import value

#: How the channel drivers tell the SIP Call-ID of a channel.
CALL_ID_VARIABLES = {"PJSIP": "CHANNEL(pjsip,call-id)", "SIP": "SIPCALLID"}
_CHANNEL_NUMBER = re.compile(r"-[0-9a-f]+(;[12])?$")
#: Channels of each kind that are kept in mind, and characters of their names: more is no PBX's.
MOST_CHANNELS = 10_000
LONGEST_NAME = 200
_NAMES = (
    *("Channel", "Uniqueid", "Linkedid", "DestChannel", "DestUniqueid", "DestLinkedid"),
    *("TargetChannel", "TargetUniqueid", "TargetLinkedid", "BridgeUniqueid", "BridgeId"),
)


@dataclass(frozen=True, slots=True)
class AskCallId:
    """Ask Asterisk for this variable of a channel, and have the answer :meth:`PbxCalls.learned`."""

    uniqueid: str
    channel: str
    variable: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A call of ours is this channel."""

    call_id: str
    uniqueid: str
    channel: str


Stage = Literal["rang", "answered", "gone"]


@dataclass(frozen=True, slots=True)
class AgentPhone:
    """An agent's phone rings for a call, took it, or has nothing to do with it any more."""

    call_id: str
    agent: str
    stage: Stage


PbxNews = AskCallId | Arrived | AgentPhone


@dataclass(frozen=True, slots=True)
class _First:
    """A channel that began something, and so may be a leg of ours."""

    channel: str
    linkedid: str
    sip_call_id: str | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class _PhoneChannel:
    """A channel to an agent's phone."""

    agent: str
    linkedid: str
    answered: bool = False
    #: Linkedid of the call that it took by picking up, while its own is another; empty for none.
    picked: str = ""


class PbxCalls:
    """One Asterisk's part of our calls. ``agent_of(interface)`` is whose phone an interface is, if any."""

    def __init__(self, agent_of: Callable[[str], str | None]) -> None:
        self._agent_of = agent_of
        #: Our business legs by leg id; its Call-ID once it is known.
        self._legs: dict[str, str | None] = {}
        self._call_of: dict[str, str] = {}
        self._firsts: dict[str, _First] = {}
        self._phones: dict[str, _PhoneChannel] = {}
        #: In which bridge each of those channels is.
        self._bridges: dict[str, str] = {}
        #: What was told of each call's agents.
        self._told: dict[tuple[str, str], Stage] = {}

    # --- our side -------------------------------------------------------------------------------------

    def note(self, fact: LegFact) -> list[PbxNews]:
        """Something is true of a business leg of ours by SIP."""
        if fact.role != "business" or fact.in_browser:
            return []
        match fact:
            case LegDialled():
                self._legs[fact.leg_id] = None
            case LegIdentified() if fact.leg_id in self._legs and self._legs[fact.leg_id] is None:
                sip_call_id = self._legs[fact.leg_id] = fact.leg.sip_call_id
                if sip_call_id is not None:
                    return list(self._own(sip_call_id, fact.call_id))
            case LegGone():
                known = self._legs.pop(fact.leg_id, None)
                if known is not None:
                    return list(self._disown(known))
        return []

    def learned(self, uniqueid: str, sip_call_id: str) -> list[PbxNews]:
        """Asterisk told the Call-ID of a channel; empty where it has none."""
        first = self._firsts.get(uniqueid)
        if first is None:
            return []
        if not sip_call_id:
            del self._firsts[uniqueid]
            return []
        self._firsts[uniqueid] = replace(first, sip_call_id=sip_call_id)
        call_id = self._call_of.get(sip_call_id)
        return [] if call_id is None else list(self._own(sip_call_id, call_id))

    def originated(self, call_id: str, leg_id: str, uniqueid: str) -> None:
        """A leg of ours will be this channel, for Asterisk places it."""
        self._legs[leg_id] = uniqueid
        self._call_of[uniqueid] = call_id
        self._firsts[uniqueid] = _First("", uniqueid, uniqueid, call_id)

    # --- the PBX's side -------------------------------------------------------------------------------

    def take(self, event: Event) -> list[PbxNews]:
        """Take an event; most kinds are none of ours."""
        row = _ROWS.get(event.name)
        if row is None or not _sound(event):
            return []
        return [*row(self, event), *self._tell()]

    def resync(self, channels: Sequence[Event]) -> list[PbxNews]:
        """Asterisk's channels as they are now (CoreShowChannel), after a time when we did not see them."""
        channels = [entry for entry in channels if _sound(entry)]
        there = {value(entry, "Uniqueid"): entry for entry in channels}
        self._firsts = {
            uniqueid: replace(first, linkedid=value(there[uniqueid], "Linkedid"))
            for uniqueid, first in self._firsts.items()
            if uniqueid in there
        }
        self._phones, self._bridges = {}, {}
        outcomes: list[PbxNews] = []
        for entry in channels:
            state = value(entry, "ChannelStateDesc")
            if state in ("Ringing", "Up"):
                self._phone(entry, "", answered=state == "Up")
            outcomes += self._began(entry)
            self._enters(entry, value(entry, "BridgeId"))
        return [*outcomes, *self._tell()]

    def _began(self, event: Event) -> Iterator[PbxNews]:
        """A channel is there: one that nobody dialled may be a leg of ours, if one is awaited."""
        uniqueid, channel = value(event, "Uniqueid"), value(event, "Channel")
        first = self._firsts.get(uniqueid)
        if first is not None and first.call_id is not None and not first.channel:
            self._firsts[uniqueid] = replace(first, channel=channel)
            yield Arrived(first.call_id, uniqueid, channel)
        variable = CALL_ID_VARIABLES.get(channel.partition("/")[0])
        if uniqueid in self._firsts or uniqueid != value(event, "Linkedid") or variable is None:
            return
        if set(self._legs.values()) <= self._arrived_ids():
            return
        if len(self._firsts) >= MOST_CHANNELS:
            return
        self._firsts[uniqueid] = _First(channel, uniqueid)
        yield AskCallId(uniqueid, channel, variable)

    def _dialled(self, event: Event) -> Iterator[PbxNews]:
        self._phone(event, "Dest", answered=False)
        return iter(())

    def _dial_ended(self, event: Event) -> Iterator[PbxNews]:
        """What was dialled is taken, perhaps by another phone than rang, or is not."""
        uniqueid = value(event, "DestUniqueid")
        if value(event, "DialStatus") != "ANSWER":
            self._phones.pop(uniqueid, None)
            return iter(())
        dialling, dialled = value(event, "Linkedid"), value(event, "DestLinkedid")
        self._took(uniqueid, value(event, "DestChannel"), dialled, dialling or dialled)
        return iter(())

    def _picked_up(self, event: Event) -> Iterator[PbxNews]:
        """A phone takes what rings at another."""
        rang = self._phones.pop(value(event, "TargetUniqueid"), None)
        linkedid = rang.linkedid if rang else value(event, "TargetLinkedid")
        self._took(value(event, "Uniqueid"), value(event, "Channel"), value(event, "Linkedid"), linkedid)
        return iter(())

    def _took(self, uniqueid: str, channel: str, linkedid: str, picked: str) -> None:
        agent = self._agent_of(interface_of(channel))
        if agent is None:
            self._phones.pop(uniqueid, None)  # a phone of nobody's has it now
        elif uniqueid in self._phones or len(self._phones) < MOST_CHANNELS:
            self._phones[uniqueid] = _PhoneChannel(
                agent, linkedid, True, picked if picked != linkedid else ""
            )

    def _bridged(self, event: Event) -> Iterator[PbxNews]:
        """A channel talks, perhaps with channels of another Linkedid: the older one becomes that of all."""
        uniqueid, linkedid = value(event, "Uniqueid"), value(event, "Linkedid")
        if uniqueid in self._firsts:
            self._firsts[uniqueid] = replace(self._firsts[uniqueid], linkedid=linkedid)
        self._phone(event, "", answered=True)
        self._enters(event, value(event, "BridgeUniqueid"))
        return iter(())

    def _enters(self, event: Event, bridge: str) -> None:
        uniqueid = value(event, "Uniqueid")
        if bridge and (uniqueid in self._firsts or uniqueid in self._phones):
            self._bridges[uniqueid] = bridge

    def _left_bridge(self, event: Event) -> Iterator[PbxNews]:
        """Who leaves takes the Linkedid along that all in the bridge have come to share."""
        uniqueid, linkedid = value(event, "Uniqueid"), value(event, "Linkedid")
        self._bridges.pop(uniqueid, None)
        if phone := self._phones.get(uniqueid):
            self._phones[uniqueid] = replace(phone, linkedid=linkedid or phone.linkedid, picked="")
        return iter(())

    def _hung_up(self, event: Event) -> Iterator[PbxNews]:
        uniqueid = value(event, "Uniqueid")
        self._firsts.pop(uniqueid, None)
        self._phones.pop(uniqueid, None)
        self._bridges.pop(uniqueid, None)
        return iter(())

    def _phone(self, event: Event, prefix: str, answered: bool) -> None:
        agent = self._agent_of(interface_of(value(event, f"{prefix}Channel")))
        if agent is not None:
            uniqueid = value(event, f"{prefix}Uniqueid")
            known = self._phones.get(uniqueid)
            if known is None and len(self._phones) >= MOST_CHANNELS:
                return
            self._phones[uniqueid] = _PhoneChannel(
                agent,
                value(event, f"{prefix}Linkedid"),
                answered or (known is not None and known.answered),
                known.picked if known else "",
            )

    # --- both together --------------------------------------------------------------------------------

    def _arrived_ids(self) -> set[str | None]:
        return {first.sip_call_id for first in self._firsts.values() if first.call_id is not None}

    def _own(self, sip_call_id: str, call_id: str) -> Iterator[PbxNews]:
        """A leg's Call-ID is known, or a channel's: they may have found each other."""
        self._call_of[sip_call_id] = call_id
        for uniqueid, first in self._firsts.items():
            if first.sip_call_id == sip_call_id and first.call_id is None:
                self._firsts[uniqueid] = replace(first, call_id=call_id)
                yield Arrived(call_id, uniqueid, first.channel)
        yield from self._tell()

    def _disown(self, sip_call_id: str) -> Iterator[PbxNews]:
        """Our leg is over, whatever the PBX still has of it."""
        self._call_of.pop(sip_call_id, None)
        self._firsts = {
            uniqueid: first for uniqueid, first in self._firsts.items() if first.sip_call_id != sip_call_id
        }
        yield from self._tell()

    def _tell(self) -> Iterator[AgentPhone]:
        """What has changed for the agents of our calls since it was told last."""
        now = self._now()
        for call_id, agent in self._told.keys() - now.keys():
            del self._told[call_id, agent]
            yield AgentPhone(call_id, agent, "gone")
        for (call_id, agent), stage in now.items():
            if self._told.get((call_id, agent)) is None:
                yield AgentPhone(call_id, agent, "rang")
            if stage == "answered" and self._told.get((call_id, agent)) != "answered":
                yield AgentPhone(call_id, agent, "answered")
            self._told[call_id, agent] = stage

    def _now(self) -> Mapping[tuple[str, str], Stage]:
        ours = {uniqueid: first for uniqueid, first in self._firsts.items() if first.call_id}
        if not ours:
            return {}
        calls = {first.linkedid: first.call_id for first in ours.values()}
        bridges = {
            bridge: first.call_id
            for uniqueid, first in ours.items()
            if (bridge := self._bridges.get(uniqueid)) is not None
        }
        stages: dict[tuple[str, str], Stage] = {}
        for uniqueid, phone in self._phones.items():
            bridge = self._bridges.get(uniqueid, "")
            call_id = calls.get(phone.linkedid) or calls.get(phone.picked) or bridges.get(bridge)
            if call_id is not None:
                before = stages.get((call_id, phone.agent))
                stages[call_id, phone.agent] = (
                    "answered" if phone.answered or before == "answered" else "rang"
                )
        return stages


_ROWS: Mapping[str, Callable[[PbxCalls, Event], Iterator[PbxNews]]] = {
    "Newchannel": PbxCalls._began,
    "DialBegin": PbxCalls._dialled,
    "DialEnd": PbxCalls._dial_ended,
    "Pickup": PbxCalls._picked_up,
    "BridgeEnter": PbxCalls._bridged,
    "BridgeLeave": PbxCalls._left_bridge,
    "Hangup": PbxCalls._hung_up,
}


def _sound(event: Event) -> bool:
    return all(len(value(event, name)) <= LONGEST_NAME for name in _NAMES)


def interface_of(channel: str) -> str:
    """``PJSIP/alice`` of the channel ``PJSIP/alice-0000002a``."""
    return _CHANNEL_NUMBER.sub("", channel)
