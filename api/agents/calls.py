"""What agents do with their calls on their pages' WebSockets, and what they are told of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import structlog

from api.numbers import check_policy, e164, read_number
from api.page_queue import PageQueue
from api.problems import RequestError
from api.subprotocol.agent import (
    CallAtDesk,
    Colleagues,
    CompleteTransfer,
    DeskCode,
    DeskPage,
    DeskSettings,
    DeskTarget,
    EndCall,
    HoldCall,
    Kept,
    OfCall,
    PushPage,
    PushState,
    ResumeCall,
    TransferCall,
    WrapUpCall,
    WriteNote,
)
from api.subprotocol.base import FromServer, RefusalReason, Refused
from bridge.events import (
    Event,
    HangUpRequested,
    HoldRequested,
    ResumeRequested,
    TransferCompleted,
    TransferRequested,
)
from bridge.protocols import Clock
from config.base import AGENT
from config.models import Config
from cti.agents import Agents
from cti.desks import DeskCall, Desks
from cti.page_push import PagePushes, PushedPage, PushRefusedError
from routing.directory import AgentState
from routing.plan import ClickToCall, PlannedStep
from routing.transfers import DESTINATION, ROUTE, TransferError, may_reach, transfer_targets
from store.errors import StoreError

log = structlog.get_logger(__name__)

#: Seconds after which pages are told what other agents do now: once for all that changes meanwhile.
SOON = 0.5


class RefusedError(Exception):
    """What an agent asked for is not done."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason = reason


class DeskConnection(Protocol):
    """An agent's page on its WebSocket."""

    @property
    def agent(self) -> str:
        """Whose page it is."""

    @property
    def listener(self) -> PageQueue:
        """Where messages for it go."""

    @property
    def calls(self) -> AgentCalls:
        """The desks of all agents."""


class DeskEngine(Protocol):
    """The engine, as far as agents move their calls."""

    def handle(self, call_id: str, event: Event) -> None:
        """Let an event happen to a call; one that is over takes none."""

    def click(self, call_id: str) -> ClickToCall | None:
        """What a live call was asked for with; None for one that is over."""


class WrapUpStore(Protocol):
    """What agents write about calls; every method may raise store.errors.StoreError."""

    async def keep(self, call_id: str, agent: str, note: str | None, code: str | None, at: float) -> None:
        """Put an agent's note and code on disk, in place of those that they wrote before."""


