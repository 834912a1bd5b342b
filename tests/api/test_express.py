"""An address on the express way answers, word for word, as it does on the application's own."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from api.app import _ANSWERS
from api.express import Express
from api.problems import Problem, RequestError
from api.routes import UrlRow
from tests.aio import asyncio_test


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    number: str
    times: int = 1


class Given(BaseModel):
    text: str


async def serve(wanted: Wanted, request: Request, response: Response) -> Given:
    if wanted.number == "refused":
        raise RequestError(Problem.NUMBER_INVALID)
    response.headers["Location"] = request.url.path + "/7"
    return Given(text="ü" * wanted.times)


REQUESTS = {
    "right": ('{"number": "1", "times": 2}', "application/json"),
    "right, with a charset": ('{"number": "1"}', "Application/JSON; charset=utf-8"),
    "right, of a kind of JSON": ('{"number": "1"}', "application/vnd.shop+json"),
    "refused": ('{"number": "refused"}', "application/json"),
    "nothing": ("", "application/json"),
    "a field missing": ("{}", "application/json"),
    "a field too many, one of the wrong type": ('{"number": 1, "more": 2}', "application/json"),
    "no object": ("[1]", "application/json"),
    "not a number": ('{"number": NaN}', "application/json"),
    "no JSON": ('{"number": "1"', "application/json"),
    "no text": (b'{"number": "\xff"}', "application/json"),
    "too deep": ("[" * 100_000, "application/json"),
    "what needs no preflight": ('{"number": "1"}', "text/plain"),
    "no type at all": ('{"number": "1"}', ""),
    "no type that exists": ('{"number": "1"}', "json"),
}


@pytest.mark.parametrize("name", REQUESTS)
@asyncio_test()
async def test_both_ways_answer_the_same(name: str) -> None:
    body, kind = REQUESTS[name]
    app = FastAPI()
    app.add_api_route("/calls", serve, methods=["POST"], status_code=201)
    for error, answer in _ANSWERS.items():
        app.add_exception_handler(error, answer)
    row = UrlRow("POST", "/calls", serve, status=201, express=True)
    answers = []
    for each in (app, Express(app, [row], lambda endpoint: endpoint, _ANSWERS)):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(each), base_url="http://test") as client:
            got = await client.post("/calls", content=body, headers={"Content-Type": kind} if kind else {})
            answers.append((got.status_code, sorted(got.headers.items()), got.text))
    assert answers[0] == answers[1]
    assert (answers[0][0] == 201) is name.startswith("right")
