"""What was reported in the admin channel, so that nothing is told twice."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("team_id", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("topic", sa.String(16), primary_key=True),
        sa.Column("thread_ts", sa.String(32)),
        sa.Column("event", sa.String(128), nullable=False),
        sa.Column("marks", sa.JSON, nullable=False),
        sa.Column("told_at", sa.Float),
        sa.Column("posting", sa.JSON),
        sa.Column("take_after", sa.Float, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("reports")
