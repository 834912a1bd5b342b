"""The demo's configuration file: what an operator would write, for phones on this computer."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from demo.dialogue import GREETING
from demo.errors import DemoError
from demo.stories import STORES

SITE_KEY = "acme-bikes-demo"
COUNTRIES: Mapping[str, str] = {"US": "United States", "CA": "Canada", "GB": "United Kingdom"}
_SIP_PORTS = 60

_TEMPLATE = """\
# Made by "ringback demo": everything stays on this computer.
server:
  listen: 127.0.0.1:{api_port}
  database: ringback.sqlite3
  admin_key_file: admin.key
  drain_timeout: 1s
  log_format: console

sip:
  bind: 127.0.0.1
  ports: {sip_first}-{sip_last}
  rtp_ports: 30000-31999

media:
  max_workers: 12
  spare_workers: 1

trunks:
  # A carrier would stand here. In the demo it is the shopper's simulated phone itself.
  carrier:
    host: 127.0.0.1:{shopper_port}

sites:
  acme:
    key: {site_key}
    label: Acme Bikes
    origins: [{origins}]
    countries: [{countries}]
    trunk: carrier
    caller_id: {{number: "+16175550199", name: Acme Bikes}}
    route: sales
    greeting: welcome
    ring_timeout: 12s
    # A visitor of the demo clicks more often than a shopper may.
    limits:
      per_number: [1000 per 1h]
      per_ip: [1000 per 1h]
      numbers_per_ip: [1000 per 1h]

destinations:
{destinations}
routes:
  sales:
    steps:
      - strategy: in_order
        destinations: [{order}]
        timeout: 6s

prompts:
  welcome: {greeting}
"""

_DESTINATION = """\
  {name}:
    label: {label}
    sip: sip:{name}@127.0.0.1:{port}
    show: shopper
"""


def write_settings(
    folder: Path, *, page_port: int, api_port: int, shopper_port: int, store_ports: Mapping[str, int]
) -> tuple[Path, str]:
    """Write the file and its admin key into ``folder``; returns the file and the key."""
    admin_key = secrets.token_urlsafe(24)
    key_file = folder / "admin.key"
    key_file.touch(mode=0o600)
    key_file.write_text(admin_key)
    first = free_port_range(_SIP_PORTS)
    text = _TEMPLATE.format(
        api_port=api_port,
        sip_first=first,
        sip_last=first + _SIP_PORTS - 1,
        shopper_port=shopper_port,
        site_key=SITE_KEY,
        origins=", ".join(f"http://{host}:{page_port}" for host in ("127.0.0.1", "localhost")),
        countries=", ".join(COUNTRIES),
        destinations="".join(
            _DESTINATION.format(name=name, label=label, port=store_ports[name])
            for name, label in STORES.items()
        ),
        order=", ".join(STORES),
        greeting=json.dumps(str(GREETING)),
    )
    target = folder / "ringback.yaml"
    target.write_text(text)
    return target, admin_key


def free_port_range(length: int) -> int:
    """The first of so many UDP ports in a row that are free now, away from the ephemeral ones."""
    for first in range(6100, 30000, 500):
        if all(_is_free(port) for port in range(first, first + length)):
            return first
    raise DemoError(f"There are no {length} free UDP ports in a row on this computer.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        try:
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
