"""The knowledge store: opens a database and offers all that is kept in it."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TypeVar

from kaname.knowledge.accounts import Accounts
from kaname.knowledge.audit import Audit
from kaname.knowledge.database import Database
from kaname.knowledge.findings import Findings
from kaname.knowledge.indicators import Indicators
from kaname.knowledge.migrate import migrate
from kaname.knowledge.part import StorePart
from kaname.knowledge.progress import Progress
from kaname.knowledge.state import State

__all__ = ["Knowledge"]

_Part = TypeVar("_Part", bound=StorePart)


class Knowledge(Findings, Progress, Indicators, Accounts, Audit, State):
    """All that kaname knows, at one URL; safe to use from several threads and processes."""

    @classmethod
    def open(cls, url: str, *, patience: float = 15.0) -> Knowledge:
        """Open the store at ``url`` and bring it to the present shape.

        Args:
            url: ``sqlite:////absolute/path/knowledge.sqlite`` or
                ``postgresql+psycopg://user:password@host/database``.
            patience: seconds to wait for a lock or a server.

        Raises:
            UsageError: the URL is of no store that kaname knows.
            UnavailableError: the server does not answer, or its driver is not installed.
            StoreAccessError: the file cannot be read or written.
            StoreError: the store is locked, or was made by a newer kaname.
            IntegrityError: the file is damaged, or no database.
        """
        database = Database(url, patience=patience)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def part(self, kind: type[_Part]) -> _Part:
        """A further part of the same store: what only one capability keeps."""
        return kind(self._database)

    def close(self) -> None:
        """Give all connections back; the object is of no use afterwards."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
