"""Agents' pages may say what they like about calls: it is done to their own alone, or refused."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.agents.calls import AgentCalls
from api.agents.events import AGENT_SAYS, AgentConnection
from api.sockets import hear
from api.subprotocol.base import FromServer
from bridge.events import Event
from bridge.legs import LegState
from routing.transfers import TransferError
from tests.aio import asyncio_test
from tests.cti.test_desks import Office, browser

CALLS = {"alice": "a", "ben": "b"}
KINDS = ("hold", "resume", "end_call", "complete_transfer", "transfer", "push_page", "note", "wrap_up")

texts = st.sampled_from(
    ["", "12", "agent:ben", "route:x", "+16175550100", "sale", "blind", "\x00", "x" * 5000]
)
values = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.just([]), st.just({"a": 1}))
wishes = st.fixed_dictionaries(
    {},
    optional={
        "type": st.one_of(st.sampled_from(KINDS), values),
        "call_id": st.one_of(st.sampled_from(["a", "b", "c"]), values),
        **dict.fromkeys(("to", "mode", "page", "text", "code", "leg"), values),
    },
)
said = st.one_of(
    wishes.map(json.dumps), st.text(max_size=20), st.just("[" * 5000), st.just('{"type":"\\ud800"}')
)


class Heard:
    """A page that counts what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def put(self, item: FromServer) -> None:
        self.told.append(item.model_dump(mode="json"))


class World:
    def __init__(self) -> None:
        self.office = Office()
        for agent, call_id in CALLS.items():
            self.office.move(f"{call_id}-b1", LegState.JOINED, browser(agent))
        self.happened: list[tuple[str, Event]] = []
        self.pushed: list[str] = []
        self.wrote: list[tuple[str, str]] = []
        self.office.desks.wrote = self.write  # type: ignore[method-assign]
        parts: dict[str, Any] = {
            "desks": self.office.desks,
            "agents": self.office.agents,
            "config": lambda: self.office.config,
            "clock": self.office.clock,
            "engine": SimpleNamespace(
                handle=lambda call_id, event: self.happened.append((call_id, event)),
                click=lambda call_id: object(),
            ),
            "page_pushes": SimpleNamespace(
                watch=lambda watcher: None, push_page=lambda call_id, page: self.pushed.append(call_id)
            ),
            "plan_transfer": self.plan_transfer,
            "wrap_ups": SimpleNamespace(keep=self.keep),
            "on_settings": lambda watcher: None,
        }
        self.calls = AgentCalls(**parts)

    def write(self, agent: str, call_id: str, note: str | None, code: str | None) -> None:
        self.wrote.append((agent, call_id))

    def plan_transfer(self, click: object, call_id: str, to: str, by: str) -> tuple[()]:
        if to == "route:x":
            raise TransferError("nobody_there")
        return ()

    async def keep(self, *written: object) -> None: ...


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(CALLS)), said)
def say(agent: str, text: str) -> None:
    world, page = World(), Heard()
    connection: Any = AgentConnection(agent, page, None, world.calls, None, None, None)  # type: ignore[arg-type]
    hear(AGENT_SAYS, connection, text)
    own = CALLS[agent]
    assert all(call_id == own for call_id, _ in world.happened)
    assert all(getattr(event, "leg_id", f"{own}-b1") == f"{own}-b1" for _, event in world.happened)
    assert set(world.pushed) <= {own}
    assert set(world.wrote) <= {(agent, own)}
    done = len(world.happened) + len(world.pushed) + len(world.wrote)
    refused = sum(message["type"] == "refused" for message in page.told)
    assert done + refused == 1, "whatever a page says is done or refused, once"


@asyncio_test
async def test_nobody_touches_what_is_not_theirs() -> None:
    say()
