"""Create the tables of the numbers of official documents, by bureau and year."""

import sqlalchemy as sa
from alembic import op

revision = "documents_0010"
down_revision = "documents_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_numbers",
        sa.Column("bureau", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("bureau", "year", "number", name=op.f("pk_document_numbers")),
        sa.UniqueConstraint("subject", "kind", "act", name=op.f("uq_document_numbers_subject_kind_act")),
    )
    op.create_table(
        "number_series",
        sa.Column("bureau", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bureau", "year", name=op.f("pk_number_series")),
    )
