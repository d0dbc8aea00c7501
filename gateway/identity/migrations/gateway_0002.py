"""Tables of sessions, API keys and the log of seen personal data; columns for delegations, second factors and accounts of the
identity provider."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "gateway_0002"
down_revision = "gateway_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("created_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("expires_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("last_used_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.Column("revoked_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.create_index("ix_api_keys_username", ["username"], unique=False)

    op.create_table(
        "key_usage",
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "day", name=op.f("pk_key_usage")),
    )
    op.create_table(
        "looks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("whose", sa.String(length=100), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("what", sa.String(length=100), nullable=False),
        sa.Column("correlation_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looks")),
    )
    with op.batch_alter_table("looks", schema=None) as batch_op:
        batch_op.create_index("ix_looks_whose", ["whose", "id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("opened_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("client", sa.String(length=200), nullable=True),
        sa.Column("closed_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index("ix_sessions_expires_at", ["expires_at"], unique=False)
        batch_op.create_index("ix_sessions_username", ["username", "id"], unique=False)

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("external", sa.String(length=600), nullable=True))
        batch_op.add_column(sa.Column("second_factor", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("delegation", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("erased_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True))
        batch_op.alter_column("password_hash", existing_type=sa.VARCHAR(length=200), nullable=True)
        batch_op.create_unique_constraint(batch_op.f("uq_accounts_external"), ["external"])
