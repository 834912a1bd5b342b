"""A whole world in a test's folder: a running Ringback, phones around it, and a shopper who clicks."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
from websockets.asyncio.client import connect

from phones import wire
from phones.control import Phone
from phones.tones import BUSINESS_HZ, SHOPPER_HZ, Sound, only_hears
from tests.scenarios.server import Server
from tests.scenarios.settings import ORIGIN, SHOPPER_NUMBER, SITE_KEY, Settings, settings, step, write

T = TypeVar("T")
#: The header by which a business's phone knows the call.
CALL_HEADER = "X-Call"
SHOPPER = wire.Script(speak=wire.PhoneSpeech(hz=SHOPPER_HZ))
BUSINESS = wire.Script(speak=wire.PhoneSpeech(hz=BUSINESS_HZ))


def answers(after: float = 0.2, hz: int = BUSINESS_HZ, **more: Any) -> wire.Script:
    """A script: ring for ``after`` seconds, answer, and say a tone."""
    return wire.Script(ring_for=after, speak=wire.PhoneSpeech(hz=hz), **more)


def refuses(status: int, after: float = 0.2) -> wire.Script:
    """A script: ring for ``after`` seconds, then refuse."""
    return wire.Script(then="refuse", status=status, ring_for=after)


#: A script: ring for ever.
RINGS = wire.Script(then="nothing")
#: A script: the shopper answers and says 440 Hz.
SHOPPER_ANSWERS = answers(hz=SHOPPER_HZ)


async def eventually(what: Callable[[], T], within: float = 5.0) -> T:
    """Wait until ``what`` gives something true."""
    give_up = time.monotonic() + within
    while not (value := what()):
        assert time.monotonic() < give_up, f"not within {within} s: {what}"
        await asyncio.sleep(0.02)
    return value


@dataclasses.dataclass(frozen=True)
class Record:
    """A finished call's CDR."""

    raw: dict[str, Any]

    @property
    def disposition(self) -> str:
        return str(self.raw["disposition"])

    @property
    def cause(self) -> str | None:
        return None if self.raw["cause"] is None else str(self.raw["cause"])

    @property
    def causes(self) -> list[tuple[str, str]]:
        """``(destination, hangup cause)`` of each leg, in the order they were dialled."""
        return [(leg["destination"], leg["cause"]) for leg in self.raw["legs"]]

    @property
    def statuses(self) -> list[int | None]:
        """The final SIP status of each leg."""
        return [leg["sip_status"] for leg in self.raw["legs"]]


