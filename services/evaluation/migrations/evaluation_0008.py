"""Add the index by which the consortia that an organisation leads are found."""

from alembic import op

revision = "evaluation_0008"
down_revision = "evaluation_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("consortia", schema=None) as batch_op:
        batch_op.create_index("ix_consortia_lead", ["lead", "id"], unique=False)
