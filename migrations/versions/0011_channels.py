"""What is set for single channels, questions that were answered unasked, and whom a source names to be asked."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "channel_settings",
        sa.Column("team_id", sa.String(64), primary_key=True),
        sa.Column("channel_id", sa.String(64), primary_key=True),
        sa.Column("follow_ups", sa.String(16)),
        sa.Column("auto_answer", sa.Float),
        sa.Column("people_channel", sa.String(64)),
        sa.Column("sources", sa.JSON),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )
    with op.batch_alter_table("questions") as questions:
        questions.add_column(sa.Column("unasked", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("questions") as questions:
        questions.alter_column("unasked", server_default=None)
    op.add_column("sources", sa.Column("people_channel", sa.String(64)))


def downgrade() -> None:
    with op.batch_alter_table("sources") as sources:
        sources.drop_column("people_channel")
    with op.batch_alter_table("questions") as questions:
        questions.drop_column("unasked")
    op.drop_table("channel_settings")
