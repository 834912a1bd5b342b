"""Which calls and chats become leads, and which answer them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.bulletin import Bulletin
from bridge.causes import Disposition
from bridge.cdr import CallRecord
from bridge.facts import CallBridged, CallEnded
from chat.facts import ChatOver, ChatReplied
from chat.records import ChatOpening
from follow.lead import ContactKind
from leads.of_calls import CallLeads, FollowUpCall, kind_of
from leads.of_chats import ChatLeads, kind_of_chat
from routing.plan import ClickToCall
from tests.aio import asyncio_test
from tests.follow.samples import PAT, at
from tests.leads.parts import Around, around
from tests.store.records import a_leg, a_record

NOW = at("2026-11-16 08:00")
ANSWERED = a_leg(
    "s1", role="shopper", destination="shopper", uri="sip:+16175550123@carrier.example", answered_at=103.1
)
RANG = replace(ANSWERED, answered_at=None, joined_at=None)
BROWSER = replace(RANG, uri="browser")


def record(disposition: Disposition, *legs: object, seconds: float = 20.0, **more: object) -> CallRecord:
    plain = a_record("call-1", number=PAT.number)
    return replace(
        plain,
        site="shop",
        disposition=disposition,
        legs=legs,
        requested_at=NOW,
        ended_at=NOW + seconds,
        **more,
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ended", "kind"),
    [
        (record(Disposition.BRIDGED, ANSWERED), None),
        (record(Disposition.REFUSED), None),
        (record(Disposition.CALLBACK_BOOKED, ANSWERED), None),
        (record(Disposition.UNANSWERED, ANSWERED), ContactKind.CALL_UNANSWERED),
        (record(Disposition.MESSAGE_TAKEN, ANSWERED), ContactKind.VOICEMAIL),
        (record(Disposition.CANCELLED, ANSWERED, seconds=9.9), None),
        (record(Disposition.CANCELLED, ANSWERED, seconds=10.0), ContactKind.CALL_LEFT),
        (record(Disposition.FAILED, ANSWERED), ContactKind.CALL_FAILED),
        (record(Disposition.FAILED, RANG), None),
        (record(Disposition.FAILED, BROWSER), ContactKind.CALL_FAILED),
        (record(Disposition.SHOPPER_UNREACHABLE, RANG), ContactKind.UNREACHABLE),
    ],
)
def test_what_a_call_becomes(ended, kind):
    assert kind_of(ended) is kind


@pytest.mark.parametrize("disposition", Disposition)
def test_every_disposition_has_been_thought_of(disposition):
    assert kind_of(record(disposition, ANSWERED)) in (None, *ContactKind)


@pytest.mark.parametrize(
    ("outcome", "waited", "kind"),
    [
        ("answered", 40.0, None),
        ("escalated", 40.0, None),
        ("message", 40.0, None),  # told with the message
        ("callback", 40.0, None),
        ("abandoned", 29.0, None),
        ("abandoned", 30.0, ContactKind.CHAT_LEFT),
        ("unanswered", 0.0, ContactKind.CHAT_UNANSWERED),
        ("self_served", 0.0, None),
        ("lost", 0.0, ContactKind.CHAT_LEFT),
    ],
)
def test_what_a_chat_becomes(outcome, waited, kind):
    assert kind_of_chat(over(outcome, waited)) is kind


def over(outcome: str, waited: float = 60.0) -> ChatOver:
    return ChatOver(
        call_id="th-1",
        at=NOW,
        site="shop",
        outcome=outcome,
        cause="shopper",
        agent=None,
        waited=waited,
        handled=0.0,
    )  # type: ignore[arg-type]


def calls(
    here: Around, unreached: bool = False, callbacks: frozenset[str] = frozenset()
) -> tuple[CallLeads, Bulletin]:
    async def before(record: CallRecord) -> bool:
        return unreached

    bulletin = Bulletin()
    click = ClickToCall("shop", PAT.number, "https://shop.example/", {}, "198.51.100.7")
    made = CallLeads(
        desk=here.desk,
        config=lambda: here.router.config,
        clock=here.clock,
        click=lambda call_id: click,
        owner=lambda endpoint: None,
        is_callback=callbacks.__contains__,
        unreached=before,
        settle=bulletin.settle,
    )
    bulletin.subscribe(made)
    return made, bulletin


def ended(kept: CallRecord) -> CallEnded:
    return CallEnded(call_id=kept.call_id, at=NOW, record=kept)


@asyncio_test
async def test_a_missed_call_is_a_lead_and_the_next_bridged_call_closes_it(tmp_path):
    async with around(tmp_path, now=NOW) as here:
        _, bulletin = calls(here)
        bulletin.tell([ended(record(Disposition.UNANSWERED, ANSWERED))])
        [lead] = here.desk.open_leads()
        assert (lead.kind, lead.person.number) == ("call_unanswered", PAT.number)
        bulletin.tell([CallBridged(call_id="call-2", at=NOW, leg_id="b1")])
        assert here.desk.open_leads() == []
        assert here.desk.board.get(lead.lead_id).lead.closed_how == "served"


@asyncio_test
async def test_an_answer_of_an_agent_is_no_contact_whether_it_reaches_anybody_or_not(tmp_path):
    async with around(tmp_path, now=NOW) as here:
        leads, bulletin = calls(here)
        bulletin.tell([ended(record(Disposition.UNANSWERED, ANSWERED))])
        [lead] = here.desk.open_leads()
        leads.placed("call-2", FollowUpCall(lead.lead_id, "kim"))
        bulletin.tell([ended(replace(record(Disposition.SHOPPER_UNREACHABLE, RANG), call_id="call-2"))])
        [tried] = here.desk.open_leads()
        assert (tried.tries, tried.kind) == (1, "call_unanswered")
        leads.placed("call-3", FollowUpCall(lead.lead_id, "kim"))
        bulletin.tell([CallBridged(call_id="call-3", at=NOW, leg_id="b1")])
        assert here.desk.open_leads() == []
        await here.desk.writer.flushed()
        [row] = await here.store.promise_counts("agent", 0, 9e12)
        assert (row.key, row.kept) == ("kim", 1)


@asyncio_test
async def test_a_try_of_a_callback_is_no_lead_and_a_phone_that_is_not_answered_is_one_the_second_time(
    tmp_path,
):
    async with around(tmp_path, now=NOW) as here:
        _, bulletin = calls(here, callbacks=frozenset({"call-1"}))
        bulletin.tell([ended(record(Disposition.UNANSWERED, ANSWERED))])
        first, bulletin = calls(here)
        bulletin.tell([ended(record(Disposition.SHOPPER_UNREACHABLE, RANG))])
        await first.stop()
        assert here.desk.open_leads() == []
        second, bulletin = calls(here, unreached=True)
        bulletin.tell([ended(record(Disposition.SHOPPER_UNREACHABLE, RANG))])
        await second.stop()
        assert [lead.kind for lead in here.desk.open_leads()] == ["unreachable"]


@asyncio_test
async def test_chats_that_nobody_served_messages_and_guided_questions_left(tmp_path):
    async with around(tmp_path, now=NOW) as here:
        opening = ChatOpening(
            "th-1", "shop", "sales", "browser-0123456789abcdef", "https://shop.example/",
            {"customer.email": PAT.mail}, {}, "198.51.100.7", "https://shop.example", "", "",
        )  # fmt: skip
        chats = ChatLeads(
            desk=here.desk,
            config=lambda: here.router.config,
            clock=here.clock,
            opening=lambda chat_id: opening,
            queue=lambda chat_id: "sales",
        )
        bulletin = Bulletin(chats)
        bulletin.tell([over("abandoned")])
        [lead] = here.desk.open_leads()
        assert (lead.kind, lead.person.mail, lead.queue) == ("chat_left", PAT.mail, "sales")
        chats.left_message("th-2", "other@mail.example", ["In blue?", "How soon?"])
        assert [each.kind for each in here.desk.open_leads()] == ["message"]  # one person, one lead
        assert here.desk.open_leads()[0].said == "In blue?\nHow soon?"
        bulletin.tell(
            [ChatReplied(call_id="th-1", at=NOW, site="shop", agent="kim", seconds=5.0, first=True)]
        )
        assert here.desk.open_leads() == []
        opening = replace(opening, visitor="198.51.100.0/24", context={})
        chats.left_flow("th-3", "+16175550177", "", {"car.make": "Volvo"})
        [flow] = here.desk.open_leads()
        assert (flow.kind, flow.person.number, flow.person.visitor) == ("flow_left", "+16175550177", "")
        assert flow.context["car.make"] == "Volvo"
