"""A new endpoint is in the docs."""

from __future__ import annotations

import re
from pathlib import Path

from tests.aio import asyncio_test
from tests.api.serving import serving

DOCS = Path(__file__).parents[2] / "docs"


@asyncio_test
async def test_every_endpoint_is_in_the_docs(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        paths = (await server.http.get("/openapi.json")).json()["paths"]
    told = "\n".join(file.read_text() for file in DOCS.glob("*.md"))
    told = re.sub(r"\{\w+\}", "{}", told)
    assert [path for path in paths if re.sub(r"\{\w+\}", "{}", path) not in told] == []
