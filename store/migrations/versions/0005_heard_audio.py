"""What browsers heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns, empty for what is older."""
    for column in ("heard_loss", "heard_jitter_ms", "heard_concealed"):
        op.add_column("legs", sa.Column(column, sa.Double))
