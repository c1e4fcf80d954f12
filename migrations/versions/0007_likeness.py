"""Marks of normal forms, and comparisons that are kept, so that an import is compared with all earlier ones at once

Normal forms are made anew by the next search, with their marks; they are a cache, and nothing is lost.

Revision: 0007_likeness, after 0006_eppi; 2026-11-25 16:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_likeness"
down_revision = "0006_eppi"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema here."""
    op.execute("DELETE FROM stored_form")
    with op.batch_alter_table("stored_form", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rank", sa.String(length=104), nullable=False))
        batch_op.add_column(sa.Column("keys", sa.LargeBinary(), nullable=False))
    op.create_table(
        "compared_record",
        sa.Column("record_id", ID, nullable=False),
        sa.Column("review_id", ID, nullable=False),
        sa.Column("edition", sa.String(length=80), nullable=False),
        sa.Column("rank", sa.String(length=104), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_compared_record_record_id_record")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_compared_record_review_id_review")),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_compared_record")),
    )
    op.create_table(
        "likeness",
        sa.Column("low_id", ID, nullable=False),
        sa.Column("high_id", ID, nullable=False),
        sa.Column("review_id", ID, nullable=False),
        sa.Column("comparison", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.String(length=40), nullable=True),
        sa.Column("is_forward", sa.Boolean(), nullable=True),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_likeness_pair_in_order")),
        sa.CheckConstraint("(link IS NULL) = (is_forward IS NULL)", name=op.f("ck_likeness_link_has_direction")),
        sa.ForeignKeyConstraint(["high_id"], ["record.id"], name=op.f("fk_likeness_high_id_record")),
        sa.ForeignKeyConstraint(["low_id"], ["record.id"], name=op.f("fk_likeness_low_id_record")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_likeness_review_id_review")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_likeness")),
    )
    op.create_table(
        "doubted_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("review_id", ID, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("kept_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["kept_id"], ["record.id"], name=op.f("fk_doubted_record_kept_id_record")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_doubted_record_record_id_record")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_doubted_record_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubted_record")),
        sa.UniqueConstraint("record_id", name=op.f("uq_doubted_record_record_id")),
    )
    for table, column in (
        ("compared_record", "review_id"),
        ("doubted_record", "review_id"),
        ("doubted_record", "kept_id"),
        ("likeness", "review_id"),
        ("likeness", "high_id"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("doubted_record")
    op.drop_table("likeness")
    op.drop_table("compared_record")
    with op.batch_alter_table("stored_form", schema=None) as batch_op:
        batch_op.drop_column("keys")
        batch_op.drop_column("rank")
