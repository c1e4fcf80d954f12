"""The two records of which the reason of a duplicate speaks

Revision: 0014_joined_pair, after 0013_tokens; 2026-11-25 17:10:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_joined_pair"
down_revision = "0013_tokens"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNDER_THE_KEPT = """
    UPDATE duplicate SET
        low_id = CASE WHEN record_id < kept_id THEN record_id ELSE kept_id END,
        high_id = CASE WHEN record_id < kept_id THEN kept_id ELSE record_id END
"""


def upgrade() -> None:
    """Bring the schema here; a duplicate that stands is taken to be joined to its kept record."""
    with op.batch_alter_table("duplicate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("low_id", KEY, nullable=True))
        batch_op.add_column(sa.Column("high_id", KEY, nullable=True))
    op.execute(UNDER_THE_KEPT)
    with op.batch_alter_table("duplicate", schema=None) as batch_op:
        for name in ("low_id", "high_id"):
            batch_op.alter_column(name, existing_type=KEY, nullable=False)
            batch_op.create_foreign_key(op.f(f"fk_duplicate_{name}_record"), "record", [name], ["id"])
        batch_op.create_check_constraint(op.f("ck_duplicate_pair_in_order"), "low_id < high_id")
        batch_op.create_unique_constraint(op.f("uq_duplicate_low_id_high_id"), ["low_id", "high_id"])


def downgrade() -> None:
    """Take the schema back; duplicates stay under their kept records."""
    with op.batch_alter_table("duplicate", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_duplicate_low_id_high_id"), type_="unique")
        batch_op.drop_constraint(op.f("ck_duplicate_pair_in_order"), type_="check")
        for name in ("low_id", "high_id"):
            batch_op.drop_constraint(op.f(f"fk_duplicate_{name}_record"), type_="foreignkey")
            batch_op.drop_column(name)
