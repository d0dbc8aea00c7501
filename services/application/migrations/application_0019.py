"""Store the previews of policy drafts, which a publication requires (A15)."""

import sqlalchemy as sa
from alembic import op

from services.kernel.persistence.database import Instant

revision = "application_0019"
down_revision = "application_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_previews",
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("etag", sa.String(length=32), nullable=False),
        sa.Column("previewed_by", sa.String(length=120), nullable=False),
        sa.Column("previewed_at", Instant(timezone=True), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("affected", sa.JSON(), nullable=False),
        sa.Column("next_cursor", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("policy", "etag", "previewed_by", name=op.f("pk_policy_previews")),
    )
