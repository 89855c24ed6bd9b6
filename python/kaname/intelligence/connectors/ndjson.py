"""Observations as JSON, a record a line: from a file, standard input, or a request.

A damaged line is counted and described by its number; the lines around it are kept.
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import msgspec

from kaname.intelligence.connectors.frame import Delivery, Manifest, Rejection
from kaname.intelligence.connectors.shapes import Defaults, observation
from kaname.model.errors import InputError, UsageError
from kaname.model.instant import now_us

if TYPE_CHECKING:
    from kaname.intelligence.connectors.fetch import Reach
    from kaname.knowledge.feeds import Feed

__all__ = ["MOST_LINE", "NdjsonConnector", "deliveries", "lines_of", "read"]

MOST_LINE = 1024 * 1024
"""Bytes of a line at most."""

_PART = 5_000
_decoder = msgspec.json.Decoder()


class NdjsonConnector:
    """Reads a file or a URL of observations as JSON lines."""

    manifest = Manifest(
        kind="ndjson",
        en="observations as JSON lines, ours or those of sensors",
        ja="JSON Lines の観測(自形式またはセンサの形式)",
        remote=True,
    )

    def poll(self, feed: Feed, reach: Reach, now: int) -> Iterator[Delivery]:
        """All lines; what is known already is a duplicate."""
        defaults = Defaults(source=feed.source or feed.id, tlp=feed.tlp, received=now)
        if feed.path:
            with opened(Path(feed.path)) as stream:
                yield from deliveries(stream, defaults)
            return
        got = reach.get(feed.url, etag=feed.cursor.get("etag", ""))
        if got.changed:
            yield from deliveries(got.body.split(b"\n"), defaults, cursor={"etag": got.etag})


def read(path: Path, *, received: int | None = None) -> Delivery:
    """All observations of the file ``path`` (plain, .gz or .xz)."""
    whole = Delivery()
    defaults = Defaults(received=now_us() if received is None else received, source=path.stem)
    with opened(path) as stream:
        for part in deliveries(stream, defaults):
            whole.observations += part.observations
            whole.rejected += part.rejected
            whole.reasons += part.reasons
    return whole


def deliveries(
    lines: Iterable[bytes], defaults: Defaults, *, cursor: dict[str, Any] | None = None
) -> Iterator[Delivery]:
    """The observations in ``lines``, 5,000 lines at a time."""
    part = Delivery(cursor=cursor or {})
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            part.observations.append(_line(line, defaults))
        except InputError as error:
            part.reject(Rejection.of(number, error))
        if number % _PART == 0:
            yield part
            part = Delivery(cursor=cursor or {})
    yield part


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in ``chunks``; of a line that is too long only the beginning is kept."""
    kept = b""
    for chunk in chunks:
        *whole, kept = (kept + chunk).split(b"\n")
        yield from whole
        kept = kept[: MOST_LINE + 1]
    if kept:
        yield kept


def opened(path: Path) -> AbstractContextManager[IO[bytes]]:
    """The file ``path``, unpacked by its name."""
    try:
        if path.suffix == ".gz":
            return cast("IO[bytes]", gzip.open(path, "rb"))
        return cast("IO[bytes]", lzma.open(path, "rb") if path.suffix == ".xz" else path.open("rb"))
    except OSError as error:
        raise UsageError("intelligence.error.file", path=path, reason=error.strerror) from error


def _line(line: bytes, defaults: Defaults) -> Any:
    if len(line) > MOST_LINE:
        raise InputError("intelligence.reject.line", most=MOST_LINE)
    try:
        record = _decoder.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InputError("intelligence.reject.json", reason=str(error)) from None
    return observation(record, defaults)
