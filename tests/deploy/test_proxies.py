"""The examples of deploy/: the proxies' programs read them, and nginx carries a whole call."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bridge.progress import CallState
from tests.aio import asyncio_test
from tests.api.pages import follow, line, listening
from tests.api.shop import ORIGIN, SITE_KEY, admin, settings

DEPLOY = Path(__file__).parents[2] / "deploy"


def needs(program: str) -> str:
    """The program, or the test is skipped where Debian's package is not installed."""
    found = shutil.which(program, path="/usr/sbin:/usr/bin:/bin")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def behind_nginx(folder: Path, server: str, shop: str = "") -> AsyncIterator[str]:
    """nginx by our example in front of ``server``; plain HTTP, at the address that this gives.

    ``shop``: another site than the example's.
    """
    port = free_port()
    example = (DEPLOY / "nginx.conf").read_text()
    tls, _, rest = example.partition("server {\n")
    site = "server {\n" + rest.partition("\n}\n")[0] + "\n}\n"
    site = "\n".join(line for line in site.splitlines() if "ssl_" not in line and "listen [::]" not in line)
    site = site.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("127.0.0.1:8080", server)
    site = site.replace("/var/log/nginx/ringback.log", str(folder / "access.log"))
    site = shop.replace("PORT", str(port)) or site
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\n{tls}\n{site}\n}}\n"
    )
    process = await asyncio.create_subprocess_exec(
        needs("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), stderr=subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient() as http:
            for _ in range(100):
                try:
                    await http.get(f"http://127.0.0.1:{port}/")
                    break
                except httpx.TransportError:
                    assert process.returncode is None, (folder / "error.log").read_text()
                    await asyncio.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@asyncio_test
async def test_a_call_through_nginx(tmp_path: Path) -> None:
    needs("nginx")
    config = settings({"trusted_proxies": ["127.0.0.1/32"]})
    async with listening(tmp_path, config) as (server, address), behind_nginx(tmp_path, address) as proxy:
        async with httpx.AsyncClient(base_url=f"http://{proxy}", headers={"Origin": ORIGIN}) as http:
            body = {"site_key": SITE_KEY, "number": "(617) 555-0123", "country": "US"}
            placed = await http.post("/v1/calls", json=body)
            assert placed.status_code == 201, placed.text
            call = placed.json()
            assert placed.headers["strict-transport-security"].startswith("max-age=")
            async with follow(proxy, call["id"], call["token"]) as page:
                assert (await line(page))["state"] == "calling_shopper"
                server.engine.move(call["id"], state=CallState.HUNTING)
                assert (await line(page))["state"] == "hunting"
            for private in ("/metrics", "/readyz", "/v1/cdrs", "/v1/reload", "/openapi.json", "/v1/callsx"):
                assert (await http.get(private, headers=admin())).status_code == 404
            assert (await http.post("/v1/calls", content=b"x" * 70_000)).status_code == 413
            assert (await http.get("/callbacks/secret-of-somebody")).status_code == 404
        log = (tmp_path / "access.log").read_text()
        assert "POST /v1/calls" in log
        assert "secret-of-somebody" not in log


@asyncio_test
async def test_the_page_by_the_shops_own_proxy(tmp_path: Path) -> None:
    """The shop's nginx, in front of that of Ringback."""
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "loader.js").write_text("/* the loader */")
    config = settings({"trusted_proxies": ["127.0.0.1/32"]})
    async with listening(tmp_path, config) as (server, address), behind_nginx(tmp_path, address) as proxy:
        shop = tmp_path / "shop"
        shop.mkdir()
        async with behind_nginx(shop, proxy, _of_a_shop(proxy)) as pages:
            visitor = {"X-Forwarded-For": "203.0.113.77", "Cookie": "cart=of-the-shop"}
            async with httpx.AsyncClient(base_url=f"http://{pages}/ringback", headers=visitor) as http:
                loader = await http.get(f"/p/{SITE_KEY}.js")
                assert (loader.status_code, loader.text) == (200, "/* the loader */")
                asked = {"site": SITE_KEY, "view": "v" * 16, "page": {"url": "https://shop.example/"}}
                text = {"Content-Type": "text/plain;charset=UTF-8"}
                told = await http.post("/v1/page", json=asked, headers=text | {"Origin": ORIGIN})
                assert told.status_code == 200, told.text
                # A page names no origin where it gets something of its own host.
                now = await http.get(f"/v1/page/{SITE_KEY}/now")
                assert (now.status_code, now.json()["state"]) == (200, "open")
                body = {"site_key": SITE_KEY, "number": "(617) 555-0123", "country": "US"}
                placed = await http.post("/v1/calls", json=body, headers={"Origin": ORIGIN})
                assert placed.status_code == 201
                click = server.engine.click(placed.json()["id"])
                assert click is not None
                assert click.client_ip == "203.0.113.77"
                for private in ("/metrics", "/v1/cdrs", "/agent/"):
                    assert (await http.get(private)).status_code == 404


def _of_a_shop(ringback: str) -> str:
    """The shop's site with our example in it, over plain HTTP."""
    example = (DEPLOY / "nginx-shop.conf").read_text()
    for ours, theirs in (
        ("calls.shop.example", ringback),
        ("https://$ringback", "http://$ringback"),
        ("    resolver              127.0.0.53 valid=60s;\n", ""),
        ("    proxy_ssl_server_name on;\n", ""),
    ):
        assert ours in example
        example = example.replace(ours, theirs)
    return f"server {{\n    listen 127.0.0.1:PORT;\n{example}\n    location / {{ return 404; }}\n}}\n"


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("caddy", ["validate", "--config", "Caddyfile"]),
        ("nft", ["-c", "-f", "nftables.conf"]),
        ("promtool", ["check", "rules", "prometheus-alerts.yaml"]),
    ],
)
def test_its_program_reads_it(program: str, arguments: list[str]) -> None:
    done = subprocess.run(
        [needs(program), *arguments], cwd=DEPLOY, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stdout + done.stderr
