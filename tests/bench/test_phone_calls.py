"""The bench itself, small: real phones, a real server, a real capture."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.figures import ratios

ROOT = Path(__file__).parents[2]
NUMBERS = (
    "cpu_percent_per_call",
    "setup_cpu_ms_per_call",
    "rss_kb_per_call",
    "gap_ms_p50",
    "gap_ms_p99",
    "join_ms_p50",
    "join_ms_p99",
    "added_delay_ms_p50",
)


@pytest.mark.skipif(os.geteuid() != 0, reason="a capture of loopback wants root")
@pytest.mark.skipif(
    not (shutil.which("sipp") and shutil.which("dumpcap")),
    reason="needs Debian's sip-tester and wireshark-common",
)
def test_two_calls_give_one_object_with_every_figure() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "phone_calls.py", "--preset", "quick"],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
        cwd="/",
    )
    result = json.loads(done.stdout)["servers"]["pjsua2"]
    assert (result["calls"], result["bridged"], result["failed"]) == (2, 2, 0)
    assert result["rtp"]["expected"] > 100
    assert (
        result["rtp_lost"]
        == result["rtp"]["kernel_drops"] + result["rtp"]["skipped"] + result["rtp"]["short"]
    )
    for name in NUMBERS:
        assert isinstance(result[name], (int, float)), name
    assert 0 < result["gap_ms_p50"] < 1000
    assert 0 < result["join_ms_p50"] < 1000
    assert 0 < result["added_delay_ms_p50"] < 400


def test_too_much_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "phone_calls.py", "--calls", "1000000"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert "1 to 2000 calls" in done.stderr


def test_ratios_leave_out_what_one_side_lacks() -> None:
    known = dict.fromkeys(NUMBERS, 3.0) | {"cpu_ms_per_call": None}
    theirs = dict.fromkeys(NUMBERS, 2.0) | {"cpu_ms_per_call": 1.0, "rss_kb_per_call": None}
    result = ratios(known, theirs)
    assert result["gap_ms_p99"] == 1.5
    assert not {"cpu_ms_per_call", "rss_kb_per_call"} & result.keys()
