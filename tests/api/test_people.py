"""Everything that is kept of one person: exported, and erased, from every table, and nobody else's."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bridge.callback import CallbackState
from chat.entries import ChatEntry
from chat.records import ChatOpening, KeepEntry, KeepRow
from chat.standing import ChatRow
from chat.states import ChatState
from follow.lead import Lead, LeadContact, LeadPerson
from leads.records import KeepContact, KeepLead, LeadReminder
from routing.plan import ClickToCall
from store import people
from store.people import Person
from store.recordings import KeptRecording, SqlRecordings
from store.wrap_ups import SqlWrapUpStore
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import admin, settings
from tests.store.records import a_callback, a_delivery, a_leg, a_message, a_record
from visits.live import LiveVisitor
from visits.records import ConversionRow, OfferRow, VisitBatch, VisitorRow

ANN, BOB = "+16175550111", "+16175550222"
EMAIL, ANNS_ID = "ann@home.example", "customer-7"
WAV = b"RIFF" + bytes(3000)


def clicked(number: str, name: str, email: str, customer: str) -> ClickToCall:
    return ClickToCall(
        site="boston", number=number, page=f"https://shop.example/{name}", client_ip="203.0.113.9",
        context={"customer.name": name, "customer.email": email}, signed={"customer.id": customer},
    )  # fmt: skip


async def keep_a_chat(server: Server, name: str, email: str, call_id: str, click: ClickToCall) -> None:
    """A chat that led to the call, with a note."""
    chat, store = f"chat-{name}", server.stores.chats
    row = ChatRow("help", 90.0, ChatState.TALKING, "alice", taken_at=91.0, call_id=call_id)
    await store.open_chat(
        ChatOpening(
            chat, "boston", "help", email, click.page, click.context, click.signed, click.client_ip,
            "https://shop.example", f"opens-{name}", f"asked-{name}",
        ),
        row,
    )  # fmt: skip
    said = [
        ChatEntry(1, 92.0, "shopper", "text", f"write to {email}"),
        ChatEntry(2, 93.0, "agent", "text", "I will", "alice"),
    ]
    await store.write([KeepRow(chat, row, taken_by="alice"), *(KeepEntry(chat, each) for each in said)])
    await store.wrap_up(chat, "alice", f"{name} is nice", None)


async def keep_a_visit(server: Server, name: str, call_id: str) -> None:
    """A browser that was invited, called and bought; it is also in memory."""
    visitor = f"browser-of-{name}"
    row = VisitorRow("boston", visitor, 90.0, 91.0, 1, {}, call_id, 92.0)
    offer = OfferRow(f"offer-{name}", "boston", visitor, "r", "", "", "shown", "/", 90.0, "accepted", 91.0)
    order = ConversionRow("boston", f"order-{name}", visitor, 95.0, 100, "EUR", "page")
    batch = VisitBatch(offers={offer.id: offer}, visitors={("boston", visitor): row}, orders=[order])
    await server.stores.visits.write(batch)
    server.visits.engagement.book.visitor(server.visits.live.add(LiveVisitor.of(row)))


async def keep_a_lead(server: Server, name: str, email: str, call_id: str, click: ClickToCall) -> None:
    """A lead that came of the call, with a note and a reminder; and a promise, which tells of nobody."""
    lead = Lead(
        f"lead-{name}", "boston", LeadPerson(click.number, email, click.signed["customer.id"], name=name),
        90.0, 90.0,
        context=click.context, signed=click.signed, note=f"{name} wants the blue one, write to {name}",
        secret=f"secret-of-{name}",
    )  # fmt: skip
    await server.stores.leads.write_leads(
        [
            KeepLead(lead),
            KeepContact(lead.lead_id, 0, LeadContact("call_unanswered", call_id, 90.0)),
            LeadReminder("agent:alice", lead.lead_id, "new", 90.0),
        ]
    )


@asynccontextmanager
async def kept(tmp_path: Path) -> AsyncIterator[Server]:
    """Two shoppers, each with a call, a chat, a message, a callback, mails and notes."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    async with serving(tmp_path, settings({"recordings": str(folder)})) as server:
        notes = SqlWrapUpStore(server.store._database)
        for name, number, email, customer in (
            ("ann", ANN, EMAIL, ANNS_ID), ("bob", BOB, "bob@home.example", "customer-8"),
        ):  # fmt: skip
            click = clicked(number, name, email, customer)
            call = f"call-of-{name}"
            await server.store.open_call(call, click, "sales", 100.0)
            legs = (
                a_leg(
                    f"{call}-s1", role="shopper", destination="shopper", uri=f"sip:{number}@carrier.example"
                ),
                a_leg(f"{call}-b1"),
            )
            await server.store.write_cdr(
                a_record(call, number=number, context=click.context, signed=click.signed, legs=legs)
            )
            await notes.keep(call, "alice", f"{name} wants the blue one, write to {email}", "sale", 200.0)
            await keep_a_chat(server, name, email, call, click)
            await keep_a_visit(server, name, call)
            await keep_a_lead(server, name, email, call, click)
            file = folder / f"{call}.wav"
            file.write_bytes(WAV)
            told = a_delivery(
                f"mail-{name}", body=f"From {number[:2]} {number[2:5]}-{number[5:8]}-{number[8:]}"
            )
            message = a_message(
                call, number=number, path=str(file), context=click.context, signed=click.signed
            )
            await server.messages.keep_message(message, f"message-{name}", [told])
            await server.deliveries.add_deliveries(
                [a_delivery(f"pop-{name}", body=f'{{"call_id":"{call}"}}')]
            )
            await server.callbacks.add_callback(
                replace(a_callback(f"back-{name}"), click=click, call_id=call)
            )
        yield server


