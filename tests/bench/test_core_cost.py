"""The bench of the core's own cost: what it counts threads by, and how it tells what time went to."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import time
from pathlib import Path

from bench.core_cost import Threads
from bench.core_process import PARTS, Sampler

_ROOT = Path(__file__).parents[2]
_TEXT = "+16175550123 " * 2000


def test_threads_are_counted_by_the_cpu_that_they_used() -> None:
    before = Threads(os.getpid())
    began = time.thread_time()
    while time.thread_time() < began + 0.05:
        pass
    used = Threads(os.getpid()).since(before)
    assert 0.04 < used[os.getpid()] < 5.0


def test_a_sample_is_for_the_deepest_file_that_is_known() -> None:
    kept, sampler = signal.getsignal(signal.SIGPROF), Sampler()
    sampler.begin()
    try:
        began = time.thread_time()
        while time.thread_time() < began + 0.3:
            re.sub(r"\d", lambda found: found[0], _TEXT)
    finally:
        sampler.end()
        signal.signal(signal.SIGPROF, kept)
    assert sum(sampler.parts.values()) == sum(sampler.inner.values()) > 0
    assert not any("lambda" in name for name in sampler.parts)
    assert any("test_a_sample_is_for" in name for name in sampler.outer)


def test_each_part_is_of_files_that_exist() -> None:
    """A file that was renamed would silently count as something else."""
    for name in (name for names in PARTS.values() for name in names):
        file = name.strip("/.")
        ours = (_ROOT / file).is_dir() or (_ROOT / f"{file}.py").is_file()
        assert ours or importlib.util.find_spec(file.replace("/", ".")), name
