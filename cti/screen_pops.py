"""The screen pops of all live calls: whose phone rings, who has answered, and what they see.

Legs in browsers and legs to an agent's own phone tell it by themselves. What knows which phone a PBX rings
tells it with ``rang``, ``answered`` and ``gone``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from bridge.bulletin import Interest, on
from bridge.facts import (
    CallEnded,
    CallStarted,
    LegDialled,
    LegDropped,
    LegFact,
    LegGone,
    LegPickedUp,
    LegRang,
)
from bridge.protocols import Clock
from config.models import Config
from cti.agents import Agents
from cti.owners import Owners
from cti.pop import EarlierContact, KnownCall, Pop, make_pop, viewer, when_shown
from routing.places import Place
from routing.plan import ClickToCall

#: How long the call that an agent had last is shown to pages that open, in seconds.
LAST_SECONDS = 3600.0

PopState = Literal["offered", "answered", "over"]
#: Where a phone of an agent's stands; once it is over it is forgotten.
_PhoneState = Literal["ringing", "answered"]


@dataclass(frozen=True, slots=True)
class ShownPop:
    """A pop on an agent's pages: the newest of a call replaces the earlier ones."""

    state: PopState
    #: Since when, in seconds since the epoch.
    since: float
    #: Why it is over: a hangup cause; None before.
    cause: str | None
    pop: Pop


@dataclass(frozen=True, slots=True)
class PopNews:
    """A call has rung for somebody at the business, was answered by them, or is over for them."""

    call: KnownCall
    state: PopState
    since: float
    cause: str | None
    #: None where the settings know no agent who is rung there.
    agent: str | None
    #: What was dialled, by its name and its label.
    destination: str
    label: str
    #: Whether they have answered, at some time.
    was_answered: bool


class History(Protocol):
    """Finds a shopper's earlier calls and chats."""

    def look_up(
        self, call_id: str, click: ClickToCall, limit: int, found: Callable[[Sequence[EarlierContact]], None]
    ) -> None:
        """Call ``found`` later with the newest calls and chats that are over; never where the disk fails."""


@dataclass(slots=True)
class _PopOffer:
    """A call at one agent, or at one destination where no agent is known."""

    agent: str | None
    destination: str
    label: str
    phones: dict[str, _PhoneState] = field(default_factory=dict)
    state: PopState = "over"
    since: float = 0.0
    cause: str | None = None
    #: Whether the agent's pages have seen it.
    shown: bool = False
    #: Whether it was ever answered.
    was_answered: bool = False


@dataclass(slots=True)
class _PoppedCall:
    known: KnownCall
    #: By agent, or ``to NAME`` for a destination without one.
    offers: dict[str, _PopOffer] = field(default_factory=dict)
    #: What is known of each leg, so that nothing is told twice.
    legs: dict[str, _PhoneState | None] = field(default_factory=dict)


