"""A folder of reports: HTML, Markdown, PDF or text, each read once as it appears or changes.

What a report names is one observation; the report itself waits for an analyst
(`kaname.intelligence.reports`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.intelligence.connectors.frame import Delivery, Manifest, Rejection
from kaname.intelligence.reports.desk import Desk
from kaname.model.errors import InputError, LimitError, UsageError
from kaname.model.instant import MINUTE

if TYPE_CHECKING:
    from kaname.intelligence.connectors.fetch import Reach
    from kaname.intelligence.records import Observation
    from kaname.knowledge.feeds import Feed

__all__ = ["ReportConnector"]

_SUFFIXES = {".html", ".htm", ".md", ".markdown", ".pdf", ".txt"}


class ReportConnector:
    """Reads the reports in a folder, or one report from a URL."""

    manifest = Manifest(
        kind="report",
        en="a folder of reports (HTML, Markdown, PDF, text), or a report at a URL",
        ja="レポート(HTML・Markdown・PDF・テキスト)のフォルダ、またはURL",
        every=5 * MINUTE,
        remote=True,
    )

    def poll(self, feed: Feed, reach: Reach, now: int) -> Iterator[Delivery]:  # noqa: ARG002 - the report's own instant counts
        """One part a report; one that cannot be read is counted, and read again when it changes."""
        if feed.url:
            got = reach.get(feed.url, etag=feed.cursor.get("etag", ""))
            if got.changed:
                name = feed.url.rpartition("/")[2] or "report.html"
                yield _taken(feed, reach, got.body, name, {"etag": got.etag})
            return
        cursor = dict(feed.cursor)
        for path in _files(Path(feed.path)):
            stat = path.stat()
            stamp = f"{stat.st_mtime_ns}:{stat.st_size}"
            if cursor.get(path.name) != stamp:
                cursor = cursor | {path.name: stamp}
                yield _read(feed, reach, path, cursor)


class _Collector:
    """Stands where the fusion stands, and keeps what it is given for the runner."""

    def __init__(self, part: Delivery) -> None:
        self._part = part

    def absorb(self, observations: Sequence[Observation]) -> object:
        self._part.observations += observations
        return None

    def retract(self, ids: Sequence[str]) -> object:
        self._part.retracted += ids
        return None


def _read(feed: Feed, reach: Reach, path: Path, cursor: dict[str, str]) -> Delivery:
    part = Delivery(cursor=cursor)
    try:
        body = path.read_bytes() if path.stat().st_size <= reach.most else None
    except OSError as error:
        reason = error.strerror or str(error)
        part.reject(
            Rejection(path.name, "intelligence.error.file", {"path": path.name, "reason": reason})
        )
        return part
    if body is None:
        part.reject(
            Rejection(path.name, "intelligence.error.large", {"url": path.name, "most": reach.most})
        )
        return part
    return _taken(feed, reach, body, path.name, cursor)


def _taken(feed: Feed, reach: Reach, body: bytes, name: str, cursor: dict[str, str]) -> Delivery:
    part = Delivery(cursor=cursor)
    desk = Desk(reach.knowledge, _Collector(part))
    try:
        desk.take(body, name, tlp=feed.tlp, source=feed.source or feed.id)
    except (InputError, LimitError) as error:
        part.reject(Rejection.of(name, error))
    return part


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError("intelligence.error.file", path=folder, reason="not a folder")
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in _SUFFIXES and path.is_file() and not path.is_symlink()
    )
