"""Where guided chats lead: to a person, a call, a message or a callback; and what they ask of the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from api.numbers import called_number
from api.placing import CallPlacing
from api.problems import RequestError
from api.subprotocol.chat import ChooseInChat
from bridge.bulletin import Interest, on
from bridge.facts import CallBridged, CallEnded
from bridge.protocols import Clock
from chat.events import CallMoved, FlowDone, PersonWanted, ShopperChose
from chat.flow import FlowResult, FlowWorld, GuidedFlow
from chat.flow_world import RoutedWorld
from chat.states import ChatState
from chats.engine import ChatEngine
from config.sections.flows import FlowWay
from routing.directory import Directory
from routing.plan import ClickToCall
from routing.router import Router
from server.chat_calls import SERVED
from server.chat_endings import MessageOrCallback

log = structlog.get_logger(__name__)

#: What the words that a shopper agreed to by giving their number are called among what is known of them.
CONSENT = "consent"


class ChatGuides:
    """The world of flows, and what they lead to; a :class:`bridge.bulletin.Subscriber`.

    ``crew(click)`` are the agents that a chat waits for.
    """

    def __init__(
        self,
        *,
        router: Callable[[], Router],
        directory: Callable[[], Directory],
        clock: Clock,
        chats: ChatEngine,
        endings: MessageOrCallback,
        new_call_id: Callable[[], str],
        placing: CallPlacing,
        crew: Callable[[ClickToCall], Collection[str]],
    ) -> None:
        self._router = router
        self._directory = directory
        self._clock = clock
        self._chats = chats
        self._endings = endings
        self._new_call_id = new_call_id
        self._placing = placing
        self._crew = crew
        #: The chats that live calls came of.
        self._chat_of: dict[str, str] = {}

    def world(self, flow: GuidedFlow, click: ClickToCall) -> FlowWorld:
        """What one shopper's flow may ask of the rest, at this moment."""
        router = self._router()
        site, numbers = router.config.sites[click.site], router.config.numbers
        return RoutedWorld(
            flow=flow,
            router=router,
            click=click,
            directory=self._directory(),
            now=datetime.fromtimestamp(self._clock.time(), UTC),
            ways=self._ways(click),
            phone=lambda text: called_number(text, site.countries, numbers),
            patterns=site.chat.mask if site.chat else (),
        )

    def _ways(self, click: ClickToCall) -> frozenset[FlowWay]:
        site = self._router().config.sites[click.site]
        ways: set[FlowWay] = {"later"}
        if "phone" in site.talk_methods:
            ways.add("call")
        if "pc" in site.talk_methods:
            ways.add("pc")
        if site.chat is not None:
            ways |= set(site.chat.otherwise)
        if self._crew(click):
            ways.add("chat")
        return frozenset(ways)

    # --- where flows lead -----------------------------------------------------------------------------------

    async def go(self, chat_id: str, result: FlowResult) -> None:
        """Carry out where a flow leads. What cannot be done leads to a person: nobody gets nothing."""
        context = dict(result.context)
        if result.number and result.consent:
            context[CONSENT] = result.consent
        self._chats.learn(chat_id, context)
        match result.way:
            case "call":
                await self._call(chat_id, result.number)
            case "message" | "callback":
                wish = ChooseInChat(
                    type="chat_choose",
                    choice=result.way,
                    text=result.message,
                    reply_to=result.email,
                    number=result.number or None,
                )
                refusal = await self._endings.choose(chat_id, wish)
                done = refusal is None
                self._chats.handle(chat_id, ShopperChose(result.way) if done else PersonWanted())
            case "later":
                self._chats.handle(chat_id, FlowDone())
            case _:
                self._chats.handle(chat_id, PersonWanted())

    def talk(self, chat_id: str, context: Mapping[str, str]) -> None:
        """Let the shopper's page place a call by PC, which knows what was answered."""
        self._chats.learn(chat_id, context)
        self._chats.handle(chat_id, CallMoved("ask"))

    async def _call(self, chat_id: str, number: str) -> None:
        click = self._chats.click(chat_id)
        if click is None:
            return
        call_id = self._new_call_id()
        self._chats.handle(chat_id, CallMoved("ask"))
        self._chat_of[call_id] = chat_id
        try:
            limits = self._router().config.sites[click.site].limits
            context = {**click.context, "chat.id": chat_id}
            wanted = replace(click, number=number, by="phone", context=context, chat_id=chat_id)
            await self._placing.place(wanted, call_id, limits)
        except RequestError as refusal:
            del self._chat_of[call_id]
            log.info("guided_call_refused", chat_id=chat_id, reason=refusal.problem.id)
            self._chats.handle(chat_id, CallMoved("fail"))
            self._chats.handle(chat_id, PersonWanted())
            return
        log.info("guided_call_placed", chat_id=chat_id, call_id=call_id)
        self._chats.handle(chat_id, CallMoved("place", call_id))

    # --- what becomes of the calls --------------------------------------------------------------------------

    def interests(self) -> Iterable[Interest]:
        """Which calls are bridged and over."""
        return (on(CallBridged, self._talk), on(CallEnded, self._over))

    def _talk(self, fact: CallBridged) -> None:
        if chat_id := self._chat_of.get(fact.call_id):
            self._chats.handle(chat_id, CallMoved("bridge", fact.call_id))

    def _over(self, fact: CallEnded) -> None:
        chat_id = self._chat_of.pop(fact.call_id, None)
        if chat_id is None:
            return
        self._chats.handle(chat_id, CallMoved("end", fact.call_id))
        standing = self._chats.standing(chat_id)
        if standing is not None and standing.state is ChatState.GUIDED:
            # Whoever was not reached, or reached nobody, may still write with somebody.
            served = fact.record.disposition in SERVED
            self._chats.handle(chat_id, FlowDone() if served else PersonWanted())
