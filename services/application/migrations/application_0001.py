"""Add the tables of organisations, calls, applications and the register."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "application_0001"
down_revision = None
branch_labels = ("application",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("opens_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("closes_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("industry_bureaus", sa.JSON(), nullable=False),
        sa.Column("rubric", sa.JSON(), nullable=False),
        sa.Column("min_reviewers", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("budget", sa.String(length=20), nullable=True),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("cancelled_reason", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_table(
        "consortia",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("recognised_on", sa.Date(), nullable=False),
        sa.Column("recommender", sa.String(length=20), nullable=False),
        sa.Column("lead", sa.String(length=18), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("application_id", sa.String(length=36), nullable=True),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("last_grade", sa.String(length=20), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("searchable", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consortia")),
        sa.UniqueConstraint("application_id", name=op.f("uq_consortia_application_id")),
        sa.UniqueConstraint("number", name=op.f("uq_consortia_number")),
    )
    with op.batch_alter_table("consortia", schema=None) as batch_op:
        batch_op.create_index("ix_consortia_field", ["field", "id"], unique=False)
        batch_op.create_index("ix_consortia_home", ["recommender", "id"], unique=False)
        batch_op.create_index("ix_consortia_status", ["status", "id"], unique=False)

    op.create_table(
        "integrity_records",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("penalty_until", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.String(length=120), nullable=False),
        sa.Column("entered_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_records")),
        sa.UniqueConstraint("uscc", "recorded_on", "reason", name=op.f("uq_integrity_records_uscc_recorded_on_reason")),
    )
    with op.batch_alter_table("integrity_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_integrity_records_uscc"), ["uscc"], unique=False)

    op.create_table(
        "numbers",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_numbers")),
    )
    op.create_table(
        "organisations",
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("industry", sa.String(length=60), nullable=True),
        sa.Column("legal_person", sa.Boolean(), nullable=True),
        sa.Column("public_institution", sa.Boolean(), nullable=True),
        sa.Column("state_owned", sa.Boolean(), nullable=True),
        sa.Column("rd_staff", sa.Integer(), nullable=True),
        sa.Column("founded_on", sa.String(length=10), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("platforms", sa.JSON(), nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("uscc", name=op.f("pk_organisations")),
    )
    op.create_table(
        "places",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("reserved_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("confirmed_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.Column("freed_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_places")),
    )
    with op.batch_alter_table("places", schema=None) as batch_op:
        batch_op.create_index(
            "ix_places_subject",
            ["subject", "uscc"],
            unique=True,
            postgresql_where=sa.text("freed_at IS NULL"),
            sqlite_where=sa.text("freed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_places_uscc",
            ["uscc"],
            unique=False,
            postgresql_where=sa.text("freed_at IS NULL"),
            sqlite_where=sa.text("freed_at IS NULL"),
        )

    op.create_table(
        "readers",
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("application_id", "username", name=op.f("pk_readers")),
    )
    with op.batch_alter_table("readers", schema=None) as batch_op:
        batch_op.create_index("ix_readers_username", ["username", "application_id"], unique=False)

    op.create_table(
        "terms",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("term", sa.String(length=2), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("kind", "term", "id", name=op.f("pk_terms")),
    )
    op.create_table(
        "timeline",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("article", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
    )
    with op.batch_alter_table("timeline", schema=None) as batch_op:
        batch_op.create_index("ix_timeline_subject", ["subject", "id"], unique=False)

    op.create_table(
        "applications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("field", sa.String(length=60), nullable=True),
        sa.Column("lead", sa.String(length=18), nullable=True),
        sa.Column("recommender", sa.String(length=20), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=True),
        sa.Column("agreement", sa.JSON(), nullable=False),
        sa.Column("at_province", sa.Boolean(), nullable=False),
        sa.Column("returned", sa.JSON(), nullable=True),
        sa.Column("correction_due", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.Column("decision", sa.JSON(), nullable=True),
        sa.Column("publicity_ends", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("consortium_id", sa.String(length=36), nullable=True),
        sa.Column("searchable", sa.Text(), nullable=False),
        sa.Column("created_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("submitted_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.Column("updated_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index("ix_applications_call", ["call_id", "id"], unique=False)
        batch_op.create_index(
            "ix_applications_correction",
            ["correction_due"],
            unique=False,
            postgresql_where=sa.text("status = 'returned'"),
            sqlite_where=sa.text("status = 'returned'"),
        )
        batch_op.create_index(
            "ix_applications_home",
            ["recommender", "id"],
            unique=False,
            postgresql_where=sa.text("version > 0"),
            sqlite_where=sa.text("version > 0"),
        )
        batch_op.create_index(
            "ix_applications_home_status",
            ["recommender", "status", "id"],
            unique=False,
            postgresql_where=sa.text("version > 0"),
            sqlite_where=sa.text("version > 0"),
        )
        batch_op.create_index("ix_applications_lead", ["lead", "id"], unique=False)
        batch_op.create_index(
            "ix_applications_province",
            ["id"],
            unique=False,
            postgresql_where=sa.text("at_province"),
            sqlite_where=sa.text("at_province"),
        )
        batch_op.create_index(
            "ix_applications_province_status",
            ["status", "id"],
            unique=False,
            postgresql_where=sa.text("at_province"),
            sqlite_where=sa.text("at_province"),
        )
        batch_op.create_index(
            "ix_applications_publicity",
            ["publicity_ends"],
            unique=False,
            postgresql_where=sa.text("status = 'publicised'"),
            sqlite_where=sa.text("status = 'publicised'"),
        )
        batch_op.create_index("ix_applications_status", ["status", "id"], unique=False)

    op.create_table(
        "consortium_units",
        sa.Column("consortium_id", sa.String(length=36), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("tier", sa.String(length=10), nullable=True),
        sa.Column("role", sa.String(length=200), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consortium_id"],
            ["consortia.id"],
        ),
        sa.PrimaryKeyConstraint("consortium_id", "uscc", name=op.f("pk_consortium_units")),
    )
    with op.batch_alter_table("consortium_units", schema=None) as batch_op:
        batch_op.create_index("ix_consortium_units_uscc", ["uscc", "consortium_id"], unique=False)

    op.create_table(
        "objections",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.String(length=120), nullable=False),
        sa.Column("filed_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("answered_by", sa.String(length=120), nullable=True),
        sa.Column("answered_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    with op.batch_alter_table("objections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objections_application_id"), ["application_id"], unique=False)

    op.create_table(
        "units",
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("core", sa.String(length=32), nullable=True),
        sa.Column("paper", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("application_id", "uscc", name=op.f("pk_units")),
    )
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.create_index("ix_units_uscc", ["uscc", "application_id"], unique=False)

    op.create_table(
        "versions",
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("submitted_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.String(length=120), nullable=False),
        sa.Column("agreement_version", sa.String(length=32), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("application_id", "number", name=op.f("pk_versions")),
    )
