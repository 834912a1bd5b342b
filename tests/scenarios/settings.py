"""The config file of a scenario, as plain data that a test may change before the server reads it."""

from __future__ import annotations

import json
import os
import random
import socket
from pathlib import Path
from typing import Any

from tests.phones.wav import tone_file
from tests.plumbing.engine import TESTED

SITE_KEY = "scenario-site-key"
ADMIN_KEY = "scenario-admin-key"
ORIGIN = "https://shop.example"
SHOPPER_NUMBER = "+16175550100"
CALLER_ID = "+16175550199"
GREETING_HZ = 1000
GREETING_SECONDS = 1.2
MUSIC_HZ = 600
SIP_PORTS = 48
#: The media engine of the servers.
ENGINE = TESTED
#: By media engine.
RTP_PORTS = {"pjsua2": 240, "rtpengine": 1600}

Settings = dict[str, Any]
#: Where blocks of ports are taken from, and where the next one may begin: the test that got the last one may
#: not have opened its ports yet.
_PORTS = range(10_000, 32_000)
_next_port = random.Random(os.urandom(8)).randrange(_PORTS.start, _PORTS.stop, 2)


def settings(folder: Path, shopper: str) -> Settings:
    """A server in ``folder`` whose only trunk leads to ``shopper`` (host:port); no destinations yet."""
    tone_file(folder / "greeting.wav", GREETING_HZ, GREETING_SECONDS)
    tone_file(folder / "music.wav", MUSIC_HZ, 2.0)
    (folder / "admin.key").write_text(ADMIN_KEY + "\n")
    (folder / "admin.key").chmod(0o600)
    sip = free_block(SIP_PORTS)
    rtp_ports = RTP_PORTS[ENGINE]
    rtp = free_block(rtp_ports)
    plenty = ["1000 per 1m"]
    return {
        "server": {
            "listen_address": f"127.0.0.1:{free_tcp_port()}",
            "database": "ringback.sqlite3",
            "admin_key_file": "admin.key",
            "drain_timeout": "10s",
        },
        "sip": {
            "bind_address": "127.0.0.1",
            "ports": f"{sip}-{sip + SIP_PORTS - 1}",
            "rtp_ports": f"{rtp}-{rtp + rtp_ports - 1}",
        },
        # What a test leaves behind with its core killed is to be gone soon.
        "media": {"engine": ENGINE, "max_workers": 12, "spare_workers": 2, "keep_calls": "10s"},
        "trunks": {"carrier": {"host": shopper}},
        "sites": {
            "shop": {
                "key": SITE_KEY,
                "label": "The shop",
                "origins": [ORIGIN],
                "countries": ["US"],
                "trunk": "carrier",
                "caller_id": {"number": CALLER_ID, "name": "The shop"},
                "route": "main",
                "ringback": "eu",
                "limits": {
                    "calls_per_number": plenty,
                    "calls_per_ip": plenty,
                    "numbers_per_ip": plenty,
                    "calls_per_visitor": plenty,
                    "numbers_per_visitor": plenty,
                    "calls_per_site": plenty,
                },
            }
        },
        "destinations": {},
        "routes": {"main": {"steps": [], "message": "office"}},
        "mailboxes": {"office": {"label": "The shop"}},
        "prompts": {"greeting": "greeting.wav", "music": "music.wav"},
    }


def step(*destinations: str, strategy: str = "all", timeout: str = "20s") -> Settings:
    """A ring step."""
    return {"strategy": strategy, "destinations": list(destinations), "timeout": timeout}


def write(path: Path, content: Settings) -> Path:
    """Write the file as YAML (of which JSON is a part), in one move."""
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(content, indent=2))
    return beside.replace(path)


def free_tcp_port() -> int:
    """A TCP port of 127.0.0.1 that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_block(count: int) -> int:
    """The first of ``count`` UDP and TCP ports in a row that are free, below those the system hands out.

    Walks through all of them from a random start, so that blocks come again only when all were used.
    """
    global _next_port
    for _ in range(_PORTS.stop - _PORTS.start):
        first = _next_port if _next_port + count <= _PORTS.stop else _PORTS.start
        _next_port = first + count + count % 2
        if all(map(_is_free, range(first, first + count))):
            return first
    raise AssertionError(f"no {count} ports in a row are free on 127.0.0.1")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
