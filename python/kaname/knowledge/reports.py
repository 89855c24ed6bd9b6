"""The part of the store that holds reports, what was found in them, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, tuple_, update

from kaname.knowledge import cursors
from kaname.knowledge.fusion_schema import ReportRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import Page, check_limit
from kaname.knowledge.report_records import Report, ReportDecision
from kaname.knowledge.spelling import clean
from kaname.model.errors import NotFoundError
from kaname.model.marking import Tlp

__all__ = ["Reports"]

_KIND = "reports"
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Report)


class Reports(StorePart):
    """Reports by id and by state; the same bytes are one report however often they come."""

    def keep(self, report: Report) -> bool:
        """Keep a report; False when it is there already, and stays as it is."""
        with self._database.write(_KIND) as connection:
            if _find(connection, report.id) is not None:
                return False
            connection.execute(insert(ReportRow), _columns(report))
            return True

    def report(self, key: str, *, clearance: Tlp = Tlp.RED) -> Report:
        """One report.

        Raises:
            NotFoundError: there is none, or it is above the clearance.
        """
        with self._database.read() as connection:
            found = _find(connection, key)
        if found is None or found.tlp.rank > clearance.rank:
            raise NotFoundError("knowledge.error.no_report", id=key)
        return found

    def reports(
        self,
        *,
        state: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        clearance: Tlp = Tlp.RED,
    ) -> Page[Report]:
        """Reports without their texts, the last received first."""
        check_limit(limit)
        conditions = [ReportRow.tlp <= clearance.rank]
        if state:
            conditions.append(ReportRow.state == state)
        pages = list(conditions)
        if cursor:
            received, key = cursors.decode(cursor, _KIND, cursors.Int64, str)
            pages.append(tuple_(ReportRow.received, ReportRow.id) < (received, key))
        order = (ReportRow.received.desc(), ReportRow.id.desc())
        with self._database.read() as connection:
            total = connection.scalar(select(func.count()).where(*conditions)) or 0
            rows = connection.scalars(
                select(ReportRow.document).where(*pages).order_by(*order).limit(limit + 1)
            ).all()
        items = [_decoder.decode(row) for row in rows[:limit]]
        last = items[-1] if len(rows) > limit else None
        following = cursors.encode(_KIND, last.received, last.id) if last else None
        return Page(items, following, total)

    def decide(
        self, key: str, decisions: Sequence[ReportDecision], *, clearance: Tlp = Tlp.RED
    ) -> Report:
        """Accept or decline what was found; all or nothing. Gives the report as it is then.

        Raises:
            NotFoundError: there is no such report.
            UsageError: something was decided that was not found.
        """
        with self._database.write(_KIND) as connection:
            report = _find(connection, key)
            if report is None or report.tlp.rank > clearance.rank:
                raise NotFoundError("knowledge.error.no_report", id=key)
            reading = report.reading
            for one in decisions:
                reading = reading.decided(one.what, one.index, one.choice)
            choices = {item.state for item in reading.artifacts} | {one.choice for one in decisions}
            moved = msgspec.structs.replace(
                report,
                reading=reading,
                decisions=(*report.decisions, *decisions),
                state="accepted" if "accepted" in choices else "declined",
            )
            _save(connection, moved)
        return moved

    def observed(self, key: str, observation: str) -> None:
        """Note which observation was made of a report."""
        with self._database.write(_KIND) as connection:
            report = _find(connection, key)
            if report is None:
                raise NotFoundError("knowledge.error.no_report", id=key)
            _save(connection, msgspec.structs.replace(report, observation=observation))


def _find(connection: Connection, key: str) -> Report | None:
    query = select(ReportRow.document, ReportRow.text).where(ReportRow.id == key)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return msgspec.structs.replace(_decoder.decode(row.document), text=row.text)


def _save(connection: Connection, report: Report) -> None:
    columns = _columns(report)
    connection.execute(update(ReportRow).where(ReportRow.id == report.id).values(columns))


def _columns(report: Report) -> dict[str, Any]:
    """The text lies beside the document, so that lists need not carry it."""
    short = msgspec.structs.replace(report, text="")
    return {
        "id": report.id,
        "title": clean(report.title),
        "language": report.language,
        "state": report.state,
        "received": report.received,
        "tlp": report.tlp.rank,
        "text": clean(report.text),
        "document": _encoder.encode(short).decode(),
    }
