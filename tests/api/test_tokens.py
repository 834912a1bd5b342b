"""The token of a call goes to the next core with the call, and to nobody else."""

from __future__ import annotations

from api.tokens import LIFETIME, CallTokens
from tests.bridge.fake_clock import FakeClock

ORIGIN = "https://shop.example"


def test_the_next_core_knows_the_token_of_a_call_that_it_takes_over() -> None:
    clock = FakeClock()
    before, after = CallTokens(clock), CallTokens(clock)
    token = before.grant("c", ORIGIN)
    keepsake = before.keepsake("c")
    assert token.secret.encode() not in keepsake
    after.restore("c", keepsake)
    assert after.opens("c", token.secret, ORIGIN)
    assert not after.opens("c", token.secret, "https://other.example")
    assert not after.opens("c", token.secret[:-1] + "_", ORIGIN)
    assert not after.opens("d", token.secret, ORIGIN)
    clock.advance(LIFETIME + 1)
    assert not after.opens("c", token.secret, ORIGIN)


def test_a_call_without_a_token_stays_without_one() -> None:
    tokens = CallTokens(FakeClock())
    assert tokens.keepsake("c") == b""
    tokens.restore("c", b"")
    assert len(tokens) == 0
