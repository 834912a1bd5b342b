"""The desk of leads: one clock for all, on disk before anything else, and the same after a restart."""

from __future__ import annotations

from dataclasses import replace

from follow.events import ClosedByAgent, LeadTaken, PersonContacted
from follow.lead import ContactKind, Lead, LeadPerson
from leads.records import LeadReminder
from tests.aio import asyncio_test
from tests.follow.samples import DAY, FRIDAY, HOUR, PAT, at, unserved
from tests.leads.parts import Around, around

#: The office of the settings is in UTC: Friday at 16:20 in New York is after its end.
MONDAY = at("2026-11-16 08:00")  # 13:00 UTC
KIM = "agent:kim"


def only(desk: Around) -> Lead:
    [lead] = desk.desk.open_leads()
    return lead


@asyncio_test
async def test_a_missed_call_is_one_lead_whose_people_are_told_in_the_morning(tmp_path):
    async with around(tmp_path, now=FRIDAY) as one:
        one.desk.unserved(unserved())
        lead = only(one)
        assert lead.assigned == ("kim",)
        assert one.notes.told == ["opened"]
        assert one.notes.reminded == []
        assert lead.running is not None
        assert lead.running.explanation == "due Mon 13:00 UTC: 4 h on Mon"
        one.clock.advance(at("2026-11-16 03:59") - FRIDAY)
        assert one.notes.reminded == []
        one.clock.advance(5 * 60)
        assert one.notes.reminded == [(KIM, lead.lead_id, "new")]
        one.clock.advance(5 * HOUR)
        assert [(who, kind) for who, _, kind in one.notes.reminded[1:]] == [
            (KIM, "step"),
            (KIM, "warning"),
            ("mailbox:office", "breach"),
        ]
        assert one.notes.told == ["opened", "due", "breached"]


@asyncio_test
async def test_the_same_call_heard_twice_is_one_contact_and_another_one_joins_the_lead(tmp_path):
    async with around(tmp_path, now=MONDAY) as one:
        first = one.desk.unserved(unserved(MONDAY))
        again = one.desk.unserved(unserved(MONDAY))
        other = one.desk.unserved(
            unserved(MONDAY, ContactKind.VOICEMAIL, LeadPerson(mail=PAT.mail), ref="call-2")
        )
        assert first is not None
        assert again is not None
        assert other is not None
        assert first.lead_id == again.lead_id == other.lead_id
        await one.desk.writer.flushed()
        stored = await one.store.lead(first.lead_id)
        assert stored is not None
        assert [(each.kind, each.ref) for each in stored.contacts] == [
            ("call_unanswered", "call-1"),
            ("voicemail", "call-2"),
        ]
        assert stored.lead == only(one)


@asyncio_test
async def test_nobody_to_answer_is_no_lead_and_without_the_section_there_is_none(tmp_path):
    async with around(tmp_path) as one:
        assert one.desk.unserved(unserved(person=LeadPerson(visitor="browser-of-nobody"))) is None
        assert one.desk.unserved(unserved(site="gone")) is None
        assert one.desk.open_leads() == []


@asyncio_test
async def test_who_is_served_by_any_way_needs_nobody_any_more(tmp_path):
    async with around(tmp_path, now=MONDAY) as one:
        lead = one.desk.unserved(unserved(MONDAY))
        assert lead is not None
        one.desk.served(LeadPerson(mail=PAT.mail.upper()), "shop", "kim")
        assert one.desk.open_leads() == []
        await one.desk.writer.flushed()
        [counted] = await one.store.promise_counts("agent", MONDAY - 1, MONDAY + 1)
        assert (counted.key, counted.kept, counted.broken, counted.answered) == ("kim", 1, 0, 1)


@asyncio_test
async def test_after_a_restart_everything_is_as_it_was_and_what_came_due_meanwhile_happens(tmp_path):
    async with around(tmp_path, now=MONDAY) as one:
        lead = one.desk.unserved(unserved(MONDAY))
        assert lead is not None
        one.desk.happens(lead.lead_id, LeadTaken("kim"))
        await one.desk.stop()
        one.clock.advance(10 * HOUR)
        two = one.again()
        await two.desk.start()
        back = only(two)
        assert back.owner == "kim"
        assert back.breached
        assert two.notes.told == ["breached"]
        assert two.notes.reminded == []  # at 23:00 UTC nobody is there
        two.clock.advance(10 * HOUR)
        assert [(who, kind) for who, _, kind in two.notes.reminded] == [
            (KIM, "breach"),
            ("mailbox:office", "breach"),
        ]
        await two.desk.stop()
        three = two.again()
        await three.desk.start()
        assert three.notes.told == []  # once is enough
        await three.desk.stop()


@asyncio_test
async def test_one_timer_for_all_of_them(tmp_path):
    async with around(tmp_path, now=MONDAY) as one:
        for number in range(200):
            person = LeadPerson(number=f"+1617555{number:04}")
            one.desk.unserved(unserved(MONDAY + number, person=person, ref=f"call-{number}"))
        assert len(one.clock.due) == 1
        one.clock.advance(5 * HOUR)
        assert one.notes.told.count("breached") == 200
        assert len(one.clock.due) == 1
        await one.desk.writer.flushed()