class ScreenPops:
    """A :class:`bridge.bulletin.Subscriber`.

    ``click(call_id)`` is the engine's, ``place`` tells where a shopper is. ``tell`` hears what happens at the
    business, with everything that is known; it must not raise.
    """

    def __init__(
        self,
        *,
        click: Callable[[str], ClickToCall | None],
        config: Callable[[], Config],
        place: Callable[[ClickToCall], Place],
        history: History,
        agents: Agents,
        clock: Clock,
        tell: Callable[[PopNews], None],
    ) -> None:
        self._click = click
        self._config = config
        self._place = place
        self._history = history
        self._agents = agents
        self._clock = clock
        self._calls: dict[str, _PoppedCall] = {}
        #: The last call that each agent answered, once it is over.
        self._last: dict[str, ShownPop] = {}
        self._watchers: list[Callable[[str, ShownPop], None]] = []
        self._listeners: list[Callable[[PopNews], None]] = [tell]
        self._owners = Owners(config)

    def watch(self, watcher: Callable[[str, ShownPop], None]) -> None:
        """Have ``watcher(agent, shown)`` called with what an agent's pages are to show; it must not raise."""
        self._watchers.append(watcher)

    def on_news(self, listener: Callable[[PopNews], None]) -> None:
        """Have ``listener`` called with what happens at the business, too; it must not raise."""
        self._listeners.append(listener)

    def shown_to(self, agent: str) -> list[ShownPop]:
        """What a page of this agent's shows that is opened now, with the call that they had last."""
        last = self._last.get(agent)
        if last and self._clock.time() - last.since > LAST_SECONDS:
            del self._last[agent]
            last = None
        mine = [
            self._show(call.known, offer)
            for call in self._calls.values()
            if (offer := call.offers.get(agent)) and offer.shown
        ]
        return [*([last] if last else []), *mine]

    def pop(self, call_id: str, agent: str) -> Pop | None:
        """What this agent is shown of a call now; None where they are not shown it."""
        call = self._calls.get(call_id)
        offer = call.offers.get(agent) if call else None
        return self._show(call.known, offer).pop if call and offer and offer.shown else None

    # --- what a PBX tells -----------------------------------------------------------------------------

    def rang(self, call_id: str, agent: str) -> None:
        """The PBX rings a phone of this agent's for a call."""
        self._at_pbx(call_id, agent, "ringing")

    def answered(self, call_id: str, agent: str) -> None:
        """Note that the agent answered on that phone."""
        self._at_pbx(call_id, agent, "answered")

    def gone(self, call_id: str, agent: str) -> None:
        """Note that their phone stopped ringing, or that they hung up."""
        self._at_pbx(call_id, agent, None)

    def _at_pbx(self, call_id: str, agent: str, phone: _PhoneState | None) -> None:
        call = self._call(call_id)
        if call is not None:
            known = self._config().agents.get(agent)
            self._phone(call, "pbx", phone, agent, f"agent:{agent}", known.label if known else agent, None)

    # --- what is told of the calls ----------------------------------------------------------------------

    def interests(self) -> Iterable[Interest]:
        """A call's beginning and end, and the legs to the business between."""
        return (
            on(CallStarted, self._started),
            on(LegDialled, self._dialled),
            on(LegRang, self._rings),
            on(LegPickedUp, self._picked_up),
            on(LegDropped, lambda fact: self._follow(fact, None, str(fact.cause))),
            on(LegGone, lambda fact: self._follow(fact, None, str(fact.cause))),
            on(CallEnded, self._ended),
        )

    def _started(self, fact: CallStarted) -> None:
        """Look up the shopper's history as soon as there is a call."""
        self._call(fact.call_id)

    def _dialled(self, fact: LegDialled) -> None:
        if fact.in_browser:  # which rings as soon as it is dialled
            self._rings(fact)

    def _rings(self, fact: LegFact) -> None:
        refused = fact.agent and self._agents.refusal(fact.agent, fact.call_id)
        if not refused:
            self._follow(fact, "ringing")

    def _picked_up(self, fact: LegPickedUp) -> None:
        if fact.role == "business":
            self._follow(fact, "answered")
        elif not fact.in_browser:
            self._reached(fact.call_id)

    def _reached(self, call_id: str) -> None:
        """The shopper's phone was answered: their number is a fact, and tells who they are."""
        call = self._calls.get(call_id)
        if call is None or call.known.click.reached:
            return
        call.known = replace(call.known, click=replace(call.known.click, reached=True))
        self._look_up(call)
        for offer in call.offers.values():
            if offer.shown and offer.state != "over":
                self._paint(call, offer)

    def _follow(self, fact: LegFact, phone: _PhoneState | None, cause: str | None = None) -> None:
        call = self._calls.get(fact.call_id)
        if fact.role != "business" or (call.legs.get(fact.leg_id) if call else None) == phone:
            return
        call = call or self._call(fact.call_id)
        if call is None:
            return
        call.legs[fact.leg_id] = phone
        agent = self._owners.of(fact.endpoint)
        self._phone(call, fact.leg_id, phone, agent, fact.destination, fact.endpoint.label, cause)

    def _ended(self, fact: CallEnded) -> None:
        self._end(fact.call_id, str(fact.record.cause) if fact.record.cause else None)

    # --- calls ----------------------------------------------------------------------------------------

    def _call(self, call_id: str) -> _PoppedCall | None:
        """The call; None for one that does not live."""
        call = self._calls.get(call_id)
        click = self._click(call_id) if call is None else None
        if call is not None or click is None:
            return call
        self._calls[call_id] = call = _PoppedCall(
            KnownCall(call_id, click, self._clock.time(), self._place(click))
        )
        self._look_up(call)
        return call

    def _look_up(self, call: _PoppedCall) -> None:
        """Look up what is known of the shopper, as far as it is certain who they are."""
        config, click, call_id = self._config(), call.known.click, call.known.call_id
        site = config.sites.get(click.site)
        if site and site.screen_pop.history and site.screen_pop.when != "never" and config.agents:
            limit = site.screen_pop.history
            self._history.look_up(call_id, click, limit, lambda found: self._found(call_id, click, found))
        else:
            call.known = replace(call.known, history=())

    def _found(self, call_id: str, click: ClickToCall, history: Sequence[EarlierContact]) -> None:
        call = self._calls.get(call_id)
        if call is None or call.known.click is not click:
            return  # it is over, or more is known of the shopper by now and was looked up again
        call.known = replace(call.known, history=tuple(history))
        for offer in call.offers.values():
            if offer.shown and offer.state != "over":
                self._paint(call, offer)

    def _end(self, call_id: str, cause: str | None) -> None:
        call = self._calls.get(call_id)
        if call is None:
            return
        for offer in call.offers.values():
            offer.phones.clear()
            self._become(call, offer, cause)
        del self._calls[call_id]

    # --- offers ---------------------------------------------------------------------------------------

    def _phone(
        self,
        call: _PoppedCall,
        phone_id: str,
        phone: _PhoneState | None,
        agent: str | None,
        destination: str,
        label: str,
        cause: str | None,
    ) -> None:
        offer = call.offers.setdefault(agent or f"to {destination}", _PopOffer(agent, destination, label))
        if phone is not None:
            offer.phones[phone_id] = phone
            offer.destination, offer.label = destination, label
        else:
            offer.phones.pop(phone_id, None)
        self._become(call, offer, cause)

    def _become(self, call: _PoppedCall, offer: _PopOffer, cause: str | None) -> None:
        phones = offer.phones.values()
        state: PopState = "answered" if "answered" in phones else "offered" if phones else "over"
        if state == offer.state:
            return
        offer.state, offer.since = state, self._clock.time()
        offer.cause = cause if state == "over" else None
        offer.was_answered = state == "answered" or (offer.was_answered and state == "over")
        news = PopNews(
            call=call.known,
            state=state,
            since=offer.since,
            cause=offer.cause,
            agent=offer.agent,
            destination=offer.destination,
            label=offer.label,
            was_answered=offer.was_answered,
        )
        for listener in self._listeners:
            listener(news)
        self._paint(call, offer)

    def _paint(self, call: _PoppedCall, offer: _PopOffer) -> None:
        """Show the offer on its agent's pages, if the site wants that now."""
        agent = offer.agent
        if agent is None:
            return
        when = when_shown(call.known.click.site, self._config())
        offer.shown = offer.shown or when == "offer" or (when == "answer" and offer.state == "answered")
        if not offer.shown:
            return
        shown = self._show(call.known, offer)
        if offer.state == "answered":
            self._last.pop(agent, None)
        elif offer.state == "over" and offer.was_answered:
            self._last[agent] = shown
        for watcher in self._watchers:
            watcher(agent, shown)
        if offer.state == "over":
            offer.shown = False

    def _show(self, known: KnownCall, offer: _PopOffer) -> ShownPop:
        config = self._config()
        assert offer.agent is not None  # noqa: S101 - only agents are shown anything
        pop = make_pop(known, config, viewer(offer.agent, config))
        return ShownPop(offer.state, offer.since, offer.cause, pop)
