"""Tokens of signed data: each once, by each site, until it expires and across restarts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import Connection, func, select

from store.database import Database, sqlite_url
from store.tables import used_tokens
from store.used_tokens import SqlUsedTokens
from tests.aio import asyncio_test


def count(connection: Connection) -> int:
    return connection.scalars(select(func.count()).select_from(used_tokens)).one()


@asyncio_test
async def test_a_token_is_used_once(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "ringback.sqlite3")
    async with Database(url) as database:
        tokens = SqlUsedTokens(database)
        tries = await asyncio.gather(*(tokens.use("shop", "t1", 200.0, 100.0) for _ in range(5)))
        assert sorted(tries) == [False, False, False, False, True]
        assert await tokens.use("other", "t1", 200.0, 100.0)
        await tokens.give_back("shop", "t1")
        assert await tokens.use("shop", "t1", 200.0, 100.0)
    async with Database(url) as database:
        assert not await SqlUsedTokens(database).use("shop", "t1", 200.0, 150.0)


@asyncio_test
async def test_what_has_expired_is_forgotten(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        tokens = SqlUsedTokens(database)
        for number in range(5):
            assert await tokens.use("shop", f"t{number}", 110.0 + number, 100.0)
        assert await tokens.use("shop", "new", 300.0, 112.5)
        assert await database.read(count) == 3
