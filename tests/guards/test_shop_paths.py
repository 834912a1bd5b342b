"""No address that a shop's page asks has a word by which lists of content blockers refuse requests."""

from __future__ import annotations

import re
from pathlib import Path

from tests.aio import asyncio_test
from tests.api.serving import serving

#: What such lists match (EasyList, EasyPrivacy, Fanboy's), as words were met in public reports.
REFUSED = re.compile(
    r"chat|widget|track|analytic|collect|beacon|popup|pop-up|counter|metric|stats|telemetry|pixel|banner"
    r"|livehelp|/ads?\b|-ad-|sponsor"
)
BUILDS = Path(__file__).parents[2] / "web" / "dist"
#: What only agents and operators ask.
OURS = ("/v1/agent", "/agent", "/metrics")


def test_the_list_knows_the_words() -> None:
    for path in ("/p/files/widget-1a2b.js", "/v1/chats", "/v1/page/track", "/ad/p.js", "/ads/p.js"):
        assert REFUSED.search(path), path
    for path in ("/p/files/page-1a2b.js", "/v1/page/events", "/v1/calls", "/v1/page/KEY/load"):
        assert not REFUSED.search(path), path


@asyncio_test
async def test_no_address_has_such_a_word(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        paths = {getattr(route, "path", "") for route in server.app.routes}
    assert "/v1/calls" in paths
    assert [path for path in sorted(paths) if not path.startswith(OURS) and REFUSED.search(path)] == []


def test_no_file_that_the_page_loads_has_such_a_word() -> None:
    files = [path.name for folder in ("page", "widget") for path in (BUILDS / folder).glob("*.js")]
    assert "loader.js" in files
    assert [name for name in files if REFUSED.search("/p/files/" + name)] == []
