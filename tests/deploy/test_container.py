"""Dockerfile and compose.yaml: made by scripts that are tried alone, closed up, and with a health check."""

from __future__ import annotations

import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
#: Its instructions, one a line.
DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())


def _instructions(name: str) -> list[str]:
    return re.findall(rf"(?m)^(?:HEALTHCHECK .* )?{name} (.*)$", DOCKERFILE)


def test_it_is_built_by_scripts_that_are_tried_without_a_container_too() -> None:
    steps = re.findall(r"(?:scripts|/tmp)/([\w-]+) ", " ".join(f"{run} " for run in _instructions("RUN")))
    assert steps == ["build-pages", "build-wheel", "install-wheel", "system-packages", "system-packages"]
    tried = (ROOT / "scripts" / "try_wheel.py").read_text()
    assert all(step in tried for step in ("build-wheel", "install-wheel"))
    # What make does for the pages.
    commands = [
        line for line in (ROOT / "scripts" / "build-pages").read_text().splitlines() if "npm" in line[:4]
    ]
    assert [line.split()[1] for line in commands] == ["ci", "run"]


def test_what_runs_is_not_root_and_may_write_its_data_alone() -> None:
    compose = YAML(typ="safe").load(ROOT / "compose.yaml")["services"]["ringback"]
    (uid,) = re.findall(r"useradd --uid (\d+)", DOCKERFILE)
    assert _instructions("USER") == ["ringback"]
    assert compose["user"] == uid
    assert compose["read_only"] is True
    assert compose["cap_drop"] == ["ALL"]
    assert "./etc:/etc/ringback:ro" in compose["volumes"]
    assert f"data:{_instructions('VOLUME')[0]}" in compose["volumes"]


def test_media_workers_may_be_nice_and_calls_may_end_before_the_container_does() -> None:
    compose = YAML(typ="safe").load(ROOT / "compose.yaml")["services"]["ringback"]
    assert compose["ulimits"]["nice"] == 20 + 10  # RLIMIT_NICE is 20 minus the niceness
    assert compose["stop_grace_period"] == "15m"


@contextmanager
def _answering(status: int) -> Iterator[str]:
    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/healthz"
        server.shutdown()


def test_the_health_check_tells_the_living_from_the_dead() -> None:
    program, *arguments = json.loads(re.findall(r"HEALTHCHECK .*CMD (\[.*\])", DOCKERFILE)[0])
    assert program == "python3"

    def ask(address: str) -> int:
        return subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | {"RINGBACK_HEALTH": address},
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=30,
        ).returncode

    with _answering(200) as address:
        assert ask(address) == 0
    with _answering(503) as address:
        assert ask(address) == 1
    assert ask(address) == 1  # nobody is there any more


def test_secrets_and_what_others_built_stay_outside() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "**/node_modules", "web/dist", "var", "*.sqlite3*", "etc"} <= set(ignored)
