"""Questions whose message was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("questions") as questions:
        questions.add_column(sa.Column("withdrawn", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("questions") as questions:
        questions.alter_column("withdrawn", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("questions") as questions:
        questions.drop_column("withdrawn")
