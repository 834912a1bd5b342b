"""The legs in browsers, between their pages' WebSockets and the workers that carry their audio.

A page belongs to an owner: a call, whose shopper it is, or an agent. A leg rings on every page of its owner;
the first that sends an offer takes it. A leg outlives its page, and any page of its owner may take it over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import structlog

from api.subprotocol.agent import AgentLegState, AgentRing
from api.subprotocol.base import FromServer
from api.subprotocol.legs import (
    GoneCause,
    IceServer,
    LegAskIceServers,
    LegCandidate,
    LegEndOfCandidates,
    LegHangUp,
    LegHeard,
    LegIceServers,
    LegIsGone,
    LegKey,
    LegOffer,
    LegReattach,
    LegRing,
    OfLeg,
    told,
)
from bridge.bulletin import Interest, Later, at_once, on
from bridge.causes import HangupCause
from bridge.events import AudioHeard, AudioQuality, Event, LegDtmf
from bridge.facts import LegDialled, LegDropped, LegGone, LegJoined, LegParted, LegPickedUp
from bridge.protocols import Clock
from config.models import Config
from cti.agents import Agents
from cti.leg_holders import LegHolders, LegWish
from cti.pop import Pop
from webrtc.ice import ice_servers
from webrtc.signalling import (
    BrowserHangUp,
    Bye,
    EndOfCandidates,
    IceCandidate,
    SdpOffer,
    ToWorker,
    read_to_browser,
    write,
)

log = structlog.get_logger(__name__)

#: What pages want with their messages, other than to use the connection that they have.
_WISHES: Mapping[type[OfLeg], LegWish] = {
    LegOffer: LegWish.TAKE,
    LegReattach: LegWish.REATTACH,
    LegHangUp: LegWish.HANG_UP,
    LegAskIceServers: LegWish.PREPARE,
}
#: Connections of one leg whose numbers are remembered: the one that lives, and those that may replace it.
_SESSIONS = 4


class Page(Protocol):
    """Where messages for a page go; compared by identity."""

    def put(self, item: FromServer) -> None:
        """Send a message; must not block and must not raise."""


class LegConnection(Protocol):
    """A page on whose WebSocket legs are spoken of."""

    @property
    def owner(self) -> str:
        """Whose page it is."""

    @property
    def listener(self) -> Page:
        """Where messages for it go."""

    @property
    def legs(self) -> BrowserLegs:
        """All legs in browsers."""


class Sessions:
    """The connections of one leg in the order in which their offers came.

    A page's ``session`` is its own name for a connection, and may be another page's too: no clock and no
    counter of a browser says which of two offers is the newer one. Workers know connections by our number,
    the first of which is above ``issued``.
    """

    def __init__(self, issued: int = 0) -> None:
        self._issued = issued
        #: What the page calls each, by our number.
        self._names: dict[int, int] = {}

    def begin(self, name: int) -> int:
        """Our number for the connection that a page has just offered."""
        self._issued += 1
        self._names[self._issued] = name
        self._names.pop(self._issued - _SESSIONS, None)
        return self._issued

    def forget(self) -> None:
        """What was offered so far is of a page that has the leg no more."""
        self._names.clear()

    def number(self, name: int) -> int | None:
        """Our number for what a page calls so now; None for what is forgotten or was never offered."""
        return max((number for number, known in self._names.items() if known == name), default=None)

    def name(self, number: int) -> int | None:
        """What the page calls it; None where a newer connection has that name, or for a forgotten one."""
        name = self._names.get(number)
        return name if name is not None and self.number(name) == number else None


@dataclass(frozen=True, slots=True)
class _LegStory:
    state: Literal["ringing", "answered", "joined"]
    #: Since when, in seconds since the epoch.
    since: float


@dataclass(slots=True, eq=False)
class _RungLeg:
    call_id: str
    leg_id: str
    owner: str
    agent: str | None
    dialed_at: float
    answered_at: float | None = None
    joined_at: float | None = None
    pages: LegHolders[Page] = field(default_factory=LegHolders)
    #: Whether it must not ring.
    refused: bool = False
    #: Whether the leg and another one hear each other now.
    joined: bool = False
    #: What the holder was told last of the call's story.
    told_state: str = "ringing"
    sessions: Sessions = field(default_factory=Sessions)

    def story(self) -> _LegStory:
        """Where the leg stands, for an agent's page."""
        if self.joined and self.joined_at is not None:
            return _LegStory("joined", self.joined_at)
        if self.answered_at is not None:
            return _LegStory("answered", self.answered_at)
        return _LegStory("ringing", self.dialed_at)


