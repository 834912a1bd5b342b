"""A node that holds on to a lease until it is killed: ``python -m tests.store.owning_node URL NODE``."""

from __future__ import annotations

import asyncio
import sys

from sqlalchemy import make_url

from store.database import Database
from store.lease import BEAT
from store.leases import SqlLeases


async def main(url: str, node: str) -> None:
    async with Database(make_url(url), node) as database:
        store = SqlLeases(database)
        while True:
            await store.beat(["outbox"])
            await asyncio.sleep(BEAT)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
