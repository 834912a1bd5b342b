"""Answers before contact, over HTTP: what a page finds, and what is kept of what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.models import Config
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import ORIGIN, SITE_KEY, admin, settings

ANSWERS = """\
answers:
  returns:
    question: {en: How do I send it back?, de: Wie schicke ich etwas zurück?}
    answer: {en: "Use [our form](/returns).\\n\\nIt is free.", de: Mit einem Schein.}
    also: {en: [refund]}
    pages: [/orders/**]
  hours:
    question: {en: When are you open?}
    answer: {en: Always.}
    pages: [/**]
"""


def shop(tmp_path: Path, text: str = ANSWERS, **more: Any) -> Config:
    file = tmp_path / "answers.yaml"
    file.write_text(text)
    return settings(answers={"file": str(file)}, page={"languages": ["en", "de"]}, **more)


async def find(server: Server, headers: Mapping[str, str] | None = None, **asked: str) -> httpx.Response:
    wanted = {"Origin": ORIGIN} if headers is None else headers
    return await server.http.get(f"/v1/page/{SITE_KEY}/answers", params=asked, headers=wanted)


async def names(server: Server, **asked: str) -> list[str]:
    answer = await find(server, **asked)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["answers"]]


async def tell(server: Server, what: str, question: str = "", answer: str = "", **more: Any) -> int:
    headers = {"Origin": ORIGIN, **more.pop("headers", {})}
    news = {"site": SITE_KEY, "what": what, "question": question, "answer": answer, "language": "en", **more}
    return (await server.http.post("/v1/page/answers/helped", json=news, headers=headers)).status_code


async def report(server: Server, key: str = "") -> dict[str, Any]:
    answer = await server.http.get(
        "/v1/reports/questions", params={"since": 0}, headers=admin(key) if key else admin()
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def visitor(n: int) -> str:
    return f"visitor-of-the-shop-{n}"


@asyncio_test
async def test_suggestions_by_page_and_answers_by_words(tmp_path: Path) -> None:
    async with serving(tmp_path, shop(tmp_path)) as server:
        assert await names(server, page="https://shop.example/orders/7?token=x") == ["returns", "hours"]
        assert await names(server, page="https://shop.example/") == ["hours"]
        assert await names(server, page="https://shop.example/", q="refunds") == ["returns"]
        assert await names(server, q="helicopters") == []
        found = (await find(server, q="zuruck", language="de-AT")).json()
        assert found["language"] == "de"
        assert [each["question"] for each in found["answers"]] == ["Wie schicke ich etwas zurück?"]
        (first,) = (await find(server, q="send back")).json()["answers"]
        assert first["paragraphs"] == [
            [
                {"text": "Use ", "href": None},
                {"text": "our form", "href": "/returns"},
                {"text": ".", "href": None},
            ],
            [{"text": "It is free.", "href": None}],
        ]


@asyncio_test
async def test_no_more_than_the_settings_say_and_nothing_where_there_are_none(tmp_path: Path) -> None:
    config = shop(tmp_path)
    one = config.sites["shop"].answers
    assert one is not None
    few = config.model_copy(
        update={"sites": {"shop": config.sites["shop"].model_copy(
            update={"answers": one.model_copy(update={"at_most": 1})}
        )}}
    )  # fmt: skip
    async with serving(tmp_path, few) as server:
        assert await names(server, page="/orders/7") == ["returns"]
    (tmp_path / "none").mkdir()
    async with serving(tmp_path / "none") as server:
        assert (await find(server, q="refund")).json() == {"language": "", "answers": []}
        assert await tell(server, "asked", "refund") == 204


@asyncio_test
async def test_who_may_ask(tmp_path: Path) -> None:
    async with serving(tmp_path, shop(tmp_path)) as server:
        assert (await find(server, {"Origin": "https://evil.example"})).json()["id"] == "origin_refused"
        assert (await find(server, {})).status_code == 200  # a page behind the shop's own proxy
        unknown = await server.http.get("/v1/page/nobodys-key/answers", headers={"Origin": ORIGIN})
        assert unknown.json()["id"] == "site_unknown"
        assert (await find(server, q="x" * 201)).json()["id"] == "validation_failed"
        assert await tell(server, "asked", "refund", headers={"Origin": "https://evil.example"}) == 403
        assert await tell(server, "asked", "x" * 201) == 400
        assert await tell(server, "asked", "x", more="y" * 3000) == 413
        assert await tell(server, "dreamt", "refund") == 400
        for _ in range(119):
            last = await find(server)
        assert last.status_code == 429


@asyncio_test
async def test_a_question_is_told_once_three_visitors_have_asked_it(tmp_path: Path) -> None:
    async with serving(tmp_path, shop(tmp_path)) as server:
        for n in (1, 1, 1, 2):
            assert await tell(server, "asked", "Do you rent bikes?", visitor=visitor(n)) == 204
        assert (await report(server))["questions"] == []
        dump = (tmp_path / "ringback.sqlite3").read_bytes()
        wal = tmp_path / "ringback.sqlite3-wal"
        assert b"rent bikes" not in dump + (wal.read_bytes() if wal.exists() else b"")
        await tell(server, "asked", "  do you RENT bikes ", visitor=visitor(3))
        await tell(server, "contacted", "do you rent bikes", visitor=visitor(3))
        assert (await report(server))["questions"] == [
            {
                "site": "shop", "language": "en", "question": "do you rent bikes",
                "asked": 5, "answered": 0, "contacted": 1, "finds": None,
            }
        ]  # fmt: skip


@asyncio_test
async def test_without_consent_networks_tell_shoppers_apart(tmp_path: Path) -> None:
    config = shop(tmp_path)
    proxied = config.model_copy(update={"server": settings({"trusted_proxies": ["198.51.100.0/24"]}).server})
    async with serving(tmp_path, proxied) as server:
        for n in (1, 1, 2, 3):
            headers = {"X-Forwarded-For": f"203.0.113.{n}"}
            await tell(server, "asked", "gift wrapping", headers=headers)
            told = [each["question"] for each in (await report(server))["questions"]]
            assert told == (["gift wrapping"] if n == 3 else [])


@pytest.mark.parametrize("typed", ["order 4711", "ann@shop.example", "my pin is १२३४", "x"])
@asyncio_test
async def test_what_could_be_about_somebody_is_never_kept(typed: str, tmp_path: Path) -> None:
    async with serving(tmp_path, shop(tmp_path)) as server:
        for n in range(5):
            assert await tell(server, "asked", typed, visitor=visitor(n)) == 204
        assert (await report(server))["questions"] == []


@asyncio_test
async def test_what_came_of_answers(tmp_path: Path) -> None:
    async with serving(tmp_path, shop(tmp_path)) as server:
        for n in range(3):
            await tell(server, "asked", "refund please", visitor=visitor(n))
            await tell(server, "opened", "refund please", "returns", visitor=visitor(n))
        await tell(server, "helped", "refund please", "returns", visitor=visitor(0))
        await tell(server, "not_helped", "refund please", "returns", visitor=visitor(1))
        await tell(server, "contacted", "refund please", "returns", visitor=visitor(1))
        await tell(server, "helped", "", "made_up")
        told = await report(server)
        assert told["answers"] == [
            {"site": "shop", "answer": "returns", "opened": 3, "helped": 1, "not_helped": 1, "contacted": 1}
        ]
        (question,) = told["questions"]
        assert (question["asked"], question["answered"], question["contacted"]) == (3, 1, 1)
        assert question["finds"] == "returns"


@asyncio_test
async def test_a_reload_brings_new_answers_and_a_broken_file_keeps_the_old(tmp_path: Path) -> None:
    async with serving(tmp_path, shop(tmp_path)) as server:
        file = tmp_path / "answers.yaml"

        async def reload(text: str, expected: list[str]) -> None:
            file.write_text(text)
            for listener in server.world.on_settings:
                listener()
            for _ in range(100):
                if await names(server, q="refund helicopter") == expected:
                    return
                await asyncio.sleep(0.02)
            raise AssertionError(await names(server, q="refund helicopter"))

        await reload(ANSWERS.replace("[refund]", "[helicopter]").replace("returns:", "flights:"), ["flights"])
        await reload("answers: {", ["flights"])
        await reload(ANSWERS, ["returns"])
