"""The same on Debian's newest rtpengine as on the oldest one that will do, which the other tests have."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.plumbing.debian_sid import CannotInstallError
from tests.switch.newer import newer_rtpengine
from tests.switch.test_star import (  # noqa: F401
    test_a_call_from_greeting_to_transfer,
    test_keys_that_stay_reach_the_partner_where_the_core_says_so_alone,
    test_legs_of_different_codecs_are_transcoded_and_keys_are_sent,
)


@pytest.fixture(autouse=True)
def _newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "newer"
    folder.mkdir()
    try:
        newer_rtpengine(folder)
    except CannotInstallError as problem:
        pytest.skip(str(problem))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_it_is_another_one() -> None:
    told = subprocess.run(["rtpengine", "--version"], capture_output=True, text=True, check=True, cwd="/tmp")
    found = re.search(r"Version: (\d+)", told.stdout + told.stderr)
    assert found
    assert int(found[1]) >= 26
