"""From a click and the settings to the plan of a call, and the way there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from config.base import AGENT
from config.sections.callbacks import CallbackTerms
from config.sections.route import Last
from expressions.facts import Facts
from routing.directory import Directory
from routing.endings import ending_of, queueing, recording_of, screenings
from routing.endpoints import BusinessEndpoints, shopper_endpoint
from routing.facts import facts_of, path_of_page
from routing.geography import Located
from routing.places import Place
from routing.plan import HOLD_TONE, CallPlan, ClickToCall, PlannedStep
from routing.router import Router
from routing.spoken import Speaker
from routing.steps import PreparedStep, Surroundings, arrange
from routing.strategies import TOGETHER, Arranged, StepRule
from routing.tones import RINGBACK
from routing.tree import RouteNode, Tried, match

#: Why somebody was not rung, where a message may be left for them.
_MISSED = ("closed", "at_cap", "not_free")
#: Seconds for which the phones of an agent ring who wants to call a shopper now.
FOLLOW_UP_RINGS = 45.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One entry into the tree: at the site's route, or at an ``otherwise``."""

    root: RouteNode
    trail: tuple[Tried, ...]
    #: The routes that take the call here; none where the root does not match.
    taken: tuple[RouteNode, ...]
    #: Their ring steps, each with who it rings and who not, and why.
    steps: tuple[Arranged, ...]
    #: What follows when nobody of them takes the call.
    last: Last | None


class Queued(NamedTuple):
    """The queue on a call's way, and whether the call may wait there."""

    queue: str
    #: ``closed``: nobody of the route is at work. ``full``: as many wait as may.
    outcome: Literal["waits", "closed", "full"]


@dataclass(frozen=True, slots=True)
class Decision:
    """The plan of one call, and how it came about."""

    plan: CallPlan
    click: ClickToCall
    now: datetime
    facts: Facts
    #: Where the shopper is; None where no route wanted to know.
    located: Located | None
    stages: tuple[Stage, ...]
    queued: Queued | None


def plan_call(
    click: ClickToCall, router: Router, call_id: str, directory: Directory, now: datetime, pick: float
) -> Decision:
    """Decide everything about one call. Pure: the same arguments give the same decision.

    ``click.site`` names a site of the router's config; ``now`` is aware, in any zone; ``pick``, from 0 up to
    1, is the one draw of luck. A plan without steps says that nobody can be rung now.
    """
    return _decide(click, router, call_id, directory, now, pick, None)


def plan_callback(
    click: ClickToCall,
    terms: str,
    router: Router,
    call_id: str,
    directory: Directory,
    now: datetime,
    pick: float,
) -> Decision:
    """Decide about one try to call a shopper back by the terms of this name, as :func:`plan_call` does.

    The plan has no queue and no ending: what fails is tried again. Who talked by PC is called back by phone.
    Terms that the settings no longer have are taken to be those that they would have without a word.
    """
    known = router.config.callbacks.get(terms, CallbackTerms())
    decision = _decide(replace(click, by="phone"), router, call_id, directory, now, pick, known)
    plan = replace(decision.plan, ending=None, queue=None, first=known.first_leg, terms=terms)
    return replace(decision, plan=plan)


def turn_steps(
    click: ClickToCall,
    router: Router,
    call_id: str,
    directory: Directory,
    now: datetime,
    pick: float,
    terms: str | None = None,
) -> tuple[PlannedStep, ...]:
    """Who to ring for a call that begins to hunt, or whose turn in its queue has come.

    Nobody while all are busy, or gone. ``terms`` are those of a callback.
    """
    if terms is not None:
        return plan_callback(click, terms, router, call_id, directory, now, pick).plan.steps
    # Neither the ending nor the queue is asked for: it has waited, or need not.
    scene, speaker = _look(click, router, directory, now, pick), Speaker(click, router.config)
    stages = _stages(router, speaker.site.route, scene.facts, scene.around)
    return _steps(stages, speaker, router, call_id, None)


def transfer_steps(
    click: ClickToCall,
    to: str | PreparedStep,
    router: Router,
    call_id: str,
    directory: Directory,
    now: datetime,
    pick: float,
) -> tuple[PlannedStep, ...]:
    """Who to ring for a live call that is passed on to a route, by its name, or to a step of its own.

    Nobody where all are closed, busy or gone. Of a route only the ring steps count, and those of what takes
    over from it; neither its queue nor its ending does.
    """
    scene = _look(click, router, directory, now, pick)
    if isinstance(to, str):
        stages = _stages(router, to, scene.facts, scene.around)
        steps: Iterable[Arranged] = (step for stage in stages for step in stage.steps)
    else:
        steps = (arrange(to, scene.around),)
    speaker = Speaker(click, router.config)
    return BusinessEndpoints(speaker, router, call_id, screenings(speaker)).planned(steps)


