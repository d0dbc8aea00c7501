"""Add the index that serves the inbox in the order in which the cases were opened."""

from alembic import op

revision = "review_0010"
down_revision = "review_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_inbox_by_opening", ["bureau", "id"], unique=False)
