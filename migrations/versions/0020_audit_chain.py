"""Each entry of the audit holds the hash of the one before it; those there are begin each team's chain."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_audit = sa.table(
    "audit",
    sa.column("id", sa.Integer),
    sa.column("team_id", sa.String),
    sa.column("at", sa.Float),
    sa.column("user_id", sa.String),
    sa.column("channel_id", sa.String),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("outcome", sa.String),
    sa.column("before", sa.JSON),
    sa.column("after", sa.JSON),
    sa.column("previous", sa.String),
    sa.column("hash", sa.String),
)
_HASHED = ("team_id", "at", "user_id", "channel_id", "action", "subject", "outcome", "before", "after")


def upgrade() -> None:
    with op.batch_alter_table("audit") as table:
        table.add_column(sa.Column("previous", sa.String(64)))
        table.add_column(sa.Column("hash", sa.String(64)))
    _chain(op.get_bind())
    with op.batch_alter_table("audit") as table:
        table.alter_column("previous", existing_type=sa.String(64), nullable=False)
        table.alter_column("hash", existing_type=sa.String(64), nullable=False)
    op.create_index("ux_audit_previous", "audit", ["team_id", "previous"], unique=True)


def _chain(connection: sa.Connection) -> None:
    """As `workers.admin.audit.hash_of` has it at the time of this migration."""
    last: dict[str, str] = {}
    for row in connection.execute(sa.select(_audit).order_by(_audit.c.id)).all():
        previous = last.get(row.team_id, "")
        told = json.dumps(
            [previous, *(getattr(row, name) for name in _HASHED)], sort_keys=True, separators=(",", ":")
        )
        last[row.team_id] = hashlib.sha256(told.encode()).hexdigest()
        connection.execute(
            sa.update(_audit).where(_audit.c.id == row.id).values(previous=previous, hash=last[row.team_id])
        )


def downgrade() -> None:
    op.drop_index("ux_audit_previous", "audit")
    with op.batch_alter_table("audit") as table:
        table.drop_column("hash")
        table.drop_column("previous")
