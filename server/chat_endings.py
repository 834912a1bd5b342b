"""What becomes of shoppers when no agent has time for them: a message by mail, or a callback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from api.numbers import check_policy, e164, read_number
from api.problems import RequestError
from api.subprotocol.base import RefusalReason
from api.subprotocol.chat import ChooseInChat
from bridge.events import CallbackBooked, CallbackEvent
from bridge.protocols import Clock
from chat.entries import ChatEntry
from chat.masking import mask
from chats.engine import ChatEngine
from config.models import Config
from config.sections.chat import ChatSettings
from config.sections.sites import Site
from notify.delivery import Delivery
from notify.wording import chat_message_deliveries
from routing.plan import ClickToCall

log = structlog.get_logger(__name__)


class SaidInChat(Protocol):
    """Entries on disk; may raise store.errors.StoreError."""

    async def entries(self, chat_id: str, *, limit: int = 1000, newest: bool = False) -> Sequence[ChatEntry]:
        """The last entries of a chat, in order."""


class MessageOrCallback:
    """:class:`api.shop.chat_events.ChatEndings`.

    ``tell(deliveries)`` is the outbox's, ``promise(chat_id, click, terms)`` the callback desk's.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        engine: ChatEngine,
        store: SaidInChat,
        tell: Callable[[Sequence[Delivery]], Awaitable[None]],
        promise: Callable[[str, ClickToCall, str], Awaitable[CallbackEvent]],
    ) -> None:
        self._config = config
        self._clock = clock
        self._engine = engine
        self._store = store
        self._tell = tell
        self._promise = promise
        #: Hears of each message: ``(chat_id, reply_to, said)``.
        self.left_message: Callable[[str, str, Sequence[str]], None] = lambda chat_id, reply_to, said: None

    async def choose(self, chat_id: str, wish: ChooseInChat) -> RefusalReason | None:
        """Keep the message or book the callback; why not, or None once it is on disk."""
        click = self._engine.click(chat_id)
        site = self._config().sites.get(click.site) if click else None
        if click is None or site is None or site.chat is None:
            return RefusalReason.NOT_NOW
        if wish.choice == "message":
            return await self._message(chat_id, click, site.chat, wish)
        return await self._callback(chat_id, click, site, site.chat, wish)

    async def _message(
        self, chat_id: str, click: ClickToCall, chat: ChatSettings, wish: ChooseInChat
    ) -> RefusalReason | None:
        await self._engine.writer.flushed()
        entries = await self._store.entries(chat_id, limit=200, newest=True)
        said = [entry.text for entry in entries if entry.by == "shopper"]
        if text := wish.text.strip():
            said.append(mask(text, chat.mask).text)
        if not said or chat.mailbox is None:
            return RefusalReason.NOT_UNDERSTOOD
        deliveries = chat_message_deliveries(
            chat_id, click, said, wish.reply_to, chat.mailbox, self._config(), self._clock.time()
        )
        await self._tell(deliveries)
        self.left_message(chat_id, wish.reply_to, said)
        log.info("chat_message_kept", chat_id=chat_id, mailbox=chat.mailbox, deliveries=len(deliveries))
        return None

    async def _callback(
        self, chat_id: str, click: ClickToCall, site: Site, chat: ChatSettings, wish: ChooseInChat
    ) -> RefusalReason | None:
        if wish.number is None or chat.callback is None:
            return RefusalReason.NUMBER_REFUSED
        try:
            number = read_number(wish.number, wish.country or site.countries[0])
            check_policy(number, site.countries, self._config().numbers)
        except RequestError:
            return RefusalReason.NUMBER_REFUSED
        wanted = replace(click, number=e164(number), by="phone", reached=False)
        booked = await self._promise(chat_id, wanted, chat.callback)
        return None if isinstance(booked, CallbackBooked) else RefusalReason.NOBODY_THERE
