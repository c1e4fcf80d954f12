"""Reading full texts: ways and days of attempts, page and quote of a vote, the text of files

Revision: 0019_reading, after 0018_studies; 2026-11-25 20:20:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0019_reading"
down_revision = "0018_studies"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = ("requested", "needs-translation", "retrieved", "not-retrieved")
CHANNELS = ("library", "interlibrary-loan", "authors", "link", "other")
OF_RETRIEVAL = {
    "tried_some_way": "found <> 'tried' OR channel IS NOT NULL",
    "expected_while_under_way": "expected_by IS NULL OR found IN ('requested', 'needs-translation')",
}
OF_VOTE = {
    "page_of_a_full_text": "page IS NULL OR (page >= 1 AND stage = 'full-text')",
    "quote_of_a_full_text": "quote IS NULL OR stage = 'full-text'",
    "file_has_the_page": "quoted_from IS NULL OR page IS NOT NULL",
}


def _found(states: tuple[str, ...]) -> str:
    return f"found IN ({', '.join(repr(state) for state in states)})"


def upgrade() -> None:
    """Bring the schema here; what was written down so far names no way and no day."""
    channel = sa.Enum(*CHANNELS, name="channel", native_enum=False, create_constraint=True, length=40)
    with op.batch_alter_table("retrieval", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_retrieval_found"), type_="check")
        batch_op.create_check_constraint(op.f("ck_retrieval_found"), _found(("tried", *BEFORE)))
        batch_op.add_column(sa.Column("channel", channel, nullable=True))
        batch_op.add_column(sa.Column("tried_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("expected_by", sa.Date(), nullable=True))
        for name, rule in OF_RETRIEVAL.items():
            batch_op.create_check_constraint(op.f(f"ck_retrieval_{name}"), rule)
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.add_column(sa.Column("page", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("quote", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("quoted_from", KEY, nullable=True))
        batch_op.create_foreign_key(op.f("fk_vote_quoted_from_full_text"), "full_text", ["quoted_from"], ["id"])
        for name, rule in OF_VOTE.items():
            batch_op.create_check_constraint(op.f(f"ck_vote_{name}"), rule)
    op.create_table(
        "file_text",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("pages", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("of_pages", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("of_pages IS NULL OR of_pages >= 0", name=op.f("ck_file_text_pages_not_negative")),
        sa.ForeignKeyConstraint(["sha256"], ["stored_file.sha256"], name=op.f("fk_file_text_sha256_stored_file")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_file_text")),
    )


def downgrade() -> None:
    """Take the schema back; attempts without success are forgotten, since nothing could say so before."""
    op.drop_table("file_text")
    with op.batch_alter_table("vote", schema=None) as batch_op:
        for name in OF_VOTE:
            batch_op.drop_constraint(op.f(f"ck_vote_{name}"), type_="check")
        batch_op.drop_constraint(op.f("fk_vote_quoted_from_full_text"), type_="foreignkey")
        for name in ("quoted_from", "quote", "page"):
            batch_op.drop_column(name)
    op.execute("DELETE FROM retrieval WHERE found = 'tried'")
    with op.batch_alter_table("retrieval", schema=None) as batch_op:
        for name in (*OF_RETRIEVAL, "channel", "found"):
            batch_op.drop_constraint(op.f(f"ck_retrieval_{name}"), type_="check")
        for name in ("expected_by", "tried_on", "channel"):
            batch_op.drop_column(name)
        batch_op.create_check_constraint(op.f("ck_retrieval_found"), _found(BEFORE))