class Click:
    """One call that a shopper asked for, watched over its WebSocket as the page does."""

    def __init__(self, server: Server, created: dict[str, Any], number: str) -> None:
        self.id = str(created["id"])
        self.number = number
        self.token = str(created["token"])
        #: Every line of progress so far.
        self.story: list[dict[str, Any]] = []
        #: What else the page was told, such as a page that an agent pushes.
        self.told: list[dict[str, Any]] = []
        self._server = server
        self._watch = asyncio.ensure_future(self._follow())

    @property
    def states(self) -> list[str]:
        """The states it went through."""
        states = [str(line["state"]) for line in self.story]
        return [state for index, state in enumerate(states) if states[index - 1 : index] != [state]]

    async def reaches(self, state: str, within: float = 8.0) -> dict[str, Any]:
        """Wait for a state; the line that told of it."""
        return await self.tells(lambda line: line["state"] == state, within)

    async def tells(self, wanted: Callable[[dict[str, Any]], Any], within: float = 8.0) -> dict[str, Any]:
        """Wait for a line of progress."""
        give_up = time.monotonic() + within
        while True:
            found = next(filter(wanted, self.story), None)
            if found is not None:
                return found
            assert time.monotonic() < give_up, f"{self.id} only told {self.story}\n{self._server.tail()}"
            await asyncio.sleep(0.01)

    def at(self, state: str) -> float:
        """When it reached a state, in seconds since the epoch."""
        return float(next(line["at"] for line in self.story if line["state"] == state))

    async def over(self, within: float = 15.0) -> Record:
        """Wait for its end; the CDR. What the page was told agrees with it."""
        last = await self.reaches("ended", within)
        record = await self.record()
        assert (last["disposition"], last["cause"]) == (record.disposition, record.cause)
        return record

    async def record(self, within: float = 3.0) -> Record:
        """Its CDR, of which there is exactly one."""
        give_up = time.monotonic() + within
        while True:
            page = (await self._server.admin("GET", "/v1/cdrs")).json()
            found = [item for item in page["cdrs"] if item["call_id"] == self.id]
            if found:
                assert len(found) == 1, found
                return Record(found[0])
            assert time.monotonic() < give_up, f"no CDR of {self.id}\n{self._server.tail()}"
            await asyncio.sleep(0.05)

    async def look(self) -> httpx.Response:
        """GET the call."""
        return await self._ask("GET")

    async def cancel(self) -> httpx.Response:
        """DELETE the call."""
        return await self._ask("DELETE")

    def forget(self) -> None:
        """Stop watching."""
        self._watch.cancel()

    async def _ask(self, method: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self._server.client.request(method, f"/v1/calls/{self.id}", headers=headers)

    async def _follow(self) -> None:
        url = f"ws://{self._server.listen}/v1/calls/{self.id}/events"
        async with connect(
            url, subprotocols=["ringback.v2", f"token.{self.token}"], origin=ORIGIN, proxy=None
        ) as socket:
            assert socket.subprotocol == "ringback.v2"
            async for message in socket:
                line = json.loads(message)
                (self.story if line["type"] == "progress" else self.told).append(line)


class Heard:
    """What a phone heard of one call, by the clock that everything else goes by."""

    def __init__(self, recorded: wire.Recorded) -> None:
        self.path = recorded.path
        self.started_at = recorded.started_at

    def only(
        self,
        hz: float | None,
        *,
        since: float,
        until: float,
        not_hz: tuple[float, ...] = (),
        shopper_hz: float = SHOPPER_HZ,
    ) -> bool:
        """Whether only ``hz`` (None: none) of the scenarios' tones was heard between two moments."""
        tones = {shopper_hz, BUSINESS_HZ, *not_hz} - {hz}
        return only_hears(
            self.path, hz, not_hz=tones, start=since - self.started_at, end=until - self.started_at
        )

    def mostly(self, hz: float, *, since: float, until: float) -> bool:
        """Whether ``hz`` alone was heard for most of the time between two moments."""
        begin, end = since - self.started_at, until - self.started_at
        timeline = Sound.read(self.path).timeline((SHOPPER_HZ, BUSINESS_HZ))
        slices = [tones for at, tones in timeline if begin <= at < end]
        return sum(tuple(tones) == (hz,) for tones in slices) > len(slices) / 2

    def story(self, *tones: float) -> str:
        """The tones over time, for a failed assertion."""
        return str(Sound.read(self.path).timeline(tones or (SHOPPER_HZ, BUSINESS_HZ)))


class World:
    """Phones first, then ``serve``, then clicks. Use it as :func:`world` gives it."""

    def __init__(self, folder: Path, stack: contextlib.AsyncExitStack) -> None:
        self.folder = folder
        self.phones: dict[str, Phone] = {}
        self.settings: Settings = {}
        self.clicks: list[Click] = []
        #: Calls, by phone and number, whose peer died and that the phone may therefore keep.
        self.abandoned: set[tuple[str, int]] = set()
        #: What the server's log may complain of, as a pattern.
        self.expected_complaints: str | None = None
        self._stack = stack
        self._server: Server | None = None

    @property
    def server(self) -> Server:
        """The server, once it serves."""
        assert self._server is not None
        return self._server

    @property
    def site(self) -> Any:
        """The site's settings."""
        return self.settings["sites"]["shop"]

    @property
    def route(self) -> Any:
        """The route's settings."""
        return self.settings["routes"]["main"]

    async def shopper(self, script: wire.Script = SHOPPER_ANSWERS, **options: Any) -> Phone:
        """The shopper's phone, behind the trunk."""
        phone = await self.phone("shopper", script, **options)
        self.settings = settings(self.folder, phone.address)
        return phone

    async def business(self, name: str, script: wire.Script = BUSINESS, **options: Any) -> Phone:
        """A business's phone, which is a destination of that name."""
        phone = await self.phone(name, script, **options)
        self.settings["destinations"][name] = {
            "label": f"The {name} store",
            "sip": f"sip:{name}@{phone.address}",
            "headers": {CALL_HEADER: "{call_id}"},
        }
        return phone

    def end_unanswered(self) -> None:
        """Let the route end in a callback that no day suits: the shopper hears one word, and that is all."""
        del self.route["message"]
        del self.settings["mailboxes"]
        self.route["callback"] = "never"
        self.settings["callbacks"] = {"never": {"daytime": "Feb 29 10:00-11:00", "sorry_text": "Sorry."}}

    async def serve(self, *steps: Settings, ready: bool = True) -> None:
        """Start the server with these ring steps; by default all businesses ring at once."""
        self.route["steps"] = list(steps) or [step(*self.settings["destinations"])]
        self._server = Server(self.write(), self.settings["server"]["listen_address"])
        await self.server.start(ready=ready)

    def write(self) -> Path:
        """Write the settings as they are now; a running server learns of it by reload."""
        return write(self.folder / "ringback.yaml", self.settings)

    async def click(self, **more: Any) -> Click:
        """Ask for a call, as the page does."""
        response = await self.ask(**more)
        assert response.status_code == 201, response.text
        click = Click(self.server, response.json(), more.get("number", SHOPPER_NUMBER))
        self.clicks.append(click)
        return click

    async def ask(self, **more: Any) -> httpx.Response:
        """POST a call."""
        body = {
            "site_key": SITE_KEY,
            "number": SHOPPER_NUMBER,
            "country": "US",
            "page": f"{ORIGIN}/shoes",
            "context": {},
            **more,
        }
        return await self.server.client.post("/v1/calls", json=body, headers={"Origin": ORIGIN})

    async def heard(self, phone: Phone, call: int | None = None, within: float = 5.0) -> Heard:
        """What a phone heard of a call (its oldest one not asked about yet), once that call is over."""
        return Heard(await phone.expect(wire.Recorded, call=call, within=within))

    async def leg(self, phone: Phone, click: Click, within: float = 8.0) -> wire.Incoming:
        """The next leg of a click that reaches a phone, the shopper's or a business's."""
        return await phone.expect(
            wire.Incoming,
            within=within,
            where=lambda leg: leg.header(CALL_HEADER) == click.id or click.number in leg.request_uri,
        )

    async def phone(self, name: str, script: wire.Script, **options: Any) -> Phone:
        """A phone that records what it hears, and is no destination."""
        recordings = self.folder / name
        recordings.mkdir()
        phone = await self._stack.enter_async_context(
            Phone.start(name, script, recordings=recordings, **options)
        )
        self.phones[name] = phone
        return phone

    async def check_nothing_is_left(self) -> None:
        """No phone may still be in a call, and the server has nothing to complain about."""
        for phone in self.phones.values():
            if phone.frozen:
                continue
            calls = [incoming.call for incoming in phone.seen(wire.Incoming)]
            for call in (call for call in calls if (phone.name, call) not in self.abandoned):
                await eventually(lambda p=phone, c=call: p.seen(wire.Ended, call=c))
        assert await self.server.stop() == 0, self.server.tail()
        complaints = self.server.complaints(self.expected_complaints)
        assert complaints == [], "\n".join(complaints)


@contextlib.asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """A world; when a test leaves it well, no leg may be left, and everything is taken apart in any case."""
    async with contextlib.AsyncExitStack() as stack:
        here = World(folder, stack)
        try:
            yield here
            await here.check_nothing_is_left()
        finally:
            for click in here.clicks:
                click.forget()
            if here._server is not None:
                await here._server.kill()
                await here._server.client.aclose()
