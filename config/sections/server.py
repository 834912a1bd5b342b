"""The section ``server``: the core process.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from config.base import Model, Name, Network, Url
from config.checks.addresses import check_public_url, is_loopback
from config.checks.secrets import check_admin_key
from config.database import Database, DatabasePlace
from config.draft import Draft
from config.fields import HOUR, HostPort, KeptSeconds, Limit, Listen, LogLevel, Seconds, Secret, Window
from config.marks import Usual
from config.section import Section


class Server(Model):
    """The core process: its HTTP side, its database, how it stops."""

    listen_address: Listen = HostPort("127.0.0.1", 8080)
    """Where the HTTP API listens. TLS belongs on a proxy in front of it."""
    database: Database = DatabasePlace(Path("ringback.sqlite3"))
    """Where calls, CDRs and all else is kept: a SQLite file of this server alone, or PostgreSQL."""
    database_password: Secret | None = None
    """The password of a PostgreSQL database, where it wants one."""
    node_files: Path = Path("ringback")
    """Where the database is PostgreSQL: the beginning of the names of this server's own files. With SQLite
    they are named after its database."""
    node: Name | None = None
    """This server's name among those that share its database; the machine's, where there is none."""
    recordings: Path = Path("recordings")
    """The folder where shoppers' messages are kept."""
    public_url: Url = "http://127.0.0.1:8080"
    """Where shoppers reach this server: the beginning of the links that they are given."""
    admin_key: Secret | None = None
    """Key of the operator's side of the API (CDRs, live calls, reload); without one that side is closed."""
    trusted_proxies: tuple[Network, ...] = ()
    """Proxies whose X-Forwarded-For is believed."""
    requests_per_ip: tuple[Limit, ...] = (Window(30, 60.0), Window(300, 3600.0))
    """Requests for a call that one IP address may send, including those that are refused."""
    connections: Annotated[int, Field(ge=16, le=100_000)] = 2000
    """The most HTTP connections at once, WebSockets included; never more than the open files that the system
    allows leave room for."""
    connections_per_ip: Annotated[int, Field(ge=4, le=100_000)] = 200
    """The most HTTP connections of one IP address (an IPv6 /64) at once; `trusted_proxies` may have more."""
    keep_deliveries: Annotated[KeptSeconds, Field(ge=3600)] = 30 * 86400.0
    """How long mails and webhooks are kept that were delivered or given up."""
    drain_timeout: Annotated[Seconds, Usual(0, "", 12 * HOUR, "a restart may wait for that")] = 60.0
    """How long a stopping server waits for live calls to end by themselves."""
    log_format: Literal["json", "console"] = "json"
    """Log lines for machines (`json`) or for a terminal (`console`)."""
    log_level: LogLevel = "info"
    """From this level on, log lines are written. `ringback log-level` changes it while the server runs."""

    def own_file(self, suffix: str) -> Path:
        """A file or folder that is this server's alone, whatever others share its database."""
        return (self.database.file or self.node_files).with_suffix(suffix)


def check_server(draft: Draft) -> None:
    """Problems and warnings of what the server listens to, believes, and tells of itself."""
    if not (server := draft.section(Server)):
        return
    here = draft.written(("server", "listen_address"), ("server",))
    if server.listen_address.port == 0:
        draft.wrong(here, "port 0 means another port at every start: choose one, such as 8080")
    if not is_loopback(server.listen_address.host):
        draft.doubtful(
            here,
            "everyone on the network can reach this address without encryption: put a TLS proxy in front",
        )
    elif not server.trusted_proxies:
        draft.doubtful(
            here,
            "behind a proxy all shoppers have the proxy's address, and share its limits: "
            'name the proxy in "trusted_proxies", such as [127.0.0.1]',
        )
    for index, network in enumerate(server.trusted_proxies):
        if network.prefixlen == 0:
            draft.doubtful(
                ("server", "trusted_proxies", index),
                "every address is trusted, so everyone can claim any address: list only your proxies",
            )
    for index, window in enumerate(server.requests_per_ip):
        if window.times == 0:
            draft.wrong(
                ("server", "requests_per_ip", index),
                "no request for a call is ever answered: write at least 1, or remove this limit",
            )
    if server.admin_key:
        here = draft.written(("server", "admin_key_file"), ("server", "admin_key_env"))
        check_admin_key(draft, here, server.admin_key)
    check_public_url(draft, ("server", "public_url"), server.public_url)
    _check_database(draft, server)


def _check_database(draft: Draft, server: Server) -> None:
    if server.database_password and server.database.file:
        here = draft.written(("server", "database_password_file"), ("server", "database_password_env"))
        draft.doubtful(here, "the database is a SQLite file, which has no password: remove this line")
    if server.database.is_readable_on_the_way:
        draft.doubtful(
            ("server", "database"),
            "whoever is on the network between can read all that is kept: add ?sslmode=verify-full",
        )


def check_server_files(draft: Draft) -> None:
    """Problems of the database's and the recordings' folders."""
    databases = [(loc, path) for loc, path in draft.at(("server", "database")) if "://" not in str(path)]
    for name in ("database", "recordings", "node_files"):
        for loc, path in databases if name == "database" else draft.at(("server", name)):
            folder = Path(path).parent
            # Not is_dir(): that raises for a path the system finds impossible.
            if not os.path.isdir(folder):
                draft.wrong(loc, f"there is no folder {folder}: create it")
    for loc, path in databases:
        if os.path.isdir(path):
            draft.wrong(loc, f"{path} is a folder: name a file in it")
    for loc, path in draft.at(("server", "recordings")):
        if any(path == other for _, other in databases):
            draft.wrong(loc, "the database has the same path: choose another")
        if os.path.exists(path) and not os.path.isdir(path):
            draft.wrong(loc, f"{path} is a file: name a folder")


SERVER = Section(checks=(check_server, check_server_files))
