"""Answers of two people, links, deeds taken back as a whole; the field a person chose; the order of the queue

Revision: 0008_queue, after 0007_likeness; 2026-11-25 15:50:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_queue"
down_revision = "0007_likeness"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LINKS = ("version-of", "erratum-of", "retraction-of", "comment-on", "abstract-of", "preprint-of", "same-trial")
CHECKS = {
    "ck_verdict_link_if_linked": "(answer = 'linked') = (link IS NOT NULL)",
    "ck_verdict_link_points": "(link IS NULL) = (pointing_id IS NULL)",
    "ck_verdict_points_from_the_pair": "pointing_id IS NULL OR pointing_id IN (low_id, high_id)",
}
TOGETHER = """
    UPDATE verdict SET act = 'verdict-' || (
        SELECT min(other.id) FROM verdict AS other
        WHERE other.member_id = verdict.member_id AND other.said_at = verdict.said_at AND other.answer = verdict.answer
    )
"""
"""What was said in one moment, such as the parting of a record from three others, was one deed."""


def upgrade() -> None:
    """Bring the schema here."""
    link = sa.Enum(*LINKS, name="linkkind", native_enum=False, create_constraint=True, length=40)
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.add_column(sa.Column("link", link, nullable=True))
        batch_op.add_column(sa.Column("pointing_id", KEY, nullable=True))
        batch_op.add_column(sa.Column("alone", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("act", sa.String(length=40), nullable=True))
    op.execute(TOGETHER)
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.alter_column("act", existing_type=sa.String(length=40), nullable=False)
        batch_op.drop_constraint(op.f("ck_verdict_answer"), type_="check")
        batch_op.create_check_constraint(op.f("ck_verdict_answer"), "answer IN ('same', 'two', 'linked', 'later')")
        for name, says in CHECKS.items():
            batch_op.create_check_constraint(op.f(name), says)
        batch_op.create_foreign_key(op.f("fk_verdict_pointing_id_record"), "record", ["pointing_id"], ["id"])
        batch_op.create_unique_constraint(
            op.f("uq_verdict_member_id_act_low_id_high_id"), ["member_id", "act", "low_id", "high_id"]
        )
    op.create_table(
        "field_choice",
        sa.Column("id", KEY, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_field_choice_member_id_member")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_field_choice_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_choice")),
    )
    op.create_index(op.f("ix_field_choice_record_id"), "field_choice", ["record_id"], unique=False)
    op.create_index("ix_candidate_pair_queue", "candidate_pair", ["review_id", "score", "id"], unique=False)


def downgrade() -> None:
    """Take the schema back; links that people said, and answers that waited for a second person, go."""
    op.drop_index("ix_candidate_pair_queue", table_name="candidate_pair")
    op.drop_table("field_choice")
    op.execute("DELETE FROM verdict WHERE answer = 'linked' OR NOT alone")
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_verdict_member_id_act_low_id_high_id"), type_="unique")
        batch_op.drop_constraint(op.f("fk_verdict_pointing_id_record"), type_="foreignkey")
        for name in (*CHECKS, "ck_verdict_answer", "ck_verdict_linkkind"):
            batch_op.drop_constraint(op.f(name), type_="check")
        batch_op.create_check_constraint(op.f("ck_verdict_answer"), "answer IN ('same', 'two', 'later')")
        for name in ("act", "alone", "pointing_id", "link"):
            batch_op.drop_column(name)
