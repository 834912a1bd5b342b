"""Calls as their SIP looked on the wire (RFC 3261), from a capture."""

from __future__ import annotations

import dataclasses
import re

import numpy as np

from bench.packets import CapturedPackets


@dataclasses.dataclass
class DialogTimes:
    """One leg. Times are of the first packet of its kind, in seconds since the epoch."""

    number: str
    invited: float
    #: The user part of the request URI.
    called: str = ""
    rang: float | None = None
    answered: float | None = None
    ended: float | None = None
    #: Where this leg's phone, and the server toward it, take and send RTP.
    phone_rtp: int | None = None
    server_rtp: int | None = None


@dataclasses.dataclass(frozen=True)
class WireCall:
    """The two legs of a call to ``number``; what never happened is None."""

    number: str
    shopper: DialogTimes
    business: DialogTimes | None

    @property
    def ended(self) -> float:
        """When its first leg was told to end; infinity if none was."""
        legs = (self.shopper, self.business)
        return min((leg.ended for leg in legs if leg and leg.ended is not None), default=np.inf)


_START = re.compile(r"(?:(?P<method>[A-Z]+) sips?:(?P<user>[^@\s;]*)\S* |)SIP/2\.0(?: (?P<status>\d{3}))?")
#: Tells the business of a number that the shopper typed at a page, which no phone shows as the caller's.
CLAIMED_NUMBER = "X-Claimed-Number"
_HEADER = re.compile(
    rf"^(Call-ID|i|CSeq|From|f|{CLAIMED_NUMBER})\s*:\s*(.*?)\s*$", re.MULTILINE | re.IGNORECASE
)
_AUDIO = re.compile(r"^m=audio (\d+)", re.MULTILINE)
_USER = re.compile(r"sips?:([^@;>]*)@")
_LONG = {"i": "call-id", "f": "from"}


def wire_calls(packets: CapturedPackets, shopper_port: int, business_port: int) -> dict[str, WireCall]:
    """The calls by the shopper's number, told from the two ports that the phones have for SIP."""
    shoppers = _dialogs(packets, shopper_port, caller=False)
    businesses = business_dialogs(packets, business_port)
    return {number: WireCall(number, leg, businesses.get(number)) for number, leg in shoppers.items()}


def business_dialogs(packets: CapturedPackets, port: int) -> dict[str, DialogTimes]:
    """The business's legs alone, by the shopper's number that they show, or have beside it as claimed."""
    return _dialogs(packets, port, caller=True)


def _dialogs(packets: CapturedPackets, port: int, caller: bool) -> dict[str, DialogTimes]:
    """The legs of one side, by the number that was called, or that called."""
    ours = np.flatnonzero((packets.source == port) | (packets.target == port))
    dialogs: dict[str, DialogTimes] = {}
    for index in ours:
        text = packets.text(int(index))
        start = _START.match(text)
        if not start:
            continue
        header = {_LONG.get(name.lower(), name.lower()): value for name, value in _HEADER.findall(text)}
        call_id, sequence = header.get("call-id", ""), header.get("cseq", "")
        time = float(packets.time[index])
        if start["method"] == "INVITE" and call_id not in dialogs:
            number = digits(_caller(header) or start["user"] if caller else start["user"])
            dialogs[call_id] = DialogTimes(number, time, start["user"], server_rtp=_audio_port(text))
        dialog = dialogs.get(call_id)
        if dialog is None:
            continue
        if start["status"] == "180" and dialog.rang is None:
            dialog.rang = time
        elif start["status"] == "200" and sequence.endswith("INVITE") and dialog.answered is None:
            dialog.answered = time
            dialog.phone_rtp = _audio_port(text)
        elif start["method"] == "BYE" and dialog.ended is None:
            dialog.ended = time
    return {dialog.number: dialog for dialog in dialogs.values()}


def _caller(header: dict[str, str]) -> str:
    """Who calls: Ringback shows no number that was only typed, and tells it in a header."""
    who = _USER.search(header.get("from", ""))
    return header.get(CLAIMED_NUMBER.lower()) or (who[1] if who else "")


def _audio_port(text: str) -> int | None:
    found = _AUDIO.search(text)
    return int(found[1]) if found else None


def digits(number: str) -> str:
    """A number without its plus."""
    return number.removeprefix("+").removeprefix("%2B")
