"""What agents do with their calls on their pages' WebSockets, and what they are told of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal, get_args

import structlog
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from api.core import Core
from api.listener import Listener
from api.numbers import check_policy, e164, read_number
from api.problems import RequestError
from bridge.events import (
    HangUpRequested,
    HoldRequested,
    ResumeRequested,
    TransferCompleted,
    TransferRequested,
)
from config.base import AGENT
from cti.desks import DeskCall
from cti.page_push import PushedPage, PushRefusedError
from routing.directory import AgentState
from routing.transfers import DESTINATION, ROUTE, TransferError, may_reach, transfer_targets
from store.errors import StoreError

log = structlog.get_logger(__name__)

#: What an agent may write: printable, and ends of lines.
Text = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
CallId = Annotated[str, Field(min_length=1, max_length=100)]
#: Seconds after which pages are told what other agents do now: once for all that changes meanwhile.
SOON = 0.5


class RefusedError(Exception):
    """What an agent asked for is not done; ``reason`` is one of the closed list in ``docs/desk.md``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Control(BaseModel):
    """Page: do this with the call."""

    type: Literal["hold", "resume", "complete_transfer", "hang_up"]
    call_id: CallId


class Transfer(BaseModel):
    """Page: pass the call on."""

    type: Literal["transfer"]
    call_id: CallId
    to: Annotated[str, Field(min_length=1, max_length=140)]
    mode: Literal["blind", "attended"]


class PushAPage(BaseModel):
    """Page: send the shopper there."""

    type: Literal["push_page"]
    call_id: CallId
    page: Annotated[str, Field(min_length=1, max_length=2000)]


class Note(BaseModel):
    """Page: this is my note on the call."""

    type: Literal["note"]
    call_id: CallId
    text: Text


class WrapUp(BaseModel):
    """Page: this is what the call was about."""

    type: Literal["wrap_up"]
    call_id: CallId
    code: Annotated[str, Field(max_length=64)] | None


Wish = Control | Transfer | PushAPage | Note | WrapUp
_WISH: TypeAdapter[Wish] = TypeAdapter(Annotated[Wish, Field(discriminator="type")])


class _Head(BaseModel):
    type: str
    call_id: CallId


_KINDS = frozenset(
    kind for model in get_args(Wish) for kind in get_args(model.model_fields["type"].annotation)
)


