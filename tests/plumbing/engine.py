"""The media engine that scenarios and the tests of SIP run on: ``make check-engine`` has them run on another.

Tests that are about pjsua2 itself are marked ``pjsua2``, and are left out there.
"""

from __future__ import annotations

import os

import pytest

from config.engines import ENGINES

DEFAULT = "pjsua2"
#: By the environment, which every process that runs tests inherits.
TESTED = os.environ.get("TEST_ENGINE", DEFAULT)
if TESTED not in ENGINES:
    raise SystemExit(f"TEST_ENGINE={TESTED}: not one of {', '.join(ENGINES)}")


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the default engine alone, where another one is tested."""
    if TESTED == DEFAULT:
        return
    left_out = [item for item in items if item.get_closest_marker(DEFAULT)]
    items[:] = [item for item in items if not item.get_closest_marker(DEFAULT)]
    config.hook.pytest_deselected(items=left_out)
