"""What became of a call, as the page tells it: the CDR with times from the click, and the recordings."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import httpx
from pydantic import BaseModel, TypeAdapter

from bridge.cdr import CallRecord, LegRecord, LegRole
from bridge.progress import CallState
from demo.cast import RecordedLeg
from demo.desks import DESKS, PEOPLE
from demo.recordings import measure

#: Seconds after a call's end in which its recordings must have come.
_PATIENCE = 4.0
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
    """What one phone heard, or the message that a mailbox got."""

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
    message: Recording | None
    recordings: tuple[Recording, ...]


@dataclass(frozen=True, slots=True)
class OperatorSide:
    """Ringback's CDRs and messages, asked for over its HTTP API as any operator's program would.

    Every method raises :class:`httpx.HTTPError`.
    """

    client: httpx.AsyncClient
    admin_key: str

    async def record(self, call_id: str) -> CallRecord | None:
        """The record of a finished call among the newest ones."""
        found = await self._newest("cdrs", call_id)
        return None if found is None else _RECORD.validate_python(found)

    async def message(self, call_id: str, part: str | None = None) -> httpx.Response | None:
        """The message that was left in a call: a WAV file, or the part of it that a Range header names."""
        found = await self._newest("messages", call_id)
        if found is None:
            return None
        return await self._get(f"/v1/messages/{found['id']}/audio", headers={"Range": part} if part else {})

    async def talking_with(self, label: str) -> bool:
        """Whether somebody that shoppers know by this name talks with one now."""
        calls = (await self._get("/v1/calls")).json()["calls"]
        return any(call["state"] == CallState.BRIDGED and call["connected_to"] == label for call in calls)

    async def _newest(self, kind: str, call_id: str) -> Any:
        answer = await self._get(f"/v1/{kind}?limit=500")
        return next((each for each in answer.json()[kind] if each["call_id"] == call_id), None)

    async def _get(self, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> httpx.Response:
        answer = await self.client.get(path, headers={"Authorization": f"Bearer {self.admin_key}", **headers})
        return answer.raise_for_status()


async def tell_story(
    record: CallRecord, heard: Mapping[str, RecordedLeg], message: bytes | None = None
) -> CallStory | None:
    """The story of a call; None while recordings of it may still come."""
    answered = [leg for leg in record.legs if leg.answered_at is not None and not _in_browser(leg)]
    if time.time() < record.ended_at + _PATIENCE and any(_heard_by(leg, heard) is None for leg in answered):
        return None
    recordings = [
        await _recording(_heard_label(leg), f"demo/calls/{record.call_id}/{index}.wav", recorded.path)
        for index, leg in enumerate(record.legs)
        if (recorded := _heard_by(leg, heard))
    ]
    left = None
    if message:
        left = await _recording(
            "Your message", f"demo/calls/{record.call_id}/message.wav", io.BytesIO(message)
        )
    return CallStory(
        disposition=record.disposition,
        cause=record.cause,
        ended=_since(record.requested_at, record.ended_at),
        talk_seconds=round(record.talk_seconds, 1),
        legs=tuple(_leg(leg, record.requested_at) for leg in record.legs),
        message=left,
        recordings=tuple(recordings),
    )


def recording_of(record: CallRecord, index: int, heard: Mapping[str, RecordedLeg]) -> Path | None:
    """The WAV file of what a leg's phone heard, if there is one."""
    found = _heard_by(record.legs[index], heard) if 0 <= index < len(record.legs) else None
    return found.path if found else None


def _in_browser(leg: LegRecord) -> bool:
    """Whether it was no phone of ours: browsers keep to themselves what they hear."""
    return leg.uri.startswith("browser:")


def _heard_by(leg: LegRecord, heard: Mapping[str, RecordedLeg]) -> RecordedLeg | None:
    return heard.get(leg.sip_call_id or "")


def _heard_label(leg: LegRecord) -> str:
    if leg.role == "shopper":
        return "What you heard"
    return f"What {PEOPLE[DESKS[leg.destination].phone]} heard"


def _label(leg: LegRecord) -> str:
    if leg.role == "shopper":
        return "Your browser" if _in_browser(leg) else "Your phone"
    return f"{leg.label}'s browser" if _in_browser(leg) else leg.label


async def _recording(label: str, url: str, sound: Path | BinaryIO) -> Recording:
    loudness = await asyncio.to_thread(measure, sound)
    return Recording(label=label, url=url, seconds=loudness.seconds, peaks=loudness.peaks)


def _leg(leg: LegRecord, start: float) -> LegStory:
    def since(at: float | None) -> float | None:
        return None if at is None else _since(start, at)

    return LegStory(
        role=leg.role,
        label=_label(leg),
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