async def everything(server: Server) -> str:
    """All that stands in the database."""

    def dump(connection: Any) -> str:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        return "\n".join(
            str(row) for name in names for row in connection.execute(text(f"SELECT * FROM {name}"))
        )

    return await server.store._database.read(dump)


@pytest.mark.parametrize("who", [{"number": ANN}, {"email": "Ann@Home.example"}, {"id": ANNS_ID}])
@asyncio_test
async def test_an_export_has_all_of_one_person_and_nothing_of_others(
    tmp_path: Path, who: dict[str, str]
) -> None:
    async with kept(tmp_path) as server:
        answer = await server.http.post("/v1/person/export", json=who, headers=admin())
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/zip"
        packed = zipfile.ZipFile(io.BytesIO(answer.content))
        assert packed.namelist() == ["person.json", "audio/message-ann.wav"]
        assert packed.read("audio/message-ann.wav") == WAV
        told = packed.read("person.json").decode()
        found = json.loads(told)
        assert {name: len(rows) for name, rows in found.items()} == {
            "calls": 1, "legs": 2, "wrap_ups": 1, "messages": 1, "callbacks": 1, "chats": 1,
            "chat_entries": 2, "chat_agents": 1, "deliveries": 2, "page_visitors": 1, "offers": 1,
            "orders": 1, "leads": 1, "lead_contacts": 1, "agent_spans": 0, "recordings": 0,
        }  # fmt: skip
        assert "bob" not in told
        assert not any(each in told for each in ("secret", "opens-", "asked-"))
        assert ANN in told


