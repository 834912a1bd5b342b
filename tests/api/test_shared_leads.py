"""A form with somebody else's number: it reaches the agents, and gives nobody a way into that lead."""

from __future__ import annotations

from pathlib import Path

from follow.links import SHOPPER, write_link
from tests.aio import asyncio_test
from tests.api.test_lead_forms import key, send, shop

VICTIM = "(617) 555-0123"


@asyncio_test
async def test_nobody_gets_into_the_lead_of_a_number_they_typed(tmp_path: Path) -> None:
    async with shop(tmp_path) as server:
        assert (await send(server, key(1), number=VICTIM, email="m@mail.example", said="")).status_code == 204
        [lead] = server.leads.desk.open_leads()
        link = f"/follow-up/{write_link(lead, SHOPPER, server.clock.time())}"
        # The owner of the number asks for an answer: whoever came first must not read it.
        said = "My order is AB-1234"
        assert (
            await send(server, key(2), number=VICTIM, email="ann@mail.example", said=said)
        ).status_code == 204
        [lead] = server.leads.desk.open_leads()
        assert (lead.person.mail, lead.claimed, lead.said) == ("m@mail.example", ("ann@mail.example",), said)
        assert said not in (await server.http.get(link)).text
        # Nor do away with it.
        noted = await server.http.post(f"{link}/cancel")
        assert (noted.status_code, "we have noted it" in noted.text) == (200, True)
        live = server.leads.desk.board.get(lead.lead_id)
        assert live is not None
        assert live.lead.open
        assert live.contacts[-1].kind == "cancel_asked"


@asyncio_test
async def test_the_same_browser_mends_a_typing_error(tmp_path: Path) -> None:
    async with shop(tmp_path) as server:
        browser = "browser-0123456789abcdef"
        assert (await send(server, key(1), number="(617) 555-0132", visitor=browser)).status_code == 204
        assert (await send(server, key(2), number=VICTIM, visitor=browser)).status_code == 204
        [lead] = server.leads.desk.open_leads()
        assert (lead.person.number, lead.shared) == ("+16175550123", False)
