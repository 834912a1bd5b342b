"""What finds the calls of a route, and those that somebody took, for reports by two parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_calls_route", "calls", ["route", "requested_at", "id"])
    taken = sa.text("joined_at IS NOT NULL")
    op.create_index(
        "ix_legs_destination",
        "legs",
        ["destination", "call_id"],
        sqlite_where=taken,
        postgresql_where=taken,
    )
