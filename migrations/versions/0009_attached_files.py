"""Files that came with questions."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("questions") as questions:
        questions.add_column(sa.Column("files", sa.JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("questions") as questions:
        questions.alter_column("files", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("questions") as questions:
        questions.drop_column("files")
