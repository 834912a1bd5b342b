"""Temporary folders: private, and swept once their node is dead."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from media.temporary import make_folder, sweep

PREFIX = f"ringback-test-{os.getpid()}-"


def test_what_dead_nodes_left_is_swept_and_what_living_ones_use_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    program = (
        f"import os, tempfile; tempfile.tempdir = {str(tmp_path)!r};"
        f"from media.temporary import make_folder; folder, _ = make_folder({PREFIX!r});"
        "(folder / 'workers').touch(); print(folder, flush=True); os._exit(1)"
    )
    dead = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    left = Path(dead.stdout.strip())
    assert (left / "workers").exists()
    mine, lock = make_folder(PREFIX)
    others = tmp_path / f"{PREFIX}file"
    others.touch()
    sweep(PREFIX)
    assert not left.exists()
    assert mine.exists()
    assert mine.stat().st_mode & 0o077 == 0
    assert others.exists()
    os.close(lock)
    sweep(PREFIX)
    assert not mine.exists()
