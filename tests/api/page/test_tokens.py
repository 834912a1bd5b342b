"""The page token: believed for rules, refused for calls; nothing else is believed for rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jwt
import pytest

from api.page.tokens import MOST_REMEMBERED, PageTokens
from api.problems import Problem, RequestError
from api.shop.signed_data import read_signed
from config.sections.sites import Site
from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import settings

NOW = 1_800_000_000.0
SECRET = "0123456789abcdef0123456789abcdef"
SIGNING = {"data_pass": {"signing": {"algorithm": "HS256", "secret": SECRET}}}


def site(**more: Any) -> Site:
    return settings(**(SIGNING | more)).sites["shop"]


def token(key: str = SECRET, **changed: Any) -> str:
    claims = {
        "aud": "shop",
        "for": "page",
        "iat": NOW,
        "exp": NOW + 3600,
        "visitor": "4711",
        "context": {"customer": {"tier": "gold"}},
    }
    return jwt.encode({k: v for k, v in (claims | changed).items() if v is not None}, key)


def test_a_page_token_tells_who_it_is_as_often_as_the_page_likes() -> None:
    tokens, shop = PageTokens(), site()
    for _ in range(3):
        read = tokens.read(token(), "shop", shop, NOW + 5)
        assert (read.visitor, read.signed) == ("shop:4711", {"customer.tier": "gold"})
    assert tokens.read(token(context=None), "shop", shop, NOW).signed == {}


@pytest.mark.parametrize(
    ("sent", "problem", "word"),
    [
        (token(**{"for": None}), Problem.SIGNED_INVALID, "its for says call, not page"),
        (token(**{"for": "conversion"}), Problem.SIGNED_INVALID, "its for says conversion, not page"),
        (token(**{"for": ["page"]}), Problem.SIGNED_INVALID, "its for says something else"),
        (token(key="f" * 32), Problem.SIGNED_INVALID, "no key has signed it"),
        (token(aud="other"), Problem.SIGNED_INVALID, "udience"),
        (token(visitor=None), Problem.SIGNED_INVALID, "visitor"),
        (token(visitor=""), Problem.SIGNED_INVALID, "its visitor is no text of 1 to 64 characters"),
        (token(visitor=7), Problem.SIGNED_INVALID, "its visitor is no text"),
        (token(visitor="a\nb"), Problem.SIGNED_INVALID, "its visitor is no text"),
        (token(context=[]), Problem.SIGNED_INVALID, "its context is no object"),
        (token(exp=NOW + 3601), Problem.SIGNED_INVALID, "by 3600 seconds at most"),
        (token(iat=NOW + 31, exp=NOW + 90), Problem.SIGNED_INVALID, "compare the servers' clocks"),
        (token(iat=NOW - 3600, exp=NOW - 31), Problem.SIGNED_EXPIRED, ""),
        ("a.b.c", Problem.SIGNED_INVALID, ""),
    ],
)
def test_any_other_token_is_refused(sent: str, problem: Problem, word: str) -> None:
    with pytest.raises(RequestError) as refused:
        PageTokens().read(sent, "shop", site(), NOW)
    assert refused.value.problem is problem
    assert word in str(refused.value.detail)


def test_a_token_is_believed_no_longer_than_it_says_and_not_with_other_keys() -> None:
    tokens, shop = PageTokens(), site()
    tokens.read(token(), "shop", shop, NOW)
    with pytest.raises(RequestError):
        tokens.read(token(), "shop", shop, NOW + 3600 + 31)
    with pytest.raises(RequestError):
        tokens.read(token(), "shop", site(data_pass={"signing": {"secret": "f" * 32}}), NOW)
    with pytest.raises(RequestError):
        tokens.read(token(), "shop", settings().sites["shop"], NOW)


def test_what_is_remembered_is_bounded() -> None:
    tokens, shop = PageTokens(), site()
    read = tokens.read(token(), "shop", shop, NOW)
    tokens._known.update({("shop", str(number)): (shop, read) for number in range(MOST_REMEMBERED - 1)})
    tokens.read(token(visitor="other"), "shop", shop, NOW)
    assert len(tokens._known) == MOST_REMEMBERED


@asyncio_test
async def test_no_call_is_asked_for_with_it(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        read_signed(token(jti="j1"), "shop", site(), NOW)
    assert "its for says page, not call" in str(refused.value.detail)
    async with serving(tmp_path, settings(**SIGNING)) as server:
        answer = await server.place(signed=token(jti="j1"))
        assert (answer.status_code, answer.json()["id"]) == (403, "signed_invalid")
        named = await server.place(signed=token(jti="j1", **{"for": "call"}, exp=NOW + 60))
        assert named.status_code == 201
