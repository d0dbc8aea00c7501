"""Index all columns that a search of organisations reads."""

from alembic import op

revision = "application_0016"
down_revision = "application_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.create_index("ix_organisations_search", ["uscc", "name", "kind", "region"], unique=False)
