"""Sources that are paused, the pinned list of sources, and what was done once and is not to be done again."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("sources", sa.Column("paused_at", sa.Float))
    op.create_table(
        "handled",
        sa.Column("team_id", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "pinned_lists",
        sa.Column("team_id", sa.String(64), primary_key=True),
        sa.Column("channel_id", sa.String(64), primary_key=True),
        sa.Column("ts", sa.String(64)),
        sa.Column("pinned", sa.Boolean, nullable=False),
        sa.Column("reads", sa.String(64), nullable=False),
        sa.Column("change_after", sa.Float, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("pinned_lists")
    op.drop_table("handled")
    with op.batch_alter_table("sources") as sources:
        sources.drop_column("paused_at")
