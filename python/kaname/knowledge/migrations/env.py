"""Run by Alembic: migrates over the connection that `kaname.knowledge.migrate` opened."""

from __future__ import annotations

from alembic import context

import kaname.knowledge.fusion_schema  # its tables belong to the same metadata
from kaname.knowledge.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
)
with context.begin_transaction():
    context.run_migrations()
