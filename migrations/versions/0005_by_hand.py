"""Work by hand: columns mapped, letters mended, fields added, records entered by hand, work cancelled

Revision: 0005_by_hand, after 0004_protocol_editing; 2026-11-25 12:20:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_by_hand"
down_revision = "0004_protocol_editing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "column_mapping",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("review_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("headers_sha256", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("mapped_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mapped_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(headers_sha256) = 64", name=op.f("ck_column_mapping_whole_sha256")),
        sa.ForeignKeyConstraint(["mapped_by"], ["member.id"], name=op.f("fk_column_mapping_mapped_by_member")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_column_mapping_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_mapping")),
    )
    with op.batch_alter_table("column_mapping", schema=None) as batch_op:
        batch_op.create_index("ix_column_mapping_headers", ["review_id", "source", "headers_sha256"], unique=False)

    op.create_table(
        "held_upload",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("review_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_held_upload_review_id_review")),
        sa.ForeignKeyConstraint(["run_id"], ["search_run.id"], name=op.f("fk_held_upload_run_id_search_run")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["member.id"], name=op.f("fk_held_upload_uploaded_by_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_upload")),
    )
    with op.batch_alter_table("held_upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_upload_review_id"), ["review_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_upload_uploaded_at"), ["uploaded_at"], unique=False)

    op.create_table(
        "addition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("said_source", sa.Text(), nullable=False),
        sa.Column("added_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("said_source <> ''", name=op.f("ck_addition_source_is_said")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_addition_withdrawn_by_somebody")
        ),
        sa.ForeignKeyConstraint(["added_by"], ["member.id"], name=op.f("fk_addition_added_by_member")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_addition_record_id_record")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["member.id"], name=op.f("fk_addition_withdrawn_by_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addition")),
    )
    with op.batch_alter_table("addition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_addition_record_id"), ["record_id"], unique=False)
        batch_op.create_index(
            "uq_addition_once",
            ["record_id", "field"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "mended_field",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("mended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_mended_field_undone_by_somebody")
        ),
        sa.ForeignKeyConstraint(["mended_by"], ["member.id"], name=op.f("fk_mended_field_mended_by_member")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_mended_field_record_id_record")),
        sa.ForeignKeyConstraint(["undone_by"], ["member.id"], name=op.f("fk_mended_field_undone_by_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mended_field")),
    )
    with op.batch_alter_table("mended_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mended_field_record_id"), ["record_id"], unique=False)
        batch_op.create_index(
            "uq_mended_field_once",
            ["record_id", "field"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by_hand", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cancelled_by", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_job_cancelled_means_finished_without_result"),
            "cancelled_by IS NULL OR (finished_at IS NOT NULL AND failure IS NULL AND result IS NULL)",
        )


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_job_cancelled_means_finished_without_result"), type_="check")
        batch_op.drop_column("cancelled_by")

    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.drop_column("by_hand")

    with op.batch_alter_table("mended_field", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_mended_field_once",
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_mended_field_record_id"))

    op.drop_table("mended_field")
    with op.batch_alter_table("addition", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_addition_once",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_addition_record_id"))

    op.drop_table("addition")
    with op.batch_alter_table("held_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_upload_uploaded_at"))
        batch_op.drop_index(batch_op.f("ix_held_upload_review_id"))

    op.drop_table("held_upload")
    with op.batch_alter_table("column_mapping", schema=None) as batch_op:
        batch_op.drop_index("ix_column_mapping_headers")

    op.drop_table("column_mapping")
