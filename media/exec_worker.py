"""A worker that is a Python of its own: ``python -m media.exec_worker SOCKET_PATH MAIN``.

The token is read from stdin, because other users of the machine can read a command line.
"""

from __future__ import annotations

import os
import signal
import sys

from media.zygote import load_main, run_worker


def spawn(socket_path: str, main: str, token: str) -> int:
    """Start such a process as a child of this one, which takes some 2 ms; returns its pid."""
    ours, theirs = os.pipe()
    try:
        os.write(theirs, token.encode())
    finally:
        os.close(theirs)
    try:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "media.exec_worker", socket_path, main],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, ours, 0)],
            setpgroup=0,  # a Ctrl-C in the terminal is for the core alone
        )
    finally:
        os.close(ours)


def _run(socket_path: str, main: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the core alone decides when a worker leaves
    run_worker(socket_path, sys.stdin.read(), load_main(main))


if __name__ == "__main__":
    _run(*sys.argv[1:])
