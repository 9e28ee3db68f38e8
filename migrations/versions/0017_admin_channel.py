"""Sources that are paused, and what was done once and is not to be done again."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("sources", sa.Column("paused_at", sa.Float))
    op.create_table(
        "handled",
        sa.Column("team_id", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("handled")
    with op.batch_alter_table("sources") as sources:
        sources.drop_column("paused_at")
