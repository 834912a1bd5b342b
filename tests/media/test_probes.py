"""What a machine cannot do, found out before a shopper does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.models import Config
from media.probes import folder_problem, look, recordings_problem, speech_problem, unknown_voices
from tests.api.shop import settings


def config(recordings: Path, **server: str) -> Config:
    return settings({"recordings": str(recordings), **server})


def test_a_folder_that_is_missing_is_made_as_a_recording_would(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "recordings"
    assert recordings_problem(config(folder)) == ""
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_or_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot make the folder" in recordings_problem(config(tmp_path / "file" / "recordings"))
    assert "cannot make the folder" in recordings_problem(config(tmp_path / "file"))
    assert "cannot make the folder" in recordings_problem(config(Path("/proc/recordings")))
    assert "cannot write" in folder_problem(Path("/proc"), 1000)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(0o500)
    assert "Permission denied" in recordings_problem(config(folder))


def test_who_takes_no_messages_needs_no_folder(tmp_path: Path) -> None:
    nobody = config(tmp_path / "x").model_copy(update={"mailboxes": {}})
    assert recordings_problem(nobody) == ""
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("limit", "size", "beside", "fine"),
    [(100_000, 50_000, 0, True), (100_000, 200_000, 0, False), (100_000, 50_000, 80_000, False)],
)
def test_a_disk_with_no_room(tmp_path: Path, limit: int, size: int, beside: int, fine: bool) -> None:
    """A limit on the size of files stands for a full disk."""
    script = (
        "import resource; from pathlib import Path; from media.probes import folder_problem;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}));"
        f"print(folder_problem(Path({str(tmp_path)!r}), {size}, {beside}))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert (told.strip() == "") is fine
    assert fine or f"cannot write {size / 1e6:.1f} MB" in told
    assert list(tmp_path.iterdir()) == []


def test_speech(tmp_path: Path) -> None:
    assert speech_problem("en-us") == ""
    assert speech_problem("en-us", "no-such-program") == "no-such-program is not installed"
    mute = tmp_path / "mute"
    mute.write_text("#!/bin/sh\nexit 0\n")
    mute.chmod(0o755)
    assert "wrote no audio" in speech_problem("en-us", str(mute))
    assert unknown_voices(["de", "en-us", "qq"]) == {"qq": "espeak-ng has no voice qq"}


def test_all_at_once(tmp_path: Path) -> None:
    fine = look(config(tmp_path / "recordings", database=str(tmp_path / "ringback.sqlite3")))
    assert (fine.recordings, fine.speech, fine.database) == ("", "", "")
    assert fine.can_record
    lost = look(config(Path("/proc/recordings"), database="/proc/ringback.sqlite3"), "no-such-program")
    assert not lost.can_record
    assert all((lost.recordings, lost.speech, lost.database))
