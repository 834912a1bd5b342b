"""Webhooks to a real HTTP receiver: the signature, and which failure is which."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

import notify.webhooks
from notify.tries import TryDone, TryFailed, TryResult, WebhookErrand
from notify.webhooks import WebhookPoster, retry_after
from tests.aio import asyncio_test
from tests.notify.parts import NOW, SECRET, webhook_delivery
from tests.notify.receivers import HOST, Receiver, Request, answer, receiver, tls_pair


@asynccontextmanager
async def poster() -> AsyncIterator[WebhookPoster]:
    made = WebhookPoster(time.time)
    try:
        yield made
    finally:
        await made.close()


async def post(there: Receiver, secret: str = SECRET, path: str = "/hook") -> TryResult:
    async with poster() as made:
        return await made.send(WebhookErrand(webhook_delivery(there.url + path), secret))


@asyncio_test(timeout=20)
async def test_the_signature_is_that_of_standard_webhooks() -> None:
    async with receiver(answer("204 No Content")) as there:
        assert await post(there, path="/hook?token=1") == TryDone()
    (request,) = there.requests
    assert request.line == "POST /hook?token=1 HTTP/1.1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "msg_0"
    assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < 10
    # By the library, and by the specification.
    told = Webhook(SECRET).verify(request.body, request.headers)
    assert told == json.loads(webhook_delivery("").body)
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"msg_0.{request.headers['webhook-timestamp']}.".encode() + request.body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{signature}"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", request.headers)


@asyncio_test(timeout=20)
async def test_tls_is_checked(tmp_path: Path) -> None:
    theirs, ours = tls_pair(tmp_path)
    async with receiver(answer("200 OK"), tls=theirs) as there:
        trusting = WebhookPoster(time.time, ours)
        assert await trusting.send(WebhookErrand(webhook_delivery(there.url), SECRET)) == TryDone()
        await trusting.close()
        result = await post(there)
    assert isinstance(result, TryFailed)
    assert (result.final, "CERTIFICATE_VERIFY_FAILED" in result.error) == (False, True)
    assert len(there.requests) == 1


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@asyncio_test(timeout=20)
async def test_redirects_are_not_followed(status: str) -> None:
    async with receiver(answer("200 OK")) as elsewhere:
        reply = answer(status, b"", f"location: {elsewhere.url}/in?secret=1")
        async with receiver(reply) as there:
            result = await post(there)
    assert isinstance(result, TryFailed)
    assert not result.final
    assert result.error == f"{status}: redirects are not followed; it leads to {elsewhere.url}/in"
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        (answer("410 Gone"), TryFailed("410 Gone: the receiver wants no more", final=True)),
        (
            answer("404 Not Found", b"no\r\n\x1b[31msuch page"),
            TryFailed("404 Not Found: no [31msuch page"),
        ),
        (answer("500 Oops"), TryFailed("500 Oops")),
        (answer("429 Slow", b"", "retry-after: 120"), TryFailed("429 Slow", retry_after=120.0)),
        (answer("503 Busy", b"", "retry-after: 7"), TryFailed("503 Busy", retry_after=7.0)),
        (answer("503 Busy", b"", "retry-after: soon"), TryFailed("503 Busy")),
        (answer("500 Oops", b"", "retry-after: 7"), TryFailed("500 Oops")),
    ],
)
@asyncio_test(timeout=20)
async def test_refusals(reply: bytes, result: TryFailed) -> None:
    async with receiver(reply) as there:
        assert await post(there) == result


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("3600", 3600.0),
        ("Sat, 14 Nov 2026 15:31:05 GMT", 59.75),
        ("Sat, 14 Nov 2020 15:31:05 GMT", 0.0),
        ("-5", 0.0),
        ("", 0.0),
        ("١٢", 0.0),
        ("9" * 400, float("inf")),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


@asyncio_test(timeout=20)
async def test_a_late_answer_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify.webhooks, "TIMEOUT", 0.3)

    async def late(request: Request) -> bytes:
        await asyncio.sleep(1.0)
        return answer("200 OK")

    for reply in (None, late):
        began = time.monotonic()
        async with receiver(reply) as there:
            assert await post(there) == TryFailed("no answer within 0.3 s")
        assert time.monotonic() - began < 0.9


@asyncio_test(timeout=20)
async def test_an_answer_in_drops_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the whole does not."""
    monkeypatch.setattr(notify.webhooks, "TIMEOUT", 0.5)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" * 3:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(drip, HOST, 0)
    there = Receiver(None, f"http://{HOST}:{server.sockets[0].getsockname()[1]}")  # type: ignore[arg-type]
    assert await post(there) == TryFailed("no answer within 0.5 s")
    server.close()


