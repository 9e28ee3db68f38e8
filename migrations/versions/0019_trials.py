"""Questions that admins try, to see what is found for them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("thread_ts", sa.String(64), nullable=False),
        sa.Column("ts", sa.String(64)),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("reader_id", sa.String(64), nullable=False),
        sa.Column("point_id", sa.String(64)),
        sa.Column("tried_at", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.Float, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
    )
    op.create_index("ix_trials_tried", "trials", ["team_id", "tried_at"])


def downgrade() -> None:
    op.drop_index("ix_trials_tried", "trials")
    op.drop_table("trials")
