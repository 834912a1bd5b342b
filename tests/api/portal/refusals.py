"""Requests of operators that are refused, by the problem that they meet."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

import httpx

from api.problems import Problem
from tests.api.edited_file import TEXT
from tests.api.portal.house import OWN, log_in, staffed
from tests.api.serving import Server
from tests.api.test_browser_legs import QUICK

HOURS = ["hours", "shop", "opening_hours"]
ANCHORS = TEXT.replace(
    "{destinations: [counter], timeout: 20s}", "&step {destinations: [counter], timeout: 20s}"
)
ANCHORS = ANCHORS.replace("    message: shop\n", "      - *step\n    message: shop\n")


async def _edit(server: Server, value: Any = "24/7", at: Any = HOURS, revision: int = 0) -> httpx.Response:
    body = {"edits": [{"do": "set", "at": at, "value": value}]}
    headers = {**OWN, "If-Match": f'"{revision}"'}
    return await server.http.post("/v1/portal/settings/edits", json=body, headers=headers)


async def _apply(server: Server, revision: int = 0) -> httpx.Response:
    headers = {**OWN, "If-Match": f'"{revision}"'}
    return await server.http.post("/v1/portal/settings/apply", json={}, headers=headers)


async def _stale(server: Server) -> httpx.Response:
    return await _edit(server, revision=7)


async def _conflict(server: Server) -> httpx.Response:
    await _edit(server)
    file = server.edited.file
    file.write_text(TEXT.replace("10:00-14:00", "11:00-14:00"))
    return await _apply(server, 1)


async def _empty(server: Server) -> httpx.Response:
    return await _apply(server)


async def _refused(server: Server) -> httpx.Response:
    return await _edit(server, "two\nlines")


async def _shared(server: Server) -> httpx.Response:
    server.edited.file.write_text(ANCHORS)
    return await _edit(server, "30s", ["routes", "sales", "steps", 1, "timeout"])


async def _agents_return(server: Server) -> httpx.Response:
    agent = f"agents:\n  ann: {{label: Ann, password_hash: '{QUICK}', phones: [counter]}}\n"
    server.edited.file.write_text(TEXT + agent)
    body = {"edits": [{"do": "remove", "at": ["agents", "ann"], "mentions": True}]}
    headers = {**OWN, "If-Match": '"0"'}
    await server.http.post("/v1/portal/settings/edits", json=body, headers=headers)
    change = (await _apply(server, 1)).json()["id"]
    return await server.http.post(f"/v1/portal/settings/changes/{change}/undo", json={}, headers=OWN)


async def _speech_failed(server: Server) -> httpx.Response:
    with patch.dict(os.environ, {"PATH": ""}):
        return await server.http.post("/v1/portal/settings/speak", json={"text": "Hello"}, headers=OWN)


async def _tests_fail(server: Server) -> httpx.Response:
    await _edit(server, "Mo-Fr 09:00-18:00")
    return await _apply(server, 1)


async def _unknown_file(server: Server) -> httpx.Response:
    return await server.http.get("/v1/portal/settings/text", params={"file": "/etc/passwd"})


async def _unknown_change(server: Server) -> httpx.Response:
    return await server.http.get("/v1/portal/settings/changes/99")


async def _not_written(server: Server) -> httpx.Response:
    await _edit(server)
    file = server.edited.file
    outside = file.parent.parent / f"{file.parent.name}-outside.yaml"
    outside.write_text(file.read_text())
    file.unlink()
    file.symlink_to(outside)
    return await _apply(server, 1)


_REFUSALS = {
    Problem.DRAFT_STALE: _stale,
    Problem.DRAFT_CONFLICT: _conflict,
    Problem.DRAFT_EMPTY: _empty,
    Problem.EDIT_REFUSED: _refused,
    Problem.EDIT_SHARED: _shared,
    Problem.TESTS_FAIL: _tests_fail,
    Problem.AGENTS_RETURN: _agents_return,
    Problem.SPEECH_FAILED: _speech_failed,
    Problem.FILE_UNKNOWN: _unknown_file,
    Problem.CHANGE_UNKNOWN: _unknown_change,
    Problem.FILES_NOT_WRITTEN: _not_written,
}


def _by_an_operator(
    cause: Callable[[Server], Awaitable[httpx.Response]],
) -> Callable[[Server], Awaitable[httpx.Response]]:
    async def ask(server: Server) -> httpx.Response:
        server.world.config = staffed()
        await log_in(server)
        return await cause(server)

    return ask


#: For each problem of the settings a request that meets it.
REFUSALS = {problem: _by_an_operator(cause) for problem, cause in _REFUSALS.items()}
