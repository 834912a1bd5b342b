"""What holds for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more of the machine, which others use too, than of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

#: Folders whose tests follow one another, where several processes run the others: browsers that play and
#: listen in time, whole demos, and the one Asterisk.
ONE_AT_A_TIME = ("agent_page", "demo", "pbx")
_HERE = Path(__file__).parent

# Programs that tests start run this folder's code, even before `make` has installed a new package of it.
os.environ["PYTHONPATH"] = str(_HERE.parent)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each of these folders into one process."""
    for item in items:
        folder = item.path.relative_to(_HERE).parts[0] if _HERE in item.path.parents else ""
        if folder in ONE_AT_A_TIME:
            item.add_marker(pytest.mark.xdist_group(folder))
