"""One-time codes: those of RFC 6238, each good once, and a log-in that wants one."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.totp import STEP, OneTimeCodes, code_at, key_of, new_secret, uri
from tests.aio import asyncio_test
from tests.api.pages import PASSWORD
from tests.api.serving import Server, serving
from tests.api.test_browser_legs import agents_answer

RFC_KEY = b"12345678901234567890"
SECRET = base64.b32encode(RFC_KEY).decode()


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_of_rfc_6238(at: int, code: str) -> None:
    """Its appendix B, of which six digits are the last ones."""
    assert code_at(RFC_KEY, int(at // STEP)) == code


def test_a_code_is_good_about_now_and_once() -> None:
    codes, now = OneTimeCodes(), 1_800_000_000.0
    step = int(now // STEP)
    assert not codes.right("alice", SECRET, code_at(RFC_KEY, step - 2), now)
    assert codes.right("alice", SECRET, code_at(RFC_KEY, step), now)
    assert not codes.right("alice", SECRET, code_at(RFC_KEY, step), now), "used"
    assert not codes.right("alice", SECRET, code_at(RFC_KEY, step - 1), now), "older than one that was used"
    assert codes.right("alice", SECRET, code_at(RFC_KEY, step + 1), now)
    assert codes.right("ben", SECRET, code_at(RFC_KEY, step), now)
    assert not codes.right("ben", "no base32!", "000000", now)


def test_a_new_secret_is_read_as_apps_write_it() -> None:
    secret = new_secret()
    assert len(key_of(secret)) == 20
    assert key_of(f" {secret[:4].lower()} {secret[4:]} ") == key_of(secret)
    assert uri("alice b", secret) == f"otpauth://totp/Ringback:alice%20b?secret={secret}&issuer=Ringback"


@asyncio_test
async def test_a_log_in_wants_the_code(tmp_path: Path) -> None:
    config = agents_answer()
    alice = config.agents["alice"].model_copy(update={"totp_secret": SecretStr(SECRET)})
    config = config.model_copy(
        update={
            "agents": {**config.agents, "alice": alice},
            "server": config.server.model_copy(update={"public_url": "http://ringback.example"}),
        }
    )
    async with serving(tmp_path, config) as server:
        for _ in range(12):  # which is no wrong password
            assert await _asked(server) == (401, "code_required")
        assert await _asked(server, password="wrong") == (401, "login_refused")
        assert await _asked(server, code="000000") == (401, "login_refused")
        assert await _asked(server, code="12") == (400, "validation_failed")
        code = code_at(RFC_KEY, int(server.clock.now // STEP))
        assert await _asked(server, code=code) == (200, None)
        assert await _asked(server, code=code) == (401, "login_refused")


async def _asked(server: Server, **more: str) -> tuple[int, str | None]:
    body = {"agent": "alice", "password": PASSWORD, **more}
    answer = await server.http.post(
        "/v1/agent/login", json=body, headers={"Origin": "http://ringback.example"}
    )
    return answer.status_code, answer.json().get("id")
