"""What a question back lets one choose from, what was chosen; and what changed of the pages behind an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("answers", sa.Column("options", sa.JSON(none_as_null=True)))
    op.add_column("answers", sa.Column("chosen", sa.Integer))
    op.add_column("answers", sa.Column("checked_at", sa.Float))
    op.add_column("answers", sa.Column("aged", sa.JSON(none_as_null=True)))
    op.add_column("answers", sa.Column("aged_tries", sa.Integer))
    op.add_column("answers", sa.Column("aged_after", sa.Float))
    op.create_index("ix_answers_stored", "answers", ["stored_at"])


def downgrade() -> None:
    op.drop_index("ix_answers_stored", "answers")
    with op.batch_alter_table("answers") as answers:
        for name in ("aged_after", "aged_tries", "aged", "checked_at", "chosen", "options"):
            answers.drop_column(name)
