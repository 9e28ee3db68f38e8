"""What sources remember, and when they are synced."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "source_memory",
        sa.Column("source_id", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(500), primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
    )
    with op.batch_alter_table("sources") as sources:
        sources.add_column(sa.Column("every_seconds", sa.Float))
        sources.add_column(sa.Column("synced_at", sa.Float))
        sources.add_column(sa.Column("due_at", sa.Float))


def downgrade() -> None:
    with op.batch_alter_table("sources") as sources:
        for column in ("due_at", "synced_at", "every_seconds"):
            sources.drop_column(column)
    op.drop_table("source_memory")
