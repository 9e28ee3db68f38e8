"""Answers that people verified."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "verified_answers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("source_id", sa.String(32), nullable=False),
        sa.Column("ts", sa.String(32), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("owner_name", sa.Text, nullable=False),
        sa.Column("review_on", sa.String(10), nullable=False),
        sa.Column("saved_by", sa.String(64), nullable=False),
        sa.Column("saved_at", sa.Float, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_verified_answers_source"),
        sa.UniqueConstraint("source_id", "ts", name="uq_verified_answers_message"),
    )


def downgrade() -> None:
    op.drop_table("verified_answers")