@asyncio_test(timeout=20)
async def test_a_yes_without_its_body_is_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify.webhooks, "BODY_TIMEOUT", 0.3)
    async with receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nnever more") as there:
        began = time.monotonic()
        assert await post(there) == TryDone()
        assert time.monotonic() - began < 1.0


@asyncio_test(timeout=20)
async def test_the_body_of_a_no_is_read_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify.webhooks, "BODY_TIMEOUT", 0.3)
    async with receiver(answer("500 Oops", b"x" * 50_000_000)) as there:
        began = time.monotonic()
        assert await post(there) == TryFailed("500 Oops: " + "x" * 200)
        assert time.monotonic() - began < 2.0
    async with receiver(b"HTTP/1.1 500 Oops\r\ncontent-length: 1000\r\n\r\nhalf a word") as there:
        assert await post(there) == TryFailed("500 Oops: half a word")
    async with receiver(b"HTTP/1.1 500 Oops\r\ntransfer-encoding: chunked\r\n\r\nzzz\r\n") as there:
        assert await post(there) == TryFailed("500 Oops")


@pytest.mark.parametrize(
    "garbage", [b"\x00\xff\x00\xff" * 20 + b"\r\n\r\n", b"220 mail.example ESMTP\r\n", b""]
)
@asyncio_test(timeout=20)
async def test_garbage_is_a_failure(garbage: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify.webhooks, "TIMEOUT", 0.5)
    async with receiver(garbage) as there:
        result = await post(there)
    assert isinstance(result, TryFailed)
    assert not result.final
    assert result.error


@asyncio_test(timeout=20)
async def test_nobody_there() -> None:
    async with receiver(answer("200 OK")) as there:
        pass
    result = await post(there)
    assert isinstance(result, TryFailed)
    assert result.error.startswith("ConnectError: ")


@asyncio_test(timeout=20)
async def test_nothing_is_taken_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cookie of an answer, no proxy of the environment."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with receiver(answer("200 OK", b"", "set-cookie: a=b; path=/")) as there, poster() as made:
        for n in range(2):
            assert await made.send(WebhookErrand(webhook_delivery(there.url, n), SECRET)) == TryDone()
    assert [request.headers.get("cookie") for request in there.requests] == [None, None]


@pytest.mark.parametrize("secret", ["whsec_", "whsec_ü", "whsec_a"])
@asyncio_test(timeout=20)
async def test_a_bad_secret_is_told(secret: str) -> None:
    async with receiver(answer("200 OK")) as there:
        result = await post(there, secret)
    assert isinstance(result, TryFailed)
    assert "secret cannot be used" in result.error
    assert there.requests == []


@pytest.mark.parametrize(
    "url", ["http://", "http://[::1", "http://ex ample/", "http://\u2603.example:99999/"]
)
@asyncio_test(timeout=20)
async def test_a_bad_url_is_told(url: str) -> None:
    async with poster() as made:
        result = await made.send(WebhookErrand(webhook_delivery(url), SECRET))
    assert isinstance(result, TryFailed)
    assert result.error
