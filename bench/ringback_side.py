"""Ringback under test: ``ringback serve`` with a config made for the bench."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path

import httpx

from bench.peer_sdp import Codec
from bench.processes import command_line, family
from bench.servers import ServerError, ServerTold, World
from bench.sip_wire import CLAIMED_NUMBER
from bench.web_signalling import WebServer
from config.engines import ENGINES, EngineName
from config.sections.sites import BrowserAudio
from media.browser_choices import CAPACITY, WEIGHTS
from tests.scenarios.server import Server
from tests.scenarios.settings import ADMIN_KEY, Settings, free_block, free_tcp_port, write

ORIGIN = "https://shop.example"
SITE_KEY = "bench-site-key"
_CALLS_A_WORKER = 2
_PORTS_A_WORKER = 16
_SPARE_WORKERS = 4
#: Two, and one for a leg that is slow to end.
_LEGS_A_CALL = 3
#: Twice what a page needs, as a call that begins may meet one that ends.
_PORTS_A_PAGE = 4
_PAGE = 500
#: Processes by a part of their command line.
_KINDS = {
    "media.phone_worker": "phone_workers",
    "media.browser_worker": "browser_workers",
    "webrtc.transcoder_process": "transcoding",
    "media.exec_worker": "switch",
    "/rtpengine ": "rtpengine",
}


class Ringback:
    """Ringback, serving."""

    def __init__(
        self, name: str, server: Server, http: httpx.AsyncClient, rtp_ports: range, page_ports: range
    ) -> None:
        self.name = name
        self.version = version("ringback")
        self.rtp_ports = rtp_ports
        self.page_ports = page_ports
        self._server = server
        self._http = http

    def pids(self) -> list[int]:
        """The core, the zygotes, the media and browser workers, and what transcodes for them."""
        return family(self._server.pid)

    def kind(self, pid: int) -> str:
        """Told from how it was started."""
        line = command_line(pid)
        known = (kind for part, kind in _KINDS.items() if part in line)
        return "core" if pid == self._server.pid else next(known, "other")

    def pages(self) -> WebServer:
        """The HTTP API."""
        return WebServer("ringback", f"http://{self._server.listen}", ORIGIN, SITE_KEY)

    async def place(self, number: str) -> None:
        """POST the call, as the shop's page does."""
        body = {"site_key": SITE_KEY, "number": number, "country": "US", "page": f"{ORIGIN}/shoes"}
        answer = await self._http.post("/v1/calls", json=body, headers={"Origin": ORIGIN})
        if answer.status_code != 201:
            raise ServerError(f"{answer.status_code} {answer.text}")

    async def told(self) -> ServerTold:
        """From the CDRs."""
        endings: Counter[str] = Counter()
        lost, cursor = 0, None
        while True:
            answer = await self._http.get(
                "/v1/cdrs",
                params={"limit": _PAGE} | ({"cursor": cursor} if cursor else {}),
                headers={"Authorization": f"Bearer {ADMIN_KEY}"},
            )
            page = answer.raise_for_status().json()
            for record in page["cdrs"]:
                endings[record["disposition"]] += 1
                lost += sum(leg["stats"]["lost"] for leg in record["legs"] if leg["stats"])
            cursor = page["next"]
            if cursor is None:
                return ServerTold(dict(endings), lost)


def _as_it_is(content: Settings) -> None:
    """Change nothing."""


