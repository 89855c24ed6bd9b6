"""Run by Alembic: migrates over the connection that `kaname.knowledge.migrate` opened."""

from __future__ import annotations

from alembic import context

from kaname.knowledge.fusion_schema import Base  # with all tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
)
with context.begin_transaction():
    context.run_migrations()
