"""Studies: reports gathered, primary reports, names, what was said of pairs, what is ongoing, notices that were seen

Revision: 0018_studies, after 0017_full_text_files; 2026-11-25 20:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0018_studies"
down_revision = "0017_full_text_files"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDS = {"sqlite_where": sa.text("ended_in IS NULL"), "postgresql_where": sa.text("ended_in IS NULL")}
NOT_WITHDRAWN = {"sqlite_where": sa.text("withdrawn_at IS NULL"), "postgresql_where": sa.text("withdrawn_at IS NULL")}


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "study_deed",
        sa.Column("id", KEY, nullable=False),
        sa.Column("review_id", KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "gather",
                "split",
                "merge",
                "primary",
                "name",
                "undo",
                name="deedkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("undoes_id", KEY, nullable=True),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'undo') = (undoes_id IS NOT NULL)", name=op.f("ck_study_deed_undo_names_its_deed")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_study_deed_member_id_member")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_study_deed_review_id_review")),
        sa.ForeignKeyConstraint(["undoes_id"], ["study_deed.id"], name=op.f("fk_study_deed_undoes_id_study_deed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_deed")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_study_deed_undoes_id")),
    )
    op.create_index("ix_study_deed_review", "study_deed", ["review_id", "id"], unique=False)
    op.create_table(
        "study",
        sa.Column("id", KEY, nullable=False),
        sa.Column("review_id", KEY, nullable=False),
        sa.Column("begun_in", KEY, nullable=False),
        sa.ForeignKeyConstraint(["begun_in"], ["study_deed.id"], name=op.f("fk_study_begun_in_study_deed")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_study_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
    )
    op.create_index("ix_study_review", "study", ["review_id"], unique=False)
    op.create_table(
        "study_name",
        sa.Column("id", KEY, nullable=False),
        sa.Column("study_id", KEY, nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("registry_ids", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("begun_in", KEY, nullable=False),
        sa.Column("ended_in", KEY, nullable=True),
        sa.CheckConstraint("label <> ''", name=op.f("ck_study_name_has_label")),
        sa.ForeignKeyConstraint(["begun_in"], ["study_deed.id"], name=op.f("fk_study_name_begun_in_study_deed")),
        sa.ForeignKeyConstraint(["ended_in"], ["study_deed.id"], name=op.f("fk_study_name_ended_in_study_deed")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_study_name_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_name")),
    )
    op.create_index(op.f("ix_study_name_begun_in"), "study_name", ["begun_in"], unique=False)
    op.create_index(op.f("ix_study_name_ended_in"), "study_name", ["ended_in"], unique=False)
    op.create_index("uq_study_name_once", "study_name", ["study_id"], unique=True, **STANDS)
    op.create_table(
        "notice_seen",
        sa.Column("id", KEY, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "retraction",
                "concern",
                "erratum",
                name="noticekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_notice_seen_member_id_member")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_notice_seen_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_seen")),
        sa.UniqueConstraint("record_id", "kind", "source", name=op.f("uq_notice_seen_record_id_kind_source")),
    )
    op.create_table(
        "ongoing_report",
        sa.Column("id", KEY, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", KEY, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_ongoing_report_withdrawn_by_somebody")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_ongoing_report_member_id_member")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_ongoing_report_record_id_record")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["member.id"], name=op.f("fk_ongoing_report_withdrawn_by_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ongoing_report")),
    )
    op.create_index("uq_ongoing_report_once", "ongoing_report", ["record_id"], unique=True, **NOT_WITHDRAWN)
    op.create_table(
        "primary_report",
        sa.Column("id", KEY, nullable=False),
        sa.Column("study_id", KEY, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("begun_in", KEY, nullable=False),
        sa.Column("ended_in", KEY, nullable=True),
        sa.ForeignKeyConstraint(["begun_in"], ["study_deed.id"], name=op.f("fk_primary_report_begun_in_study_deed")),
        sa.ForeignKeyConstraint(["ended_in"], ["study_deed.id"], name=op.f("fk_primary_report_ended_in_study_deed")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_primary_report_record_id_record")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_primary_report_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_primary_report")),
    )
    op.create_index(op.f("ix_primary_report_begun_in"), "primary_report", ["begun_in"], unique=False)
    op.create_index(op.f("ix_primary_report_ended_in"), "primary_report", ["ended_in"], unique=False)
    op.create_index("uq_primary_report_once", "primary_report", ["study_id"], unique=True, **STANDS)
    op.create_table(
        "study_answer",
        sa.Column("id", KEY, nullable=False),
        sa.Column("low_id", KEY, nullable=False),
        sa.Column("high_id", KEY, nullable=False),
        sa.Column(
            "answer",
            sa.Enum("different", "later", name="pairanswer", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", KEY, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_study_answer_withdrawn_by_somebody")
        ),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_study_answer_pair_in_order")),
        sa.ForeignKeyConstraint(["high_id"], ["record.id"], name=op.f("fk_study_answer_high_id_record")),
        sa.ForeignKeyConstraint(["low_id"], ["record.id"], name=op.f("fk_study_answer_low_id_record")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_study_answer_member_id_member")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["member.id"], name=op.f("fk_study_answer_withdrawn_by_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_answer")),
    )
    op.create_index(op.f("ix_study_answer_high_id"), "study_answer", ["high_id"], unique=False)
    op.create_index("uq_study_answer_once", "study_answer", ["low_id", "high_id"], unique=True, **NOT_WITHDRAWN)
    op.create_table(
        "study_report",
        sa.Column("id", KEY, nullable=False),
        sa.Column("study_id", KEY, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("begun_in", KEY, nullable=False),
        sa.Column("ended_in", KEY, nullable=True),
        sa.ForeignKeyConstraint(["begun_in"], ["study_deed.id"], name=op.f("fk_study_report_begun_in_study_deed")),
        sa.ForeignKeyConstraint(["ended_in"], ["study_deed.id"], name=op.f("fk_study_report_ended_in_study_deed")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_study_report_record_id_record")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_study_report_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_report")),
    )
    op.create_index(op.f("ix_study_report_begun_in"), "study_report", ["begun_in"], unique=False)
    op.create_index(op.f("ix_study_report_ended_in"), "study_report", ["ended_in"], unique=False)
    op.create_index("ix_study_report_study", "study_report", ["study_id"], unique=False)
    op.create_index("uq_study_report_once", "study_report", ["record_id"], unique=True, **STANDS)


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("study_report")
    op.drop_table("study_answer")
    op.drop_table("primary_report")
    op.drop_table("ongoing_report")
    op.drop_table("notice_seen")
    op.drop_table("study_name")
    op.drop_table("study")
    op.drop_table("study_deed")
