"""A number as it is typed, read by the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import ORIGIN, SITE_KEY


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"number": "617 555 0123", "country": "US"}, "+1 617-555-0123"),
        ({"number": "٦١٧٥٥٥٠١٢٣"}, "+1 617-555-0123"),
        ({"number": "020 7946 0018", "country": "GB"}, "+44 20 7946 0018"),
        ({"number": "+49 (0)30 23125000"}, "+49 30 23125000"),
        ({"number": "617 555", "country": "US"}, None),
        ({"number": "911", "country": "US"}, None),
        ({"number": "call me"}, None),
    ],
)
@asyncio_test
async def test_a_number_is_written_as_people_know_it(
    tmp_path: Path, typed: dict[str, Any], shown: str | None
) -> None:
    async with serving(tmp_path) as server:
        answer = await server.http.post(
            "/v1/page/number", json={"site_key": SITE_KEY, **typed}, headers={"Origin": ORIGIN}
        )
        assert answer.status_code == 200
        assert answer.json() == {"number": shown, "hint": None}
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@asyncio_test
async def test_an_extension_is_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        question = {"site_key": SITE_KEY, "number": "617 555 0101 x12", "country": "US"}
        answer = await server.http.post("/v1/page/number", json=question, headers={"Origin": ORIGIN})
        assert answer.json()["number"] is None
        assert "extension 12" in answer.json()["hint"]


@asyncio_test
async def test_pages_of_other_sites_and_odd_questions_are_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:

        async def asked(origin: str = ORIGIN, **question: Any) -> int:
            body = {"site_key": SITE_KEY, "number": "1"} | question
            return (
                await server.http.post("/v1/page/number", json=body, headers={"Origin": origin})
            ).status_code

        assert await asked() == 200
        assert await asked("https://elsewhere.example") == 403
        assert await asked(site_key="another-site-key") == 400
        assert await asked(country="XX") == 400
        assert await asked(number="5" * 41) == 400