def plan_follow_up(
    click: ClickToCall,
    agent: tuple[str, ...],
    whisper: str,
    router: Router,
    call_id: str,
    directory: Directory,
    now: datetime,
) -> CallPlan:
    """The plan of a call by which an agent answers a shopper nobody served.

    ``agent`` are the destinations that are theirs, rung together: the shopper is dialled once the agent has
    accepted. No steps where none of them can be rung. The call has no ending: the agent will try again.
    """
    terms = CallbackTerms(text=whisper)
    click = replace(click, by="phone")
    scene = _look(click, router, directory, now, 0.0)
    speaker = Speaker(click, router.config)
    rings = PreparedStep(StepRule("follow_up", "all", FOLLOW_UP_RINGS), agent, {})
    steps = BusinessEndpoints(speaker, router, call_id, screenings(speaker, terms)).planned(
        [arrange(rings, scene.around)]
    )
    stages = _stages(router, speaker.site.route, scene.facts, scene.around)
    plan = _plan(stages, speaker, router, call_id, steps, None, directory.can_record)
    return replace(plan, ending=None, queue=None, first="business", ask_again=False)


def route_people(
    click: ClickToCall, route: str, router: Router, now: datetime
) -> tuple[tuple[str, ...], ...]:
    """The destinations that a route names for a click, step by step, by rank, free, open or not.

    A step that rings the nearest names each alone: what is nobody's passes on to the next.
    """
    scene = _look(click, router, Directory(), now, 0.0)
    groups: list[tuple[str, ...]] = []
    for stage in _stages(router, route, scene.facts, scene.around):
        for step in stage.steps:
            missed = [left.destination for left in step.left_out if left.why in _MISSED]
            if step.step.strategy == "nearest":  # who is closed comes before whoever is open farther away
                groups += [(name,) for name in dict.fromkeys((*missed, *step.order))]
            else:
                groups.append(tuple(dict.fromkeys((*step.order, *missed))))
    return tuple(group for group in groups if group)


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """Who may take a chat now, by the names of agents in the settings."""

    route: str
    #: The queue of the route; None where it has none.
    queue: str | None
    #: Who to ask, one round after the other, each with the ring step that names them.
    rounds: tuple[tuple[str, tuple[str, ...]], ...]
    #: Everybody who is there, if only busy.
    crew: frozenset[str]


def chat_turn(
    click: ClickToCall, router: Router, directory: Directory, now: datetime, pick: float
) -> ChatTurn:
    """Who may take a chat of this site, which has settings for chats; ``directory`` says who has room.

    Its ring steps are read as for calls, but only agents can chat: who rings together is asked together.
    """
    chat = router.config.sites[click.site].chat
    assert chat is not None  # noqa: S101 - callers have looked
    scene = _look(click, router, directory, now, pick)
    stages = _stages(router, chat.route, scene.facts, scene.around)
    steps = [step for stage in stages for step in stage.steps]
    rounds: list[tuple[str, tuple[str, ...]]] = []
    for step in steps:
        waves = [[phone.destination for phone in wave.ringing] for wave in step.waves]
        if step.step.strategy not in TOGETHER:
            waves = [[name] for wave in waves for name in wave]
        rounds += [(step.step.name, agents) for wave in waves if (agents := _agents(wave))]
    route = next((stage.taken[0] for stage in stages if stage.taken), stages[0].root)
    return ChatTurn(
        route.name,
        next((each.queue for stage in stages for each in stage.taken if each.queue), None),
        tuple(rounds),
        frozenset(_agents(frozenset().union(*(step.crew for step in steps)))),
    )


def _agents(destinations: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.removeprefix(AGENT) for name in destinations if name.startswith(AGENT))


def crew(click: ClickToCall, router: Router, directory: Directory, now: datetime) -> frozenset[str]:
    """The destinations that a call waits for, busy or not; if none of them is there, it need not wait."""
    stages = plan_call(click, router, "", directory, now, 0.0).stages
    return frozenset().union(*(step.crew for stage in stages for step in stage.steps))


def _decide(
    click: ClickToCall,
    router: Router,
    call_id: str,
    directory: Directory,
    now: datetime,
    pick: float,
    callback: CallbackTerms | None,
) -> Decision:
    scene = _look(click, router, directory, now, pick)
    speaker = Speaker(click, router.config)
    stages = _stages(router, speaker.site.route, scene.facts, scene.around)
    queued = None if callback else _queued(stages, router, directory)
    business_first = callback if callback and callback.first_leg == "business" else None
    steps: tuple[PlannedStep, ...] = ()
    # Who finds the queue full would be put through before those who wait.
    if queued is None or queued.outcome != "full":
        steps = _steps(stages, speaker, router, call_id, business_first)
    plan = _plan(stages, speaker, router, call_id, steps, queued, directory.can_record)
    located = next(iter(scene.located), None)
    return Decision(plan, click, scene.around.now, scene.facts, located, stages, queued)


