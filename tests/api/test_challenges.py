"""The proof of work over HTTP: a page gets a challenge, solves it, and places one call with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.proofs import LIFETIME, RECENT, ProofChallenge, solve
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import ORIGIN, SITE_KEY, settings

OTHER = "http://localhost:5173"  # another origin of the same site
USUAL = {"calls_per_ip": ["12 per 15m"], "calls_per_number": [], "numbers_per_ip": []}


async def asked(server: Server, origin: str = ORIGIN, **headers: str) -> ProofChallenge | None:
    answer = await server.http.post(
        "/v1/page/challenge", json={"site_key": SITE_KEY}, headers={"Origin": origin, **headers}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.json()["expires_in"] == LIFETIME
    challenge = answer.json()["challenge"]
    return None if challenge is None else ProofChallenge(**challenge)


async def proven(server: Server, origin: str = ORIGIN) -> str:
    challenge = await asked(server, origin)
    assert challenge is not None
    return solve(challenge)


async def outcome(server: Server, proof: str | None, number: str = "(617) 555-0123", **more: Any) -> str:
    answer = await server.place(number, proof=proof, **more)
    return "placed" if answer.status_code == 201 else str(answer.json()["id"])


@asyncio_test
async def test_a_proof_is_good_for_one_call(tmp_path: Path) -> None:
    async with serving(tmp_path, settings(proof_of_work="always")) as server:
        assert await outcome(server, None) == "proof_missing"
        proof = await proven(server)
        assert await outcome(server, proof) == "placed"
        assert await outcome(server, proof) == "proof_invalid"


@asyncio_test
async def test_a_slip_in_the_number_does_not_use_it_up(tmp_path: Path) -> None:
    async with serving(tmp_path, settings(proof_of_work="always")) as server:
        proof = await proven(server)
        assert await outcome(server, proof, "12") == "number_invalid"
        assert await outcome(server, proof, "876 926 1234") == "country_refused"
        assert await outcome(server, proof) == "placed"


@asyncio_test
async def test_a_limit_uses_it_up(tmp_path: Path) -> None:
    limits = {"calls_per_number": ["1 per 1h"], "calls_per_ip": ["1000 per 1h"]}
    async with serving(tmp_path, settings(proof_of_work="always", limits=limits)) as server:
        assert await outcome(server, await proven(server)) == "placed"
        proof = await proven(server)
        assert await outcome(server, proof) == "limit_number"
        assert await outcome(server, proof, "617 555 0177") == "proof_invalid"


@asyncio_test
async def test_it_is_of_one_origin_and_some_minutes(tmp_path: Path) -> None:
    async with serving(tmp_path, settings(proof_of_work="always")) as server:
        proof = await proven(server)
        assert await outcome(server, proof, headers={"Origin": OTHER}) == "proof_invalid"
        server.clock.now += LIFETIME
        assert await outcome(server, proof) == "proof_invalid"


@asyncio_test
async def test_challenges_are_for_the_sites_pages_and_not_without_end(tmp_path: Path) -> None:
    async with serving(tmp_path, settings({"requests_per_ip": ["4 per 1m"]})) as server:
        body = {"site_key": SITE_KEY}
        for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "https://other.example"}):
            refused = await server.http.post("/v1/page/challenge", json=body, headers=headers)
            assert refused.json()["id"] == "origin_refused"
        unknown = {"site_key": "nobodys-key"}
        answer = await server.http.post("/v1/page/challenge", json=unknown, headers={"Origin": ORIGIN})
        assert answer.json()["id"] == "site_unknown"
        refused = await server.http.post("/v1/page/challenge", json=body, headers={"Origin": ORIGIN})
        assert refused.json()["id"] == "limit_requests"


@pytest.mark.parametrize("body", [b"x" * 600, b'{"site_key": "' + b"k" * 600 + b'"}'])
@asyncio_test
async def test_the_question_is_bounded(body: bytes, tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        headers = {"Origin": ORIGIN, "Content-Type": "application/json"}
        answer = await server.http.post("/v1/page/challenge", content=body, headers=headers)
        assert answer.json()["id"] == "body_too_large"


@asyncio_test
async def test_by_default_it_is_wanted_where_many_calls_come_from_one_network(tmp_path: Path) -> None:
    async with serving(tmp_path, settings(limits=USUAL, proof_of_work="when_busy")) as server:
        for _ in range(4):
            assert await asked(server) is None
            assert await outcome(server, None) == "placed"
        assert await outcome(server, None) == "proof_missing"
        assert await outcome(server, await proven(server)) == "placed"
        server.clock.now += RECENT
        assert await outcome(server, None) == "placed"


@asyncio_test
async def test_easy_challenges_of_quiet_times_are_of_no_use_in_busy_ones(tmp_path: Path) -> None:
    config = settings(proof_of_work="always", limits={**USUAL, "calls_per_ip": ["4 per 15m"]})
    async with serving(tmp_path, config) as server:
        hoard = [await proven(server) for _ in range(5)]
        told = [await outcome(server, proof) for proof in hoard]
        # Two calls are within what is easy, and two bits more are tolerated: the shopper began a while ago.
        assert told == ["placed", "placed", "placed", "proof_invalid", "proof_invalid"]
        harder = await proven(server)
        assert await outcome(server, harder) == "placed"
        assert await outcome(server, await proven(server)) == "limit_ip"
