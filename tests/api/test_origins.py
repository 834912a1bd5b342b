"""Which pages may ask for calls and read the answers."""

from __future__ import annotations

from pathlib import Path

from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import ORIGIN, admin, settings

OTHER = "https://other.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


#: Origin, whether its pages may ask for calls of the shop, and whether they may read the answer.
ORIGINS = [
    (ORIGIN, True, True),
    ("http://localhost:5173", True, True),
    ("https://SHOP.example", True, True),
    ("https://shop.example:443", True, True),
    (OTHER, False, True),  # a page of another site: it may read that it may not
    ("https://evil.example", False, False),
    ("http://shop.example", False, False),
    ("https://shop.example:8443", False, False),
    ("https://shop.example.evil.example", False, False),
    ("https://evil-shop.example", False, False),
    ("https://shop.example/", False, False),
    ("http://localhost", False, False),
    ("null", False, False),
    ("*", False, False),
    ("", False, False),
    (None, False, False),
]


@asyncio_test
async def test_origins(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        for origin, placed, readable in ORIGINS:
            headers = {} if origin is None else {"Origin": origin}
            body = {"site_key": "shop-public-key", "number": "617 555 0123", "country": "US"}
            answer = await server.http.post("/v1/calls", json=body, headers=headers)
            assert (answer.status_code == 201) == placed, origin
            if not placed:
                assert (answer.status_code, answer.json()["id"]) == (403, "origin_refused")
            preflight = await server.http.options("/v1/calls", headers=headers | PREFLIGHT)
            for each in (answer, preflight):
                assert each.headers.get("Access-Control-Allow-Origin") == (origin if readable else None)
                assert "Access-Control-Allow-Credentials" not in each.headers
                assert each.headers["Vary"] == "Origin"
            if origin:
                assert preflight.status_code == (204 if readable else 403)
            if readable:
                methods = set(preflight.headers["Access-Control-Allow-Methods"].split(", "))
                assert methods == {"GET", "POST", "DELETE"}
                assert "Location" in answer.headers["Access-Control-Expose-Headers"]


@asyncio_test
async def test_errors_can_be_read_by_the_page_too(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        large = await server.http.post("/v1/calls", content=b" " * 20_000, headers={"Origin": ORIGIN})
        unknown = await server.http.get("/v1/calls/none", headers={"Origin": ORIGIN})
        for answer in (large, unknown):
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@asyncio_test
async def test_pages_cannot_read_the_operators_side(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        for path in ("/v1/cdrs", "/readyz", "/metrics", "/openapi.json"):
            answer = await server.http.get(path, headers=admin() | {"Origin": ORIGIN})
            assert answer.status_code == 200
            assert "Access-Control-Allow-Origin" not in answer.headers


@asyncio_test
async def test_new_settings_bring_new_origins(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        server.world.config = settings(origins=["https://new.example"])
        for origin, status in (("https://new.example", 204), (ORIGIN, 403)):
            answer = await server.http.options("/v1/calls", headers=PREFLIGHT | {"Origin": origin})
            assert answer.status_code == status
