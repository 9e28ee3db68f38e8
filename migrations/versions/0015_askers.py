"""Questions by who asked them: to list somebody's, and to erase them."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_index("ix_questions_user", "questions", ["user_id", "accepted_at"])


def downgrade() -> None:
    op.drop_index("ix_questions_user", "questions")
