"""Whose key opened the operator's side: the server's operator sees everything, a customer their own sites.

Every endpoint of that side takes a :data:`Whose`, or wants the server's key (``api.access``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection


@dataclass(frozen=True, slots=True)
class Asker:
    """The server's operator, or a customer."""

    #: The customer's name; None for the server's operator.
    customer: str | None = None
    #: The sites whose records they may see; None for all there are, and what is of none.
    sites: frozenset[str] | None = None

    def sees(self, site: str) -> bool:
        """Whether what is of this site is theirs to see; an empty one is what is of none."""
        return self.sites is None or site in self.sites


SERVER = Asker()


def asks(connection: HTTPConnection, asker: Asker) -> None:
    """Note whose key was given."""
    connection.state.asker = asker


def customer_of(connection: HTTPConnection) -> str | None:
    """The customer who asks, for the audit trail; None for anybody else."""
    asker: Asker | None = getattr(connection.state, "asker", None)
    return asker.customer if asker else None


def _whose(connection: HTTPConnection) -> Asker:
    """Whose key was given; an error where none was asked for: then nothing may be shown."""
    asker: Asker = connection.state.asker
    return asker


#: A parameter of an endpoint behind ``Access.operator``.
Whose = Annotated[Asker, Depends(_whose)]
