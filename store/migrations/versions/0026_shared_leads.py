"""Leads that a contact joined by a number or address alone, and what such contacts gave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add the columns; older leads tell of nobody else."""
    op.add_column("leads", sa.Column("shared", sa.Integer, nullable=False, server_default="0"))
    op.add_column("leads", sa.Column("claimed", sa.JSON, nullable=False, server_default="[]"))
