"""Allocation of records to people, pilot rounds, the languages that people read, and who was a senior when voting

Revision: 0011_allocation, after 0010_desk; 2026-11-25 16:00:00
"""

import sqlalchemy as sa
from alembic import op

from workbench.db import Utc

revision = "0011_allocation"
down_revision = "0010_desk"
branch_labels = None
depends_on = None

UTC = Utc(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STAGE = sa.Enum("title-abstract", "full-text", name="stage", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "allocation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("review_id", KEY, nullable=False),
        sa.Column("stage", STAGE, nullable=False),
        sa.Column(
            "split",
            sa.Enum(
                "everyone",
                "shares",
                "batch",
                "handed-over",
                name="split",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("shares", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("chosen", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_allocation_member_id_member")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_allocation_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.create_index("ix_allocation_review", ["review_id", "stage"], unique=False)

    op.create_table(
        "languages_read",
        sa.Column("id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("languages", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("said_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_languages_read_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_languages_read")),
    )
    with op.batch_alter_table("languages_read", schema=None) as batch_op:
        batch_op.create_index("ix_languages_read_member", ["member_id"], unique=False)

    op.create_table(
        "pilot_round",
        sa.Column("id", KEY, nullable=False),
        sa.Column("review_id", KEY, nullable=False),
        sa.Column("stage", STAGE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("begun_at", UTC, nullable=False),
        sa.Column("opened_at", UTC, nullable=True),
        sa.CheckConstraint("size >= 1 AND number >= 1", name=op.f("ck_pilot_round_counts_from_one")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_pilot_round_member_id_member")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_pilot_round_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_round")),
        sa.UniqueConstraint("review_id", "stage", "number", name=op.f("uq_pilot_round_review_id_stage_number")),
    )
    with op.batch_alter_table("pilot_round", schema=None) as batch_op:
        batch_op.create_index(
            "uq_pilot_round_running",
            ["review_id", "stage"],
            unique=True,
            sqlite_where=sa.text("opened_at IS NULL"),
            postgresql_where=sa.text("opened_at IS NULL"),
        )

    op.create_table(
        "pilot_voter",
        sa.Column("id", KEY, nullable=False),
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("released_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_pilot_voter_member_id_member")),
        sa.ForeignKeyConstraint(["round_id"], ["pilot_round.id"], name=op.f("fk_pilot_voter_round_id_pilot_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_voter")),
        sa.UniqueConstraint("member_id", "round_id", name=op.f("uq_pilot_voter_member_id_round_id")),
    )
    with op.batch_alter_table("pilot_voter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pilot_voter_round_id"), ["round_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("allocation_id", KEY, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("stage", STAGE, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("is_senior", sa.Boolean(), nullable=False),
        sa.Column("ended_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["allocation_id"], ["allocation.id"], name=op.f("fk_assignment_allocation_id_allocation")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["allocation.id"], name=op.f("fk_assignment_ended_by_allocation")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_assignment_member_id_member")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_assignment_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint(
            "record_id",
            "stage",
            "member_id",
            "allocation_id",
            name=op.f("uq_assignment_record_id_stage_member_id_allocation_id"),
        ),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_allocation_id"), ["allocation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_ended_by"), ["ended_by"], unique=False)
        batch_op.create_index("ix_assignment_member", ["member_id", "stage"], unique=False)

    op.create_table(
        "pilot_record",
        sa.Column("id", KEY, nullable=False),
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("stage", STAGE, nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_pilot_record_record_id_record")),
        sa.ForeignKeyConstraint(["round_id"], ["pilot_round.id"], name=op.f("fk_pilot_record_round_id_pilot_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_record")),
        sa.UniqueConstraint("record_id", "stage", name=op.f("uq_pilot_record_record_id_stage")),
    )
    with op.batch_alter_table("pilot_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pilot_record_round_id"), ["round_id"], unique=False)

    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_senior", sa.Boolean(), server_default=sa.text("false"), nullable=False))

    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_senior", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.drop_column("is_senior")

    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_column("is_senior")

    with op.batch_alter_table("pilot_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pilot_record_round_id"))

    op.drop_table("pilot_record")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_member")
        batch_op.drop_index(batch_op.f("ix_assignment_ended_by"))
        batch_op.drop_index(batch_op.f("ix_assignment_allocation_id"))

    op.drop_table("assignment")
    with op.batch_alter_table("pilot_voter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pilot_voter_round_id"))

    op.drop_table("pilot_voter")
    with op.batch_alter_table("pilot_round", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_pilot_round_running",
            sqlite_where=sa.text("opened_at IS NULL"),
            postgresql_where=sa.text("opened_at IS NULL"),
        )

    op.drop_table("pilot_round")
    with op.batch_alter_table("languages_read", schema=None) as batch_op:
        batch_op.drop_index("ix_languages_read_member")

    op.drop_table("languages_read")
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.drop_index("ix_allocation_review")

    op.drop_table("allocation")
