"""A git commit for each change of the settings, by the program ``git``, where their folder is a work tree."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

#: Seconds that git and its hooks may take.
PATIENCE = 20.0
#: Who commits; the author is the operator. No question is ever asked, and names of files are no patterns.
_AROUND = {
    "GIT_COMMITTER_NAME": "Ringback",
    "GIT_COMMITTER_EMAIL": "ringback@localhost",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}


class _GitError(Exception):
    """What git said."""


async def commit_files(
    folder: Path,
    files: Sequence[Path],
    author: str,
    subject: str,
    body: str = "",
    *,
    patience: float = PATIENCE,
) -> str:
    """Commit these files of a folder, and nothing else that may be staged; empty, or why there is no commit.

    ``author`` is as git writes it, ``Maria <maria@localhost>``. A folder in no work tree has no commits.
    """
    names = [str(each.resolve()) for each in files]
    try:
        try:
            await _git(folder, patience, "rev-parse", "--is-inside-work-tree")
        except _GitError as error:
            if "not a git repository" in str(error):
                return ""
            raise
        standing = await _git(folder, patience, "status", "--porcelain", "--", *names)
        if not standing:
            return ""
        if any(line.startswith("??") for line in standing.splitlines()):
            return "There is no commit of it: git does not know the file yet. Add it with git add."
        message = f"{subject}\n\n{body}".strip()
        options = ("--quiet", "--only", f"--author={author}", "--message", message)
        await _git(folder, patience, "-c", "commit.gpgsign=false", "commit", *options, "--", *names)
    except FileNotFoundError:
        return "There is no commit of it: the program git is not installed."
    except TimeoutError:
        return f"There is no commit of it: git took more than {patience:g} s. See whether a hook waits."
    except (_GitError, OSError) as error:
        log.warning("change_not_committed", folder=str(folder), error=str(error))
        return f"There is no commit of it: git says: {error}"
    return ""


async def _git(folder: Path, patience: float, *arguments: str) -> str:
    """What git writes; :class:`_GitError`, FileNotFoundError, TimeoutError."""
    process = await asyncio.create_subprocess_exec(
        "git",
        *arguments,
        cwd=folder,
        env=os.environ | _AROUND,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), patience)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        said = errors.decode(errors="replace").strip() or out.decode(errors="replace").strip()
        raise _GitError(said[:300] or f"exit {process.returncode}")
    return out.decode(errors="replace")
