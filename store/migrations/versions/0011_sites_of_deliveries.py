"""The site that each mail and webhook tells of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_OF_MESSAGES = """
    UPDATE deliveries
    SET site = (SELECT messages.site FROM messages WHERE messages.id = deliveries.message_id)
    WHERE message_id IS NOT NULL
"""
#: Screen pops have their site in the place of a mailbox.
_OF_SCREEN_POPS = "UPDATE deliveries SET site = substr(mailbox, 6) WHERE mailbox LIKE 'site:%'"


def upgrade() -> None:
    """Add the column; of older rows those that tell of a message or a screen pop get their site."""
    op.add_column("deliveries", sa.Column("site", sa.String, nullable=False, server_default=sa.text("''")))
    op.execute(_OF_MESSAGES)
    op.execute(_OF_SCREEN_POPS)
