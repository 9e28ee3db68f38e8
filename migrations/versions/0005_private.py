"""Questions that are answered to their asker alone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("questions", sa.Column("response_url", sa.Text))


def downgrade() -> None:
    with op.batch_alter_table("questions") as questions:
        questions.drop_column("response_url")
