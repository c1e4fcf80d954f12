"""The desk keeps what is one's own: records put off, words to mark, keys, and votes given in bulk

Revision: 0010_desk, after 0009_flow; 2026-11-25 16:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_desk"
down_revision = "0009_flow"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "bulk",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reviewer_id", BIG, nullable=False),
        _stage(),
        sa.Column("wish", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["member.id"], name=op.f("fk_bulk_reviewer_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk")),
        sa.UniqueConstraint("reviewer_id", "idempotency_key", name=op.f("uq_bulk_reviewer_id_idempotency_key")),
    )
    op.create_table(
        "postponement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("record_id", BIG, nullable=False),
        _stage(),
        sa.Column("reviewer_id", BIG, nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("postponed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_postponement_record_id_record")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["member.id"], name=op.f("fk_postponement_reviewer_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postponement")),
        sa.UniqueConstraint("reviewer_id", "idempotency_key", name=op.f("uq_postponement_reviewer_id_idempotency_key")),
    )
    op.create_index("ix_postponement_reviewer", "postponement", ["reviewer_id", "stage", "record_id"])
    op.create_table(
        "term_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("review_id", BIG, nullable=False),
        sa.Column("member_id", BIG, nullable=True),
        sa.Column("include", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("exclude", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("pico", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("saved_by", BIG, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_term_list_member_id_member")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_term_list_review_id_review")),
        sa.ForeignKeyConstraint(["saved_by"], ["member.id"], name=op.f("fk_term_list_saved_by_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_list")),
    )
    op.create_index("ix_term_list_newest", "term_list", ["review_id", "member_id", "id"])
    op.create_table(
        "desk_keys",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("keys", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("are_on", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_desk_keys_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_desk_keys")),
    )
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bulk_id", BIG, nullable=True))
        batch_op.create_foreign_key(op.f("fk_vote_bulk_id_bulk"), "bulk", ["bulk_id"], ["id"])


def downgrade() -> None:
    """Take the schema back; votes given in bulk stay votes."""
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_vote_bulk_id_bulk"), type_="foreignkey")
        batch_op.drop_column("bulk_id")
    op.drop_table("desk_keys")
    op.drop_index("ix_term_list_newest", "term_list")
    op.drop_table("term_list")
    op.drop_index("ix_postponement_reviewer", "postponement")
    op.drop_table("postponement")
    op.drop_table("bulk")


def _stage() -> sa.Column:
    words = sa.Enum("title-abstract", "full-text", name="stage", native_enum=False, create_constraint=True, length=40)
    return sa.Column("stage", words, nullable=False)
