"""The database's life cycle, and the two threads on which all SQL runs.

The loop never waits for a disk: a transaction is one function that is carried to a thread and back in one
hop. There is one writer, so writes happen in the order they were asked for, and one reader beside it.
(Measured, CPU for the three writes of a call, forty calls a second on a quiet machine: SQLAlchemy's asyncio
engine on aiosqlite 6.1 to 6.6 ms, as it hops for every statement; one thread 3.1 to 3.5 ms, of which 1.2
is the waking of an idle machine.)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from store import sqlite
from store.errors import StoreError
from store.migrate import upgrade

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

#: Transactions that take longer than this many seconds, waiting included, are logged.
SLOW = 0.1


def sqlite_url(path: Path) -> URL:
    """The URL of a database in one file."""
    return URL.create("sqlite", database=str(path))


class Database:
    """The open database. ``async with Database(url) as database`` brings its tables up to date first.

    A transaction whose awaiting task is cancelled is still carried out, unless it had not begun.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._claim = sqlite.Claim(url)
        self._writer = _Lane(sqlite.engine_for(url, "write"), "store-writer")
        self._reader = _Lane(sqlite.engine_for(url, "read"), "store-reader")

    async def open(self) -> None:
        """Claim the database, create or migrate its tables, and connect; DatabaseUnusableError if not."""
        await asyncio.to_thread(self._claim.take)
        try:
            await asyncio.to_thread(upgrade, self._url)
            await self._writer.start()
            await self._reader.start()
        except BaseException:
            await self.close()
            raise

    def errors(self) -> dict[str, int]:
        """How many transactions the database has not carried out since the start, by kind."""
        return {"write": self._writer.errors, "read": self._reader.errors}

    async def close(self) -> None:
        """Finish what was asked for, then disconnect."""
        await self._reader.stop()
        await self._writer.stop()
        self._claim.drop()

    async def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do ``work(connection, …)`` in one transaction, on disk when this returns; StoreError if not."""
        return await self._writer.transact(work, *args, **kwargs)

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do ``work(connection, …)`` on one consistent view of what is on disk; StoreError if not."""
        return await self._reader.transact(work, *args, **kwargs)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Lane:
    """One connection on a thread of its own, taking transactions in the order they come."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._thread: Thread | None = None
        # Held for good: taking it out of the pool for every transaction would double the cost of one.
        self._connection: Connection | None = None
        #: Transactions that ended in a StoreError.
        self.errors = 0

    async def start(self) -> None:
        # Not an executor, whose hop there and back costs 0.1 ms more.
        self._thread = Thread(target=_work_off, args=(self._asked,), name=self._name, daemon=True)
        self._thread.start()
        self._connection = await self._in_thread(self._engine.connect)

    async def stop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._in_thread(partial(_disconnect, connection))
        if self._thread is not None:
            self._asked.put(None)
            self._thread.join()
            self._thread = None

    async def transact(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if self._connection is None:
            raise StoreError("the database is not open")
        name = work.__name__
        try:
            return await self._in_thread(
                partial(
                    _transact, self._connection, name, perf_counter(), lambda it: work(it, *args, **kwargs)
                )
            )
        except StoreError:
            self.errors += 1
            raise

    async def _in_thread(self, function: Callable[[], T]) -> T:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.put((function, answer))
        return await answer


#: What a lane's thread is to do, and who waits for it.
_Asked = tuple[Callable[[], Any], asyncio.Future[Any]]


def _work_off(asked: SimpleQueue[_Asked | None]) -> None:
    """The thread of a lane: do one after the other, until None comes."""
    while (each := asked.get()) is not None:
        function, answer = each
        if answer.cancelled():
            continue
        try:
            tell = partial(_succeed, answer, function())
        except BaseException as error:  # noqa: BLE001 - it is the asker's
            tell = partial(_fail, answer, error)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            answer.get_loop().call_soon_threadsafe(tell)


def _succeed(answer: asyncio.Future[T], result: T) -> None:
    if not answer.cancelled():
        answer.set_result(result)


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.cancelled():
        answer.set_exception(error)


def _disconnect(connection: Connection) -> None:
    connection.close()
    connection.engine.dispose()


def _transact(connection: Connection, name: str, asked: float, work: Callable[[Connection], T]) -> T:
    began = perf_counter()
    try:
        with connection.begin():
            return work(connection)
    except IntegrityError:
        raise  # a fault of ours, not of the disk's
    except DBAPIError as error:
        raise StoreError(f"{name}: {error.orig}") from error
    finally:
        ended = perf_counter()
        if ended - asked > SLOW:
            log.warning(
                "slow transaction %s: %.0f ms, after %.0f ms of waiting for its turn",
                name,
                (ended - began) * 1000,
                (began - asked) * 1000,
            )
