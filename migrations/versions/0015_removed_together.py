"""All records of a removed report are removed with it

Revision: 0015_removed_together, after 0014_joined_pair; 2026-11-25 19:40:00
"""

from alembic import op

revision = "0015_removed_together"
down_revision = "0014_joined_pair"
branch_labels = None
depends_on = None

WITH_THE_KEPT = """
    INSERT INTO removal (record_id, rule, by_automation, member_id, removed_at)
    SELECT duplicate.record_id, removal.rule, removal.by_automation, removal.member_id, removal.removed_at
    FROM removal JOIN duplicate ON duplicate.kept_id = removal.record_id
    WHERE duplicate.record_id NOT IN (SELECT record_id FROM removal)
"""
KEPT_ALONE = "DELETE FROM removal WHERE record_id IN (SELECT record_id FROM duplicate)"


def upgrade() -> None:
    """Remove what stands under a removed record too: until now only the kept record of a report was named."""
    op.execute(WITH_THE_KEPT)


def downgrade() -> None:
    """Name only the kept record again."""
    op.execute(KEPT_ALONE)
