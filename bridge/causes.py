"""Why a leg ended, and how a call ended: the two closed vocabularies of the CDR, with their meanings."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A word of a closed vocabulary."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """A word and what it means."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.meaning = meaning
        return word


class HangupCause(Word):
    """Why one leg ended."""

    NORMAL = ("normal", "the far side hung up")
    BUSY = ("busy", "busy")
    NO_ANSWER = ("no_answer", "it rang, but nobody answered")
    DECLINED = ("declined", "declined")
    UNREACHABLE = ("unreachable", "nothing there, not registered, or the peer is silent")
    NOT_FOUND = ("not_found", "no such number or user")
    TRUNK_UNRESOLVED = ("trunk_unresolved", "the host name of the trunk has no address")
    TRUNK_UNREACHABLE = ("trunk_unreachable", "the trunk gives no response, or refuses the connection")
    FORBIDDEN = ("forbidden", "the trunk refuses this call")
    UNAUTHORIZED = ("unauthorized", "the trunk refuses our credentials")
    CONGESTION = ("congestion", "the trunk, or our own pool, is out of capacity; or the trunk is held back")
    INCOMPATIBLE = ("incompatible", "no common codec or transport")
    FAILED = ("failed", "the far side failed in another way")
    MEDIA_TIMEOUT = ("media_timeout", "no RTP for too long")
    SESSION_EXPIRED = (
        "session_expired",
        "the far side no longer knew the call (481, 408), or its session timer ran out",
    )
    WORKER_LOST = ("worker_lost", "our media worker died under it")
    CORE_LOST = ("core_lost", "our core process died and left it unfinished; written at the next start")
    # What we decided ourselves:
    RING_TIMEOUT = ("ring_timeout", "we stopped ringing it")
    NOT_FREE = ("not_free", "another call took it first, so it was not rung")
    ANSWERED_ELSEWHERE = ("answered_elsewhere", "another destination was faster")
    PEER_ENDED = ("peer_ended", "the other side of the call was gone")
    CANCELLED = ("cancelled", "the call was cancelled")
    TRANSFERRED = ("transferred", "the person who had the call passed it on")
    TIME_LIMIT = ("time_limit", "the call reached its longest allowed duration")
    MACHINE = ("machine", "an answering machine answered")
    NOT_ACCEPTED = ("not_accepted", "somebody answered, but did not press the key that takes the call")


class Disposition(Word):
    """How a whole call ended; exactly one a call."""

    BRIDGED = ("bridged", "shopper and business talked")
    MESSAGE_TAKEN = ("message_taken", "nobody took the call; the shopper left a message")
    CALLBACK_BOOKED = ("callback_booked", "nobody took the call; the shopper will be called back")
    UNANSWERED = ("unanswered", "the shopper was there, nobody at the business took the call")
    SHOPPER_UNREACHABLE = ("shopper_unreachable", "busy, no answer, declined, or no such phone")
    REFUSED = ("refused", "a limit or a rule said no before anything was dialled")
    CANCELLED = ("cancelled", "the shopper gave up: on the page, or by hanging up before the bridge")
    FAILED = ("failed", "our fault, or the trunk's")
