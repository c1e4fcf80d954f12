"""Which records a settlement speaks for, and pairs that somebody met while screening and left to others

Revision: 0009_flow, after 0006_eppi; 2026-11-25 15:45:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_flow"
down_revision = "0008_queue"
branch_labels = None
depends_on = None

WITH_THEM = """
    INSERT INTO settled_with (settlement_id, record_id)
    SELECT s.id, d.record_id FROM settlement s
    LEFT JOIN duplicate own ON own.record_id = s.record_id
    JOIN duplicate d ON d.kept_id = COALESCE(own.kept_id, s.record_id)
    WHERE d.record_id <> s.record_id AND d.decided_at <= s.settled_at
"""
UNDER_THEM = """
    INSERT INTO settled_with (settlement_id, record_id)
    SELECT s.id, own.kept_id FROM settlement s
    JOIN duplicate own ON own.record_id = s.record_id
    WHERE own.decided_at <= s.settled_at
"""


def upgrade() -> None:
    """Bring the schema here; of settlements that stand, those records count as settled that were joined before."""
    op.create_table(
        "settled_with",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_settled_with_record_id_record")),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_settled_with_settlement_id_settlement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settled_with")),
        sa.UniqueConstraint("settlement_id", "record_id", name=op.f("uq_settled_with_settlement_id_record_id")),
    )
    op.create_index(op.f("ix_settled_with_record_id"), "settled_with", ["record_id"])
    op.execute(WITH_THEM)
    op.execute(UNDER_THEM)
    op.create_table(
        "suspicion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("low_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("high_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_suspicion_pair_in_order")),
        sa.ForeignKeyConstraint(["high_id"], ["record.id"], name=op.f("fk_suspicion_high_id_record")),
        sa.ForeignKeyConstraint(["low_id"], ["record.id"], name=op.f("fk_suspicion_low_id_record")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_suspicion_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspicion")),
    )
    op.create_index("ix_suspicion_pair", "suspicion", ["low_id", "high_id"])
    op.create_index(op.f("ix_suspicion_high_id"), "suspicion", ["high_id"])


def downgrade() -> None:
    """Take the schema back; settlements stay."""
    op.drop_table("suspicion")
    op.drop_table("settled_with")
