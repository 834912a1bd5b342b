"""Transcripts of chats, mailed to the shopper who asked for one."""

from __future__ import annotations

from collections.abc import Callable

from chat.transcript import Transcript
from notify.delivery import Delivery
from notify.tries import TRANSCRIPT
from notify.wording import new_delivery_id, one_line

#: What a delivery is about that tells of a chat.
CHAT = "chat:"
_LONGEST_SUBJECT = 200


def transcript_delivery(
    transcript: Transcript,
    chat_id: str,
    site: str,
    address: str,
    now: float,
    new_id: Callable[[], str] = new_delivery_id,
) -> Delivery:
    """The mail of a transcript to the address that the shopper typed; it is forgotten with the chat."""
    return Delivery(
        delivery_id=new_id(),
        kind="email",
        mailbox=f"{TRANSCRIPT}{site}",
        target=address,
        subject=one_line(transcript.subject, _LONGEST_SUBJECT),
        body=transcript.text,
        html=transcript.html,
        attachment=None,
        created_at=now,
        next_at=now,
        site=site,
        about=f"{CHAT}{chat_id}",
    )
