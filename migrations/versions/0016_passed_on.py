"""Keys of messages, proposals and allocations, so that what is sent twice is kept once; and what a bar is for

Revision: 0016_passed_on, after 0015_removed_together; 2026-11-25 19:10:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0016_passed_on"
down_revision = "0015_removed_together"
branch_labels = None
depends_on = None

SAID_ONCE = ("message", "proposal", "allocation")
KIND = sa.Enum("interest", "language", name="barkind", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Bring the schema here; what was sent before has no key, and every bar that stands is for an interest."""
    for table in SAID_ONCE:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("idempotency_key", sa.String(length=80), nullable=True))
            batch_op.create_unique_constraint(
                op.f(f"uq_{table}_member_id_idempotency_key"), ["member_id", "idempotency_key"]
            )
    with op.batch_alter_table("bar", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", KIND, server_default="interest", nullable=False))


def downgrade() -> None:
    """Take the schema back; a record that was passed on for its language becomes an ordinary bar."""
    with op.batch_alter_table("bar", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_bar_barkind"), type_="check")
        batch_op.drop_column("kind")
    for table in reversed(SAID_ONCE):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f"uq_{table}_member_id_idempotency_key"), type_="unique")
            batch_op.drop_column("idempotency_key")
