"""All that is particular to PostgreSQL: connections, isolation, what may be repeated, what it refuses.

A writer is SERIALIZABLE: each transaction is as if alone, as it is on SQLite, whatever other nodes write at
the same time. Where two would disturb each other PostgreSQL takes one back, and it is carried out again.

psycopg is loaded by SQLAlchemy once it is used: a node on SQLite does not need it.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from os import dup
from socket import SHUT_RDWR, socket
from time import sleep
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, ExceptionContext, Integer, create_engine, event, text
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles

from store.dialects import Purpose, StoreDialect
from store.errors import DatabaseUnusableError

#: The oldest version that is tested, as the server tells it.
OLDEST = 150000
#: Seconds until a server that does not answer counts as gone: at a connect, and in a transaction.
CONNECT_TIMEOUT, SILENCE = 5, 10
#: Seconds that one statement may take, by what it is for. A migration may have much to rewrite.
STATEMENT_TIMEOUT: dict[Purpose, int] = {"write": 15, "read": 60, "migrate": 3600}
#: Who migrates must see what was done while it waited for its turn.
ISOLATION: dict[Purpose, IsolationLevel] = {
    "write": "SERIALIZABLE",
    "read": "REPEATABLE READ",
    "migrate": "READ COMMITTED",
}
#: Seconds to wait for a row that another node holds; and that a node may pause within a transaction.
LOCK_TIMEOUT, IDLE_TIMEOUT = 10, 30
#: Stands for a NUL, which no text of PostgreSQL can hold.
NO_NUL = "\N{REPLACEMENT CHARACTER}"
#: Taken by who migrates, until the transaction ends. Any number will do that nothing else takes.
_MIGRATING = 0x52494E47

_DISTURBED = {"40001", "40P01"}  # serialization_failure, deadlock_detected


@compiles(Integer, "postgresql")
def _as_wide_as_sqlite(element: Integer, compiler: Any, **_: Any) -> str:
    """An integer of SQLite has 64 bits, and times in seconds outgrow 32 in 2038.

    It costs SQLAlchemy's reflection of this database's keys, which nothing here uses.
    """
    return "BIGINT"


def engine_for(url: URL, purpose: Purpose) -> Engine:
    """An engine whose connections are set up for their purpose; DatabaseUnusableError without a driver."""
    settings = {
        "statement_timeout": f"{STATEMENT_TIMEOUT[purpose]}s",
        "lock_timeout": f"{60 if purpose == 'migrate' else LOCK_TIMEOUT}s",
        "idle_in_transaction_session_timeout": f"{IDLE_TIMEOUT}s",
        "default_transaction_read_only": "on" if purpose == "read" else "off",
        # A report over months is not worth a compiler's start for each of its statements.
        "jit": "off",
    }
    about: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT,
        "keepalives_idle": SILENCE,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": SILENCE * 1000,
        "client_encoding": "utf8",
        "application_name": f"ringback-{purpose}",
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    if find_spec("psycopg") is None:
        raise DatabaseUnusableError(
            f"database {_name(url)}: its driver is not installed: pip install 'psycopg[binary]'"
        )
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        connect_args={name: value for name, value in about.items() if name not in url.query},
        isolation_level=ISOLATION[purpose],
        use_native_hstore=False,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.adapters.register_loader("numeric", _plain_number())
        _raw[engine] = connection

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def clean(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> Any:
        return statement, without_nuls(values)

    @event.listens_for(engine, "handle_error")
    def hush(context: ExceptionContext) -> None:
        # The first line names the table and the constraint; the next ones quote the row, numbers and all.
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error is not None:
                error.args = tuple(it.strip().partition("\n")[0] for it in error.args if isinstance(it, str))

    return engine


#: The newest connection of each engine, as psycopg's.
_raw: WeakKeyDictionary[Engine, Any] = WeakKeyDictionary()


def cut(engine: Engine) -> None:
    """Break an engine's connection, from another thread than the one that waits for an answer on it.

    A server that hangs answers nothing, and its system says all the while that the connection lives.
    """
    psycopg: Any = engine.dialect.dbapi
    # It may be closed by now.
    with suppress(OSError, psycopg.Error), socket(fileno=dup(_raw[engine].fileno())) as line:
        line.shutdown(SHUT_RDWR)


@cache
def _plain_number() -> type:
    """What reads a sum or an average: a number as SQLite gives it, where psycopg makes a decimal."""
    loader: Any = import_module("psycopg.adapt").Loader

    class PlainNumber(loader):  # type: ignore[misc]
        def load(self, data: bytes) -> int | float:
            words = bytes(data)
            return int(words) if words.lstrip(b"-").isdigit() else float(words)

    return PlainNumber


def without_nuls(values: Any) -> Any:
    """The values of a statement, or of several, where texts have :data:`NO_NUL` in the place of each NUL."""
    if isinstance(values, list):
        return [without_nuls(each) for each in values]
    if isinstance(values, dict) and any(isinstance(it, str) and "\0" in it for it in values.values()):
        return {name: without_nul(it) for name, it in values.items()}
    return values


def without_nul(value: Any) -> Any:
    """A value as PostgreSQL keeps it."""
    return value.replace("\0", NO_NUL) if isinstance(value, str) else value


def _name(url: URL) -> str:
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()


def prepare(connection: Connection) -> None:
    """Wait until nobody else migrates; DatabaseUnusableError where the database sorts or writes unlike us."""
    # By bytes a capital comes before every small letter: cursors and sorted keys count on that order.
    version, encoding, by_bytes = connection.execute(
        text(
            "SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding), 'B' < 'a'"
            " FROM pg_database WHERE datname = current_database()"
        )
    ).one()
    name = _name(connection.engine.url)
    if version < OLDEST:
        raise DatabaseUnusableError(
            f"database {name}: this PostgreSQL is of version {version // 10000}: run 15 or newer"
        )
    if encoding != "UTF8" or not by_bytes:
        make = f"CREATE DATABASE {connection.engine.url.database} TEMPLATE template0"
        raise DatabaseUnusableError(
            f"database {name}: it must keep texts as UTF8 and sort them by their bytes. Make it again, with:"
            f" {make} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))


class NodeClaim:
    """A claim on a node's name, in an advisory lock of the writer's session: the server drops it with that.

    Two servers of one name would close each other's calls as lost.
    """

    def __init__(self, url: URL, node: str) -> None:
        self._url = url
        self._node = node

    def take(self) -> None:
        """It is taken with the writer's connection."""

    def drop(self) -> None:
        """It is dropped with the writer's connection."""

    def hold(self, engine: Engine) -> None:
        """Take the claim with each new connection; DatabaseUnusableError while another server has it."""
        if self._node:
            event.listen(engine, "connect", lambda connection, _record: self._lock(connection))

    def _lock(self, connection: Any) -> None:
        with connection.cursor() as cursor:
            # The session of a server that was killed may take a moment to end.
            for pause in (0.2, 0.5, 1.0, 0.0):
                cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"node {self._node}"])
                ((taken,),) = cursor.fetchall()
                connection.commit()
                if taken:
                    return
                sleep(pause)
        raise DatabaseUnusableError(
            f"database {_name(self._url)}: another Ringback server is on it as the node {self._node}:"
            " give each its own name in server.node"
        )


