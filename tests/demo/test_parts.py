"""The demo's parts by themselves: stories, tracks, loudness, the page's server, messages."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import struct
import time
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import phonenumbers
import pytest
from argon2 import PasswordHasher
from pydantic import TypeAdapter

from api.numbers import check_policy, read_number
from api.page.tokens import PageTokens
from api.shop.signed_data import read_signed
from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, LegRecord
from config.loader import load
from demo import preflight
from demo.call_story import OperatorSide, tell_story
from demo.cast import RecordedLeg
from demo.clicks import clicks
from demo.desks import DESKS, PHONES, desk_of
from demo.dialogue import (
    COOLWAY_GREETING,
    GREETING,
    MESSAGE_GREETING,
    PC_SECONDS,
    SHOPPER_TALKS,
    SHOPPER_TALKS_TO,
    STORE_TALKS,
    STORE_TALKS_TO_PC,
    TALK_SECONDS,
    seconds_of,
    write_track,
)
from demo.errors import DemoError
from demo.page import create_page
from demo.recordings import measure
from demo.settings import COUNTRIES, MUSIC, SITE_KEY, DemoKeys, write_settings
from demo.stories import STORIES, Story, everybody, number_of, story_of
from tests.aio import asyncio_test


@pytest.mark.parametrize("story", everybody(), ids=lambda story: story.id)
def test_each_story_has_a_number_that_ringback_calls(story) -> None:
    number = read_number(story.number, story.country)
    check_policy(number, COUNTRIES)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert story_of(f'"Acme" <sip:{written}@127.0.0.1:5060>;tag=1') is story
    assert set(story.desks) <= set(DESKS)
    assert written == story.e164


def test_stories_are_told_apart_by_name_and_number() -> None:
    assert len({story.id for story in everybody()}) == len({story.e164 for story in everybody()}) == 11


def test_a_desk_is_told_by_the_uri_that_rings_it() -> None:
    assert desk_of("sip:boston-mobile@127.0.0.1:5060;transport=udp") == "boston-mobile"
    with pytest.raises(ValueError, match="no desk"):
        desk_of("sip:+16175550101@127.0.0.1")


def test_any_other_number_goes_like_the_first_story() -> None:
    assert story_of("sip:+442079460101@127.0.0.1") is STORIES[0]
    assert story_of("sip:anonymous@anonymous.invalid") is STORIES[0]


def test_nobody_is_interrupted_and_everything_is_said_before_the_end(tmp_path: Path) -> None:
    for lines in STORE_TALKS_TO_PC.values():
        ends = [line.at + seconds_of(line.sentence) for line in lines]
        assert all(
            end < begin
            for end, begin in zip(ends, [*(line.at for line in lines[1:]), PC_SECONDS], strict=True)
        )
    for phone, lines in STORE_TALKS.items():
        spoken = sorted([*lines, *SHOPPER_TALKS_TO.get(phone, SHOPPER_TALKS)], key=lambda line: line.at)
        ends = [line.at + seconds_of(line.sentence) for line in spoken]
        begins = [line.at for line in spoken[1:]] + [TALK_SECONDS]
        assert all(end < begin for end, begin in zip(ends, begins, strict=True))
    track = measure(write_track(SHOPPER_TALKS, tmp_path / "track.wav"), points=1200)
    loud = [index / 10 for index, peak in enumerate(track.peaks) if peak > 0.1]
    assert loud[0] == pytest.approx(SHOPPER_TALKS[0].at, abs=0.2)
    assert not any(at > TALK_SECONDS for at in loud)


@pytest.mark.parametrize(
    "prompt", [GREETING, MESSAGE_GREETING, COOLWAY_GREETING, MUSIC], ids=lambda path: path.stem
)
def test_the_prompts_are_telephone_sound(prompt: Path) -> None:
    with wave.open(str(prompt)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)


def test_loudness_follows_the_sound(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        tone = [round(20000 * math.sin(index / 2)) for index in range(8000)]
        file.writeframes(struct.pack("<16000h", *([0] * 8000), *tone))
    loudness = measure(path, points=10)
    assert loudness.seconds == 2
    assert loudness.peaks[:5] == (0,) * 5
    assert all(peak > 0.95 for peak in loudness.peaks[5:])


def test_the_settings_are_what_the_server_accepts(tmp_path: Path) -> None:
    file, keys = _settings(tmp_path)
    config = load(file).config
    chat = config.sites["acme"].chat
    assert chat is not None
    others = {"workshops", "counters", "repairs"}
    assert {chat.route, *(story.route for story in everybody())} | others == set(config.routes)
    assert config.sites["coolway"].origins == config.sites["acme"].origins
    assert PasswordHasher().verify(config.agents["hank"].password_hash, keys.workshop_password)
    assert config.destinations["boston-mobile"].sip == "sip:boston-mobile@127.0.0.1:7001"
    assert config.sites["acme"].key == SITE_KEY
    assert config.sites["acme"].origins == ("http://127.0.0.1:8800", "http://localhost:8800")
    assert config.server.admin_key is not None
    assert config.server.admin_key.get_secret_value() == keys.admin
    assert config.sites["acme"].talk_methods == ("phone", "pc")
    assert PasswordHasher().verify(config.agents["kim"].password_hash, keys.password)
    assert config.sip.bind_address == "127.0.0.1"


def test_a_port_that_is_taken_is_named_with_a_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            DemoError, match=rf"Port {port} on 127.0.0.1, for the shop's page, is not free"
        ) as error:
            preflight.check_port(port, "the shop's page")
        assert "ringback demo --port" in str(error.value)


@asyncio_test
async def test_ringback_believes_what_the_shop_signs(tmp_path: Path) -> None:
    file, keys = _settings(tmp_path)
    site = load(file).config.sites["acme"]
    async with _shop(tmp_path, _record(1.0), keys=keys) as shop:
        typed = {"customer": "jo", "number": "617 555 0101", "country": "US"}
        tokens = [(await shop.post("/demo/signed", json=typed)).json()["signed"] for _ in range(2)]
        pages = [
            (await shop.post("/demo/page-token", json={"customer": each})).json()["signed"]
            for each in ("jo", "sam", "alex", "nobody")
        ]
    signed = [read_signed(token, "acme", site, time.time()) for token in tokens]
    assert signed[0].context["customer.name"] == "Jo Rivera"
    assert signed[0].context["customer.phone"] == "+16175550101"
    assert signed[0].token_id != signed[1].token_id
    known = [PageTokens().read(token, "acme", site, time.time()) for token in pages]
    assert [each.visitor for each in known] == ["acme:jo", "acme:sam", "acme:alex", "acme:jo"]
    assert [each.signed["customer.tier"] for each in known] == ["gold", "silver", "bronze", "gold"]
    assert all(site.data_pass.field_of(key) for key in signed[0].context)
    assert site.data_pass.is_sensitive("customer.email")


def test_a_page_that_was_not_built_has_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "BUILD", tmp_path)
    with pytest.raises(DemoError, match="npm ci && npm run build"):
        preflight.check_page()


@asyncio_test
async def test_a_story_waits_for_its_recordings_but_not_for_ever(tmp_path: Path) -> None:
    heard: dict[str, RecordedLeg] = {}
    assert await tell_story(_record(ended_at=time.time()), heard) is None
    late = await tell_story(_record(ended_at=time.time() - 60), heard)
    assert late is not None
    assert late.recordings == ()
    heard["sip-1"] = RecordedLeg(GREETING, 0.0)
    story = await tell_story(_record(ended_at=time.time()), heard)
    assert story is not None
    assert [recording.label for recording in story.recordings] == ["What you heard"]
    assert (story.legs[0].dialed, story.legs[0].answered, story.legs[1].answered) == (0.5, 2.0, None)


@asyncio_test
async def test_the_page_is_locked_to_its_own_origin_and_ringback(tmp_path: Path) -> None:
    built = '<!doctype html><title>shop</title><script async src="https://ringback.invalid/p/x.js"></script>'
    (tmp_path / "index.html").write_text(built)
    async with _shop(tmp_path, _record(ended_at=time.time())) as shop:
        policy = (await shop.get("/")).headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self' http://127.0.0.1:8801;" in policy
        assert 'src="http://127.0.0.1:8801/p/x.js"' in (await shop.get("/")).text
        assert "connect-src 'self' http://127.0.0.1:8801 ws://127.0.0.1:8801;" in policy
        # The checkout has the frame of a payment service, which no other page may frame.
        assert "frame-src 'self'" in policy
        assert "frame-ancestors 'self'" in policy
        assert (await shop.get("/checkout")).text == (await shop.get("/")).text
        assert (await shop.get("/", headers={"Host": "evil.example"})).status_code == 400
        story = (await shop.get("/demo/calls/c1")).json()
        assert story["message"] is None
        sound = await shop.get("/" + story["recordings"][0]["url"], headers={"Range": "bytes=0-3"})
        assert (sound.status_code, sound.content) == (206, b"RIFF")
        assert (await shop.get("/demo/calls/other")).status_code == 202
        for nothing in (
            "/demo/calls/c1/1.wav",
            "/demo/calls/c1/7.wav",
            "/demo/calls/c1/message.wav",
            "/../pyproject.toml",
        ):
            assert (await shop.get(nothing)).status_code == 404


@asyncio_test
async def test_a_message_is_told_and_played(tmp_path: Path) -> None:
    record = replace(_record(ended_at=time.time()), disposition=Disposition.MESSAGE_TAKEN)
    async with _shop(tmp_path, record, {"id": "m1", "call_id": "c1"}) as shop:
        message = (await shop.get("/demo/calls/c1")).json()["message"]
        assert message["seconds"] == round(seconds_of("greeting"), 2)
        sound = await shop.get("/" + message["url"])
        assert (sound.status_code, sound.headers["Content-Type"]) == (200, "audio/wav")
        assert sound.content == GREETING.read_bytes()
        part = await shop.get("/" + message["url"], headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"RIFF")
        assert part.headers["Content-Range"] == "bytes 0-3/9"


@asyncio_test
async def test_others_click_as_the_page_does() -> None:
    asked = []

    def ringback(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, request.headers["Origin"], json.loads(request.content)["number"]))
        return httpx.Response(201 if len(asked) == 1 else 403, text="this origin is refused")

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(ringback), base_url="http://127.0.0.1:1"
    ) as client:
        click = clicks(client, "http://127.0.0.1:8800")
        (pat, _) = next(story.others for story in STORIES if story.others)
        await click(pat)
        assert asked == [("/v1/calls", "http://127.0.0.1:8800", pat.number)]
        with pytest.raises(DemoError, match="does not call Pat"):
            await click(pat)


@asyncio_test
async def test_the_company_of_a_story_is_there_before_a_shopper_by_pc(tmp_path: Path) -> None:
    clicked: list[str] = []
    async with _shop(tmp_path, _record(ended_at=time.time()), clicked=clicked) as shop:
        setup = (await shop.get("/demo/setup.json")).json()
        assert setup["agent"]["password"] == "secret"
        for story in setup["stories"]:
            asked = await shop.post(f"/demo/stories/{story['id']}/company") if story["company"] else None
            assert asked is None or asked.status_code == 204
        assert clicked == ["Pat", "Lee"]
        assert (await shop.post("/demo/stories/other/company")).status_code == 404


@asyncio_test
async def test_what_a_browser_heard_is_not_waited_for() -> None:
    record = _record(ended_at=time.time())
    legs = tuple(replace(leg, uri="browser:shopper") for leg in record.legs)
    story = await tell_story(replace(record, legs=legs), {})
    assert story is not None
    assert story.recordings == ()
    assert [leg.label for leg in story.legs] == ["Your browser", "Boston store's browser"]


def test_a_number_is_told_from_any_sip_header() -> None:
    assert number_of('"Acme" <sip:+16175550101@127.0.0.1:5060>;tag=1') == "+16175550101"
    assert number_of("sip:16175550101@127.0.0.1") == "+16175550101"
    assert number_of("sip:anonymous@anonymous.invalid") == ""


def _settings(folder: Path) -> tuple[Path, DemoKeys]:
    ports = dict(zip(PHONES, range(7001, 7005), strict=True))
    return write_settings(folder, page_port=8800, api_port=8801, shopper_port=7000, desk_ports=ports)


@contextlib.asynccontextmanager
async def _shop(
    build: Path,
    record: CallRecord,
    *messages: dict[str, str],
    clicked: list[str] | None = None,
    keys: DemoKeys = DemoKeys("key", "secret", "secret", "s" * 43),  # noqa: B008 - frozen
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before the shop's server, behind which Ringback knows one call and some messages."""

    def ringback(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer key"
        match request.url.path:
            case "/v1/cdrs":
                return httpx.Response(200, json={"cdrs": [_json(record)], "next": None})
            case "/v1/messages":
                return httpx.Response(200, json={"messages": messages, "next": None})
            case "/v1/messages/m1/audio" if "Range" in request.headers:
                part = {"Content-Type": "audio/wav", "Content-Range": "bytes 0-3/9"}
                return httpx.Response(206, headers=part, content=b"RIFF")
            case "/v1/messages/m1/audio":
                return httpx.Response(
                    200, headers={"Content-Type": "audio/wav"}, content=GREETING.read_bytes()
                )
        raise AssertionError(request.url.path)

    client = httpx.AsyncClient(transport=httpx.MockTransport(ringback), base_url="http://127.0.0.1:1")

    async def click(story: Story) -> None:
        assert clicked is not None
        clicked.append(story.title)

    app = create_page(
        build,
        "http://127.0.0.1:8801",
        OperatorSide(client, "key"),
        {"sip-1": RecordedLeg(GREETING, 0.0)},
        click=click,
        keys=keys,
    )
    shop = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8800")
    async with client, shop:
        yield shop


def _record(ended_at: float) -> CallRecord:
    start = ended_at - 20

    def leg(leg_id: str, role, answered_at: float | None, sip_call_id: str) -> LegRecord:
        destination = "boston" if role == "business" else "shopper"
        return LegRecord(
            leg_id, role, destination, "Boston store", "sip:x@127.0.0.1", start + 0.5, start + 1, answered_at,
            None, ended_at, HangupCause.NO_ANSWER, 200, sip_call_id, None,
        )  # fmt: skip

    return CallRecord(
        "c1", "acme", "sales", "+16175550101", "", start, None, ended_at, Disposition.UNANSWERED, None,
        (leg("s", "shopper", start + 2, "sip-1"), leg("b", "business", None, "sip-2")),
    )  # fmt: skip


def _json(record: CallRecord) -> object:
    return TypeAdapter(CallRecord).dump_python(record, mode="json")
