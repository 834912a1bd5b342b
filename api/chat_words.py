"""What people write in chats, before it becomes an entry: how fast, how long, and what is masked."""

from __future__ import annotations

import time

from api.limits import RequestRate
from api.subprotocol.base import RefusalReason
from chat.masking import mask
from config.fields import Window
from config.sections.chat import ChatSettings

#: What one side may write in one chat.
MOST_ENTRIES = (Window(8, 5.0), Window(40, 60.0))


class ChatWords:
    """Reads what people write: :meth:`read` gives the text to keep, or why it is refused."""

    def __init__(self) -> None:
        self._rate = RequestRate()

    def read(self, writer: str, text: str, chat: ChatSettings | None) -> str | RefusalReason:
        """The text as it may be stored and shown; ``writer`` is counted."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not text:
            return RefusalReason.NOT_UNDERSTOOD
        if len(text) > (chat.longest_entry if chat else 4000):
            return RefusalReason.TOO_LONG
        if self._rate.admit(writer, MOST_ENTRIES, time.monotonic()) is not None:
            return RefusalReason.TOO_FAST
        return mask(text, chat.mask if chat else ()).text