class AgentCalls:
    """The desks of all agents' pages; the pages of one agent see the same.

    ``plan_transfer(click, call_id, to, by)`` tells who to ring when the agent ``by`` transfers a call; it
    raises routing.transfers.TransferError. ``on_settings(call)`` has something called after each reload.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        engine: DeskEngine,
        plan_transfer: Callable[[ClickToCall, str, str, str], tuple[PlannedStep, ...]],
        agents: Agents,
        desks: Desks,
        page_pushes: PagePushes,
        wrap_ups: WrapUpStore,
        on_settings: Callable[[Callable[[], None]], None],
    ) -> None:
        self._config = config
        self._clock = clock
        self._engine = engine
        self._plan_transfer = plan_transfer
        self._agents = agents
        self._desks = desks
        self._page_pushes = page_pushes
        self._wrap_ups = wrap_ups
        self._pages: dict[str, list[PageQueue]] = {}
        self._writing: set[asyncio.Task[None]] = set()
        #: What agents do now of which pages are about to be told, by the name of a transfer to them.
        self._news: dict[str, AgentState] = {}
        desks.watch(self._call_changed)
        page_pushes.watch(self._page_pushed)
        agents.watch(self._somebody_changed)
        on_settings(self._settings_changed)

    @contextmanager
    def page(self, agent: str, page: PageQueue) -> Iterator[None]:
        """Tell a page what its agent has on the desk, as long as it is connected."""
        self._pages.setdefault(agent, []).append(page)
        page.put(self._desk(agent))
        for call in self._desks.calls_of(agent):
            page.put(_call_state(call))
        try:
            yield
        finally:
            self._pages[agent].remove(page)
            if not self._pages[agent]:
                del self._pages[agent]

    # --- what agents want -----------------------------------------------------------------------------

    def hold(self, agent: str, page: PageQueue, wish: HoldCall) -> None:
        """Put the shopper on hold."""
        call = self._has(agent, wish.call_id)
        self._engine.handle(call.call_id, HoldRequested(call.leg_id))

    def resume(self, agent: str, page: PageQueue, wish: ResumeCall) -> None:
        """Talk to the shopper again."""
        call = self._has(agent, wish.call_id)
        self._engine.handle(call.call_id, ResumeRequested(call.leg_id))

    def transfer(self, agent: str, page: PageQueue, wish: TransferCall) -> None:
        """Pass the call on."""
        self._transfer(self._has(agent, wish.call_id), wish.to, attended=wish.mode == "attended")

    def complete_transfer(self, agent: str, page: PageQueue, wish: CompleteTransfer) -> None:
        """Leave an attended transfer."""
        call = self._has(agent, wish.call_id)
        if call.transfer not in ("ringing", "talking"):
            raise RefusedError(RefusalReason.NOT_NOW)
        self._engine.handle(call.call_id, TransferCompleted(call.leg_id))

    def end_call(self, agent: str, page: PageQueue, wish: EndCall) -> None:
        """End the whole call."""
        call = self._has(agent, wish.call_id)
        self._engine.handle(call.call_id, HangUpRequested(call.leg_id))

    def push_page(self, agent: str, page: PageQueue, wish: PushPage) -> None:
        """Send the shopper's browser to a page."""
        call = self._has(agent, wish.call_id)
        self._page_pushes.push_page(call.call_id, wish.page.strip())

    def note(self, agent: str, page: PageQueue, wish: WriteNote) -> None:
        """Keep the agent's note."""
        call = self._had(agent, wish.call_id)
        self._write(page, wish, agent, note=wish.text or None, code=call.code)

    def wrap_up(self, agent: str, page: PageQueue, wish: WrapUpCall) -> None:
        """Keep the code, and end the wrap-up."""
        call = self._had(agent, wish.call_id)
        if wish.code is not None and wish.code not in self._config().desk_of(agent).codes:
            raise RefusedError(RefusalReason.CODE_UNKNOWN)
        self._write(page, wish, agent, note=call.note, code=wish.code)
        self._desks.finish(agent, wish.call_id)

    def _has(self, agent: str, call_id: str) -> DeskCall:
        call = self._desks.talking(call_id)
        if call is None or call.agent != agent:
            raise RefusedError(RefusalReason.NOT_YOURS)
        return call

    def _had(self, agent: str, call_id: str) -> DeskCall:
        call = self._desks.had(agent, call_id)
        if call is None:
            raise RefusedError(RefusalReason.NOT_YOURS)
        return call

    def _transfer(self, call: DeskCall, to: str, *, attended: bool) -> None:
        click = self._engine.click(call.call_id)
        if click is None:
            raise RefusedError(RefusalReason.NOT_YOURS)
        if not to.startswith((AGENT, DESTINATION, ROUTE)):
            to = self._number(call, to)
        steps = self._plan_transfer(click, call.call_id, to, call.agent)
        self._engine.handle(call.call_id, TransferRequested(call.leg_id, steps, attended))

    def _number(self, call: DeskCall, typed: str) -> str:
        """A number in E.164, by the rules that hold for shoppers of the call's site."""
        site = self._config().sites.get(call.site)
        if site is None or not self._config().desk_of(call.agent).transfers.numbers:
            raise RefusedError(RefusalReason.TARGET_UNKNOWN)
        try:
            number = read_number(typed, site.countries[0])
            check_policy(number, site.countries, self._config().numbers)
        except RequestError:
            raise RefusedError(RefusalReason.NUMBER_REFUSED) from None
        return e164(number)

    def _write(
        self, page: PageQueue, wish: WriteNote | WrapUpCall, agent: str, note: str | None, code: str | None
    ) -> None:
        self._desks.wrote(agent, wish.call_id, note, code)
        writing = asyncio.ensure_future(self._written(page, wish, agent, note, code))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)

    async def _written(
        self, page: PageQueue, wish: WriteNote | WrapUpCall, agent: str, note: str | None, code: str | None
    ) -> None:
        try:
            await self._wrap_ups.keep(wish.call_id, agent, note, code, self._clock.time())
        except StoreError:
            page.put(_refused(wish, RefusalReason.NOT_KEPT))
        else:
            page.put(Kept(call_id=wish.call_id, note=note, code=code))

    # --- what agents are told -------------------------------------------------------------------------

    def _call_changed(self, call: DeskCall) -> None:
        self._put(call.agent, _call_state(call))

    def _page_pushed(self, pushed: PushedPage) -> None:
        call = self._desks.talking(pushed.call_id)
        if call:
            news = PushState(call_id=pushed.call_id, url=pushed.url, title=pushed.title, state=pushed.state)
            self._put(call.agent, news)

    def _somebody_changed(self, agent: str, state: AgentState) -> None:
        if not self._news:
            self._clock.call_later(SOON, self._tell_news)
        self._news[agent] = state

    def _tell_news(self) -> None:
        news, self._news = self._news, {}
        config = self._config()
        for agent in self._pages:
            states = {
                f"{AGENT}{name}": state
                for name, state in news.items()
                if name == agent or may_reach(name, agent, config)
            }
            if states:
                self._put(agent, Colleagues(states=states))

    def _settings_changed(self) -> None:
        for agent in self._pages:
            self._put(agent, self._desk(agent))

    def _desk(self, agent: str) -> DeskSettings:
        config = self._config()
        desk, own = config.desk_of(agent), config.sites_of_agent(agent)
        pushes = {name: site.page_push for name, site in config.sites.items() if name in own}
        known = config.agents.get(agent)
        return DeskSettings(
            codes=[DeskCode(code=code, label=label) for code, label in desk.codes.items()],
            wrap_up=desk.wrap_up,
            transfers=[
                DeskTarget(
                    to=target.to,
                    label=target.label,
                    kind=target.kind,
                    state=self._agents.state(target.to.removeprefix(AGENT))
                    if target.kind == "agent"
                    else None,
                )
                for target in transfer_targets(config, agent)
            ],
            numbers=desk.transfers.numbers,
            own_phone=known is not None and bool(known.phones or known.interface),
            push={name: push.mode if push else "off" for name, push in pushes.items()},
            pages=[
                DeskPage(site=name, id=number, title=page.title, url=page.url)
                for name, push in pushes.items()
                if push
                for number, page in push.catalogue.items()
            ],
            views={
                name: [
                    scope
                    for scope in site.cobrowse.allow
                    if known is None or known.cobrowse is None or scope in known.cobrowse
                ]
                for name, site in config.sites.items()
                if site.cobrowse is not None and name in own
            },
        )

    def _put(self, agent: str, message: FromServer) -> None:
        for page in self._pages.get(agent, ()):
            page.put(message)