@asyncio_test
async def test_who_logs_out_loses_their_leads_after_half_an_hour_of_open_time(tmp_path):
    async with around(tmp_path, now=MONDAY) as one:
        lead = one.desk.unserved(unserved(MONDAY))
        assert lead is not None
        one.desk.happens(lead.lead_id, LeadTaken("kim"))
        one.there.clear()
        one.desk.presence("kim")
        one.clock.advance(29 * 60)
        assert only(one).owner == "kim"
        one.clock.advance(2 * 60)
        assert only(one).owner is None
        assert (KIM, lead.lead_id, "back") in one.notes.reminded


@asyncio_test
async def test_a_closed_lead_leaves_memory_after_its_day_and_is_in_the_list_of_closed_ones(tmp_path):
    async with around(tmp_path, now=MONDAY) as one:
        for number in range(3):
            person = LeadPerson(number=f"+1617555000{number}")
            lead = one.desk.unserved(unserved(MONDAY + number, person=person, ref=f"call-{number}"))
            assert lead is not None
            one.desk.happens(lead.lead_id, ClosedByAgent("kim", "sold", "two radiators"))
            one.clock.advance(1)
        assert len(one.desk.board) == 3
        one.clock.advance(DAY + 60)
        assert len(one.desk.board) == 0
        await one.desk.writer.flushed()
        page, more = await one.store.closed_leads(limit=2)
        assert [(lead.code, lead.note, lead.closed_how) for lead in page] == [
            ("sold", "two radiators", "done")
        ] * 2
        rest, end = await one.store.closed_leads(before=more, limit=2)
        assert len(rest) == 1
        assert end is None
        assert await one.store.closed_leads(sites={"other"}) == ([], None)


@asyncio_test
async def test_reports_equal_the_list(tmp_path):
    """chatwoot#9747: kept and broken, by agent and queue, sums over parts equal the whole."""
    async with around(tmp_path, now=MONDAY) as one:
        for number in range(10):
            person = LeadPerson(number=f"+1617555000{number}")
            queue = "sales" if number % 2 else "service"
            wanted = unserved(one.clock.time(), person=person, ref=f"call-{number}", queue=queue)
            lead = one.desk.unserved(wanted)
            assert lead is not None
            if number < 6:
                one.clock.advance(60 * number)
                one.desk.happens(lead.lead_id, PersonContacted("kim", "call", served=True))
        one.clock.advance(2 * DAY)
        await one.desk.writer.flushed()
        broken = [lead for lead in one.desk.open_leads() if lead.breached]
        for by in ("site", "queue", "agent", "promise"):
            rows = await one.store.promise_counts(by, 0, one.clock.time())  # type: ignore[arg-type]
            assert sum(row.promised for row in rows) == 10
            assert sum(row.kept for row in rows) == 6
            assert sum(row.broken for row in rows) == len(broken) == 4
        queues = await one.store.promise_counts("queue", 0, one.clock.time())
        assert {row.key: (row.promised, row.answered) for row in queues} == {
            "sales": (5, 3),
            "service": (5, 3),
        }
        assert [row.mean_seconds for row in await one.store.promise_counts("promise", 0, 9e12)] == [150.0]
        assert await one.store.promise_counts("site", 0, 9e12, {"other"}) == []


@asyncio_test
async def test_who_is_erased_is_not_written_again(tmp_path):
    async with around(tmp_path, now=MONDAY) as one:
        lead = one.desk.unserved(unserved(MONDAY))
        assert lead is not None
        await one.desk.forget([lead.lead_id])
        await one.store.forget_leads([lead.lead_id])
        one.clock.advance(5 * HOUR)
        one.desk.happens(lead.lead_id, LeadTaken("kim"))
        await one.desk.writer.flushed()
        assert await one.store.lead(lead.lead_id) is None


@asyncio_test
async def test_an_acknowledgement_is_once_a_day_and_limited_by_site(tmp_path):
    async with around(tmp_path) as one:
        note = one.store.note_acknowledgement
        assert await note("shop", "a", 1000.0, 2, 3600.0)
        assert not await note("shop", "a", 1000.0 + DAY - 1, 2, 3600.0)
        assert await note("shop", "a", 1001.0 + DAY, 2, 3600.0)
        assert await note("shop", "b", 1002.0 + DAY, 2, 3600.0)
        assert not await note("shop", "c", 1003.0 + DAY, 2, 3600.0)
        assert await note("other", "c", 1003.0 + DAY, 2, 3600.0)
        assert await note("shop", "c", 1003.0 + DAY + 3600, 2, 3600.0)


@asyncio_test
async def test_reminders_wait_on_disk_and_readers_may_want_no_mails(tmp_path):
    async with around(tmp_path) as one:
        first = LeadReminder(KIM, "lead-1", "new", 5.0)
        later = replace(first, kind="breach", at=6.0)
        await one.store.write_leads([first, replace(first, reader="mailbox:office"), later])
        assert later in await one.store.reminders()
        assert len(await one.store.reminders()) == 2
        await one.store.mute(KIM, 7.0)
        await one.store.mute(KIM, 8.0)
        assert await one.store.muted() == {KIM}
        await one.store.mute(KIM, None)
        assert await one.store.muted() == frozenset()
