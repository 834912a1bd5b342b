"""The bench of screen pops, small: real phones, a real server, agents' WebSockets, a real capture."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "screen_pop.py"


def bench(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, BENCH, *arguments], capture_output=True, text=True, timeout=90, check=check, cwd="/"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="a capture of loopback wants root")
@pytest.mark.skipif(
    not (shutil.which("sipp") and shutil.which("dumpcap")),
    reason="needs Debian's sip-tester and wireshark-common",
)
def test_each_call_pops_up_at_the_agent_whose_phone_rings() -> None:
    arguments = ("--via", "phones", "--calls", "3", "--rate", "2", "--hold", "0.3", "--agents", "2")
    result = json.loads(bench(*arguments, "--browsers", "0").stdout)
    assert (result["rung"], result["popped"], result["to_the_right_agent"]) == (3, 3, 3)
    assert 0 < result["invite_to_told_ms_p50"] < 2000
    assert result["invite_to_painted_ms_p50"] is None


@pytest.mark.parametrize("arguments", [("--calls", "1000000"), ("--agents", "0")])
def test_too_much_is_refused(arguments: tuple[str, str]) -> None:
    done = bench(*arguments, check=False)
    assert done.returncode == 2
    assert "usage: screen_pop" in done.stderr