def _steps(
    stages: Iterable[Stage],
    speaker: Speaker,
    router: Router,
    call_id: str,
    business_first: CallbackTerms | None,
) -> tuple[PlannedStep, ...]:
    """Who to ring, one after the other."""
    arranged = (step for stage in stages for step in stage.steps)
    return BusinessEndpoints(speaker, router, call_id, screenings(speaker, business_first)).planned(arranged)


class _Scene(NamedTuple):
    """What a click is decided from."""

    facts: Facts
    around: Surroundings
    #: Where the shopper is, once somebody has wanted to know.
    located: list[Located]


def _look(click: ClickToCall, router: Router, directory: Directory, now: datetime, pick: float) -> _Scene:
    here = now.astimezone(router.zones[click.site])
    located: list[Located] = []

    def place() -> Place:
        if not located:
            located.append(router.geography.place(click, router.home_of(click.site)))
        return located[0].place

    facts = facts_of(router.wanted, click, place, here)
    around = Surroundings(
        router.contacts, router.tables, directory, here, place, pick, path_of_page(click.page)
    )
    return _Scene(facts, around, located)


def _stages(router: Router, root_name: str, facts: Facts, around: Surroundings) -> tuple[Stage, ...]:
    """The site's route, and what takes over when its steps are exhausted; the config has no circles."""
    stages: list[Stage] = []
    seen: set[str] = set()
    entry: str | None = root_name
    while entry is not None:
        root, trail = router.nodes[entry], list[Tried]()
        taken = match(root, facts, around.now, trail)
        steps = []
        for route in taken:
            for step in route.steps:
                # Two branches may inherit the same steps: they ring once a call.
                if step.rule.name not in seen:
                    seen.add(step.rule.name)
                    steps.append(arrange(step, around))
        last = next((route.last for route in reversed(taken) if route.last), None) if taken else root.last
        stages.append(Stage(root, tuple(trail), tuple(taken), tuple(steps), last))
        entry = last.name if last and last.kind == "otherwise" else None
    return tuple(stages)


def _last(stages: tuple[Stage, ...], router: Router) -> Last | None:
    """How the call ends that nobody takes; a message is for the store rung first, if it has a mailbox.

    Where none was rung, for the first one that was closed or busy.
    """
    last = stages[-1].last
    if last is None or last.kind != "message":
        return last
    steps = [step for stage in stages for step in stage.steps]
    rung = [name for step in steps for name in step.order]
    missed = [left.destination for step in steps for left in step.left_out if left.why in _MISSED]
    first = next(iter(rung or missed), None)
    own = router.contacts[first].mailbox if first is not None and first in router.contacts else None
    return Last("message", own) if own else last


def _queued(stages: tuple[Stage, ...], router: Router, directory: Directory) -> Queued | None:
    """The first queue on the call's way, and whether there is anything to wait for."""
    name = next((route.queue for stage in stages for route in stage.taken if route.queue), None)
    if name is None:
        return None
    if not any(step.crew for stage in stages for step in stage.steps):
        return Queued(name, "closed")
    full = directory.waiting.get(name, 0) >= router.config.queues[name].most_waiting
    return Queued(name, "full" if full else "waits")


def _plan(
    stages: tuple[Stage, ...],
    speaker: Speaker,
    router: Router,
    call_id: str,
    steps: tuple[PlannedStep, ...],
    queued: Queued | None,
    can_record: bool,
) -> CallPlan:
    click, site = speaker.click, speaker.site
    route = next((stage.taken[0] for stage in stages if stage.taken), stages[0].root)
    return CallPlan(
        site=click.site,
        route=route.name,
        shopper=shopper_endpoint(speaker, router),
        shopper_timeout=site.ring_timeout,
        greeting=speaker.play(site.greeting),
        ringback=speaker.play(site.music) or RINGBACK[site.ringback],
        steps=steps,
        max_duration=site.max_duration,
        dial_business=route.dial_business,
        early_media=route.early_media,
        on_loss=route.on_loss,
        ending=ending_of(_last(stages, router), speaker, router, call_id, can_record=can_record),
        queue=queueing(queued.queue, speaker) if queued and queued.outcome == "waits" else None,
        ask_again=queued is None or queued.outcome != "full",
        lost=speaker.play_or_say(site.lost_connection.prompt, site.lost_connection.text, "lost"),
        hold_audio=speaker.play(site.hold_music) or speaker.play(site.music) or HOLD_TONE,
        transferable=bool(router.config.agents),
        push_by_keys=site.page_push is not None and site.page_push.keys,
        recording=recording_of(speaker, router.recordings, can_record=can_record),
    )
