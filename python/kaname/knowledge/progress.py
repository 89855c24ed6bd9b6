"""The part of the store that remembers how far each analysis is."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from kaname.knowledge.part import StorePart
from kaname.knowledge.schema import MarkRow
from kaname.model.instant import now_us

__all__ = ["Progress", "write_mark"]


class Progress(StorePart):
    """What each window was evaluated over."""

    def mark(self, analysis: str, window_start: int, inputs: str) -> None:
        """Note that ``analysis`` has evaluated the window over ``inputs`` (a digest)."""
        with self._database.write(f"findings:{analysis}") as connection:
            write_mark(connection, analysis, window_start, inputs, now_us())

    def marks(self, analysis: str) -> dict[int, str]:
        """Window start -> inputs, for all windows that ``analysis`` has evaluated."""
        statement = select(MarkRow.window_start, MarkRow.inputs).where(MarkRow.analysis == analysis)
        with self._database.read() as connection:
            return dict(connection.execute(statement).all())

    def last_marked(self) -> dict[str, int]:
        """Analysis -> the instant at which it last evaluated a window."""
        statement = select(MarkRow.analysis, func.max(MarkRow.marked)).group_by(MarkRow.analysis)
        with self._database.read() as connection:
            return dict(connection.execute(statement).all())


def write_mark(
    connection: Connection, analysis: str, start: int, inputs: str, instant: int
) -> None:
    """As `Progress.mark`, inside a transaction."""
    where = (MarkRow.analysis == analysis, MarkRow.window_start == start)
    changed = connection.execute(
        update(MarkRow).where(*where).values(inputs=inputs, marked=instant)
    )
    if changed.rowcount == 0:
        row = {"analysis": analysis, "window_start": start, "inputs": inputs, "marked": instant}
        connection.execute(insert(MarkRow), row)
