"""``ringback agent-password``: what it prints is what the settings take."""

from __future__ import annotations

from typer.testing import CliRunner

from api.passwords import Passwords
from api.totp import key_of
from config.sections.agents import Agent
from server.cli import app
from tests.aio import asyncio_test


@asyncio_test
async def test_a_hash_for_the_settings() -> None:
    result = CliRunner().invoke(app, ["agent-password"], input="correct horse battery\n")
    printed = result.stdout.strip()
    assert result.exit_code == 0
    assert "horse" not in result.output
    assert Agent(label="Alice", password_hash=printed).password_hash == printed
    assert await Passwords().right("correct horse battery", printed)


def test_short_passwords_are_refused() -> None:
    result = CliRunner().invoke(app, ["agent-password"], input="short\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "10 characters" in result.stderr


def test_a_secret_for_an_authenticator_app() -> None:
    result = CliRunner().invoke(app, ["agent-totp", "alice"])
    assert result.exit_code == 0
    assert len(key_of(result.stdout.strip())) == 20
    assert f"otpauth://totp/Ringback:alice?secret={result.stdout.strip()}" in result.stderr
