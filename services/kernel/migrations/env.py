"""Alembic's environment, which the databases of all services share: `persistence/migrate.py` gives it a connection and the
tables' metadata."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
