"""Brings a store to the shape that this program needs, once, whoever opens it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from kaname.knowledge.migrations import HEAD
from kaname.model.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

    from kaname.knowledge.database import Database

__all__ = ["configuration", "migrate"]


def migrate(database: Database) -> None:
    """Run the migrations that are missing, all in one transaction.

    Raises:
        StoreError: the store was made by a newer kaname.
    """
    with database.read() as connection:
        if _revision(connection) == HEAD:
            return
    # Several processes may come here at once; the first migrates, the others find it done.
    with database.write("migrations") as connection:
        found = _revision(connection)
        if found != HEAD:
            _upgrade(connection, found)


def configuration(connection: Connection) -> Config:
    """Alembic's settings, which live here and not in an ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "kaname.knowledge:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection, found: str | None) -> None:
    # Loaded only here: a store that is up to date starts without Alembic.
    from alembic import command
    from alembic.script import ScriptDirectory

    config = configuration(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError("knowledge.error.newer", found=found, known=HEAD)
    command.upgrade(config, "head")
