"""The language in which a channel is answered, and for how long its threads are followed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("channel_settings", sa.Column("language", sa.String(8)))
    op.add_column("channel_settings", sa.Column("follow_up_hours", sa.Float))


def downgrade() -> None:
    with op.batch_alter_table("channel_settings") as settings:
        settings.drop_column("follow_up_hours")
        settings.drop_column("language")
