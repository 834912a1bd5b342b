"""How much of an order was paid back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the column: nothing was, as far as anybody has told."""
    op.add_column("conversions", sa.Column("refunded", sa.BigInteger, nullable=False, server_default="0"))
