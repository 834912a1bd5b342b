"""Every address of the portal asks for a right, and lets nobody pass who lacks it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from starlette.requests import Request

from api.audit import AuditTrail
from api.portal_audit import PortalAudit
from api.portal_door import PortalUser
from api.problems import Problem
from store.portal import AuditEntry
from store.retention import Rule
from tests.aio import asyncio_test
from tests.api.portal.house import OWN, RIGHTS, log_in, staffed
from tests.api.serving import Server, serving

#: Addresses that every operator has, or that look by themselves at what is asked for.
NO_RIGHT = {"/v1/portal/login", "/v1/portal/me", "/v1/portal/logout"}


async def addresses(server: Server) -> list[tuple[str, str, Any]]:
    """Method, address and operation of each row of the portal."""
    paths = (await server.http.get("/openapi.json")).json()["paths"]
    return [
        (method, re.sub(r"\{\w+\}", "x", path), operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if path.startswith("/v1/portal/") and path not in NO_RIGHT
    ]


@asyncio_test
async def test_nobody_passes_without_a_session(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        table = await addresses(server)
        assert table
        for method, path, _ in table:
            answer = await server.http.request(method.upper(), path, headers=OWN)
            assert (answer.status_code, answer.json()["id"]) == (401, "not_logged_in"), path


@asyncio_test
async def test_each_address_refuses_some_operator_of_one_right(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        refused: dict[tuple[str, str], set[str]] = {}
        for right in RIGHTS:
            await log_in(server, right)
            for method, path, _ in await addresses(server):
                answer = await server.http.request(method.upper(), path, headers=OWN)
                if answer.status_code == 403 and answer.json()["id"] == "right_missing":
                    refused.setdefault((method, path), set()).add(right)
        for method, path, _ in await addresses(server):
            assert 0 < len(refused.get((method, path), ())) < len(RIGHTS), path


@asyncio_test
async def test_changes_are_asked_for_by_our_own_pages_alone(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        for method, path, _ in await addresses(server):
            if method != "get":
                answer = await server.http.request(
                    method.upper(), path, headers={"Origin": "https://evil.example"}
                )
                assert answer.json()["id"] == Problem.ORIGIN_REFUSED.id, path


@asyncio_test
async def test_the_audit_trail_is_kept_and_told(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        audit = PortalAudit(server.stores.audit, AuditTrail(server.world.settings), server.clock)
        request = Request({"type": "http", "headers": [], "client": ("203.0.113.9", 1)})
        olivia, gone = (PortalUser(name, name.title(), frozenset()) for name in ("olivia", "gone"))
        for number in range(3):
            await audit.note(request, olivia, "call_opened", call=f"c{number}")
        await audit.note(request, gone, "settings_changed", change=7)
        page = (await server.http.get("/v1/portal/audit", params={"limit": 2})).json()
        assert [
            (each["operator"], each["label"], each["what"], each["about"]) for each in page["entries"]
        ] == [
            ("gone", "gone", "settings_changed", {"change": 7}),
            ("olivia", "Olivia", "call_opened", {"call": "c2"}),
        ]
        assert page["entries"][0]["address"] == "203.0.113.9"
        older = (await server.http.get("/v1/portal/audit", params={"before": page["next"]})).json()
        assert [each["about"] for each in older["entries"]] == [{"call": "c1"}, {"call": "c0"}]
        assert older["next"] is None
        hers = (await server.http.get("/v1/portal/audit", params={"operator": "gone"})).json()
        assert len(hers["entries"]) == 1


@asyncio_test
async def test_old_entries_are_forgotten(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        for at in (1.0, 2.0, 3.0):
            await server.stores.audit.note(AuditEntry(at, "olivia", "", "looked", {}))
        rule = Rule("audit", "", 3.0)
        assert await server.stores.retention.count(rule) == 2
        assert await server.stores.retention.sweep(rule, (0.0, ""), 200) == (None, 2)
        assert [each.at for each in await server.stores.audit.entries()] == [3.0]


@asyncio_test
async def test_the_pages_files_say_when_they_are_not_built(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        assert "make web" in (await server.http.get("/portal/")).text
        (tmp_path / "portal").mkdir()
        (tmp_path / "portal" / "index.html").write_text("<title>Portal</title>")
        answer = await server.http.get("/portal/")
        assert answer.text == "<title>Portal</title>"
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
