"""Runs migrations on the connection that it is given (database.py)."""

from alembic import context

from cds_service.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
