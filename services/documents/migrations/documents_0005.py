"""Add the index that finds the damaged documents."""

import sqlalchemy as sa
from alembic import op

revision = "documents_0005"
down_revision = "documents_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    damaged = sa.text("state = 'damaged'")
    op.create_index("ix_documents_damaged", "documents", ["id"], postgresql_where=damaged, sqlite_where=damaged)
