"""What a mail or webhook is about, such as a chat, and a mail's text as HTML."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the columns; older rows are about a message or a call, and plain."""
    for name, kind in (("about", sa.String), ("html", sa.Text)):
        op.add_column("deliveries", sa.Column(name, kind, nullable=False, server_default=sa.text("''")))
