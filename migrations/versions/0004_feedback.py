"""What people thought of an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column(
            "question_id", sa.String(32), sa.ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("user_id", sa.String(64), primary_key=True),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("comment", sa.Text),
        sa.Column("rated_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("feedback")
