"""What became of a call, as the page tells it: the CDR with times from the click, and the recordings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import BaseModel, TypeAdapter

from bridge.cdr import CallRecord, LegRecord, LegRole
from demo.cast import Heard
from demo.recordings import measure

#: Seconds after a call's end in which its recordings must have come.
_PATIENCE = 4.0
#: By the leg's destination, as the settings name it.
HEARERS = {
    "shopper": "you",
    "boston": "the Boston store",
    "cambridge": "the Cambridge store",
    "call-centre": "the call centre",
}
_RECORD = TypeAdapter(CallRecord)


class LegStory(BaseModel):
    """One leg; times are seconds from the click."""

    role: LegRole
    label: str
    dialed: float
    ringing: float | None
    answered: float | None
    joined: float | None
    ended: float
    cause: str
    sip_status: int | None


class Recording(BaseModel):
    """What one phone heard."""

    role: LegRole
    label: str
    url: str
    seconds: float
    peaks: tuple[float, ...]


class CallStory(BaseModel):
    """A finished call; ``ended`` is in seconds from the click."""

    disposition: str
    cause: str | None
    ended: float
    talk_seconds: float
    legs: tuple[LegStory, ...]
    recordings: tuple[Recording, ...]


@dataclass(frozen=True, slots=True)
class Cdrs:
    """Ringback's CDRs, asked for over its HTTP API as any operator's program would."""

    client: httpx.AsyncClient
    admin_key: str

    async def find(self, call_id: str) -> CallRecord | None:
        """The record of a finished call among the newest ones; raises :class:`httpx.HTTPError`."""
        answer = await self.client.get(
            "/v1/cdrs", params={"limit": 500}, headers={"Authorization": f"Bearer {self.admin_key}"}
        )
        answer.raise_for_status()
        found = next((cdr for cdr in answer.json()["cdrs"] if cdr["call_id"] == call_id), None)
        return None if found is None else _RECORD.validate_python(found)


async def tell_story(record: CallRecord, heard: Mapping[str, Heard]) -> CallStory | None:
    """The story of a call; None while recordings of it may still come."""
    answered = [leg for leg in record.legs if leg.answered_at is not None]
    if time.time() < record.ended_at + _PATIENCE and any(_heard_by(leg, heard) is None for leg in answered):
        return None
    recordings = [
        await _recording(record.call_id, index, leg, recorded)
        for index, leg in enumerate(record.legs)
        if (recorded := _heard_by(leg, heard))
    ]
    return CallStory(
        disposition=record.disposition,
        cause=record.cause,
        ended=_since(record.requested_at, record.ended_at),
        talk_seconds=round(record.talk_seconds, 1),
        legs=tuple(_leg(leg, record.requested_at) for leg in record.legs),
        recordings=tuple(recordings),
    )


def recording_of(record: CallRecord, index: int, heard: Mapping[str, Heard]) -> Path | None:
    """The WAV file of what a leg's phone heard, if there is one."""
    found = _heard_by(record.legs[index], heard) if 0 <= index < len(record.legs) else None
    return found.path if found else None


def _heard_by(leg: LegRecord, heard: Mapping[str, Heard]) -> Heard | None:
    return heard.get(leg.sip_call_id or "")


async def _recording(call_id: str, index: int, leg: LegRecord, heard: Heard) -> Recording:
    loudness = await asyncio.to_thread(measure, heard.path)
    return Recording(
        role=leg.role,
        label=f"What {HEARERS.get(leg.destination, leg.label)} heard",
        url=f"demo/calls/{call_id}/{index}.wav",
        seconds=loudness.seconds,
        peaks=loudness.peaks,
    )


def _leg(leg: LegRecord, start: float) -> LegStory:
    def since(at: float | None) -> float | None:
        return None if at is None else _since(start, at)

    return LegStory(
        role=leg.role,
        label="Your phone" if leg.role == "shopper" else leg.label,
        dialed=_since(start, leg.dialed_at),
        ringing=since(leg.ringing_at),
        answered=since(leg.answered_at),
        joined=since(leg.joined_at),
        ended=_since(start, leg.ended_at),
        cause=leg.cause,
        sip_status=leg.sip_status,
    )


def _since(start: float, at: float) -> float:
    return round(max(0.0, at - start), 2)
