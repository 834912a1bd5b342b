"""The loader and its files: cached, zipped, and embeddable in pages of any origin."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import SITE_KEY

LOADER = "(() => {})();\n" * 50


def build(path: Path) -> None:
    (path / "page").mkdir()
    (path / "page" / "loader.js").write_text(LOADER)
    (path / "page" / "words-0a1b2c3d.js").write_text("export {};\n")
    (path / "widget").mkdir()
    (path / "widget" / "panel-4e5f6a7b.js").write_text("export const mount = 1;\n")


@asyncio_test
async def test_the_loader_is_embeddable_and_cached_for_minutes(tmp_path: Path) -> None:
    build(tmp_path)
    async with serving(tmp_path) as server:
        answer = await server.http.get(f"/p/{SITE_KEY}.js", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.text == LOADER
        told = answer.headers
        assert told["Content-Type"] == "text/javascript; charset=utf-8"
        assert told["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert told["Access-Control-Allow-Origin"] == "*"
        assert "max-age=300" in told["Cache-Control"]
        assert told["Vary"] == "Accept-Encoding"
        assert (told["Content-Encoding"], int(told["Content-Length"])) == (
            "gzip",
            len(gzip.compress(LOADER.encode(), 9, mtime=0)),
        )
        plain = await server.http.get(f"/p/{SITE_KEY}.js", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert plain.text == LOADER
        same = {"If-None-Match": f'W/{told["ETag"]}, "other"'}
        unchanged = await server.http.get(f"/p/{SITE_KEY}.js", headers=same)
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged.headers["Cross-Origin-Resource-Policy"] == "cross-origin"

        # Another build under the running server.
        (tmp_path / "page" / "loader.js").write_text("/* newer */")
        os.utime(tmp_path / "page" / "loader.js", (1, 1))
        changed = await server.http.get(f"/p/{SITE_KEY}.js", headers=same)
        assert (changed.status_code, changed.text) == (200, "/* newer */")


@asyncio_test
async def test_files_are_cached_for_good(tmp_path: Path) -> None:
    build(tmp_path)
    async with serving(tmp_path) as server:
        for name in ("words-0a1b2c3d.js", "panel-4e5f6a7b.js"):
            answer = await server.http.get(f"/p/files/{name}")
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"


@asyncio_test
async def test_an_unknown_key_and_an_unknown_file_say_so_and_are_not_cached(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        for path, word in (
            ("/p/no-such-key-here.js", "no site of this server has this key"),
            (f"/p/{SITE_KEY}.js", "is not built"),
            ("/p/files/panel-gone.js", "no such file"),
            ("/p/files/loader.js", "no such file"),
            ("/p/files/..%2Floader.js", ""),
            ("/p/files/.env", ""),
        ):
            answer = await server.http.get(path)
            assert answer.status_code == 404, path
            assert word in answer.text, path
        answer = await server.http.get("/p/no-such-key-here.js")
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.text.startswith("/*")