def _call_state(call: DeskCall) -> CallAtDesk:
    return CallAtDesk(
        call_id=call.call_id,
        site=call.site,
        state=call.state,
        since=call.since,
        until=call.until,
        held=call.held,
        consulting=call.consulting,
        transfer=call.transfer,
        shopper=call.shopper,
        note=call.note,
        code=call.code,
    )


def _refused(wish: OfCall, reason: RefusalReason) -> Refused:
    return Refused(request=wish.type, call_id=wish.call_id, reason=reason)


def _done_or_refused(
    do: Callable[[AgentCalls, str, PageQueue, Any], None],
) -> Callable[[DeskConnection, OfCall], None]:
    """Have it done for the agent whose page asks, or tell the page why not."""

    def handle(connection: DeskConnection, wish: OfCall) -> None:
        agent, page, reason = connection.agent, connection.listener, None
        try:
            do(connection.calls, agent, page, wish)
        except (RefusedError, TransferError, PushRefusedError) as refusal:
            reason = RefusalReason(refusal.reason)
            page.put(_refused(wish, reason))
        # A page may name any call; only one of the agent's own is a call that a line can be about.
        known = {} if reason is RefusalReason.NOT_YOURS else {"call_id": wish.call_id}
        log.info("agent_asked", agent=agent, **known, request=wish.type, refused=reason)

    return handle


#: What agents want done with their calls, and what does it.
DESK_ACTIONS: tuple[tuple[type[OfCall], Callable[[DeskConnection, Any], None]], ...] = (
    (HoldCall, _done_or_refused(AgentCalls.hold)),
    (ResumeCall, _done_or_refused(AgentCalls.resume)),
    (TransferCall, _done_or_refused(AgentCalls.transfer)),
    (CompleteTransfer, _done_or_refused(AgentCalls.complete_transfer)),
    (EndCall, _done_or_refused(AgentCalls.end_call)),
    (PushPage, _done_or_refused(AgentCalls.push_page)),
    (WriteNote, _done_or_refused(AgentCalls.note)),
    (WrapUpCall, _done_or_refused(AgentCalls.wrap_up)),
)
