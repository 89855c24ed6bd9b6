"""The part of the store that remembers who did what.

Two things keep the log honest. Triggers refuse every UPDATE and DELETE, whoever is
connected; and each line carries the SHA-256 of the line before, with the newest hash
noted apart, so that tampering around the triggers is found by `Audit.verify_audit`.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select

from kaname.knowledge import cursors
from kaname.knowledge.part import StorePart
from kaname.knowledge.people import AuditEntry
from kaname.knowledge.queries import Page, check_limit
from kaname.knowledge.schema import AuditRow
from kaname.knowledge.spelling import clean
from kaname.knowledge.state import read_state, write_state
from kaname.model.instant import now_us

__all__ = ["Audit"]

_ORIGIN = "0" * 64
_HEAD = "audit.head"
_KIND = "audit"
_BATCH = 5_000


class Audit(StorePart):
    """The append-only audit log."""

    def audit(
        self, actor: str, action: str, subject: str, details: dict[str, Any] | None = None
    ) -> AuditEntry:
        """Append a line: ``actor`` did ``action`` to ``subject``. Never put secrets in it."""
        document = clean(msgspec.json.encode(details or {}, order="deterministic").decode())
        with self._database.write("audit") as connection:
            last = connection.execute(
                select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)
            ).first()
            seq, previous = (last.seq + 1, last.hash) if last else (1, _ORIGIN)
            line = (seq, now_us(), clean(actor), clean(action), clean(subject), document, previous)
            row = dict(zip(_FIELDS, line, strict=True)) | {"hash": _hash(*line)}
            connection.execute(insert(AuditRow), row)
            write_state(connection, _HEAD, [seq, row["hash"]])
        return msgspec.convert(row | {"details": details or {}}, AuditEntry)

    def audit_log(self, limit: int = 100, cursor: str | None = None) -> Page[AuditEntry]:
        """A page of the log, the newest first.

        Raises:
            UsageError: the cursor is broken.
        """
        check_limit(limit)
        statement = select(AuditRow.__table__).order_by(AuditRow.seq.desc()).limit(limit + 1)
        if cursor is not None:
            (before,) = cursors.decode(cursor, _KIND, cursors.Int64)
            statement = statement.where(AuditRow.seq < before)
        with self._database.read() as connection:
            total = connection.execute(select(func.count()).select_from(AuditRow)).scalar_one()
            rows = connection.execute(statement).all()
        items = [_entry(row) for row in rows[:limit]]
        more = len(rows) > limit
        return Page(items, cursors.encode(_KIND, items[-1].seq) if more else None, total)

    def verify_audit(self) -> bool:
        """Whether every line is as it was written, none is missing, and none was added."""
        seq, previous = 0, _ORIGIN
        with self._database.read() as connection:
            while lines := _lines_after(connection, seq):
                for line in lines:
                    seq += 1
                    if (
                        line.seq != seq
                        or line.previous != previous
                        or line.hash != _hash(*line[:7])
                    ):
                        return False
                    previous = line.hash
            head = read_state(connection, _HEAD)
        return bool(head == ([seq, previous] if seq else None))


_FIELDS = ("seq", "at", "actor", "action", "subject", "details", "previous")


def _hash(*line: object) -> str:
    return hashlib.sha256(msgspec.json.encode(line)).hexdigest()


def _lines_after(connection: Connection, seq: int) -> list[Row[Any]]:
    columns = [getattr(AuditRow, name) for name in (*_FIELDS, "hash")]
    statement = select(*columns).where(AuditRow.seq > seq).order_by(AuditRow.seq).limit(_BATCH)
    return list(connection.execute(statement).all())


def _entry(row: Row[Any]) -> AuditEntry:
    values = dict(row._mapping)  # noqa: SLF001  (the public name of it has no types)
    return AuditEntry(**values | {"details": msgspec.json.decode(row.details)})
