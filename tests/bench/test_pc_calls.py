"""The PC bench itself, small: real peers, a real server, a real phone, a real capture."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NUMBERS = (
    "click_to_ringing_ms_p50",
    "click_to_connected_ms_p50",
    "added_delay_ms_p50",
    "cpu_ms_per_call",
    "join_ms_p50",
)
#: The shopper's page says by its own clock when it was connected, and the server may have rung the business a
#: moment before it does: so this one may be a little below nothing.
GAP = "gap_ms_p50"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "bench" / "pc_calls.py", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        cwd="/",
    )


@pytest.mark.parametrize("audio", ["passthrough", "opus"])
@pytest.mark.skipif(os.geteuid() != 0, reason="a capture of loopback wants root")
@pytest.mark.skipif(
    not (shutil.which("sipp") and shutil.which("dumpcap")),
    reason="needs Debian's sip-tester and wireshark-common",
)
def test_two_calls_give_one_object_with_every_figure(audio: str) -> None:
    done = bench("--preset", "quick", "--audio", audio, "--no-probe")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)["servers"]["pjsua2"]
    assert (result["calls"], result["bridged"], result["failed"]) == (2, 2, 0), done.stdout
    assert result["problems"] == {}
    assert result["rtp"]["expected"] > 100
    for name in NUMBERS:
        assert isinstance(result[name], (int, float)), name
        assert result[name] > 0, name
    assert -100 < result[GAP] < 5000


@pytest.mark.parametrize("arguments", [("--calls", "100000"), ("--hold", "3600"), ("--rate", "0")])
def test_too_much_is_refused(arguments: tuple[str, str]) -> None:
    done = bench(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
