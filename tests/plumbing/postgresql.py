"""A real PostgreSQL for the tests: Debian's, one server for all processes of a run, a database for each test.

The first process that asks starts it, as a user without rights, on a socket in a folder of its own, without
waiting for the disk; the last one that leaves stops it. A database is a copy of one that has all migrations.
"""

from __future__ import annotations

import fcntl
import functools
import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, text

from store import migrate

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
#: The user of Debian's package; the server refuses to run as root.
UNPRIVILEGED = "postgres"
TEMPLATE = "migrated"
#: Nothing here outlives the run, so nothing is worth waiting for.
SETTINGS = {
    **{"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"},
    **{"listen_addresses": "", "shared_buffers": "32MB", "max_connections": "200"},
}
_numbers = itertools.count(1)


def missing() -> str:
    """What this machine lacks for tests on PostgreSQL; empty for nothing."""
    if not (PROGRAMS / "postgres").is_file():
        return "PostgreSQL 15 is not installed: apt-get install postgresql-15"
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed: make .venv/dev.stamp"
    return ""


def new_database(how: str = f"TEMPLATE {TEMPLATE}") -> URL:
    """A database that nobody else has, made as SQL says; with all tables."""
    if TEMPLATE in how:
        _make_template()
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _command(f"CREATE DATABASE {name} {how}")
    return _url(name)


@contextmanager
def empty_database(how: str = "") -> Iterator[URL]:
    """A database without a table, for a while."""
    url = new_database(f"TEMPLATE template0 {how}")
    try:
        yield url
    finally:
        drop(url)


def drop(url: URL) -> None:
    """Have done with a database, whoever is still connected."""
    _command(f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)")


def cut_off(url: URL) -> None:
    """Break every connection to a database, as a restart of the server does."""
    _command(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'")


@contextmanager
def gone(url: URL) -> Iterator[None]:
    """For a while, as if the server were down: nobody is connected to a database, and nobody can be."""
    _command(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false")
    cut_off(url)
    yield
    _command(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true")


def _command(words: str) -> None:
    with _administration().connect() as connection:
        connection.execute(text(words))


@functools.cache
def _administration() -> Engine:
    start()
    url = _url("postgres").set(drivername="postgresql+psycopg")
    return create_engine(url, isolation_level="AUTOCOMMIT", use_native_hstore=False)


def _url(database: str) -> URL:
    return URL.create("postgresql", "ringback", database=database, query={"host": str(_folder())})


# --- the server ---------------------------------------------------------------------------------------------


def _folder() -> Path:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    return Path(tempfile.gettempdir()) / f"ringback-pg-{run[:12]}"


@contextmanager
def _alone() -> Iterator[None]:
    """While no other process of this run starts or stops the server."""
    with _folder().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def start() -> int:
    """Start the server, unless another process has; the descriptor that tells that this one uses it."""
    with _alone():
        folder = _folder()
        if not (folder / "users").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            if os.geteuid() == 0:
                shutil.chown(folder, UNPRIVILEGED)
            data = str(folder / "data")
            locale = ("-E", "UTF8", "--locale=C.UTF-8", "--lc-collate=C")
            _run("initdb", "-D", data, "--no-sync", "-A", "trust", "-U", "ringback", *locale)
            settings = {**SETTINGS, "unix_socket_directories": folder}
            options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
            _run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-s", "-w", "start")
            (folder / "users").touch()
        users = os.open(folder / "users", os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(users, fcntl.LOCK_SH)
        return users


@functools.cache
def _make_template() -> None:
    _administration()  # it starts the server, for which no other may hold the lock
    with _alone():
        made = _folder() / "template"
        if not made.exists():
            drop(_url(TEMPLATE))
            _command(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            migrate.upgrade(_url(TEMPLATE))
            made.touch()


def leave() -> None:
    """Use the server no more; the last one that leaves stops it."""
    if not start.cache_info().currsize:
        return
    if _administration.cache_info().currsize:
        _administration().dispose()
    with _alone():
        users = start()
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            _run("pg_ctl", "-D", str(_folder() / "data"), "-s", "-m", "immediate", "stop")
            shutil.rmtree(_folder())
            _folder().with_suffix(".lock").unlink()
        os.close(users)
    start.cache_clear()
    _administration.cache_clear()
    _make_template.cache_clear()


def _run(program: str, *arguments: str) -> None:
    about: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        about = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # Not a pipe: the server would keep it open.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [PROGRAMS / program, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd="/",
            **about,
        )
        said.seek(0)
        assert done.returncode == 0, f"{program}: {said.read()}"
