"""Questions that somebody stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("questions") as questions:
        questions.add_column(sa.Column("stopped", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("questions") as questions:
        questions.alter_column("stopped", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("questions") as questions:
        questions.drop_column("stopped")
