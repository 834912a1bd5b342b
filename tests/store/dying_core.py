"""A process that opens calls until it is killed: ``python -m tests.store.dying_core URL NODE``.

It prints each call's id as soon as the store says that the call is on disk.
"""

from __future__ import annotations

import asyncio
import itertools
import sys

from sqlalchemy import make_url

from bridge.causes import Disposition
from store.calls import SqlCallStore
from store.database import Database
from tests.store.records import a_click, a_record


async def main(url: str, node: str) -> None:
    async with Database(make_url(url), node) as database:
        store = SqlCallStore(database)
        for number in itertools.count():
            call_id = f"{node}{number:06}"
            await store.open_call(call_id, a_click(), "sales", 100.1)
            print("opened", call_id, flush=True)
            if number % 3 == 1:
                await store.settle(call_id, Disposition.BRIDGED, None, 104.2)
                print("settled", call_id, flush=True)
            if number % 3 == 2:
                await store.write_cdr(a_record(call_id))
                print("written", call_id, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
