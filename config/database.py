"""The setting ``server.database``: a SQLite file, or an address of PostgreSQL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, NamedTuple, Self

from pydantic import PlainSerializer, PlainValidator

from config.marks import Form

#: Without a password: that is a secret. A host may be left out, for a socket on this machine.
_SERVER = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^\s:@/?#]{1,190})@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(?::(?P<port>\d{1,5}))?"
    r"/(?P<name>[^\s/?#]{1,190})(?:\?(?P<options>[^\s#]{1,1000}))?"
)
#: What may follow a ``?``: of libpq's parameters those that say where and how to connect.
_OPTIONS = {
    "host", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "gssencmode",
    "krbsrvname", "target_session_attrs", "connect_timeout", "tcp_user_timeout",
}  # fmt: skip
#: Ways of TLS in which nobody in between can read.
_PRIVATE = re.compile(r"\bsslmode=(require|verify-ca|verify-full)\b")


class DatabasePlace(NamedTuple):
    """Where the database is: either of the two."""

    #: Of SQLite.
    file: Path | None
    #: ``postgresql://user@host:port/name``, without a password.
    server: str = ""

    @classmethod
    def parse(cls, text: str | Self) -> Self:
        """The place that is written so; ValueError for an address that is none, or holds a password."""
        if not isinstance(text, str):
            return text
        if "://" not in text:
            return cls(Path(text))
        if not (found := _SERVER.fullmatch(text)):
            raise ValueError("not an address of PostgreSQL")
        options = (found["options"] or "").split("&") if found["options"] else []
        if any(option.partition("=")[0] not in _OPTIONS for option in options):
            raise ValueError("not an option of PostgreSQL that Ringback takes")
        return cls(None, "postgresql" + text[text.index("://") :])

    def __str__(self) -> str:
        return self.server if self.file is None else str(self.file)

    @property
    def is_readable_on_the_way(self) -> bool:
        """Whether data goes over a network without TLS."""
        found = _SERVER.fullmatch(self.server)
        host = found["host"] if found else ""
        return bool(host) and not _is_here(host) and not _PRIVATE.search(self.server)


def _is_here(host: str) -> bool:
    return host in ("localhost", "[::1]") or host.startswith("127.")


Database = Annotated[
    DatabasePlace,
    PlainValidator(DatabasePlace.parse, json_schema_input_type=str),
    PlainSerializer(str, when_used="json"),
    Form(
        "the path of a file, or the address of a PostgreSQL database without its password, such as "
        "postgresql://ringback@db.example/ringback?sslmode=verify-full"
    ),
]
