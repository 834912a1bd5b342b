"""The loader in Debian's Firefox, and in WebKit, the engine of Safari."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aio import asyncio_test
from tests.demo.firefox import FIREFOX, firefox
from tests.page.rounds import all_rounds
from tests.page.stand_in import standing_in
from tests.page.webkit import WEBKIT, webkit


@pytest.mark.skipif(FIREFOX is None, reason="needs Debian's firefox-esr")
@asyncio_test(timeout=120)
async def test_the_loader_works_in_firefox(tmp_path: Path) -> None:
    async with standing_in() as server, firefox(tmp_path, 440) as page:
        await all_rounds(server, page)


@pytest.mark.skipif(WEBKIT is None, reason="needs Debian's webkit2gtk-driver and xvfb")
@asyncio_test(timeout=120)
async def test_the_loader_works_in_webkit(tmp_path: Path) -> None:
    async with standing_in() as server, webkit(tmp_path) as page:
        await all_rounds(server, page, old_library=False)
