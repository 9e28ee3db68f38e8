"""What a question back lets one choose from, and what was chosen."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("answers", sa.Column("options", sa.JSON(none_as_null=True)))
    op.add_column("answers", sa.Column("chosen", sa.Integer))


def downgrade() -> None:
    with op.batch_alter_table("answers") as answers:
        answers.drop_column("chosen")
        answers.drop_column("options")
