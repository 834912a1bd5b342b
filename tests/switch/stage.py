"""The media half of the switch on a real rtpengine, with plain RTP phones and nobody who signals."""

from __future__ import annotations

import asyncio
import contextlib
import math
import struct
import wave
from pathlib import Path

from bridge.causes import HangupCause
from config.fields import PortRange
from switch.borrowing import BorrowedSockets
from switch.keys import Keys
from switch.media import Agreed, Terms
from switch.page_media import PageMedia
from switch.prompts import Prompts
from switch.rtpengine import Rtp, Rtpengine
from tests.sip.core import free_range, until
from tests.sip.uas import Rtp as Phone
from tests.sip.uas import level

LOUD, QUIET = 2000, 150
PAYLOAD = {"PCMU": 0, "PCMA": 8, "G722": 9}


class Owner:
    """Keeps what media tells."""

    def __init__(self) -> None:
        self.events, self.keys, self.broken, self.early = [], [], [], []

    def report(self, event) -> None:
        self.events.append(event)

    def key_pressed(self, leg_id: str, digit: str, way: str) -> None:
        self.keys.append((leg_id, digit, way))

    def early_media(self, leg_id: str, arrives: bool) -> None:
        self.early.append((leg_id, arrives))

    def broke(self, leg_id: str, cause: HangupCause, why: str) -> None:
        self.broken.append((leg_id, cause))

    def got(self, kind: type, leg_id: str | None = None) -> list:
        return [event for event in self.events if isinstance(event, kind) and leg_id in (None, event.leg_id)]


def describe(
    port: int, *codecs: str, direction: str = "sendrecv", events: bool = True, host: str = "127.0.0.1"
) -> str:
    numbers = [PAYLOAD[codec] for codec in codecs]
    lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0"]
    lines.append(f"m=audio {port} RTP/AVP {' '.join(map(str, [*numbers, *([101] if events else [])]))}")
    lines += ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"] if events else []
    return "\r\n".join([*lines, "a=ptime:20", f"a={direction}"]) + "\r\n"


def port_in(sdp: str) -> int:
    return int(sdp.split("m=audio ")[1].split()[0])


class Stage:
    """Legs and their phones."""

    def __init__(self, engine: Rtpengine, media: PageMedia, owner: Owner, folder: Path) -> None:
        self.engine, self.media, self.owner, self.folder = engine, media, owner, folder
        self.phones: dict[str, Phone] = {}

    def terms(self, *codecs: str, **more) -> Terms:
        return Terms("127.0.0.1", codecs or ("PCMU", "PCMA", "G722"), **more)

    async def dial(self, leg_id: str, hertz: float, *codecs: str, **more) -> Phone:
        """Dial, and be answered by a phone that says a tone."""
        _, phone = await asyncio.get_running_loop().create_datagram_endpoint(
            Phone, local_addr=("127.0.0.1", 0)
        )
        self.phones[leg_id] = phone
        offer = await self.media.offer(leg_id, self.terms(**more))
        await self.answer(leg_id, hertz, offer, *codecs)
        self.media.answered(leg_id)
        return phone

    async def answer(
        self, leg_id: str, hertz: float, offer: str, *codecs: str, early: bool = False
    ) -> Agreed:
        phone = self.phones[leg_id]
        phone.peer = ("127.0.0.1", port_in(offer))
        codecs = codecs or ("PCMU",)
        agreed = await self.media.answer(leg_id, describe(phone.port, *codecs), early=early)
        phone.speak(hertz, PAYLOAD[codecs[0]])
        return agreed

    async def hears(self, leg_id: str, *hertz: int, not_: tuple[int, ...] = (), within: float = 5.0) -> None:
        """Within a moment, the phone hears these tones and not those."""
        phone = self.phones[leg_id]

        def right() -> bool:
            samples = phone.heard(0.25)
            if len(samples) < 1000:
                return not hertz
            return all(level(samples, h) > LOUD for h in hertz) and all(
                level(samples, h) < QUIET for h in not_
            )

        try:
            await until(right, within)
        except AssertionError:
            samples = phone.heard(0.25)
            levels = {h: round(level(samples, h)) for h in (*hertz, *not_)}
            raise AssertionError(f"{leg_id}: wanted {hertz}, heard {levels} in {len(samples)}") from None

    def wav(self, name: str, hertz: float, seconds: float, rate: int = 8000) -> str:
        path = self.folder / f"{name}.wav"
        with wave.open(str(path), "wb") as made:
            made.setnchannels(1)
            made.setsampwidth(2)
            made.setframerate(rate)
            turns = (2 * math.pi * hertz * at / rate for at in range(int(rate * seconds)))
            made.writeframes(b"".join(struct.pack("<h", round(8000 * math.sin(turn))) for turn in turns))
        return str(path)


@contextlib.asynccontextmanager
async def stage(folder: Path, *, guarded: bool = True):
    """A stage; its rtpengine ends with it."""
    first = free_range(128)
    owner = Owner()
    made: list[PageMedia] = []
    engine = Rtpengine(
        folder / "run", Rtp(None, PortRange(first, first + 127)),
        lambda: made[0].engine_died(),
    )  # fmt: skip
    client = await engine.start()
    borrowed = BorrowedSockets(engine.daemon.pid) if guarded else None
    made.append(PageMedia(owner, client, Prompts(folder / "prompts"), None, borrowed))
    keys = await Keys.open(engine.daemon.keys_port, made[0].key_came)
    it = Stage(engine, made[0], owner, folder)
    it.ports = PortRange(first, first + 127)
    try:
        yield it
    finally:
        for leg_id in list(made[0]._legs):
            with contextlib.suppress(Exception):
                await asyncio.wait_for(made[0].close(leg_id), 5)
        for phone in it.phones.values():
            phone.hush()
            phone.transport.close()
        keys.close()
        await engine.stop()
