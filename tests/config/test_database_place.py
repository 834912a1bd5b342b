"""Where the database is: a file, or a server, whose password is no part of its address."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.database import DatabasePlace
from config.loader import load, load_server
from config.problems import ConfigError
from store.address import url_of
from tests.config.files import ENVIRONMENT, changed, write_config

ADDRESS = "postgresql://ringback@db.example:5433/ringback?sslmode=verify-full&sslrootcert=/etc/ca.pem"
SOCKET = "postgresql:///ringback?host=/run/postgresql"


def load_with(folder: Path, *lines: str) -> list[str]:
    """The warnings of a file with these lines about the server."""
    text = "".join(f"\n  {line}" for line in lines)
    write_config(folder, changed(("[127.0.0.1]", f"[127.0.0.1]{text}")))
    return [each.text for each in load(folder / "ringback.yaml", ENVIRONMENT).warnings]


def written(folder: Path, *lines: str) -> Path:
    file = folder / "ringback.yaml"
    file.write_text("\n  ".join(["server:", *lines]) + "\n")
    return file


@pytest.mark.parametrize("address", [ADDRESS, SOCKET, "postgresql://u@[2001:db8::1]/r"])
def test_an_address_is_kept_as_it_is(tmp_path: Path, address: str) -> None:
    server = load_server(written(tmp_path, f"database: {address}", "node_files: mine/ringback"), {})
    assert (server.database.file, server.database.server) == (None, address)
    assert str(server.database) == address
    assert server.own_file(".dialogs") == tmp_path / "mine" / "ringback.dialogs"
    url = url_of(server.database)
    assert (url.get_backend_name(), url.password) == ("postgresql", None)


def test_the_password_comes_from_a_secret_and_is_not_shown(tmp_path: Path) -> None:
    lines = f"database: {ADDRESS}", "database_password_env: PW"
    server = load_server(written(tmp_path, *lines), {"PW": "hush@:/"})
    url = url_of(server.database, server.database_password)
    assert (url.username, url.password, url.host, url.port) == ("ringback", "hush@:/", "db.example", 5433)
    assert "hush" not in repr(server) + str(url) + repr(url) + server.model_dump_json()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ringback:hush@db.example/ringback",
        "postgresql://db.example",
        "postgresql://db.example/ringback?password=hush",
        "postgresql://db.example/ringback?options=-cfsync=off",
        "mysql://db.example/ringback",
        "postgresql://db.example/a/b",
    ],
)
def test_what_is_no_address_or_holds_a_password(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_server(written(tmp_path, f"database: {address}"), {})
    (problem,) = caught.value.problems
    assert problem.place[:2] == (2, 13)
    assert "without its password, such as postgresql://" in problem.text
    assert "hush" not in str(caught.value)


def test_a_file_is_beside_the_settings(tmp_path: Path) -> None:
    server = load_server(written(tmp_path, "database: calls.db"), {})
    assert server.database == DatabasePlace(tmp_path / "calls.db")
    assert server.own_file(".media") == tmp_path / "calls.media"


def test_what_is_doubtful(tmp_path: Path) -> None:
    assert any(
        "?sslmode=verify-full" in each for each in load_with(tmp_path, "database: postgresql://db.example/r")
    )
    for quiet in (ADDRESS, SOCKET, "postgresql://127.0.0.1/r", "postgresql://db/r?sslmode=require"):
        assert not any("sslmode" in each for each in load_with(tmp_path, f"database: {quiet}"))
    (tmp_path / "pw").write_text("hush")
    (tmp_path / "pw").chmod(0o600)
    assert any("no password" in each for each in load_with(tmp_path, "database_password_file: pw"))
