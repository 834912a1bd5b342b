"""What shoppers asked in the search of a site's answers, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the tables, empty."""
    op.create_table(
        "questions",
        sa.Column("site", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("text", sa.String),
        sa.Column("askers", sa.String, nullable=False),
        sa.Column("first_at", sa.Double, nullable=False),
        sa.Column("last_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("site", "digest", name="pk_questions"),
    )
    op.create_index("ix_questions_first_at", "questions", ["site", "first_at"])
    op.create_table(
        "question_days",
        sa.Column("site", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("day", sa.String, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("contacted", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("site", "digest", "day", name="pk_question_days"),
    )
    op.create_table(
        "answer_days",
        sa.Column("site", sa.String, nullable=False),
        sa.Column("answer", sa.String, nullable=False),
        sa.Column("day", sa.String, nullable=False),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("helped", sa.Integer, nullable=False),
        sa.Column("not_helped", sa.Integer, nullable=False),
        sa.Column("contacted", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("site", "answer", "day", name="pk_answer_days"),
    )
