"""The proof of work in a real browser: under the strictest content security policy, on a slow phone."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.aio import asyncio_test
from tests.api.serving import Server, listening, serving
from tests.api.shop import SITE_KEY, settings
from tests.plumbing import chromium
from tests.plumbing.chromium import CHROMIUM

WEB = Path(__file__).parents[2] / "web"
ESBUILD = WEB / "node_modules" / ".bin" / "esbuild"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not ESBUILD.is_file(), reason="needs web/node_modules (make web)"),
]
#: No worker, no blob:, no inline script, no eval, no policy of trusted types.
CSP = (
    "default-src 'none'; script-src 'self'; connect-src http://127.0.0.1:{port}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
#: What a form does: the shopper comes to the number, types for a while, sends it.
FORM = """
import {{ CallApi }} from "@ringback/call-client";
const api = new CallApi("http://127.0.0.1:{port}");
const proof = api.proofFor("{key}");
const call = {{ site_key: "{key}", number: "(617) 555-0123", country: "US", page: "", context: {{}} }};
const told = [];
addEventListener("securitypolicyviolation", (event) => told.push(event.violatedDirective));
window.prepare = () => proof.prepare();
window.send = () => api.request(call, proof).then(() => "placed", (problem) => problem.id);
window.told = () => told;
"""


def bundle(script: str) -> str:
    """A module of a page, as one file."""
    done = subprocess.run(
        [ESBUILD, "--bundle", "--format=esm", "--loader=ts"],
        input=script, capture_output=True, text=True, check=True, cwd=WEB, timeout=60,
    )  # fmt: skip
    return done.stdout


@asynccontextmanager
async def shop() -> AsyncIterator[tuple[str, dict[str, tuple[str, str]]]]:
    """The shop's own server: its origin, and its files with their types, to be filled."""
    files: dict[str, tuple[str, str]] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        kind, body = files.get(path, ("text/plain", ""))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body.encode())}\r\n"
        policy = f"Content-Security-Policy: {files['policy'][1]}\r\nConnection: close\r\n\r\n"
        writer.write((head + policy + body).encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", files


@asynccontextmanager
async def slow_phone(tmp_path: Path) -> AsyncIterator[tuple[Server, Any]]:
    """A page of the shop, on a phone that is six times slower than this machine; each call wants a proof."""
    async with (
        shop() as (origin, files),
        serving(tmp_path, settings(proof_of_work="always", origins=[origin])) as server,
        listening(server) as port,
        chromium.context() as context,
    ):
        files["policy"] = ("", CSP.format(port=port))
        files["/form.js"] = ("text/javascript", bundle(FORM.format(port=port, key=SITE_KEY)))
        files["/"] = (
            "text/html",
            "<!doctype html><title>Shop</title><script type=module src=form.js></script>",
        )
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
        await page.goto(f"{origin}/")
        await page.wait_for_function("window.send !== undefined")
        yield server, page


@asyncio_test(timeout=90)
async def test_the_call_is_placed_under_a_strict_policy_on_a_slow_phone(tmp_path: Path) -> None:
    async with slow_phone(tmp_path) as (server, page):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(f"{request.method} {request.url.split('/', 3)[3]}"))
        await page.evaluate("prepare()")
        await page.evaluate("prepare()")  # the shopper comes back to the field
        assert await page.evaluate("send()") == "placed"
        assert [each for each in asked if each.startswith("POST")] == [
            "POST v1/page/challenge",
            "POST v1/calls",
        ]
        # Without anything begun, the server says what is missing.
        assert await page.evaluate("send()") == "placed"
        assert await page.evaluate("told()") == []
        assert len(server.engine.live()) == 2


@asyncio_test(timeout=60)
async def test_a_challenge_that_cannot_be_had_is_told_and_can_be_tried_again(tmp_path: Path) -> None:
    async with slow_phone(tmp_path) as (_, page):
        asked = {"lost": 0, "odd": 0, "good": 0}
        now = "lost"

        async def meet(route: Any) -> None:
            asked[now] += 1
            if now == "lost":
                await route.abort()
            elif now == "odd":
                body = {"challenge": {"algorithm": "SHA3-512"}, "expires_in": 300}
                await route.fulfill(json=body, headers={"Access-Control-Allow-Origin": "*"})
            else:
                await route.fallback()

        await page.route("**/v1/page/challenge", meet)
        await page.evaluate("prepare()")
        assert await page.evaluate("send()") == "server_unreachable"
        now = "odd"
        assert await page.evaluate("send()") == "proof_failed"
        now = "good"
        assert await page.evaluate("send()") == "placed"
        assert all(0 < times <= 3 for times in asked.values()), asked