class AgentCalls:
    """The desks of all agents' pages; the pages of one agent see the same."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._pages: dict[str, list[Listener]] = {}
        self._writing: set[asyncio.Task[None]] = set()
        #: What agents do now of which pages are about to be told, by the name of a transfer to them.
        self._news: dict[str, AgentState] = {}
        core.desks.watch(self._call_changed)
        core.page_pushes.watch(self._page_pushed)
        core.agents.watch(self._somebody_changed)
        core.on_settings(self._settings_changed)

    @contextmanager
    def page(self, agent: str, page: Listener) -> Iterator[None]:
        """Tell a page what its agent has on the desk, as long as it is connected."""
        self._pages.setdefault(agent, []).append(page)
        page.put(self._desk(agent))
        for call in self._core.desks.calls_of(agent):
            page.put(_call_state(call))
        try:
            yield
        finally:
            self._pages[agent].remove(page)
            if not self._pages[agent]:
                del self._pages[agent]

    def said(self, agent: str, page: Listener, text: str) -> bool:
        """Take what a page says, if it is about a call; whether it is."""
        try:
            head = _Head.model_validate_json(text)
        except ValidationError:
            return False
        if head.type not in _KINDS:
            return False
        reason = None
        try:
            self._do(agent, page, _WISH.validate_json(text))
        except ValidationError:
            reason = "not_understood"
        except (RefusedError, TransferError, PushRefusedError) as refusal:
            reason = refusal.reason
        # A page may name any call; only one of the agent's own is a call that a line can be about.
        known = {} if reason in ("not_yours", "not_understood") else {"call_id": head.call_id}
        log.info("agent_asked", agent=agent, **known, request=head.type, refused=reason)
        if reason is not None:
            page.put(_refused(head.type, head.call_id, reason))
        return True

    # --- what agents want -----------------------------------------------------------------------------

    def _do(self, agent: str, page: Listener, wish: Wish) -> None:
        match wish:
            case Note(call_id=call_id, text=text):
                call = self._had(agent, call_id)
                self._write(page, wish, agent, note=text or None, code=call.code)
            case WrapUp(call_id=call_id, code=code):
                call = self._had(agent, call_id)
                if code is not None and code not in self._core.config().desk_of(agent).codes:
                    raise RefusedError("code_unknown")
                self._write(page, wish, agent, note=call.note, code=code)
                self._core.desks.finish(agent, call_id)
            case Control(type=kind, call_id=call_id):
                self._control(self._has(agent, call_id), kind)
            case Transfer(call_id=call_id, to=to, mode=mode):
                self._transfer(self._has(agent, call_id), to, attended=mode == "attended")
            case PushAPage(call_id=call_id, page=wanted):
                self._has(agent, call_id)
                self._core.page_pushes.push_page(call_id, wanted.strip())

    def _has(self, agent: str, call_id: str) -> DeskCall:
        call = self._core.desks.talking(call_id)
        if call is None or call.agent != agent:
            raise RefusedError("not_yours")
        return call

    def _had(self, agent: str, call_id: str) -> DeskCall:
        call = self._core.desks.had(agent, call_id)
        if call is None:
            raise RefusedError("not_yours")
        return call

    def _control(self, call: DeskCall, kind: str) -> None:
        handle = self._core.engine.handle
        match kind:
            case "hold":
                handle(call.call_id, HoldRequested(call.leg_id))
            case "resume":
                handle(call.call_id, ResumeRequested(call.leg_id))
            case "complete_transfer":
                if call.transfer not in ("ringing", "talking"):
                    raise RefusedError("not_now")
                handle(call.call_id, TransferCompleted(call.leg_id))
            case "hang_up":
                handle(call.call_id, HangUpRequested(call.leg_id))

    def _transfer(self, call: DeskCall, to: str, *, attended: bool) -> None:
        click = self._core.engine.click(call.call_id)
        if click is None:
            raise RefusedError("not_yours")
        if not to.startswith((AGENT, DESTINATION, ROUTE)):
            to = self._number(call, to)
        steps = self._core.plan_transfer(click, call.call_id, to, call.agent)
        self._core.engine.handle(call.call_id, TransferRequested(call.leg_id, steps, attended))

    def _number(self, call: DeskCall, typed: str) -> str:
        """A number in E.164, by the rules that hold for shoppers of the call's site."""
        site = self._core.config().sites.get(call.site)
        if site is None or not self._core.config().desk_of(call.agent).transfers.numbers:
            raise RefusedError("target_unknown")
        try:
            number = read_number(typed, site.countries[0])
            check_policy(number, site.countries, self._core.config().numbers)
        except RequestError:
            raise RefusedError("number_refused") from None
        return e164(number)

    def _write(
        self, page: Listener, wish: Note | WrapUp, agent: str, note: str | None, code: str | None
    ) -> None:
        self._core.desks.wrote(agent, wish.call_id, note, code)
        writing = asyncio.ensure_future(self._written(page, wish, agent, note, code))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)

    async def _written(
        self, page: Listener, wish: Note | WrapUp, agent: str, note: str | None, code: str | None
    ) -> None:
        try:
            await self._core.wrap_ups.keep(wish.call_id, agent, note, code, self._core.clock.time())
        except StoreError:
            page.put(_refused(wish.type, wish.call_id, "not_kept"))
        else:
            page.put(_message("kept", call_id=wish.call_id, note=note, code=code))

    # --- what agents are told -------------------------------------------------------------------------

    def _call_changed(self, call: DeskCall) -> None:
        self._put(call.agent, _call_state(call))

    def _page_pushed(self, pushed: PushedPage) -> None:
        call = self._core.desks.talking(pushed.call_id)
        if call:
            fields = {"url": pushed.url, "title": pushed.title, "state": pushed.state}
            self._put(call.agent, _message("page_push", call_id=pushed.call_id, **fields))

    def _somebody_changed(self, agent: str, state: AgentState) -> None:
        if not self._news:
            self._core.clock.call_later(SOON, self._tell_news)
        self._news[agent] = state

    def _tell_news(self) -> None:
        news, self._news = self._news, {}
        config = self._core.config()
        for agent in self._pages:
            states = {
                f"{AGENT}{name}": state
                for name, state in news.items()
                if name == agent or may_reach(name, agent, config)
            }
            if states:
                self._put(agent, _message("colleagues", states=states))

    def _settings_changed(self) -> None:
        for agent in self._pages:
            self._put(agent, self._desk(agent))

    def _desk(self, agent: str) -> str:
        config = self._core.config()
        desk, own = config.desk_of(agent), config.sites_of_agent(agent)
        pushes = {name: site.page_push for name, site in config.sites.items() if name in own}
        known = config.agents.get(agent)
        return _message(
            "desk",
            codes=[{"code": code, "label": label} for code, label in desk.codes.items()],
            wrap_up=desk.wrap_up,
            transfers=[
                {"to": target.to, "label": target.label, "kind": target.kind}
                | (
                    {"state": self._core.agents.state(target.to.removeprefix(AGENT))}
                    if target.kind == "agent"
                    else {}
                )
                for target in transfer_targets(config, agent)
            ],
            numbers=desk.transfers.numbers,
            own_phone=known is not None and bool(known.phones or known.interface),
            push={name: push.mode if push else "off" for name, push in pushes.items()},
            pages=[
                {"site": name, "id": number, "title": page.title, "url": page.url}
                for name, push in pushes.items()
                if push
                for number, page in push.catalogue.items()
            ],
        )

    def _put(self, agent: str, message: str) -> None:
        for page in self._pages.get(agent, ()):
            page.put(message)


def _call_state(call: DeskCall) -> str:
    return _message(
        "call_state",
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


def _refused(request: str, call_id: str, reason: str) -> str:
    return _message("refused", request=request, call_id=call_id, reason=reason)


def _message(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields})
