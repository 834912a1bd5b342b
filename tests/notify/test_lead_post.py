"""Mails about leads through a real mail server: how often, to whom, and that no machine starts a loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from chat.transcript import Transcript
from config.models import Config
from config.sections.mail import Mail
from config.sections.webhook import Webhook
from follow.lead import Lead, LeadState, Unserved
from leads.records import LeadWrite
from leads.watchers import LeadWatchers
from notify.lead_post import GATHER, LeadPost
from notify.mail import SmtpSender
from notify.outbox import Outbox
from store.database import Database, sqlite_url
from store.deliveries import SqlDeliveryStore
from store.leads import SqlLeads
from tests.aio import asyncio_test
from tests.bridge.fake_clock import FakeClock
from tests.follow.samples import FRIDAY, HOUR, unserved
from tests.notify.parts import SECRET, Postbox, until
from tests.notify.receivers import HOST, Office, post_office
from tests.notify.test_lead_mail import KIM, config, lead


class NoAttachments:
    async def transcript(self, lead: Lead) -> Transcript | None:
        return None

    async def recording(self, lead: Lead) -> str | None:
        return None


@dataclass
class Desk:
    """The post with its store and a clock that the test turns; the outbox sends to a real server."""

    post: LeadPost
    clock: FakeClock
    store: SqlLeads
    deliveries: SqlDeliveryStore
    watchers: LeadWatchers
    settings: Config
    leads: dict[str, Lead] = field(default_factory=dict)
    writes: list[LeadWrite] = field(default_factory=list)

    def add(self, number: int = 0) -> Lead:
        new = replace(lead(), lead_id=f"{number:024x}")
        self.leads[new.lead_id] = new
        return new

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.post.flushed()
        if self.writes:
            await self.store.write_leads(self.writes[:])
            self.writes.clear()

    async def mails(self) -> list[str]:
        return [each.subject for each in reversed(await self.deliveries.deliveries(dead=False))]


@asynccontextmanager
async def desk(
    folder: Path, settings: Config | None = None, office: Office | None = None
) -> AsyncIterator[Desk]:
    settled = settings or config()
    if office is not None:
        mail = Mail(
            server=f"{HOST}:{office.port}", sender="ringback@shop.example", bounces="bounces@shop.example"
        )
        settled = settled.model_copy(update={"mail": mail})
    async with Database(sqlite_url(folder / "ringback.sqlite3")) as database:
        clock = FakeClock(FRIDAY)
        store, deliveries = SqlLeads(database), SqlDeliveryStore(database)
        outbox = Outbox(deliveries, lambda: settled, clock, SmtpSender(), Postbox())
        made: list[Desk] = []
        watchers = LeadWatchers(clock)
        post = LeadPost(
            store=store,
            outbox=outbox,
            config=lambda: settled,
            clock=clock,
            lead=lambda lead_id: made[0].leads.get(lead_id),
            keep=lambda write: made[0].writes.append(write),
            watches=watchers.watches,
            attachments=NoAttachments(),
        )
        made.append(Desk(post, clock, store, deliveries, watchers, settled))
        if office is not None:
            await outbox.start()
        yield made[0]
        if office is not None:
            await outbox.stop()


@asyncio_test
async def test_the_first_mail_comes_at_once_and_the_rest_of_the_hour_in_one(tmp_path):
    async with desk(tmp_path) as one:
        one.post.remind(KIM, one.add(0), "new")
        await one.pass_time(GATHER)
        assert await one.mails() == ["Lead: Pat (+1 617-555-0123) - Boston Shop"]
        for number in range(1, 1000):
            one.post.remind(KIM, one.add(number), "breach")
        await one.pass_time(HOUR - GATHER - 1)
        assert len(await one.mails()) == 1
        await one.pass_time(GATHER + 2)
        assert [each[:24] for each in await one.mails()] == [
            "Lead: Pat (+1 617-555-01",
            "100 leads wait for you: ",
        ]
        await one.pass_time(5 * HOUR)
        assert len(await one.mails()) == 2
        assert await one.store.reminders() == []


@asyncio_test
async def test_who_looks_at_the_list_wants_none_or_has_no_address_gets_none(tmp_path):
    async with desk(tmp_path) as one:
        one.watchers.asked(KIM)
        one.post.remind(KIM, one.add(), "new")
        await one.pass_time(GATHER)
        assert await one.mails() == []
        await one.store.mute(KIM, 1.0)
        await one.pass_time(2 * HOUR)
        one.post.remind(KIM, one.add(), "breach")
        await one.pass_time(GATHER)
        one.post.remind("agent:lee", one.add(), "new")
        await one.pass_time(GATHER)
        assert await one.mails() == []
        await one.store.mute(KIM, None)
        one.post.remind(KIM, one.add(), "breach")
        await one.pass_time(GATHER)
        assert len(await one.mails()) == 1


@asyncio_test
async def test_what_is_closed_meanwhile_is_not_told(tmp_path):
    async with desk(tmp_path) as one:
        first, second = one.add(0), one.add(1)
        one.post.remind(KIM, first, "new")
        one.post.remind(KIM, second, "new")
        one.leads[first.lead_id] = replace(first, state=LeadState.CLOSED)
        del one.leads[second.lead_id]
        await one.pass_time(GATHER)
        assert await one.mails() == []
        assert await one.store.reminders() == []


@asyncio_test
async def test_what_was_pending_at_a_crash_is_told_after_the_restart(tmp_path):
    async with desk(tmp_path) as one:
        one.post.remind(KIM, one.add(), "new")
        await one.store.write_leads(one.writes)
    async with desk(tmp_path) as two:
        two.add()
        await two.post.start()
        await two.pass_time(GATHER)
        assert len(await two.mails()) == 1
        assert await two.store.reminders() == []


@asyncio_test
async def test_programs_are_told_by_webhook(tmp_path):
    settled = config()
    box = settled.mailboxes["lead"].model_copy(
        update={"webhook": Webhook(url="https://crm.example/hooks", secret=SECRET)}  # type: ignore[arg-type]
    )
    settled = settled.model_copy(update={"mailboxes": {"lead": box}})
    async with desk(tmp_path, settled) as one:
        for word in ("opened", "taken", "due", "breached", "closed"):
            one.post.tell(one.add(), word)  # type: ignore[arg-type]
        await one.post.flushed()
        found = await one.deliveries.deliveries(dead=False)
        assert {each.subject for each in found} == {
            "lead.opened", "lead.taken", "lead.due", "lead.breached", "lead.closed",
        }  # fmt: skip
        assert all(f'"lead_id":"{0:024x}"' in each.body for each in found)
        assert {each.about for each in found} == {f"lead:{0:024x}"}


# --- machines at the other end -----------------------------------------------------------------------------


@dataclass
class World:
    """A mail server that also answers: a responder that obeys RFC 3834, one that does not, a bouncer."""

    office: Office
    answers: list[str] = field(default_factory=list)

    async def react(self, seen: int) -> int:
        """Answer what came since ``seen``, by mail, to where each would go."""
        for index, mail in enumerate(self.office.mails[seen:], seen):
            to = self.office.recipients[index]
            if to.startswith("vacation@") and mail["Auto-Submitted"] in (None, "no"):
                await self._send(mail, str(mail["Reply-To"] or mail["From"]), "I am away")
            if to.startswith("rude@"):
                await self._send(mail, str(mail["Reply-To"] or mail["From"]), "I am away, whatever you are")
            if to.startswith("nobody@"):
                await self._send(mail, self.office.envelopes[index], "Undelivered Mail Returned to Sender")
        return len(self.office.mails)

    async def _send(self, mail: EmailMessage, to: str, subject: str) -> None:
        answer = EmailMessage()
        answer["From"], answer["To"], answer["Subject"] = "mailer-daemon@mail.example", to, subject
        answer.set_content("…")
        self.answers.append(to)
        await aiosmtplib.send(
            answer, hostname=HOST, port=self.office.port, sender="daemon@mail.example", recipients=[to]
        )


def wrote(address: str) -> Unserved:
    plain = unserved()
    return replace(plain, person=replace(plain.person, mail=address), typed_mail=True)


@asyncio_test
async def test_auto_responders_and_bouncers_get_one_mail_in_a_day_and_start_nothing(tmp_path):
    """zammad#1131, chatwoot#5131, osTicket#1041: loops with vacations, bounces, itself."""
    async with post_office() as office, desk(tmp_path, office=office) as one:
        world = World(office)
        addresses = ["vacation@mail.example", "rude@mail.example", "nobody@mail.example"]
        seen = 0
        for hour in range(24):
            for number, address in enumerate(addresses):
                shopper = wrote(address)
                known = replace(one.add(number), person=shopper.person)
                one.post.acknowledge(known, shopper)
            await one.post.flushed()
            if hour == 0:
                await until(lambda: len(office.mails) >= 3)
            one.clock.advance(0.9 * HOUR)
            await asyncio.sleep(0)
            seen = await world.react(seen)
        for address in addresses:
            assert office.recipients.count(address) == 1, address
        assert sorted(world.answers) == ["bounces@shop.example", "team@shop.example"]
        assert all(envelope == "bounces@shop.example" for envelope in office.envelopes[:3])


@asyncio_test
async def test_we_are_no_cannon(tmp_path):
    async with desk(tmp_path) as one:
        for number in range(100):
            shopper = wrote(f"stranger{number}@mail.example")
            one.post.acknowledge(replace(one.add(number), person=shopper.person), shopper)
        await one.post.flushed()
        assert len(await one.mails()) == 20
        one.post.acknowledge(one.add(), unserved())  # an address that the page passed, nobody typed
        await one.post.flushed()
        assert len(await one.mails()) == 20