@pytest.mark.parametrize("who", [{"number": ANN}, {"email": EMAIL}, {"id": ANNS_ID}])
@asyncio_test
async def test_erasing_leaves_counts_and_others(tmp_path: Path, who: dict[str, str]) -> None:
    async with kept(tmp_path) as server:
        before = await everything(server)
        with capture_logs() as log:
            answer = await server.http.post("/v1/person/erase", json=who, headers=admin())
        assert answer.json() == {
            "calls": 1, "legs": 2, "wrap_ups": 1, "messages": 1, "callbacks": 1, "chats": 1,
            "chat_entries": 2, "chat_agents": 1, "deliveries": 2, "page_visitors": 1, "offers": 1,
            "orders": 1, "leads": 1, "lead_contacts": 1, "agent_spans": 0, "recordings": 0, "files": 1,
        }  # fmt: skip
        await server.visits.keeper.write()  # what is in memory comes back no more
        after = await everything(server)
        for trace in (
            "browser-of-ann",
            ANN,
            ANN[2:],
            "617-555-0111",
            EMAIL,
            ANNS_ID,
            "shop.example/ann",
            "blue one, write to ann",
        ):
            assert trace not in after, trace
        for trace in (
            BOB,
            "bob@home.example",
            "customer-8",
            "shop.example/bob",
            "write to bob",
            "browser-of-bob",
        ):
            assert after.count(trace) == before.count(trace), trace
        cdrs = (await server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"]
        assert {each["call_id"]: each["disposition"] for each in cdrs} == dict.fromkeys(
            ("call-of-ann", "call-of-bob"), "bridged"
        )
        assert sorted(each.name for each in (tmp_path / "recordings").iterdir()) == ["call-of-bob.wav"]
        states = {each.callback_id: each.state for each in await server.callbacks.callbacks()}
        assert states == {"back-ann": CallbackState.CANCELLED, "back-bob": CallbackState.BOOKED}
        (line,) = [each for each in log if each["event"] == "person_erased"]
        assert (line["log"], line["calls"], line["files"]) == ("audit", 1, 1)
        assert not any(trace in str(log) for trace in (ANN, EMAIL, ANNS_ID))
        again = await server.http.post("/v1/person/erase", json=who, headers=admin())
        assert set(again.json().values()) == {0}


@asyncio_test
async def test_erasing_takes_a_recording_that_was_never_put_together(tmp_path: Path) -> None:
    async with kept(tmp_path) as server:
        folder = tmp_path / "recordings"
        for call in ("call-of-ann", "call-of-bob"):
            path = folder / f"{call}.t1.wav"
            await SqlRecordings(server.store._database).begin(
                KeptRecording(path.stem, call, "boston", f"{call}-b1", "boston", str(path), 100.0)
            )
            (folder / f"{call}.t1.shopper.wav").write_bytes(WAV)
            (folder / f"{call}.t1.business.wav").write_bytes(WAV)
        answer = await server.http.post("/v1/person/erase", json={"number": ANN}, headers=admin())
        assert answer.json()["recordings"] == 1
        assert sorted(each.name for each in folder.iterdir()) == [
            "call-of-bob.t1.business.wav", "call-of-bob.t1.shopper.wav", "call-of-bob.wav",
        ]  # fmt: skip


@asyncio_test
async def test_who_is_in_a_call_is_erased_later(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.place(number=ANN, context={"customer": {"email": EMAIL}})
        for who in ({"number": ANN}, {"email": EMAIL}):
            refused = await server.http.post("/v1/person/erase", json=who, headers=admin())
            assert (refused.status_code, refused.json()["id"]) == (409, "person_in_call")
        await server.engine.end("call1")
        erased = await server.http.post("/v1/person/erase", json={"number": ANN}, headers=admin())
        assert erased.json()["calls"] == 1
        assert ANN not in await everything(server)


@asyncio_test
async def test_who_may_not_and_what_is_no_person(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        for path in ("/v1/person/export", "/v1/person/erase"):
            assert (await server.http.post(path, json={"number": ANN})).status_code == 401
            for body in ({}, {"number": "617"}, {"email": "ann"}, {"id": ""}, {"number": ANN, "x": 1}):
                assert (await server.http.post(path, json=body, headers=admin())).status_code == 400, body


@asyncio_test
async def test_tables_are_read_in_pieces(tmp_path: Path) -> None:
    async with kept(tmp_path) as server:
        with patch.object(people, "PIECE", 1):
            answer = await server.http.post("/v1/person/erase", json={"number": ANN}, headers=admin())
        assert answer.json()["legs"] == 2
        assert ANN not in await everything(server)


def test_whose_text_it_is() -> None:
    ann = Person(ANN, EMAIL, None)
    assert all(
        ann.mentioned(said)
        for said in (
            "call +16175550111", "+1 617-555-0111", "(617) 555-0111", "6175550111", "tel:+1-617-555-0111",
            "<ANN@home.example>", "mail ann@home.example.",
        )
    )  # fmt: skip
    assert not any(
        ann.mentioned(said)
        for said in ("+16175550112", "joann@home.example", "ann@home.example.org", "ann@home", "", None)
    )
