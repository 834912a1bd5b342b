"""Whole calls with people in browsers on the production engine: the same scenarios as on the default one."""

import pytest

from tests.scenarios import settings
from tests.scenarios.test_browsers import (  # noqa: F401
    test_a_shopper_in_the_browser_and_a_business_on_the_phone,
    test_an_agent_answers_a_shopper_on_the_phone,
    test_an_agent_declines_and_the_next_one_rings,
    test_an_agents_browser_that_dies_leaves_the_shopper_to_the_next_agent,
    test_browser_to_browser_and_a_reload_between,
)


@pytest.fixture(autouse=True)
def _on_rtpengine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENGINE", "rtpengine")
