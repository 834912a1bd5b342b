"""The proof of work of a chat: as for calls, and apart from theirs."""

from __future__ import annotations

from pathlib import Path

from api.proofs import ProofChallenge, solve
from tests.aio import asyncio_test
from tests.api.chat_shop import ChatShop, chat_shop, chatting
from tests.api.shop import ORIGIN, SITE_KEY


async def challenge(it: ChatShop, what: str = "chat") -> ProofChallenge | None:
    answer = await it.server.http.post(
        "/v1/page/challenge", json={"site_key": SITE_KEY, "what": what}, headers={"Origin": ORIGIN}
    )
    assert answer.status_code == 200, answer.text
    given = answer.json()["challenge"]
    return None if given is None else ProofChallenge(**given)


async def proven(it: ChatShop) -> str:
    given = await challenge(it)
    assert given is not None
    return solve(given)


@asyncio_test
async def test_a_proof_is_good_for_one_chat(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, chatting(proof_of_work="always")) as it:
        assert (await it.ask()).json()["id"] == "proof_missing"
        proof = await proven(it)
        key = "the-same-key-of-this-page"
        first = await it.ask(proof=proof, key=key)
        assert first.status_code == 201, first.text
        again = await it.ask(key=key)
        assert again.json() == first.json(), "a page that repeats its request needs no other one"
        assert (await it.ask(proof=proof)).json()["id"] == "proof_invalid"


@asyncio_test
async def test_it_is_wanted_when_an_address_has_begun_many_chats(tmp_path: Path) -> None:
    busy = {"limits": {"per_ip": ["8 per 15m"], "per_visitor": ["100 per 1h"]}}
    async with chat_shop(tmp_path, chatting(busy, proof_of_work="when_busy")) as it:
        for number in range(3):
            assert await challenge(it) is None
            await it.chat(visitor=f"visitor-number-{number:04}")
        assert (await it.ask(visitor="visitor-number-0009")).json()["id"] == "proof_missing"
        assert await challenge(it, "call") is None, "calls are as easy as before"
        await it.chat(visitor="visitor-number-0009", proof=await proven(it))
