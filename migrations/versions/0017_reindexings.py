"""Messages that tell how far a reindexing is."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "reindexings",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("thread_ts", sa.String(64)),
        sa.Column("ts", sa.String(64)),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("source_id", sa.String(32), nullable=False),
        sa.Column("is_full", sa.Boolean, nullable=False),
        sa.Column("run_ids", sa.JSON, nullable=False),
        sa.Column("asked_at", sa.Float, nullable=False),
        sa.Column("reads", sa.String(64), nullable=False),
        sa.Column("change_after", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
    )
    op.create_index("ix_reindexings_team", "reindexings", ["team_id", "ended_at"])


def downgrade() -> None:
    op.drop_table("reindexings")
