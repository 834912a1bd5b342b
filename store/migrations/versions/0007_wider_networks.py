"""The wider IPv6 networks that a call was asked for from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns, empty, and their indexes; calls from before count by their /64 alone."""
    for name in ("client_net56", "client_net48"):
        op.add_column("calls", sa.Column(name, sa.String))
        known = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_calls_{name}", "calls", [name, "requested_at"], sqlite_where=known, postgresql_where=known
        )
