"""The lives of nodes: one from each start of a server to its end. Calls carry the life that runs them."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Collection
from importlib.metadata import version

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from store.tables import calls, nodes

_BEGIN = insert(nodes)
_BEAT = update(nodes).where(nodes.c.life == bindparam("its_life")).values(seen_at=bindparam("now"))
_SEEN = select(nodes.c.seen_at).where(nodes.c.life == bindparam("its_life"))


def new_life(node: str) -> str:
    """A name for a life of this node that no other has: the node's, a colon, and what nobody guesses."""
    return f"{node}:{secrets.token_hex(8)}"


def node_of(life: str) -> str:
    """The node whose life it is."""
    return life.partition(":")[0]


def this_machine() -> str:
    """A node's name, where the settings give it none: the machine's, as far as names go."""
    kept = "".join(it if it.isascii() and it.isalnum() else "-" for it in socket.gethostname().lower())
    return kept.strip("-")[:64] or "node"


def begin(connection: Connection, life: str, at: float) -> None:
    """A node lives from this moment on."""
    values = {"life": life, "node": node_of(life), "version": version("ringback")}
    connection.execute(_BEGIN, values | {"began_at": at, "seen_at": at})


def beat(connection: Connection, life: str, at: float) -> None:
    """It lives at this moment."""
    connection.execute(_BEAT, {"its_life": life, "now": at})


def last_seen(connection: Connection, life: str) -> float | None:
    """When a life was last known to go on; None for one that nothing is known of."""
    return connection.scalar(_SEEN, {"its_life": life})


def forget_ended(connection: Connection, life: str) -> None:
    """Take out the lives before this one of the same node that left no call open."""
    open_lives = select(calls.c.life).where(calls.c.ended_at.is_(None), calls.c.life.is_not(None))
    connection.execute(
        delete(nodes).where(
            nodes.c.node == node_of(life), nodes.c.life != life, nodes.c.life.not_in(open_lives)
        )
    )


def is_over(life: str | None, mine: str | None, alone: bool) -> bool:
    """Whether what carries this life was left over by one that ended, as seen from ``mine``.

    ``alone``: no other server can be on the database. Else only lives of one's own node are known to be over,
    as a node lives once at a time; and what carries none is of a server of before.
    """
    if life is None:
        return True
    if life == mine:
        return False
    return alone or (mine is not None and node_of(life) == node_of(mine))


def left_over(lives: Collection[str | None], mine: str | None, alone: bool) -> set[str | None]:
    """Those of these lives that are over."""
    return {life for life in lives if is_over(life, mine, alone)}
