"""A settings file is old or new, never half: after a kill, on a full disk, in a locked folder."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from changes.files import WriteRefusedError, put_back, replace_files

OLD, NEW = "a: old\n" * 20_000, "a: new\n" * 30_000
LOOP = """
import sys
from pathlib import Path
from changes.files import replace_files
folder, file = Path(sys.argv[1]), Path(sys.argv[1]) / "shop.yaml"
while True:
    for word, times in (("new", 30_000), ("old", 20_000)):
        replace_files(folder, {file: f"a: {word}\\n" * times})
"""
ONCE = """
import resource, sys
from pathlib import Path
from changes.files import WriteRefusedError, replace_files
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
try:
    replace_files(folder, {folder / "a.yaml": "a: new\\n", folder / "shop.yaml": "a: new\\n" * 30_000})
except WriteRefusedError as error:
    print(error)
"""


LOCKED = """
import os, sys
from pathlib import Path
from changes.files import WriteRefusedError, replace_files
if os.geteuid() == 0:  # who may write anywhere
    os.setgid(65534)
    os.setuid(65534)
try:
    replace_files(Path(sys.argv[1]), {Path(sys.argv[1]) / "shop.yaml": "a: new\\n"})
except WriteRefusedError as error:
    print(error)
"""


def a_file(folder: Path, text: str = OLD) -> Path:
    file = folder / "shop.yaml"
    file.write_text(text)
    return file


def test_the_mode_the_mark_and_the_links_within_stay(tmp_path: Path) -> None:
    file = tmp_path / "real.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    file.chmod(0o640)
    link = tmp_path / "shop.yaml"
    link.symlink_to(file)
    before = replace_files(tmp_path, {link: "a: 2\r\n"})
    assert file.read_bytes() == b"\xef\xbb\xbfa: 2\r\n"
    assert (link.is_symlink(), file.stat().st_mode & 0o777) == (True, 0o640)
    put_back(tmp_path, before)
    assert file.read_bytes() == b"\xef\xbb\xbfa: 1\r\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["real.yaml", "shop.yaml"]


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    outside = tmp_path / "passwd"
    outside.write_text("root")
    (folder / "shop.yaml").symlink_to(outside)
    with pytest.raises(WriteRefusedError, match="link to another folder"):
        replace_files(folder, {folder / "shop.yaml": "a: 1\n"})
    assert outside.read_text() == "root"


def test_a_process_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    seen = set()
    luck = random.Random(5)
    for _ in range(6):
        child = subprocess.Popen([sys.executable, "-c", LOOP, str(tmp_path)])
        deadline = time.monotonic() + 20
        while file.read_text() == OLD and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(luck.random() * 0.05)
        child.send_signal(signal.SIGKILL)
        child.wait()
        held = file.read_text()
        assert held in (OLD, NEW)
        seen.add(held)
        file.write_text(OLD)
    assert seen


def test_a_full_disk_changes_none_of_the_files(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    (tmp_path / "a.yaml").write_text("a: old\n")
    done = subprocess.run(
        [sys.executable, "-c", ONCE, str(tmp_path), "100000"], capture_output=True, text=True, check=True
    )
    assert "as they were" in done.stdout
    assert file.read_text() == OLD
    assert (tmp_path / "a.yaml").read_text() == "a: old\n"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_is_read_only_is_told() -> None:
    # Not pytest's folder: who is not root must get there.
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        top, folder = Path(name), Path(name) / "settings"
        top.chmod(0o755)
        folder.mkdir()
        file = a_file(folder)
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", LOCKED, str(folder)], capture_output=True, text=True, check=True
        )
        folder.chmod(0o755)
        assert "as they were" in done.stdout
        assert "may write in their folder" in done.stdout
        assert file.read_text() == OLD
        assert [each.name for each in folder.iterdir()] == ["shop.yaml"]