class BrowserLegs:
    """Every leg that rings or lives in a browser; a :class:`bridge.bulletin.Subscriber`.

    ``signal(leg_id, message)`` and ``signalled`` are the two ends of the pool, ``handle(call_id, event)`` is
    the engine's. ``shown(call_id, agent)`` is what an agent may see of a call when it begins to ring.
    """

    def __init__(
        self,
        *,
        signal: Callable[[str, str], None],
        handle: Callable[[str, Event], None],
        config: Callable[[], Config],
        shown: Callable[[str, str], Pop | None],
        agents: Agents,
        clock: Clock,
        wall: Callable[[], float],
        announce: Later = at_once,
    ) -> None:
        self._signal = signal
        self._handle = handle
        self._config = config
        self._shown = shown
        self._agents = agents
        self._clock = clock
        self._wall = wall
        self._announce = announce
        self._pages: dict[str, list[Page]] = {}
        self._legs: dict[str, _RungLeg] = {}

    # --- pages ----------------------------------------------------------------------------------------

    @contextmanager
    def page(self, owner: str, page: Page) -> Iterator[None]:
        """Count a page among its owner's while it is connected: a call's id, or ``agent:alice``."""
        self._pages.setdefault(owner, []).append(page)
        for known in self._legs_of(owner):
            self._ring(known, page)
        try:
            yield
        finally:
            self._pages[owner].remove(page)
            for known in self._legs_of(owner):
                self._left(known, page)
            if not self._pages[owner]:
                del self._pages[owner]

    def said(self, owner: str, page: Page, message: OfLeg) -> None:
        """Take what a page says of a leg. About somebody else's leg it does nothing; an offer that is not
        taken is answered.
        """
        known = self._legs.get(message.leg)
        if known is not None and known.owner == owner and not known.refused:
            self._hear(known, page, message)
        elif isinstance(message, LegOffer | LegReattach):
            page.put(LegIsGone(leg=message.leg, cause=GoneCause.OVER))

    def _hear(self, known: _RungLeg, page: Page, message: OfLeg) -> None:
        judged = known.pages.judge(page, _WISHES.get(type(message), LegWish.USE))
        for loser in judged.losers:
            loser.put(_gone(known, HangupCause.ANSWERED_ELSEWHERE))
        if not judged.done:
            return
        match message:
            case LegOffer():
                if judged.passed:
                    known.sessions.forget()
                self._hear_holder(known, message)
            case LegReattach():
                pass
            case LegAskIceServers():
                page.put(LegIceServers(leg=message.leg, **self._helpers(message.leg)))
            case _:
                self._hear_holder(known, message)

    def _hear_holder(self, known: _RungLeg, message: OfLeg) -> None:
        """What the page says that has the leg, or a decline while none has."""
        sessions = known.sessions
        match message:
            case LegOffer(session=name, sdp=sdp, audio=audio):
                self._pass_on(known, SdpOffer(session=sessions.begin(name), sdp=sdp, audio=audio))
            case LegCandidate(session=name):
                if (number := sessions.number(name)) is not None:
                    fields = message.model_dump(include={"candidate", "sdpMid", "sdpMLineIndex"})
                    self._pass_on(known, IceCandidate(session=number, **fields))
            case LegEndOfCandidates(session=name):
                if (number := sessions.number(name)) is not None:
                    self._pass_on(known, EndOfCandidates(session=number))
            case LegHangUp(reason=reason):
                self._pass_on(known, BrowserHangUp(reason=reason))
            case LegKey(digit=digit):
                if known.answered_at is not None:
                    self._handle(known.call_id, LegDtmf(known.leg_id, digit))
            case LegHeard(loss=loss, jitter_ms=jitter_ms, concealed=concealed):
                if known.answered_at is not None:
                    hearing = AudioQuality(loss, jitter_ms, concealed)
                    self._handle(known.call_id, AudioHeard(known.leg_id, hearing))

    def _pass_on(self, known: _RungLeg, message: ToWorker) -> None:
        self._signal(known.leg_id, write(message))

    def _left(self, known: _RungLeg, page: Page) -> None:
        """A page is gone; if the leg was its own, any other page may take it over."""
        if known.pages.leave(page):
            for other in self._pages[known.owner]:
                self._ring(known, other)

    # --- workers --------------------------------------------------------------------------------------

    def signalled(self, leg_id: str, message: str) -> None:
        """Pass on what a leg's worker says to the page that has it; without one it is lost, as is its use."""
        known = self._legs.get(leg_id)
        if known is None or known.pages.holder is None:
            return
        try:
            said = read_to_browser(message)
        except ValueError:
            log.warning("worker_not_understood", leg_id=leg_id)
            return
        name = None
        if not isinstance(said, Bye):
            name = known.sessions.name(said.session)
            if name is None:
                return  # of a connection that another one has replaced
        known.pages.holder.put(told(leg_id, said, name))

    # --- legs -----------------------------------------------------------------------------------------

    def leg_of(self, call_id: str) -> str | None:
        """The leg in the shopper's page, if that is where the shopper of this call is rung."""
        return next((known.leg_id for known in self._legs_of(call_id)), None)

    def ice_servers(self, leg_id: str) -> list[IceServer]:
        """STUN and TURN servers for a leg's browser, with a password of this moment's."""
        return [IceServer(**each) for each in ice_servers(self._config().webrtc, leg_id, self._wall())]

    def _helpers(self, leg_id: str) -> dict[str, Any]:
        """The same, and for how many seconds that password is good; None for one that does not end."""
        settings = self._config().webrtc
        ends = settings.turn and settings.turn_secret is not None
        return {
            "ice_servers": self.ice_servers(leg_id),
            "ice_lifetime": settings.turn_lifetime if ends else None,
        }

    def interests(self) -> Iterable[Interest]:
        """Which legs in browsers are new, joined and over."""
        return (
            on(LegDialled, self._dialled),
            on(LegPickedUp, self._picked_up),
            on(LegJoined, lambda fact: self._heard(fact, joined=True)),
            on(LegParted, lambda fact: self._heard(fact, joined=False)),
            on(LegDropped, self._over),
            on(LegGone, self._over),
        )

    def _dialled(self, fact: LegDialled) -> None:
        if not fact.in_browser:
            return
        owner = fact.destination if fact.agent else fact.call_id
        known = _RungLeg(fact.call_id, fact.leg_id, owner, fact.agent, fact.at)
        self._legs[fact.leg_id] = known
        self._announce(lambda: self._offer(known))

    def _offer(self, known: _RungLeg) -> None:
        """Let a new leg ring, unless its agent cannot take it: the plan was made when they were free."""
        rings = known.answered_at is None  # else another core has let it ring
        refusal = self._agents.refusal(known.agent, known.call_id) if known.agent and rings else None
        if refusal is not None:
            known.refused = True
            self._clock.call_later(
                0.0, lambda: self._signal(known.leg_id, write(BrowserHangUp(reason=refusal)))
            )
            return
        for page in self._pages.get(known.owner, ()):
            self._ring(known, page)

    def _picked_up(self, fact: LegPickedUp) -> None:
        if known := self._legs.get(fact.leg_id):
            known.answered_at = fact.at
            if not known.pages.ever_held:  # it is talked on, but in another core's time
                known.pages.ever_held, known.sessions = True, Sessions(int(self._clock.time()))
            self._announce(lambda: self._tell_story(known))

    def _heard(self, fact: LegJoined | LegParted, *, joined: bool) -> None:
        if known := self._legs.get(fact.leg_id):
            known.joined, known.joined_at = joined, fact.leg.joined_at
            self._announce(lambda: self._tell_story(known))

    def _tell_story(self, known: _RungLeg) -> None:
        story = known.story()
        if known.leg_id in self._legs and story.state != known.told_state:
            known.told_state = story.state
            if known.agent and known.pages.holder:
                known.pages.holder.put(AgentLegState(leg=known.leg_id, state=story.state, since=story.since))

    def _over(self, fact: LegDropped | LegGone) -> None:
        if known := self._legs.pop(fact.leg_id, None):
            self._announce(lambda: self._tell_end(known, fact.cause))

    def _tell_end(self, known: _RungLeg, cause: HangupCause) -> None:
        for page in known.pages.told:
            page.put(_gone(known, cause))

    def _ring(self, known: _RungLeg, page: Page) -> None:
        if known.refused or not known.pages.ring(page):
            return
        leg_id = known.leg_id
        ring: dict[str, Any] = {
            "leg": leg_id,
            "call_id": known.call_id,
            "under_way": known.pages.ever_held,
            "now": self._clock.time(),
            **self._helpers(leg_id),
        }
        if known.agent:
            page.put(AgentRing(**ring, **self._about(known, known.agent)))
        else:
            page.put(LegRing(**ring))

    def _about(self, known: _RungLeg, agent: str) -> dict[str, Any]:
        """What the agent may see of the leg and its shopper now: as much as the screen pop shows."""
        pop, story = self._shown(known.call_id, agent), known.story()
        standing = {"state": story.state, "since": story.since}
        if pop is None:
            return standing
        return standing | {
            "site": pop.site,
            "page": pop.page,
            "number": pop.number,
            "number_verified": pop.number_verified,
            "name": pop.name,
            "name_signed": pop.name_signed,
            "context": {field.key: field.value for field in (*pop.claimed, *pop.signed) if not field.masked},
        }

    def _legs_of(self, owner: str) -> list[_RungLeg]:
        return [known for known in self._legs.values() if known.owner == owner]


def _gone(known: _RungLeg, cause: HangupCause) -> LegIsGone:
    return LegIsGone(leg=known.leg_id, cause=cause)


def _said(page: LegConnection, message: OfLeg) -> None:
    page.legs.said(page.owner, page.listener, message)


#: What the pages of shoppers and of agents say of legs.
LEG_SAYS: tuple[tuple[type[OfLeg], Callable[[LegConnection, OfLeg], None]], ...] = (
    (LegOffer, _said),
    (LegReattach, _said),
    (LegAskIceServers, _said),
    (LegCandidate, _said),
    (LegEndOfCandidates, _said),
    (LegHangUp, _said),
    (LegKey, _said),
    (LegHeard, _said),
)
