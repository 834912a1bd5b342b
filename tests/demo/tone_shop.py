"""The shop with one phone behind all its desks, and tones in place of voices: who hears whom."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import TypeAdapter

from bridge.cdr import CallRecord
from demo.call_story import OperatorSide
from demo.desks import PHONES
from demo.main import PageServer
from demo.page import create_page
from demo.preflight import BUILD
from demo.settings import write_settings
from demo.stories import Story
from phones import wire
from phones.control import Phone
from phones.tones import BUSINESS_HZ
from tests.demo.visit import Visitor
from tests.scenarios.server import Server
from tests.scenarios.settings import free_block

#: In the page: sockets can be cut, what the connection brings can be listened to, and the microphone passes a
#: steady tone, which browsers take for noise and suppress.
EARS = """
    const ears = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...settings) {
        super(...settings);
        this.addEventListener("track", ({ track }) => {
          const analyser = new AudioContext().createAnalyser();
          analyser.fftSize = 8192;
          analyser.smoothingTimeConstant = 0;
          analyser.context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
          ears.push(analyser);
        });
      }
    };
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
      constructor(...where) {
        super(...where);
        sockets.push(this);
      }
    };
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = () =>
      ask({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    // Decibels of each tone that is heard now.
    window.levels = (tones) => {
      const analyser = ears.at(-1);
      if (!analyser) return null;
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      const width = analyser.context.sampleRate / analyser.fftSize;
      return tones.map((hertz) => {
        const at = Math.round(hertz / width);
        return Math.max(-200, ...bins.slice(at - 1, at + 2));
      });
    };
"""


@dataclass
class ToneShop:
    """What a test needs of it."""

    url: str
    #: The person who answers at the business: says 880 Hz.
    phone: Phone
    operator: OperatorSide

    async def record(self, within: float = 5.0) -> CallRecord:
        """The CDR of the newest finished call."""
        give_up = time.monotonic() + within
        while time.monotonic() < give_up:
            key = {"Authorization": f"Bearer {self.operator.admin_key}"}
            answer = await self.operator.client.get("/v1/cdrs?limit=1", headers=key)
            for found in answer.json()["cdrs"]:
                return TypeAdapter(CallRecord).validate_python(found)
            await asyncio.sleep(0.1)
        raise AssertionError(f"no CDR within {within} s")


@contextlib.asynccontextmanager
async def tone_shop(folder: Path) -> AsyncIterator[ToneShop]:
    port = free_block(2)
    api = f"http://127.0.0.1:{port + 1}"
    recordings = folder / "recordings"
    recordings.mkdir()
    script = wire.Script(ring_for=0.3, speak=wire.PhoneSpeech(hz=BUSINESS_HZ))

    async def nobody(story: Story) -> None:
        raise AssertionError(f"{story} has no company here")

    async with (
        Phone.start("desk", script, recordings=recordings) as phone,
        httpx.AsyncClient(base_url=api, timeout=5.0) as client,
    ):
        settings, keys = write_settings(
            folder,
            page_port=port,
            api_port=port + 1,
            shopper_port=phone.port,
            desk_ports=dict.fromkeys(PHONES, phone.port),
        )
        operator = OperatorSide(client, keys.admin)
        app = create_page(BUILD, api, operator, {}, click=nobody, keys=keys)
        page = PageServer(app, port)
        server = Server(settings, f"127.0.0.1:{port + 1}")
        serving = asyncio.create_task(page.serve())
        try:
            await server.start()
            while not page.started:
                assert not serving.done()
                await asyncio.sleep(0.05)
            yield ToneShop(f"http://127.0.0.1:{port}/", phone, operator)
        finally:
            page.should_exit = True
            await serving
            await server.stop()


async def hears(who: Visitor, hertz: int, not_hertz: int, within: float = 6.0) -> None:
    """Within a moment the page hears the one tone and not the other."""
    give_up = time.monotonic() + within
    levels = None
    while time.monotonic() < give_up:
        levels = await who.page.evaluate("tones => levels(tones)", [hertz, not_hertz])
        if levels and levels[0] > -35 and levels[1] < levels[0] - 35:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(levels)
