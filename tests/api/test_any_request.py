"""Whatever is sent to whatever address, the answer is one of the documented ones and never our mistake."""

# What is sent stands here whole.
# ruff: noqa: E501

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from api.problems import Problem
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import ADMIN, ORIGIN, SITE_KEY, admin
from tests.api.shop import settings as config

GOOD: dict[str, dict[str, Any]] = {
    "/v1/calls": {
        "site_key": SITE_KEY, "number": "617 555 0123", "country": "US", "page": "https://shop.example/",
        "context": {"cart": {"value": 1}}, "by": "phone", "signed": "a.b.c",
    },
    "/v1/agent/login": {"agent": "alice", "password": "a-good-password"},
    "/v1/log-level": {"level": "info"},
}  # fmt: skip
ODD = [
    "\ud800",
    "\udfff",
    "\x00",
    "=1+1",
    "..",
    "%00",
    "a" * 300,
    "\u202e",
    "é",
    "",
    "..%2f..",
    "1e999",
    "-0",
]
TEXTS = st.sampled_from(ODD) | st.text(st.characters(), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
NUMBERS = ["1e400", "9" * 5000, "-1", "NaN", "Infinity", "0.1e-999"]


@st.composite
def bodies(draw: st.DrawFn, good: dict[str, Any]) -> bytes:
    """JSON that is nearly right, JSON, or none."""
    kind = draw(st.sampled_from(["near", "near", "near", "any", "deep", "number", "bytes"]))
    match kind:
        case "near":
            body: dict[str, Any] = dict(good)
            for key in draw(st.lists(st.sampled_from([*good, "extra"]) | TEXTS, max_size=3)):
                body[key] = draw(JSON)
            for key in draw(st.lists(st.sampled_from([*good, "extra"]), max_size=2)):
                body.pop(key, None)
            return json.dumps(body).encode()
        case "any":
            return json.dumps(draw(JSON)).encode()
        case "deep":
            return draw(st.sampled_from([b"[", b'{"a":', b'[{"a":'])) * draw(st.integers(1, 5000))
        case "number":
            return json.dumps(good).encode().replace(b'"US"', draw(st.sampled_from(NUMBERS)).encode())
    return draw(st.binary(max_size=64))


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Origin": st.sampled_from([ORIGIN, "null", "", "https://evil.example", "http://[", "\xff", "http://ringback.example"]),
        "Content-Type": st.sampled_from(["application/json", "text/plain", "application/json; charset=x", "", "\xff"]),
        "Authorization": st.sampled_from([f"Bearer {ADMIN}", "Bearer \xff", "Bearer", "Basic x", f"bearer  {ADMIN} "]),
        "Cookie": st.sampled_from(["ringback_agent=x", "ringback_agent=\xff", "=;=", "__Host-ringback_agent=x"]),
        "X-Forwarded-For": st.sampled_from(["1.2.3.4", "\xff", ",,,", "::1%lo", "[::1"]),
        "X-Request-Id": st.sampled_from(["a", "\xff", "x" * 99]),
        "Range": st.sampled_from(["bytes=0-1", "bytes=-", "bytes=9-1"]),
    },
)  # fmt: skip


@st.composite
def requests(draw: st.DrawFn, table: list[tuple[str, str]]) -> dict[str, Any]:
    method, path = draw(st.sampled_from(table))
    piece = st.sampled_from(
        ["x", "c1", "%ff", "%00", "..", "%2e%2e", "%ed%a0%80", "%C3%A9", "a" * 500, "%0d%0aX"]
    )
    query = st.lists(
        st.tuples(
            st.sampled_from(
                ["limit", "cursor", "since", "until", "site", "number", "disposition", "dead", "mailbox"]
            ),
            st.sampled_from(
                ["1", "0", "-1", "nan", "1e999", "x", "%ff", "%ed%a0%80", "%00", "bridged", "9" * 400, ""]
            ),
        ),
        max_size=3,
    )
    asked = "&".join(f"{name}={value}" for name, value in draw(query))
    if path == "/v1/trace":  # which goes on for a minute where nobody says for how long
        asked = f"{asked}&seconds=1".lstrip("&")
    return {
        "method": draw(st.sampled_from([method] * 6 + ["OPTIONS", "PUT", "DELETE", "HEAD"])),
        "path": re.sub(r"\{[^}]*\}", lambda _: draw(piece), path) + (f"?{asked}" if asked else ""),
        "headers": {name: value.encode("latin-1") for name, value in draw(HEADERS).items()},
        "content": draw(bodies(GOOD.get(path, {"a": 1}))) if method != "GET" else None,
    }


def _table(server: Server) -> list[tuple[str, str]]:
    return sorted(
        (method, route.path)
        for route in server.app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
    )


@asyncio_test(timeout=240)
async def test_any_request_has_a_documented_answer(tmp_path: Path) -> None:
    """One server takes all of them, so that what one leaves behind meets the next."""
    async with serving(tmp_path, config({"requests_per_ip": ["1000000 per 1h"]})) as server:
        table = _table(server)
        asked: list[dict[str, Any]] = []

        @settings(max_examples=1000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(requests(table))
        def collect(request: dict[str, Any]) -> None:
            asked.append(request)

        collect()
        statuses = {each.status for each in Problem} - {500}
        for request in asked:
            answer = await _ask(server, request)
            assert answer.status_code < 400 or answer.status_code in statuses, (request, answer.text)
            if answer.status_code >= 400 and answer.headers["Content-Type"] == "application/problem+json":
                assert request["method"] == "HEAD" or answer.json()["id"] in {each.id for each in Problem}
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def _ask(server: Server, request: dict[str, Any]) -> httpx.Response:
    path, _, query = request["path"].partition("?")
    url = httpx.URL("http://ringback.example").copy_with(raw_path=f"{path}?{query}".encode())
    return await server.http.request(
        request["method"], url, headers=request["headers"], content=request["content"]
    )


HALF = "\ud800"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/calls", {"site_key": SITE_KEY, "context": {HALF: "x"}, "number": "617 555 0123", "country": "US"}, 400),
        ("/v1/calls", {"site_key": SITE_KEY, HALF: 1}, 400),
        ("/v1/calls", {"site_key": SITE_KEY, "number": HALF, "country": "US"}, 400),
        ("/v1/calls", {"site_key": SITE_KEY, "context": {"a": {"\udfff": {"b": 1}}}}, 400),
        ("/v1/agent/login", {"agent": HALF, "password": "x"}, 400),
        ("/v1/agent/login", {HALF: "alice", "password": "x"}, 400),
        ("/v1/agent/login", {"agent": "alice", "password": HALF}, 400),
    ],
)  # fmt: skip
@asyncio_test
async def test_half_a_character_is_named_and_not_our_mistake(
    tmp_path: Path, path: str, body: dict[str, Any], status: int
) -> None:
    async with serving(tmp_path) as server:
        origin = ORIGIN if path == "/v1/calls" else "http://ringback.example"
        answer = await server.http.post(
            path,
            content=json.dumps(body).encode(),
            headers={"Origin": origin, "Content-Type": "application/json", **admin()},
        )
        assert (answer.status_code, answer.json()["id"]) == (status, "validation_failed")
        assert answer.json()["errors"]