@contextlib.asynccontextmanager
async def ringback(
    folder: Path,
    world: World,
    change: Callable[[Settings], None] = _as_it_is,
    engine: EngineName = "pjsua2",
) -> AsyncIterator[Ringback]:
    """Ringback with room for ``world``, its settings changed by ``change``; it is ended afterwards."""
    workers = -(-world.calls_at_once // _CALLS_A_WORKER) + 2 * _SPARE_WORKERS
    browser_workers = _browser_workers(world)
    legs = _LEGS_A_CALL * (world.calls_at_once + _SPARE_WORKERS)
    traits = ENGINES[engine].with_legs(legs)
    needs = traits.ports(workers, browser_workers)
    # What a call before has just let go of is not taken at once.
    rtp_count, sip_count = needs.rtp + _PORTS_A_WORKER, needs.sip
    sip, rtp = free_block(sip_count), free_block(rtp_count)
    listen = f"127.0.0.1:{free_tcp_port()}"
    content = settings_for(world, listen, workers)
    content["media"] |= {"engine": engine, "most_legs": legs}
    content["sip"] = {
        "bind_address": "127.0.0.1",
        "ports": f"{sip}-{sip + sip_count - 1}",
        "rtp_ports": f"{rtp}-{rtp + rtp_count - 1}",
    }
    page_ports = range(0)
    if world.pages is not None:
        first = free_block(_PORTS_A_PAGE * world.calls_at_once)
        page_ports = range(first, first + _PORTS_A_PAGE * world.calls_at_once)
        _add_pages(content, world.pages, page_ports, browser_workers)
    change(content)
    (folder / "admin.key").write_text(ADMIN_KEY + "\n")
    (folder / "admin.key").chmod(0o600)
    server = Server(write(folder / "ringback.yaml", content), listen)
    try:
        await server.start()
        async with httpx.AsyncClient(base_url=f"http://{listen}", timeout=20) as http:
            if engine == "rtpengine" and world.pages is not None:
                page_ports = range(rtp, rtp + rtp_count)
            yield Ringback(engine, server, http, range(rtp, rtp + rtp_count), page_ports)
        await server.stop()
    finally:
        if server.running:
            await server.kill()


def _browser_workers(world: World) -> int:
    """As many as the calls need, and no more."""
    return -(-world.calls_at_once * WEIGHTS[_audio(world.pages)] // CAPACITY) if world.pages else 0


def _audio(codec: Codec | None) -> BrowserAudio:
    return "opus" if codec == "opus" else "passthrough"


def _add_pages(content: Settings, codec: Codec, ports: range, workers: int) -> None:
    """Shoppers talk by PC."""
    content["webrtc"] = {
        "bind_address": "127.0.0.1",
        "media_ports": f"{ports.start}-{ports.stop - 1}",
        "workers": workers,
    }
    content["sites"]["shop"] |= {"talk_methods": ["pc"], "browser_audio": _audio(codec)}
    # Pages only type a number, which no phone shows.
    content["destinations"]["store"]["headers"] = {CLAIMED_NUMBER: "{claimed_number}"}


def settings_for(world: World, listen: str, workers: int) -> Settings:
    """As many limits as there are by default, so that they cost what they cost, but none that is met."""
    times = 1_000_000
    return {
        "server": {
            "listen_address": listen,
            "database": "ringback.sqlite3",
            "admin_key_file": "admin.key",
            "drain_timeout": "1s",
            "requests_per_ip": [f"{times} per 1m", f"{times} per 1h"],
        },
        "media": {"max_workers": workers, "spare_workers": _SPARE_WORKERS},
        "trunks": {"carrier": {"host": f"127.0.0.1:{world.shopper.sip}", "codecs": ["PCMU"]}},
        "sites": {
            "shop": {
                "key": SITE_KEY,
                "label": "The shop",
                "origins": [ORIGIN],
                "countries": ["US"],
                "trunk": "carrier",
                "caller_id": {"number": "+16175550199"},
                "route": "main",
                "proof_of_work": "off",
                "limits": {
                    "calls_per_number": [f"{times} per 15m", f"{times} per 1h", f"{times} per 24h"],
                    "calls_per_ip": [f"{times} per 15m", f"{times} per 24h"],
                    "numbers_per_ip": [f"{times} per 1h"],
                    "calls_per_site": [f"{times} per 1h"],
                    "live_calls_per_site": times,
                },
            }
        },
        # What the business's phone shows is how its INVITE is known on the wire.
        "destinations": {
            "store": {
                "label": "The store",
                "sip": f"sip:store@127.0.0.1:{world.business.sip}",
                "shown_number": "shopper",
            }
        },
        "routes": {"main": {"steps": [{"destinations": ["store"]}], "message": "office"}},
        "mailboxes": {"office": {"label": "The store"}},
    }
