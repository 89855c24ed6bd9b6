"""The part of the store that holds statuses: what became of the objects of a request."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import delete, insert, select

from kaname.knowledge.fusion_schema import TaxiiStatusRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.spelling import clean
from kaname.model.errors import NotFoundError
from kaname.model.instant import DAY, now_us

__all__ = ["TaxiiStatuses"]

_KEPT = 2 * DAY  # TAXII 2.1 (4.3) asks for a day


class TaxiiStatuses(StorePart):
    """Statuses by id; each is kept for two days, through restarts."""

    def put_status(self, key: str, owner: str, root: str, status: dict[str, Any]) -> None:
        """Keep ``status`` of a request that ``owner`` made under ``root``."""
        document = clean(msgspec.json.encode([owner, root, status]).decode())
        created = now_us()
        row = {"id": clean(key), "created": created, "document": document}
        with self._database.write("taxii_status") as connection:
            old = TaxiiStatusRow.created < created - _KEPT
            connection.execute(delete(TaxiiStatusRow).where(old))
            connection.execute(insert(TaxiiStatusRow), row)

    def status(self, key: str, owner: str, root: str) -> dict[str, Any]:
        """The status of that id, to whoever made the request.

        Raises:
            NotFoundError: there is none, or it is somebody else's.
        """
        statement = select(TaxiiStatusRow.document).where(TaxiiStatusRow.id == clean(key))
        with self._database.read() as connection:
            document = connection.execute(statement).scalar()
        if document is not None:
            whose, where, status = msgspec.json.decode(document)
            if (whose, where) == (owner, root):
                found: dict[str, Any] = status
                return found
        raise NotFoundError("knowledge.error.no_status", id=key)