def repeatable(error: DBAPIError, committing: bool) -> bool:
    """Whether nothing of the transaction is kept, and it may go well next time.

    One that was disturbed by another node's was taken back. One whose connection broke was too, unless its
    commit was on its way: then nobody knows.
    """
    if getattr(error.orig, "sqlstate", None) in _DISTURBED:
        return True
    return error.connection_invalidated and not committing


#: What it says, and what the operator can do about it.
_ADVICE = {
    "password authentication failed": "check the user in server.database and server.database_password_file",
    "no password supplied": "it wants a password: set server.database_password_file or _env",
    "no pg_hba.conf entry": "its pg_hba.conf lets this user or address not in: add a line for it",
    "Peer authentication failed": "on a local socket it takes the system's user: name that in the address",
    "does not exist": "create the user and the database first: docs/deploying.md says how",
    "permission denied": "the user may not create tables: make it the owner of the database",
    "Connection refused": "is PostgreSQL running, and does it listen at the address of server.database?",
    "No such file or directory": "is PostgreSQL running, and is its socket in that folder?",
    "could not translate host name": "nobody knows that host: check the address in server.database",
    "failed to resolve host": "nobody knows that host: check the address in server.database",
    "timeout": "it does not answer: is it running, and does a firewall let this machine reach it?",
    "too many clients": "raise its max_connections: a node takes 2, and 1 more as it starts",
    "remaining connection slots": "raise its max_connections: a node takes 2, and 1 more as it starts",
    "read-only transaction": "it is a standby: name the primary in server.database",
    "starting up": "it is starting: start again when it is ready",
    "shutting down": "it is being shut down: start again when it is back",
    "No space left": "its disk is full",
}

POSTGRESQL = StoreDialect(
    engine_for=engine_for,
    claim=NodeClaim,
    shared=True,
    name=_name,
    prepare=prepare,
    advice=_ADVICE,
    repeatable=repeatable,
    kept=without_nul,
    cut=cut,
    breather=1.0,
)
