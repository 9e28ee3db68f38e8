"""The workspaces that the app is installed in, and installations that were begun."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("team_id", sa.String(64), primary_key=True),
        sa.Column("team_name", sa.String(200), nullable=False),
        sa.Column("workspace_url", sa.String(500), nullable=False),
        sa.Column("app_id", sa.String(64), nullable=False),
        sa.Column("bot_id", sa.String(64), nullable=False),
        sa.Column("bot_user_id", sa.String(64), nullable=False),
        sa.Column("bot_token", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("installed_by", sa.String(64), nullable=False),
        sa.Column("installed_at", sa.Float, nullable=False),
        sa.Column("admin_channel", sa.String(64), nullable=False),
    )
    op.create_table(
        "install_states",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("install_states")
    op.drop_table("installations")
