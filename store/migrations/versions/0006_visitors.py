"""Which customer a call was from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column, empty, and its index."""
    op.add_column("calls", sa.Column("visitor", sa.String))
    known = sa.text("visitor IS NOT NULL")
    op.create_index(
        "ix_calls_visitor",
        "calls",
        ["visitor", "requested_at", "id"],
        sqlite_where=known,
        postgresql_where=known,
    )
