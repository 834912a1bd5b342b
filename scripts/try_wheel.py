"""Build the wheel, install it into an empty environment, and use it as its users would.

``python scripts/try_wheel.py``: checks a config file, serves the agents' page, plays the demo's shop, and
ends both. It works in a folder that has nothing of the source tree in it.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

SCRIPTS = Path(__file__).parent
#: As much as a slow machine needs to start everything.
PATIENCE = 60.0

CONFIG = """\
server: {{listen_address: "127.0.0.1:{port}", database: ringback.sqlite3}}
sip: {{bind_address: 127.0.0.1, ports: 7100-7139, rtp_ports: 27000-27999}}
media: {{max_workers: 4}}
trunks: {{carrier: {{host: "127.0.0.1:7099"}}}}
sites:
  shop:
    {{key: shop-example-1, label: Shop, origins: ["https://shop.example"], countries: [US], trunk: carrier,
     caller_id: {{number: "+16175550100"}}, route: sales}}
destinations: {{store: {{label: Store, number: "+16175550123", trunk: carrier}}}}
routes: {{sales: {{steps: [{{destinations: [store]}}], message: office}}}}
mailboxes: {{office: {{label: Office}}}}
"""


def main() -> None:
    """Run all of it; whatever is not right raises."""
    with tempfile.TemporaryDirectory(prefix="ringback-wheel-") as folder:
        at = Path(folder)
        subprocess.run([SCRIPTS / "build-wheel", at], check=True)
        (wheel,) = at.glob("ringback-*.whl")
        subprocess.run([SCRIPTS / "install-wheel", wheel, at / "venv"], check=True)
        ringback = at / "venv" / "bin" / "ringback"
        print(
            subprocess.run([ringback, "--version"], cwd=at, check=True, text=True, capture_output=True).stdout
        )
        _serves(ringback, at)
        _plays_the_demo(ringback, at)
    print(f"{wheel.name} works: it checks, serves /agent/ and plays the demo")


def _serves(ringback: Path, at: Path) -> None:
    port = _free_port()
    (at / "ringback.yaml").write_text(CONFIG.format(port=port))
    subprocess.run([ringback, "check", "ringback.yaml"], cwd=at, check=True)
    with _running([str(ringback), "serve", "ringback.yaml"], at, signal.SIGTERM):
        _page(f"http://127.0.0.1:{port}/agent/")
        _page(f"http://127.0.0.1:{port}/portal/")
        _get(f"http://127.0.0.1:{port}/healthz")


def _plays_the_demo(ringback: Path, at: Path) -> None:
    port = _free_port()
    # Where an installed demo keeps its files: this is nobody's home.
    environment = {"XDG_STATE_HOME": str(at / "state")}
    with _running([str(ringback), "demo", "--port", str(port)], at, signal.SIGINT, environment):
        _page(f"http://127.0.0.1:{port}/")
        _page(f"http://127.0.0.1:{port + 1}/agent/")


@contextlib.contextmanager
def _running(
    command: list[str], at: Path, last: signal.Signals, environment: dict[str, str] | None = None
) -> Iterator[None]:
    log = at / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=at,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
        process.send_signal(last)
        code = process.wait(PATIENCE)
        if code != 0:
            raise SystemExit(f"{command} ended with {code}:\n{log.read_text()}")
    except BaseException:
        print(log.read_text(), file=sys.stderr)
        raise
    finally:
        process.kill()
        process.wait()


def _page(address: str) -> None:
    """A page, and the scripts that it is nothing without; one of them may be another server's."""
    page = _get(address)
    scripts = re.findall(r'src="([^"]+\.js)"', page)
    if not scripts:
        raise SystemExit(f"{address} has no script: {page[:500]}")
    for script in scripts:
        _get(urljoin(address, script))
    print(f"{address} and its scripts ({len(scripts)}) are there")


def _get(address: str) -> str:
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own, over http
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
