"""A commit for each change, by a real git: of the touched files alone, and never in the way of a change."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from changes.commits import commit_files
from tests.aio import asyncio_test
from tests.api.edited_file import TEXT
from tests.changes.test_editor import HOURS, SHORTER, a_room, anything

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
WITH_GIT = (
    TEXT + "portal: {git: true}\noperators:\n  maria: {label: Maria Ruiz, password_hash: x, rights: [look]}\n"
)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@shop.example")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def a_repository(folder: Path, text: str = TEXT) -> Path:
    file = folder / "shop.yaml"
    file.write_text(text)
    (folder / "notes.txt").write_text("before")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "shop.yaml", "notes.txt")
    git(folder, "commit", "--quiet", "--message=Begin")
    return file


@asyncio_test
async def test_each_change_is_a_commit_of_the_operator(tmp_path: Path) -> None:
    text = WITH_GIT.replace(
        "password_hash: x", "password_hash: '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo'"
    )
    a_repository(tmp_path, text)
    async with a_room(tmp_path, text) as room:
        # What somebody else has staged and changed stays theirs.
        (tmp_path / "notes.txt").write_text("after")
        git(tmp_path, "add", "notes.txt")
        change = await room.editor.apply("maria", await room.set("maria", HOURS, SHORTER), "Summer", anything)
        assert change.problem == ""
        told = git(tmp_path, "log", "-1", "--format=%an|%cn|%s|%b").split("|")
        assert told[:3] == [
            "Maria Ruiz",
            "Ringback",
            "Opening hours shop: Saturday closes at 13:00 instead of 14:00.",
        ]
        assert "Summer" in told[3]
        assert git(tmp_path, "show", "--name-only", "--format=") == "shop.yaml"
        assert git(tmp_path, "status", "--porcelain", "notes.txt") == "M  notes.txt"
        await room.editor.undo("maria", change.change_id, "A mistake", anything)
        assert git(tmp_path, "show", "HEAD:shop.yaml") + "\n" == text
        assert git(tmp_path, "rev-list", "--count", "HEAD") == "3"


@asyncio_test
async def test_what_git_refuses_is_told_and_the_change_is_in_force(tmp_path: Path) -> None:
    text = WITH_GIT.replace(
        "password_hash: x", "password_hash: '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo'"
    )
    a_repository(tmp_path, text)
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not on a Friday >&2\nexit 1\n")
    hook.chmod(0o755)
    async with a_room(tmp_path, text) as room:
        change = await room.editor.apply("maria", await room.set("maria", HOURS, SHORTER), "", anything)
        assert room.hours == SHORTER
        assert "not on a Friday" in change.problem
        kept = await room.store.change(change.change_id)
        assert kept is not None
        assert (kept.state, kept.problem) == ("applied", change.problem)
        hook.write_text("#!/bin/sh\nsleep 30\n")
        (tmp_path / "shop.yaml").write_text("a: 1\n")
        late = await commit_files(tmp_path, [tmp_path / "shop.yaml"], "M <m@x>", "Wait", patience=0.5)
        assert "hook" in late


@asyncio_test
async def test_without_a_work_tree_or_the_setting_there_is_no_commit(tmp_path: Path) -> None:
    outside = tmp_path / "plain"
    outside.mkdir()
    (outside / "shop.yaml").write_text("a: 1\n")
    assert await commit_files(outside, [outside / "shop.yaml"], "M <m@x>", "Change") == ""
    folder = tmp_path / "tree"
    folder.mkdir()
    a_repository(folder)
    (folder / "new.yaml").write_text("a: 1\n")
    assert "git add" in await commit_files(folder, [folder / "new.yaml"], "M <m@x>", "Change")
    async with a_room(folder) as room:
        await room.editor.apply("maria", await room.set("maria", HOURS, SHORTER), "", anything)
        assert git(folder, "rev-list", "--count", "HEAD") == "1"
