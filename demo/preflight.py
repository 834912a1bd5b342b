"""What must be there before the demo can begin; each thing missing has a message of its own."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import sys
from pathlib import Path

from demo.errors import DemoError
from media.espeak import PROGRAM
from web import built

ROOT = Path(__file__).resolve().parent.parent
BUILD = built("demo-shop")


def files_of_demos() -> Path:
    """Where demos keep their files: ``var`` in a clone, else the user's own folder for such things."""
    if (ROOT / "pyproject.toml").is_file():
        return ROOT / "var"
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "ringback"


def check_page() -> Path:
    """The folder of the built page; :class:`DemoError` where it was not built."""
    if not (BUILD / "index.html").is_file():
        raise DemoError(
            f"The demo shop's page is not built: {BUILD} is missing.\n"
            'Run "make demo", or in web/: npm ci && npm run build (Node.js 20.19 or newer).'
        )
    return BUILD


def check_libraries() -> None:
    """:class:`DemoError` where the SIP library of the phones, or Ringback's command, cannot start."""
    try:
        importlib.import_module("pjsua2")
    except ImportError as error:
        raise DemoError(
            f"The SIP library pjsua2 cannot be loaded: {error}.\n"
            'Run "make demo", which installs everything into .venv, and start the demo from there.'
        ) from error
    if not ringback_command().is_file():
        raise DemoError(
            f"There is no command {ringback_command()}.\n"
            'Run "make demo", which installs everything into .venv, and start the demo from there.'
        )


def has_voice() -> bool:
    """Whether the program is there that speaks what is not recorded."""
    return shutil.which(PROGRAM) is not None


def ringback_command() -> Path:
    """The installed ``ringback``, of the same virtual environment as this process."""
    return Path(sys.executable).with_name("ringback")


def check_port(port: int, purpose: str) -> None:
    """:class:`DemoError` where a TCP port of 127.0.0.1 cannot be listened on."""
    if not 1 <= port <= 65535:
        raise DemoError(f"{port} is no port for {purpose}: choose --port between 1024 and 65534.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        # As servers do, so that a demo that has just ended is not in the way.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoError(
                f"Port {port} on 127.0.0.1, for {purpose}, is not free ({error.strerror}).\n"
                f"Choose others with --port, such as: ringback demo --port {_suggestion(port)}"
            ) from error


def _suggestion(port: int) -> int:
    return port + 100 if port + 101 <= 65535 else 8800
