"""Webhooks by HTTP POST, signed as Standard Webhooks 1.0 ask.

The operator names the URL, so it may lead into a private network; an answer may not lead anywhere.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from notify.delivery import Delivery
from notify.tries import TryDone, TryFailed, TryResult, WebhookErrand

#: Seconds for everything: name, connection, TLS, request, and the answer's headers.
TIMEOUT = 10.0
#: Seconds, and bytes, for the body of an answer; the beginning of a refusal is kept for the operator.
BODY_TIMEOUT = 2.0
LONGEST_BODY = 4096
LONGEST_EXCERPT = 200
#: Seconds for which a receiver is left alone that says 429 and not for how long.
SLOW_DOWN = 30.0


class WebhookPoster:
    """The outbox's webhook side. ``close`` it in the end; ``trust`` is as in SmtpSender."""

    def __init__(self, time: Callable[[], float], trust: ssl.SSLContext | None = None) -> None:
        self._time = time
        self._client = httpx.AsyncClient(
            verify=trust or ssl.create_default_context(),
            follow_redirects=False,
            timeout=TIMEOUT,
            # Neither proxies nor passwords from the environment, and no cookies: a POST is what its
            # delivery and the settings say.
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"user-agent": "Ringback", "accept-encoding": "identity"},
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=16, keepalive_expiry=10.0),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(self, errand: WebhookErrand) -> TryResult:
        """Try once: any 2xx is a yes, 410 a no for good; all else, redirects too, is a no for now."""
        try:
            headers = signed_headers(errand.delivery, errand.secret, self._time())
        except (ValueError, EmptyWebhookSecretError) as error:
            return TryFailed(f"the webhook's secret cannot be used: {error}")
        try:
            async with asyncio.timeout(TIMEOUT + BODY_TIMEOUT):
                return await self._post(errand.delivery, headers)
        except TimeoutError:
            return TryFailed(f"no answer within {TIMEOUT:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            return TryFailed(f"{type(error).__name__}: {error}")

    async def _post(self, delivery: Delivery, headers: dict[str, str]) -> TryResult:
        body = delivery.body.encode()
        request = self._client.build_request("POST", delivery.target, content=body, headers=headers)
        async with asyncio.timeout(TIMEOUT):
            answer = await self._client.send(request, stream=True)
        try:
            # A body that was read, if it is short, leaves a connection for the next webhook.
            excerpt = await _excerpt(answer)
            return TryDone() if answer.is_success else self._refusal(answer, excerpt)
        finally:
            await answer.aclose()

    def _refusal(self, answer: httpx.Response, excerpt: str) -> TryFailed:
        said = f"{answer.status_code} {answer.reason_phrase}".strip()
        if 300 <= answer.status_code < 400:
            where = printable(answer.headers.get("location", "nowhere").partition("?")[0])
            return TryFailed(f"{printable(said)}: redirects are not followed; it leads to {where}")
        if answer.status_code == httpx.codes.GONE:
            return TryFailed(f"{said}: the receiver wants no more", final=True)
        pause = 0.0
        if answer.status_code in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
            pause = retry_after(answer.headers.get("retry-after", ""), self._time())
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            pause = pause or SLOW_DOWN
        return TryFailed(f"{printable(said)}: {excerpt}" if excerpt else printable(said), retry_after=pause)


def signed_headers(delivery: Delivery, secret: str, now: float) -> dict[str, str]:
    """The headers of one try; its time is this try's, its id the delivery's. ValueError for a bad secret."""
    signature = Webhook(secret).sign(delivery.delivery_id, datetime.fromtimestamp(now, UTC), delivery.body)
    return {
        "content-type": "application/json",
        "webhook-id": delivery.delivery_id,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": signature,
    }


def retry_after(value: str, now: float) -> float:
    """Seconds from a Retry-After header (RFC 9110 section 10.2.3), a number or a date; 0 if it is neither."""
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now)


def printable(text: str) -> str:
    """The beginning of what a stranger said, in one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_EXCERPT]


async def _excerpt(answer: httpx.Response) -> str:
    """The beginning of the body; what comes too late, or not as HTTP, is left out."""
    read = b""
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            async for chunk in answer.aiter_raw():
                read += chunk
                if len(read) >= LONGEST_BODY:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass  # what counts is the status, and that is there
    return printable(read[:LONGEST_BODY].decode(errors="replace"))
