"""The tokens of signed data that are used up, on disk: each is good for one call, across restarts too."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert
from sqlalchemy.exc import IntegrityError

from store.database import Database
from store.tables import used_tokens


class SqlUsedTokens:
    """Used tokens in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def use(self, site: str, token_id: str, expires_at: float, now: float) -> bool:
        """Use a token up; whether it was still unused. It is remembered until it expires."""
        try:
            await self._database.write(_use, site, token_id, expires_at, now)
        except IntegrityError:
            return False
        return True

    async def give_back(self, site: str, token_id: str) -> None:
        """The call that used the token did not come about: it may be used again."""
        await self._database.write(_give_back, site, token_id)


_USE = insert(used_tokens)
_EXPIRED = delete(used_tokens).where(used_tokens.c.expires_at < bindparam("now"))
_GIVE_BACK = delete(used_tokens).where(
    used_tokens.c.site == bindparam("of_site"), used_tokens.c.token_id == bindparam("id")
)


def _use(connection: Connection, site: str, token_id: str, expires_at: float, now: float) -> None:
    connection.execute(_EXPIRED, {"now": now})
    connection.execute(_USE, {"site": site, "token_id": token_id, "expires_at": expires_at})


def _give_back(connection: Connection, site: str, token_id: str) -> None:
    connection.execute(_GIVE_BACK, {"of_site": site, "id": token_id})
