"""Files sent together, what they are and which report they belong to

Revision: 0017_full_text_files, after 0016_passed_on; 2026-11-25 19:30:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_full_text_files"
down_revision = "0016_passed_on"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("article", "supplement", "protocol", "registry-entry")
WAITS = sa.text("settled_at IS NULL")
CHECKS = {
    "attached_is_settled": "full_text_id IS NULL OR settled_at IS NOT NULL",
    "let_go_by_somebody": "settled_at IS NULL OR settled_by IS NOT NULL OR full_text_id IS NOT NULL",
    "settled_at_some_time": "settled_by IS NULL OR settled_at IS NOT NULL",
    "read_at_some_time": "(reading IS NULL) = (read_at IS NULL)",
    "kept_or_refused": "sha256 IS NOT NULL OR reading IS NOT NULL",
    "none_fits_says_somebody": "(none_fits_at IS NULL) = (none_fits_by IS NULL)",
}
POINTS = {
    "review_id": "review.id",
    "sha256": "stored_file.sha256",
    "sent_by": "member.id",
    "none_fits_by": "member.id",
    "full_text_id": "full_text.id",
    "settled_by": "member.id",
}


def upgrade() -> None:
    """Bring the schema here; files that are there are articles."""
    kind = sa.Enum(*KINDS, name="filekind", native_enum=False, create_constraint=True, length=40)
    with op.batch_alter_table("full_text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", kind, server_default="article", nullable=False))
        batch_op.add_column(sa.Column("supersedes_id", KEY, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_full_text_supersedes_id_full_text"), "full_text", ["supersedes_id"], ["id"]
        )
        batch_op.create_check_constraint(op.f("ck_full_text_supersedes_another"), "supersedes_id <> id")
    with op.batch_alter_table("retrieval", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_by", KEY, nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(op.f("fk_retrieval_withdrawn_by_member"), "member", ["withdrawn_by"], ["id"])
        batch_op.create_check_constraint(
            op.f("ck_retrieval_withdrawn_by_somebody"), "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
        )
    op.create_table(
        "sent_pdf",
        sa.Column("id", KEY, nullable=False),
        sa.Column("review_id", KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sent_by", KEY, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reading", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("matches", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("none_fits_by", KEY, nullable=True),
        sa.Column("none_fits_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("full_text_id", KEY, nullable=True),
        sa.Column("settled_by", KEY, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_sent_pdf_{name}")) for name, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [there], name=op.f(f"fk_sent_pdf_{column}_{there.split('.')[0]}"))
            for column, there in POINTS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_pdf")),
        sa.UniqueConstraint("full_text_id", name=op.f("uq_sent_pdf_full_text_id")),
    )
    with op.batch_alter_table("sent_pdf", schema=None) as batch_op:
        batch_op.create_index(
            "uq_sent_pdf_waits_once",
            ["review_id", "sha256"],
            unique=True,
            sqlite_where=WAITS,
            postgresql_where=WAITS,
        )


def downgrade() -> None:
    """Take the schema back; files that wait are no longer listed, their bytes stay in the store."""
    op.drop_table("sent_pdf")
    with op.batch_alter_table("retrieval", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_retrieval_withdrawn_by_somebody"), type_="check")
        batch_op.drop_constraint(op.f("fk_retrieval_withdrawn_by_member"), type_="foreignkey")
        batch_op.drop_column("withdrawn_at")
        batch_op.drop_column("withdrawn_by")
    with op.batch_alter_table("full_text", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_full_text_supersedes_another"), type_="check")
        batch_op.drop_constraint(op.f("fk_full_text_supersedes_id_full_text"), type_="foreignkey")
        batch_op.drop_column("supersedes_id")
        batch_op.drop_constraint(op.f("ck_full_text_filekind"), type_="check")
        batch_op.drop_column("kind")
