"""Run by Alembic: migrates over the connection that `kaname.knowledge.migrate` opened."""

from __future__ import annotations

from alembic import context

import kaname.knowledge.sensor_schema
import kaname.knowledge.telescope_schema  # noqa: F401 - its tables too
from kaname.knowledge.fusion_schema import Base  # with all tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
)
with context.begin_transaction():
    context.run_migrations()
