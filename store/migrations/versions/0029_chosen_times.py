"""The times at which shoppers want to be called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add the column; nobody has chosen one yet."""
    op.add_column("leads", sa.Column("chosen", sa.JSON))
