"""Decisions of EPPI-Reviewer's workbooks come along too

Revision: 0006_eppi, after 0005_by_hand; 2026-11-25 14:25:00
"""

from alembic import op

revision = "0006_eppi"
down_revision = "0005_by_hand"
branch_labels = None
depends_on = None

CHECK = "ck_imported_decision_tool"


def upgrade() -> None:
    """Bring the schema here."""
    _allow("'rayyan', 'covidence', 'asreview', 'eppi'")


def downgrade() -> None:
    """Take the schema back; what EPPI-Reviewer said stands in the records' own rows still."""
    op.execute("DELETE FROM imported_decision WHERE tool = 'eppi'")
    _allow("'rayyan', 'covidence', 'asreview'")


def _allow(tools: str) -> None:
    with op.batch_alter_table("imported_decision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.create_check_constraint(op.f(CHECK), f"tool IN ({tools})")
