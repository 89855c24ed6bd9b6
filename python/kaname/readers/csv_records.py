"""Records of a CSV source by the names in its header, each with its byte offset (RFC 4180)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence

from kaname.readers.frame import ReadJob
from kaname.readers.lines import lines

__all__ = ["Header", "header_in", "records"]

# A quote that is never closed would swallow the rest of the source.
MOST_LINES = 100
_COMMENT = ("#", ";", "//")

Header = Callable[[Sequence[str]], bool]


class _UnclosedError(Exception):
    pass


def header_in(text: str, known: Header) -> list[str] | None:
    """The names of the header among the first lines of ``text``, commented out or not."""
    for line in text.splitlines()[:100]:
        names = _names(line)
        if known(names):
            return names
        if line.strip() and not line.lstrip().startswith(_COMMENT):
            return None
    return None


def _names(line: str) -> list[str]:
    plain = line.lstrip("\ufeff#; /").strip()
    try:
        fields = next(csv.reader([plain], skipinitialspace=True), [])
    except csv.Error:
        return []
    return [field.strip().lower() for field in fields]


def records(job: ReadJob, known: Header) -> Iterator[tuple[int, dict[str, str]]]:
    """(offset, values by column) of every record behind the header that is ``known``.

    Records without a value, or with other than the header's number of values, are counted
    as ``malformed``; values that a header does not name have none either.
    """
    source = _Lines(job)
    names: list[str] | None = None
    while True:
        try:
            fields = source.record()
        except (csv.Error, _UnclosedError) as error:
            job.report.bad(source.offset, "malformed", str(error) or "a quote is not closed")
            source.retry()
            continue
        if fields is None:
            return
        line = source.first
        if names is None or line.lstrip().startswith(_COMMENT):
            found = _names(line)
            names = found if known(found) else names
        elif [field.strip().lower() for field in fields] != names and any(fields):
            yield from _record(job, source, names, fields)


def _record(
    job: ReadJob, source: _Lines, names: list[str], fields: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    # A trailing comma, as some feeds write it, adds an empty value; old reports lack the last.
    while len(fields) > len(names) and not fields[-1].strip():
        fields.pop()
    if len(fields) > len(names) or 2 * len(fields) < len(names):
        reason = f"{len(fields)} values for {len(names)} columns"
        job.report.bad(source.offset, "malformed", reason, source.first.encode()[:64])
        return
    yield source.offset, dict(zip(names, (field.strip() for field in fields), strict=False))


class _Lines:
    """Lines given to `csv`, which takes as many as a record has."""

    def __init__(self, job: ReadJob) -> None:
        self._lines = lines(job)
        self._again: list[tuple[int, str]] = []
        self._taken: list[tuple[int, str]] = []
        self.offset = 0

    @property
    def first(self) -> str:
        """The first line of the last record."""
        return self._taken[0][1] if self._taken else ""

    def record(self) -> list[str] | None:
        self._taken = []
        return next(csv.reader(self._given(), skipinitialspace=True), None)

    def retry(self) -> None:
        """Begin again behind the first line of a record that had no end."""
        self._again = self._taken[1:] + self._again
        self._taken = []

    def _given(self) -> Iterator[str]:
        while True:
            line = self._again.pop(0) if self._again else next(self._lines, None)
            if line is None:
                if len(self._taken) > 1:
                    raise _UnclosedError
                return
            if not self._taken:
                self.offset = line[0]
            self._taken.append(line)
            if len(self._taken) > MOST_LINES:
                raise _UnclosedError
            yield line[1] + "\n"
