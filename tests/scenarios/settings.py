"""The config file of a scenario, as plain data that a test may change before the server reads it."""

from __future__ import annotations

import json
import os
import random
import socket
from pathlib import Path
from typing import Any

from tests.phones.wav import tone_file

SITE_KEY = "scenario-site-key"
ADMIN_KEY = "scenario-admin-key"
ORIGIN = "https://shop.example"
SHOPPER_NUMBER = "+16175550100"
CALLER_ID = "+16175550199"
GREETING_HZ = 1000
GREETING_SECONDS = 1.2
MUSIC_HZ = 600
SIP_PORTS = 48
RTP_PORTS = 240

Settings = dict[str, Any]
#: Ports that went to somebody of this test run, who may not have opened them yet.
_given: set[int] = set()


def settings(folder: Path, shopper: str) -> Settings:
    """A server in ``folder`` whose only trunk leads to ``shopper`` (host:port); no destinations yet."""
    tone_file(folder / "greeting.wav", GREETING_HZ, GREETING_SECONDS)
    tone_file(folder / "music.wav", MUSIC_HZ, 2.0)
    (folder / "admin.key").write_text(ADMIN_KEY + "\n")
    (folder / "admin.key").chmod(0o600)
    sip = free_block(SIP_PORTS)
    rtp = free_block(RTP_PORTS)
    plenty = ["1000 per 1m"]
    return {
        "server": {
            "listen": f"127.0.0.1:{free_tcp_port()}",
            "database": "ringback.sqlite3",
            "admin_key_file": "admin.key",
            "drain_timeout": "10s",
        },
        "sip": {
            "bind": "127.0.0.1",
            "ports": f"{sip}-{sip + SIP_PORTS - 1}",
            "rtp_ports": f"{rtp}-{rtp + RTP_PORTS - 1}",
        },
        "media": {"max_workers": 12, "spare_workers": 2},
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
                    "per_number": plenty,
                    "per_ip": plenty,
                    "numbers_per_ip": plenty,
                    "per_site": plenty,
                },
            }
        },
        "destinations": {},
        "routes": {"main": {"steps": []}},
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
    """The first of ``count`` UDP and TCP ports in a row that are free, below those the system hands out."""
    chance = random.Random(os.urandom(8))
    while True:
        first = chance.randrange(10_000, 32_000 - count) // 2 * 2
        block = range(first, first + count)
        if _given.isdisjoint(block) and all(map(_is_free, block)):
            _given.update(block)
            return first


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
