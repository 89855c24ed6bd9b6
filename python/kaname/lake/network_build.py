"""Makes the file of network tables from published files and folders of them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import itertools
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from kaname.lake.network_sources import Row, reader_of
from kaname.lake.networks import About, Attribution, Source
from kaname.model.errors import InputError, StoreError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Tables", "gather", "write"]

MOST_LINE = 1 << 12
MOST_UNPACKED = 1 << 30
_NRO = Attribution("Number Resource Organization (NRO)", "https://www.nro.net")
_ROUTEVIEWS = Attribution("University of Oregon RouteViews", "https://www.routeviews.org")
_DBIP = Attribution("IP Geolocation by DB-IP", "https://db-ip.com")
KNOWN = {
    "@ip-location-db/geo-whois-asn-country": ("CC0-1.0 AND CC-BY-4.0", (_NRO,)),
    "@ip-location-db/asn": ("CC-BY-4.0", (_ROUTEVIEWS, _DBIP, _NRO)),
}
"""What licence the packages bear (their LICENSE files), and whom these ask to name."""


@dataclass(slots=True)
class Columns:
    """Ranges of one table, as columns of words."""

    ranges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def batch(self) -> pa.RecordBatch:
        """The columns as the native core takes them."""
        import numpy as np
        import pyarrow as pa

        first, last, value, length = zip(*self.ranges, strict=True) if self.ranges else ((),) * 4
        word = (1 << 64) - 1

        def words(numbers: Iterable[int]) -> pa.Array:
            return pa.array(np.fromiter(numbers, np.uint64).view(np.int64))

        return pa.record_batch(
            {
                "first_hi": words(number >> 64 for number in first),
                "first_lo": words(number & word for number in first),
                "last_hi": words(number >> 64 for number in last),
                "last_lo": words(number & word for number in last),
                "value": words(value),
                "length": words(length),
            }
        )


@dataclass(slots=True)
class Tables:
    """What was gathered so far."""

    country: Columns = field(default_factory=Columns)
    origin: Columns = field(default_factory=Columns)
    names: dict[int, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    def add(self, rows: Iterable[Row | None], source: Source) -> None:
        """Take the rows of one source, and the source with their number."""
        taken = passed_over = 0
        for row in rows:
            if row is None:
                passed_over += 1
                continue
            taken += 1
            self._take(row)
        self.sources.append(msgspec.structs.replace(source, rows=taken, passed_over=passed_over))

    def encode(self) -> bytes:
        """The bytes of the file; equal for equal rows and sources."""
        from kaname._native import network_file

        about = msgspec.json.encode(About(tuple(_joined(self.sources)))).decode()
        return network_file(
            about,
            list(self.codes),
            sorted(self.names.items()),
            self.country.batch(),
            self.origin.batch(),
        )

    def _take(self, row: Row) -> None:
        if row.country:
            code = self.codes.setdefault(row.country, len(self.codes) + 1)
            self.country.ranges.append((row.first, row.last, code, 0))
        if row.asn:
            self.origin.ranges.append((row.first, row.last, row.asn, row.length))
            if row.name:
                self.names.setdefault(row.asn, row.name)


def _joined(sources: Iterable[Source]) -> Iterator[Source]:
    """One source for all files of a package."""
    for _, same in itertools.groupby(sources, key=lambda one: (one.name, one.version)):
        files = list(same)
        yield msgspec.structs.replace(
            files[0],
            rows=sum(one.rows for one in files),
            passed_over=sum(one.passed_over for one in files),
        )


def gather(places: Iterable[Path]) -> Tables:
    """The tables in files, in packages (``.tgz``) and in folders of these.

    Raises:
        UsageError: a place has nothing that could be read.
        InputError: a file is damaged or in none of the known forms.
    """
    tables = Tables()
    for place in places:
        before = len(tables.sources)
        try:
            _gather(place, tables)
        except (OSError, EOFError, zlib.error, tarfile.TarError, csv.Error) as error:
            raise InputError("lake.error.source", path=place, reason=str(error)) from error
        if len(tables.sources) == before:
            raise UsageError("lake.error.networks_none", path=place)
    if not any(source.rows for source in tables.sources):
        raise UsageError("lake.error.networks_none", path=", ".join(map(str, places)))
    return tables


def write(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` whole, whatever happens meanwhile.

    Raises:
        StoreError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".networks-")
        beside = Path(name)
        try:
            with open(handle, "wb") as sink:  # noqa: PTH123 - a descriptor, not a path
                sink.write(content)
                sink.flush()
                os.fsync(sink.fileno())
            beside.chmod(0o644)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError("lake.error.io", path=path, reason=error.strerror) from error


def _gather(place: Path, tables: Tables) -> None:
    if place.is_dir():
        _folder(place, tables)
    elif place.name.endswith((".tgz", ".tar.gz")):
        with tempfile.TemporaryDirectory() as folder:
            _unpack(place, Path(folder))
            _folder(Path(folder), tables)
    else:
        _file(place, tables, None)


def _folder(folder: Path, tables: Tables) -> None:
    """A package, or a folder of files and packages."""
    described = folder / "package.json"
    package = msgspec.json.decode(described.read_bytes()) if described.is_file() else None
    for path in sorted(folder.iterdir()):
        if path.is_dir() or path.name.endswith((".tgz", ".tar.gz")):
            _gather(path, tables)
        elif package is None or (path.suffix == ".csv" and not _twice(path)):
            _file(path, tables, package)


def _twice(path: Path) -> bool:
    """Whether the file beside has the same rows with addresses as numbers, read faster."""
    return path.with_name(f"{path.stem}-num.csv").is_file()


def _file(path: Path, tables: Tables, package: Any) -> None:
    with _lines(path) as lines:
        first = next((line for line in lines if line.strip() and line[0] != "#"), "")
        reader = reader_of(first)
        if reader is None:
            raise InputError("lake.error.networks_form", path=path, found=first.strip()[:60])
        rows = reader(itertools.chain([first], (line for line in lines if line[0] != "#")))
        tables.add(rows, _source(path, package, first))


def _source(path: Path, package: Any, first: str) -> Source:
    if isinstance(package, dict):
        name, version = str(package.get("name", path.name)), str(package.get("version", ""))
        licence, named = KNOWN.get(name, (str(package.get("license", "")), ()))
        return Source(name=name, version=version, licence=licence, attributions=named)
    if first.count("|") >= 5:
        fields = first.split("|")
        named = (_NRO, Attribution(fields[1].upper()))
        return Source(name=f"{fields[1]} statistics", version=fields[2], attributions=named)
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Source(name=path.name, version=digest[:12])


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[str]]:
    """The lines of a text file, unpacked where its name ends with ``.gz``."""
    opened: IO[bytes] = gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[assignment] # noqa: SIM115
    with opened, io.TextIOWrapper(opened, encoding="utf-8", errors="replace", newline="") as text:
        yield _bounded(text)


def _bounded(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines of at most `MOST_LINE` characters: a longer one is cut, and reads as damaged."""
    size = 0
    while line := text.readline(MOST_LINE):
        size += len(line)
        if size > MOST_UNPACKED:
            raise EOFError(f"> {MOST_UNPACKED >> 20} MiB")
        yield line


def _unpack(path: Path, folder: Path) -> None:
    """The files of a package, flat, without following any path that it names."""
    with tarfile.open(path) as archive:
        for member in archive:
            name = Path(member.name).name
            wanted = name == "package.json" or name.endswith(".csv")
            source = archive.extractfile(member) if wanted and member.isfile() else None
            if source is None:
                continue
            if member.size > MOST_UNPACKED:
                raise EOFError(f"{member.name}: {member.size} B")
            with source, (folder / name).open("wb") as sink:
                while piece := source.read(1 << 20):
                    sink.write(piece)
