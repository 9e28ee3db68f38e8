"""Questions that were handed on to people."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("questions", sa.Column("asked_people_at", sa.Float))


def downgrade() -> None:
    with op.batch_alter_table("questions") as questions:
        questions.drop_column("asked_people_at")
