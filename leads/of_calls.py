"""Which calls become leads, and which answer them: follows the facts of calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

import structlog

from bridge.bulletin import Interest, Later, on
from bridge.callback import Callback
from bridge.causes import Disposition
from bridge.cdr import CallRecord
from bridge.facts import CallBridged, CallEnded, CallQueued, LegJoined
from bridge.protocols import Clock
from config.models import Config
from follow.events import PersonContacted
from follow.lead import ContactKind, LeadContact, Unserved
from leads.callbacks import OF_LEAD
from leads.desk import LeadDesk
from leads.persons import person_of, person_of_click
from routing.plan import ClickToCall, Endpoint

log = structlog.get_logger(__name__)

#: Seconds within which somebody who hangs up has changed their mind.
CHANGED_THEIR_MIND = 10.0
#: What the dispositions of calls that nobody served become; those that depend on more are in :func:`kind_of`.
KINDS: dict[Disposition, ContactKind] = {
    Disposition.MESSAGE_TAKEN: ContactKind.VOICEMAIL,
    Disposition.UNANSWERED: ContactKind.CALL_UNANSWERED,
}


@dataclass(frozen=True, slots=True)
class FollowUpCall:
    """A call by which an agent answers a lead."""

    lead_id: str
    agent: str


def kind_of(record: CallRecord) -> ContactKind | None:
    """What a call that is over becomes; None where it was served, or is nobody's to answer.

    A phone that was not answered counts from the second time: ``UNREACHABLE``.
    """
    match record.disposition:
        case Disposition.CANCELLED:
            waited = record.ended_at - record.requested_at
            return ContactKind.CALL_LEFT if waited >= CHANGED_THEIR_MIND else None
        case Disposition.FAILED:
            shopper = [leg for leg in record.legs if leg.role == "shopper"]
            there = any(leg.answered_at is not None or not _is_phone(leg.uri) for leg in shopper)
            return ContactKind.CALL_FAILED if there else None
        case Disposition.SHOPPER_UNREACHABLE:
            return ContactKind.UNREACHABLE
    return KINDS.get(record.disposition)


def _is_phone(uri: str) -> bool:
    return uri.startswith(("sip:", "sips:"))


class CallLeads:
    """A :class:`bridge.bulletin.Subscriber`.

    ``click(call_id)`` is what a live call was asked for with, ``owner(endpoint)`` the agent whose phone it
    is, ``is_callback(call_id)`` whether the call is a try of a callback, which tells by itself when it is
    given up. ``unreached(record)`` tells whether the phone was not answered before, within a day; it may
    raise. ``settle`` is the bulletin's.
    """

    def __init__(
        self,
        *,
        desk: LeadDesk,
        config: Callable[[], Config],
        clock: Clock,
        click: Callable[[str], ClickToCall | None],
        owner: Callable[[Endpoint], str | None],
        is_callback: Callable[[str], bool],
        unreached: Callable[[CallRecord], Awaitable[bool]],
        settle: Later,
    ) -> None:
        self._desk = desk
        self._config = config
        self._clock = clock
        self._click = click
        self._owner = owner
        self._is_callback = is_callback
        self._unreached = unreached
        self._settle = settle
        self._agent_of: dict[str, str] = {}
        self._queue_of: dict[str, str] = {}
        self._follow_ups: dict[str, FollowUpCall] = {}
        self._asking: set[asyncio.Task[None]] = set()

    def interests(self) -> Iterable[Interest]:
        """How each call ends, who has it, and where it waited."""
        return (
            on(LegJoined, self._joined),
            on(CallQueued, self._queued),
            on(CallBridged, lambda fact: self._settle(lambda: self._bridged(fact.call_id))),
            on(CallEnded, self._ended),
        )

    def placed(self, call_id: str, follow_up: FollowUpCall) -> None:
        """This call is an answer to a lead: it is no contact of its own."""
        self._follow_ups[call_id] = follow_up

    def not_placed(self, call_id: str) -> None:
        """It came to nothing before it began."""
        self._follow_ups.pop(call_id, None)

    def given_up(self, callback: Callback) -> None:
        """A callback was given up; one for a time that a lead's shopper chose was a try to answer it."""
        click = callback.click
        if callback.call_id.startswith(OF_LEAD):
            lead_id = callback.call_id.removeprefix(OF_LEAD)
            tried = PersonContacted("", "call", served=False, ref=callback.callback_id)
            self._desk.happens(lead_id, tried)
            return
        self._desk.unserved(
            Unserved(
                site=click.site,
                contact=LeadContact(ContactKind.CALLBACK, callback.callback_id, self._clock.time()),
                person=person_of_click(self._config(), click),
                page=click.page,
                context=click.context,
                signed=click.signed,
                client_ip=click.client_ip,
            )
        )

    async def stop(self) -> None:
        """Finish what is being asked of the store."""
        if self._asking:
            await asyncio.wait(self._asking, timeout=2.0)

    # --- facts ----------------------------------------------------------------------------------------------

    def _joined(self, fact: LegJoined) -> None:
        if fact.role == "business" and (agent := self._owner(fact.endpoint)) is not None:
            self._agent_of[fact.call_id] = agent

    def _queued(self, fact: CallQueued) -> None:
        self._queue_of[fact.call_id] = fact.queue

    def _bridged(self, call_id: str) -> None:
        follow_up, agent = self._follow_ups.get(call_id), self._agent_of.get(call_id, "")
        if follow_up is not None:
            by = agent or follow_up.agent
            self._desk.happens(follow_up.lead_id, PersonContacted(by, "call", served=True, ref=call_id))
        click = self._click(call_id)
        if click is not None:
            # Whom they talked with: whatever the page claims besides may be somebody else's.
            person = person_of(self._config(), click.site, click.number, {}, click.signed)
            self._desk.served(person, click.site, agent)

    def _ended(self, fact: CallEnded) -> None:
        record = fact.record
        self._agent_of.pop(record.call_id, None)
        queue = self._queue_of.pop(record.call_id, "")
        follow_up = self._follow_ups.pop(record.call_id, None)
        if follow_up is not None:
            if record.disposition is not Disposition.BRIDGED:
                self._desk.happens(
                    follow_up.lead_id,
                    PersonContacted(follow_up.agent, "call", served=False, ref=record.call_id),
                )
            return
        if not self._is_callback(record.call_id):
            self.over(record, queue)

    def over(self, record: CallRecord, queue: str = "") -> None:
        """A call is over, or was cut off by a crash: whoever nobody served has a lead."""
        kind = kind_of(record)
        if kind is None:
            return
        unserved = self._unserved(record, kind, queue)
        if kind is not ContactKind.UNREACHABLE:
            self._desk.unserved(unserved)
            return
        task = asyncio.ensure_future(self._if_not_the_first(record, unserved))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _if_not_the_first(self, record: CallRecord, unserved: Unserved) -> None:
        try:
            again = await self._unreached(record)
        except Exception as error:  # noqa: BLE001 - whatever a store raises: better one lead too many
            log.warning("lead_without_store", call_id=record.call_id, error=type(error).__name__)
            again = True
        if again:
            self._desk.unserved(unserved)

    def _unserved(self, record: CallRecord, kind: ContactKind, queue: str) -> Unserved:
        return Unserved(
            site=record.site,
            contact=LeadContact(kind, record.call_id, self._clock.time()),
            person=replace(
                person_of(self._config(), record.site, record.number, record.context, record.signed),
                verified=record.number_verified,
            ),
            page=record.page,
            context=record.context,
            signed=record.signed,
            queue=queue,
        )
