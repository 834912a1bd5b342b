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
from queue import SimpleQueue
from random import random
from threading import Thread
from time import perf_counter, sleep, time
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from store import lives
from store.address import sqlite_url as sqlite_url
from store.dialect_of import dialect_of
from store.dialects import Purpose, StoreDialect, words_of
from store.errors import StoreError
from store.migrate import upgrade

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

#: The longest pause before each further try of a transaction that was taken back, in seconds.
PAUSES = (0.002, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8)
#: Seconds after which a transaction that got no answer is cut off, where it can be; a report may take longer.
#: A database ends its statements itself before that, if it answers at all.
PATIENCE: dict[Purpose, float] = {"write": 20.0, "read": 75.0}
#: Transactions that take longer than this many seconds, waiting included, are logged.
SLOW = 0.1


class Database:
    """The open database. ``async with Database(url) as database`` brings its tables up to date first.

    ``node`` names the node whose database it is, as for a server: two of one name cannot have it open.
    A transaction whose awaiting task is cancelled is still carried out, unless it had not begun.
    """

    def __init__(self, url: URL, node: str = "") -> None:
        self._url = url
        #: The life of this node, from here on; None for who is none.
        self.life = lives.new_life(node) if node else None
        self._dialect = dialect = dialect_of(url)
        #: Whether no other server can be on this database.
        self.is_alone = not dialect.shared
        self._claim = dialect.claim(url, node)
        writer = dialect.engine_for(url, "write")
        self._claim.hold(writer)
        self._writer = _Lane(dialect, writer, "write")
        self._reader = _Lane(dialect, dialect.engine_for(url, "read"), "read")

    async def open(self) -> None:
        """Claim the database, create or migrate its tables, and connect; DatabaseUnusableError if not."""
        await asyncio.to_thread(self._claim.take)
        try:
            await asyncio.to_thread(upgrade, self._url)
            await self._writer.start()
            await self._reader.start()
            if self.life is not None:
                await self.write(lives.begin, self.life, time())
        except DBAPIError as error:
            await self.close()
            raise self._dialect.unusable(self._url, error) from error
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

    def __init__(self, dialect: StoreDialect, engine: Engine, purpose: Purpose) -> None:
        self._dialect = dialect
        self._engine = engine
        self._purpose = purpose
        self._watch: asyncio.Task[None] | None = None
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._thread: Thread | None = None
        # Held for good: taking it out of the pool for every transaction would double the cost of one.
        self._connection: _HeldConnection | None = None
        #: Transactions that ended in a StoreError.
        self.errors = 0

    async def start(self) -> None:
        # Not an executor, whose hop there and back costs 0.1 ms more.
        self._thread = Thread(
            target=_work_off, args=(self._asked,), name=f"store-{self._purpose}", daemon=True
        )
        self._thread.start()
        self._connection = _HeldConnection(self._dialect, await self._in_thread(self._engine.connect))
        if self._dialect.cut is not None:
            self._watch = asyncio.create_task(self._cut_what_hangs(self._connection, self._dialect.cut))

    async def stop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._in_thread(connection.close)
        if self._watch is not None:
            self._watch.cancel()
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
                partial(self._connection.transact, name, perf_counter(), lambda it: work(it, *args, **kwargs))
            )
        except StoreError:
            self.errors += 1
            raise

    async def _cut_what_hangs(self, held: _HeldConnection, cut: Callable[[Engine], None]) -> None:
        while True:
            await asyncio.sleep(PATIENCE[self._purpose] / 10)
            since = held.busy_since
            if since and perf_counter() - since > PATIENCE[self._purpose]:
                log.error("the database does not answer: cutting off a transaction of the %sr", self._purpose)
                cut(self._engine)

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


class _HeldConnection:
    """The connection of a lane. One that broke is made again by the next transaction."""

    def __init__(self, dialect: StoreDialect, connection: Connection) -> None:
        self._dialect = dialect
        self._connection = connection
        # Until when the database counts as gone after a failed connect, and why.
        self._gone_until, self._gone = 0.0, ""
        self._connected = True
        #: When the transaction under way was begun, again if it was repeated; 0 for none.
        self.busy_since = 0.0

    def close(self) -> None:
        self._connection.close()
        self._connection.engine.dispose()

    def transact(self, name: str, asked: float, work: Callable[[Connection], T]) -> T:
        began = perf_counter()
        if began < self._gone_until:
            # Else each of those that wait would wait for a connect of its own.
            raise StoreError(f"{name}: {self._gone}")
        try:
            return self._insist(work)
        except IntegrityError:
            raise  # a fault of ours, not of the disk's
        except DBAPIError as error:
            says = words_of(error)
            if not self._connected:
                self._gone_until, self._gone = perf_counter() + self._dialect.breather, says
            raise StoreError(f"{name}: {says}") from error
        finally:
            self.busy_since = 0.0
            ended = perf_counter()
            if ended - asked > SLOW:
                log.warning(
                    "slow transaction %s: %.0f ms, after %.0f ms of waiting for its turn",
                    name,
                    (ended - began) * 1000,
                    (began - asked) * 1000,
                )

    def _insist(self, work: Callable[[Connection], T]) -> T:
        """Carry the transaction out, again where nothing of it was kept."""
        pauses = iter(PAUSES)
        while True:
            committing = self._connected = False
            self.busy_since = perf_counter()
            try:
                with self._connection.begin():
                    self._connected = True
                    result = work(self._connection)
                    committing = True
                return result
            except DBAPIError as error:
                pause = next(pauses, None)
                if pause is None or not self._dialect.repeatable(error, committing):
                    raise
            sleep(pause * random())  # noqa: S311 - so that two nodes do not meet again at once
