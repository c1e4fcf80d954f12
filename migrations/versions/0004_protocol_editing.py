"""Protocols are written in the browser: drafts, hits of single lines; an import names its version and its part

Revision: 0004_protocol_editing, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_protocol_editing"
down_revision = "0003_harvest"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "protocol_draft",
        sa.Column("id", KEY, nullable=False),
        sa.Column("review_id", KEY, nullable=True),
        sa.Column("base_version_id", KEY, nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("earlier", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(review_id IS NULL) = (base_version_id IS NULL)", name=op.f("ck_protocol_draft_next_version_has_base")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_protocol_draft_review_id_review")),
        sa.ForeignKeyConstraint(
            ["base_version_id"],
            ["protocol_version.id"],
            name=op.f("fk_protocol_draft_base_version_id_protocol_version"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_protocol_draft_author_id_user")),
        sa.ForeignKeyConstraint(["saved_by"], ["user.id"], name=op.f("fk_protocol_draft_saved_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_draft")),
    )
    op.create_index(op.f("ix_protocol_draft_author_id"), "protocol_draft", ["author_id"])
    op.create_index(
        "uq_protocol_draft_one_open",
        "protocol_draft",
        ["review_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "line_hits",
        sa.Column("id", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("reported_by", KEY, nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("hits >= 0", name=op.f("ck_line_hits_hits_not_negative")),
        sa.ForeignKeyConstraint(["run_id"], ["search_run.id"], name=op.f("fk_line_hits_run_id_search_run")),
        sa.ForeignKeyConstraint(["reported_by"], ["member.id"], name=op.f("fk_line_hits_reported_by_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_hits")),
    )
    op.create_index("ix_line_hits_run", "line_hits", ["run_id"])
    with op.batch_alter_table("import") as batch:
        batch.add_column(sa.Column("protocol_version_id", KEY, nullable=True))
        batch.add_column(sa.Column("part", sa.Text(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_import_protocol_version_id_protocol_version"),
            "protocol_version",
            ["protocol_version_id"],
            ["id"],
        )


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("import") as batch:
        batch.drop_constraint(op.f("fk_import_protocol_version_id_protocol_version"), type_="foreignkey")
        batch.drop_column("part")
        batch.drop_column("protocol_version_id")
    op.drop_index("ix_line_hits_run", table_name="line_hits")
    op.drop_table("line_hits")
    op.drop_index("uq_protocol_draft_one_open", table_name="protocol_draft")
    op.drop_index(op.f("ix_protocol_draft_author_id"), table_name="protocol_draft")
    op.drop_table("protocol_draft")
