"""Tags with a meaning, and questions to the team about a record

Revision: 0012_tags, after 0011_allocation; 2026-11-25 16:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_tags"
down_revision = "0011_allocation"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "tag",
        sa.Column("id", KEY, nullable=False),
        sa.Column("review_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("carries_judgement", sa.Boolean(), nullable=False),
        sa.Column("defined_by", KEY, nullable=False),
        sa.Column("defined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_tag_has_name")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_tag_review_id_review")),
        sa.ForeignKeyConstraint(["defined_by"], ["member.id"], name=op.f("fk_tag_defined_by_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
    )
    op.create_index(
        "uq_tag_in_use",
        "tag",
        ["review_id", "name"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "inquiry",
        sa.Column("id", KEY, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("stage IN ('title-abstract', 'full-text')", name=op.f("ck_inquiry_stage")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_inquiry_record_id_record")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_inquiry_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
        sa.UniqueConstraint("member_id", "idempotency_key", name=op.f("uq_inquiry_member_id_idempotency_key")),
    )
    op.create_index("ix_inquiry_record", "inquiry", ["record_id", "stage"])
    op.create_table(
        "reply",
        sa.Column("id", KEY, nullable=False),
        sa.Column("inquiry_id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiry.id"], name=op.f("fk_reply_inquiry_id_inquiry")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_reply_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("member_id", "idempotency_key", name=op.f("uq_reply_member_id_idempotency_key")),
    )
    op.create_index("ix_reply_inquiry", "reply", ["inquiry_id"])


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("reply")
    op.drop_table("inquiry")
    op.drop_table("tag")
