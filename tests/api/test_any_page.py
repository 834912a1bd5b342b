"""The hub between pages and legs, whatever they do in whatever order. Pure: no socket anywhere."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.browser_legs import LEG_SAYS, BrowserLegs
from api.subprotocol.base import FromServer, type_of
from bridge.causes import HangupCause
from bridge.leg_ids import call_of
from bridge.legs import Leg, LegState
from cti.agents import Agents
from routing.plan import BrowserEndpoint
from tests.api.test_browser_legs import agents_answer
from tests.bridge.told import Teller

CONFIG = agents_answer()
#: What a page says of legs, by its type.
SAYS = {type_of(model): model for model, _ in LEG_SAYS}
OWNERS = ("agent:alice", "agent:ben", "c1")


class Now:
    """A clock whose callbacks wait until they are asked for."""

    def __init__(self) -> None:
        self.later: list[Callable[[], None]] = []

    def time(self) -> float:
        return 1000.0

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Any:
        self.later.append(callback)


@dataclass(eq=False)
class Page:
    """A page that believes what it is told."""

    owner: str
    stay: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    rings: set[str] = field(default_factory=set)
    has: set[str] = field(default_factory=set)
    #: Legs that it was told live on.
    resumable: set[str] = field(default_factory=set)

    def put(self, item: FromServer) -> None:
        message = item.model_dump(mode="json")
        leg = message["leg"]
        match message["type"]:
            case "ring":
                assert leg not in self.rings, "it rings already"
                self.rings.add(leg)
                if message["under_way"]:
                    self.resumable.add(leg)
            case "gone":
                if message["cause"] != "over":
                    assert leg in self.rings, "it never heard of it"
                self.rings.discard(leg)
                self.has.discard(leg)
            case "answer" | "leg_state":
                assert leg in self.has


class World:
    def __init__(self) -> None:
        self.now, self.signals = Now(), list[tuple[str, str]]()
        self.agents = Agents(lambda: None)
        self.legs: dict[str, Leg] = {}
        self.hub = BrowserLegs(
            signal=self.signal,
            handle=lambda call_id, event: None,
            shown=lambda call_id, agent: None,
            config=lambda: CONFIG,
            agents=self.agents,
            clock=self.now,
            wall=lambda: 0.0,
        )
        self.teller = Teller(self.agents, self.hub)
        self.pages: list[Page] = []

    def signal(self, leg_id: str, message: str) -> None:
        assert leg_id in self.legs
        self.signals.append((leg_id, json.loads(message)["type"]))

    def open(self, owner: str) -> None:
        page = Page(owner)
        self.pages.append(page)
        agent = owner.removeprefix("agent:")
        if agent != owner:
            self.agents.page_opened(agent)
            self.agents.choose(agent, "available")
            page.stay.callback(self.agents.page_closed, agent)
        page.stay.enter_context(self.hub.page(owner, page))

    def close(self, page: Page) -> None:
        self.pages.remove(page)
        page.stay.close()

    def dial(self, owner: str) -> None:
        call = "c1" if owner == "c1" else f"c{len(self.legs) + 2}"
        role = "shopper" if owner == "c1" else "business"
        agent = None if owner == "c1" else owner.removeprefix("agent:")
        endpoint = BrowserEndpoint("shopper" if agent is None else owner, "X", agent)
        leg = Leg(f"{call}-{role[0]}{len(self.legs) + 1}", role, endpoint, 1000.0)
        self.legs[leg.leg_id] = leg
        self.changed()

    def move(self, leg: Leg, state: LegState) -> None:
        order = list(LegState)
        if order.index(state) > order.index(leg.state):
            leg.state = state
            if state in (LegState.ANSWERED, LegState.JOINED):
                leg.answered_at = leg.answered_at or 1000.0
                leg.joined_at = 1000.0 if state is LegState.JOINED else None
            if not leg.live:
                leg.cause = leg.cause or HangupCause.NORMAL
            self.changed()

    def changed(self) -> None:
        self.teller.legs(*self.legs.values())

    def say(self, page: Page, leg_id: str, kind: str) -> None:
        known = self.legs[leg_id]
        fields = {"session": 1, "sdp": "v=0", "candidate": "x", "digit": "1", "loss": 0, "jitter_ms": 0}
        owns = page.owner in (known.endpoint.destination, call_of(leg_id))
        before = list(self.signals)
        if owns and (kind == "offer" or (kind == "reattach" and leg_id in page.resumable)):
            page.rings.add(leg_id)
            page.has.add(leg_id)
        said = {name: fields[name] for name in SAYS[kind].model_fields if name in fields}
        self.hub.said(page.owner, page, SAYS[kind].model_validate({"type": kind, "leg": leg_id, **said}))
        if not owns:
            assert self.signals == before, "nobody speaks about a leg that is not their own"


actions = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(OWNERS)),
        st.tuples(st.just("close"), st.integers(0, 9)),
        st.tuples(st.just("dial"), st.sampled_from(OWNERS)),
        st.tuples(st.just("move"), st.integers(0, 9), st.sampled_from(list(LegState))),
        st.tuples(
            st.just("say"),
            st.integers(0, 9),
            st.integers(0, 9),
            st.sampled_from(["offer", "candidate", "hang_up", "dtmf", "heard_quality", "reattach"]),
        ),
        st.tuples(st.just("tell"), st.integers(0, 9)),
        st.just(("later",)),
    ),
    max_size=80,
)


@settings(deadline=None)
@given(actions)
def test_any_order(actions: list[tuple[Any, ...]]) -> None:
    world = World()
    for action in actions:
        legs = list(world.legs.values())
        match action:
            case ("open", owner):
                world.open(owner)
            case ("close", index) if world.pages:
                world.close(world.pages[index % len(world.pages)])
            case ("dial", owner) if len(legs) < 8:
                world.dial(owner)
            case ("move", index, state) if legs:
                world.move(legs[index % len(legs)], state)
            case ("say", index, number, kind) if legs and world.pages:
                page = world.pages[number % len(world.pages)]
                world.say(page, legs[index % len(legs)].leg_id, kind)
            case ("tell", index) if legs:
                world.hub.signalled(
                    legs[index % len(legs)].leg_id,
                    json.dumps({"type": "candidate", "session": 1, "candidate": "x"}),
                )
            case ("later",):
                later, world.now.later = world.now.later, []
                for callback in later:
                    callback()
        for leg in world.legs.values():
            having = [page for page in world.pages if leg.leg_id in page.has]
            assert len(having) <= 1, "a leg has one page"
            ringing = [page for page in world.pages if leg.leg_id in page.rings]
            assert leg.live or not ringing, "what is over rings nowhere"
    for leg in world.legs.values():
        world.move(leg, LegState.ENDED)
    assert not any(page.rings or page.has for page in world.pages)
    assert world.hub._legs == {}
    for page in list(world.pages):
        world.close(page)
    assert world.hub._pages == {}
