"""Decisions that come along from other screening tools

Revision: 0002_decisions, after 0001; 2026-11-25 12:45:32.743232
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_decisions"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "imported_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "tool",
            sa.Enum(
                "rayyan", "covidence", "asreview", name="tool", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column(
            "decision",
            sa.Enum("include", "exclude", "maybe", name="choice", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("log_sha256", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "decision IS NOT NULL OR reason IS NOT NULL OR label IS NOT NULL OR note IS NOT NULL",
            name=op.f("ck_imported_decision_says_something"),
        ),
        sa.CheckConstraint("position >= 1 AND line >= 1", name=op.f("ck_imported_decision_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["log_sha256"], ["stored_file.sha256"], name=op.f("fk_imported_decision_log_sha256_stored_file")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_imported_decision_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_decision")),
        sa.UniqueConstraint("record_id", "position", name=op.f("uq_imported_decision_record_id_position")),
    )
    with op.batch_alter_table("imported_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_decision_log_sha256"), ["log_sha256"], unique=False)


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("imported_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imported_decision_log_sha256"))

    op.drop_table("imported_decision")
