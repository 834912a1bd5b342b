"""A call as a script: events go in, commands come out, and the test reads like the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bridge.call import CallMachine
from bridge.commands import AskRoute, Command, Settle, StartTimer, StopTimer, WriteCdr
from bridge.events import CallRequested, Event, RouteAnswered
from bridge.facts import CallProgressed, Fact
from routing.plan import (
    Action,
    Actions,
    CallPlan,
    ClickToCall,
    OfferCallback,
    PlannedStep,
    Prompt,
    Queueing,
    RecordTalks,
    SipEndpoint,
    Speech,
    TakeMessage,
    Tone,
)

RINGBACK = Tone("us", ((440, 480, 2000, 4000),))
GREETING = Prompt("hello", "/prompts/hello.wav")
MUSIC = Prompt("music", "/prompts/music.wav")
THANKS = Prompt("thanks", "/prompts/thanks.wav")
MESSAGE = TakeMessage("office", Prompt("leave", "/prompts/leave.wav"), THANKS, "/messages/c.wav")
BOOKED, SORRY = Speech("We call you back {when}."), Speech("Sorry.", name="sorry")
OFFER = OfferCallback("later", BOOKED, SORRY)
QUEUE = Queueing(
    "calls", Speech("You are number {position}. Wait {minutes}."), MUSIC, 45.0, 900.0, callback=OFFER
)
RECORDED, NOT_RECORDED = Prompt("recorded", "/prompts/recorded.wav"), Speech("Not recorded.", name="not")
RECORDING = RecordTalks(RECORDED, NOT_RECORDED, "9", "/recordings")
CLICK = ClickToCall("shop", "+16175550100", "https://shop.example/bike", {}, "192.0.2.1")


def endpoint(name: str) -> SipEndpoint:
    return SipEndpoint(name, name.title(), f"sip:{name}@pbx.example", None)


def all_at_once(*names: str, timeout: float = 20.0) -> PlannedStep:
    return PlannedStep("all", tuple(map(endpoint, names)), timeout)


def in_order(*names: str, timeout: float = 20.0) -> PlannedStep:
    return PlannedStep("in_order", tuple(map(endpoint, names)), timeout)


def staggered(*names: str, delays: tuple[float, ...], timeouts: tuple[float, ...] = ()) -> PlannedStep:
    """A name may stand here several times: the places of one destination."""
    places = tuple(
        replace(endpoint(name), uri=f"sip:{name}{number}@pbx.example") for number, name in enumerate(names)
    )
    return PlannedStep("all", places, 20.0, delays, timeouts)


def with_actions(step: PlannedStep, **actions: Action) -> PlannedStep:
    return replace(step, actions=Actions(**actions))


def plan(*steps: PlannedStep, **changes: Any) -> CallPlan:
    settings: dict[str, Any] = {
        "site": "shop",
        "route": "main",
        "shopper": endpoint("shopper"),
        "shopper_timeout": 45.0,
        "greeting": GREETING,
        "ringback": RINGBACK,
        "steps": steps or (all_at_once("boston"),),
        "max_duration": 3600.0,
    }
    return CallPlan(**(settings | changes))


class Playbook:
    """Drives one machine. ``play`` sends an event a second and returns the commands for legs.

    The route is asked with ``route()``; it says what it said at the click, unless a test has it say more.
    """

    def __init__(self, call_plan: CallPlan) -> None:
        self.route: Callable[[], tuple[PlannedStep, ...]] = lambda: call_plan.steps
        self.call = CallMachine("c", call_plan, CLICK, 1000.0)
        self.now = 1000.0
        self.timers: dict[tuple[str, str | None], float] = {}
        self.published: list[Any] = []
        #: What the event played last has made true, and what all of them have.
        self.told: list[Fact] = []
        self.facts: list[Fact] = []
        self.settled: list[Settle] = []
        self.record: Any = None
        self.play(CallRequested())

    def play(self, event: Event) -> list[Command]:
        self.now += 1.0
        self.told = []
        out = []
        for command in self._handled(event):
            assert self.record is None, "a command after the CDR"
            match command:
                case StartTimer(timer=timer, leg_id=leg_id, seconds=seconds):
                    self.timers[timer, leg_id] = seconds
                case StopTimer(timer=timer, leg_id=leg_id):
                    del self.timers[timer, leg_id]
                case Settle():
                    self.settled.append(command)
                case WriteCdr(record=record):
                    self.record = record
                case _:
                    out.append(command)
        self.facts += self.told
        self.published += [fact.progress for fact in self.told if isinstance(fact, CallProgressed)]
        return out

    def _handled(self, event: Event) -> Iterator[Command]:
        commands = self.call.handle(event, self.now)
        self.told += self.call.facts
        yield from (command for command in commands if not isinstance(command, AskRoute))
        if any(isinstance(command, AskRoute) for command in commands):
            yield from self._handled(RouteAnswered(self.route()))
