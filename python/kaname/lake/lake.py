"""The open lake: one object through which everything about it is done."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from kaname.lake import (
    care,
    deliveries,
    exporting,
    forecast,
    health,
    hot,
    identity,
    lookups,
    pivoting,
    rollup,
    sidecar,
)
from kaname.lake.artifact import artifact
from kaname.lake.excerpt import Excerpt
from kaname.lake.faults import clear_errors
from kaname.lake.filtering import Filters
from kaname.lake.layout import Layout
from kaname.lake.lookups import Asked
from kaname.lake.manifest import Manifest
from kaname.lake.mirror import MirrorReport, mirror
from kaname.lake.pivoting import Wanted
from kaname.lake.records import (
    Cancel,
    CompactReport,
    Delivery,
    Digest,
    Forecast,
    Health,
    IndexReport,
    LakeFile,
    Limits,
    Pivot,
    QueryResult,
    RetainReport,
    Source,
    TableStatus,
    VerifyReport,
    WarmReport,
)
from kaname.lake.staging import remove_abandoned
from kaname.lake.store import Store
from kaname.lake.tables import table as table_of
from kaname.lake.writing import BatchWriter, Draft
from kaname.model.errors import StoreAccessError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from kaname.lake.expressions import Engine

__all__ = ["Lake"]

Progress = Callable[[int, int], None]  # (done, of)
T = TypeVar("T")

_A_DAY = 86_400.0  # seconds that an export may take


class Lake:
    """The observations below ``<data>/lake``. Thread-safe.

    Several processes may have the same lake open: all read, one at a time commits.
    """

    def __init__(self, store: Store) -> None:
        self.root = store.layout.root
        self._store = store

    @classmethod
    def open(cls, data: Path, *, create: bool = True) -> Lake:
        """Open the lake of the data folder, making a new one there unless told not to.

        A folder that may not be written is opened for reading.

        Raises:
            StoreAccessError: the folder cannot be used, or nothing is there.
            StoreFullError: no space is left to make it.
            IntegrityError: what is there is no lake, or one of a newer kaname.
        """
        layout = Layout(data.absolute() / "lake")
        if not layout.manifest.exists():
            if not create:
                raise StoreAccessError("lake.error.no_lake", path=layout.root)
            with clear_errors(layout.root):
                layout.make()
        return cls(Store(layout, Manifest.open(layout)))

    def close(self) -> None:
        """Let go of the store.manifest."""
        self._store.manifest.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def generation(self) -> int:
        """A number that grows with every change of what the lake holds."""
        return self._store.manifest.generation

    # --- writing ---

    def identify(self, path: Path) -> str:
        """What `known` and `writer` call the source at ``path``."""
        return identity.identify(path)

    def known(self, identity: str) -> Source | None:
        """The source with that identity, if it is in the lake."""
        return self._store.manifest.source_of(identity)

    def writer(
        self,
        *,
        identity: str,
        path: str,
        size: int,
        sensor: str,
        tlp: Tlp,
        reader: str,
        reader_version: int,
        replace: bool = False,
        threads: int = 2,
    ) -> BatchWriter:
        """Begin to take in a source; see `BatchWriter`.

        Raises:
            StoreAccessError: the lake cannot be written.
        """
        remove_abandoned(self._store.layout)
        draft = Draft(identity, path, size, sensor, tlp, reader, reader_version)
        return BatchWriter(self._store, draft, replace=replace, threads=threads)

    # --- reading ---

    def tables(self) -> list[TableStatus]:
        """All known tables and what they hold."""
        return lookups.statuses(self._store)

    def files(
        self,
        table: str,
        *,
        since: int | None = None,
        until: int | None = None,
        clearance: Tlp = Tlp.RED,
        sensor: str | None = None,
    ) -> list[LakeFile]:
        """Files that may hold rows of ``since <= ts < until``, in order of path."""
        return self._store.manifest.files(
            table, since=since, until=until, clearance=clearance, sensor=sensor
        )

    def sources(
        self, *, limit: int = 1000, after: int | None = None, clearance: Tlp = Tlp.RED
    ) -> list[Source]:
        """Sources, the latest first; ``after`` is the last batch of the page before."""
        return self._store.manifest.sources(limit=limit, after=after, clearance=clearance)

    def source(self, batch: int) -> Source:
        """The source that gave ``batch``.

        Raises:
            NotFoundError: there is none.
        """
        return self._store.manifest.source(batch)

    @contextlib.contextmanager
    def expression(
        self,
        tables: Iterable[str],
        *,
        since: int | None = None,
        until: int | None = None,
        clearance: Tlp = Tlp.RED,
        engine: Engine | None = None,
    ) -> Iterator[Mapping[str, ibis.Table]]:
        """Ibis tables over the rows of ``since <= ts < until``; valid inside the context.

        ``engine`` evaluates them where the DuckDB of this process does not suffice.

        Damaged files that are noticed while it opens are set aside, and their rows missing.
        """
        with lookups.expressions(
            self._store, tables, since=since, until=until, clearance=clearance, engine=engine
        ) as found:
            yield found

    def query(
        self,
        sql: str,
        *,
        limits: Limits | None = None,
        clearance: Tlp = Tlp.RED,
        cancel: Cancel | None = None,
    ) -> QueryResult:
        """Run one SELECT (or WITH, VALUES, DESCRIBE, EXPLAIN) over the tables.

        ``ip(hi, lo)`` writes an address, ``in_net(hi, lo, '192.0.2.0/24')`` tests one;
        ``country(hi, lo)`` and ``asn(hi, lo)`` say where it belongs.
        Of more rows than ``limits.rows`` the first are given, and ``truncated`` says so.

        Raises:
            QueryError: it is not valid, or does what a query may not.
            LimitError: it took too much time or memory.
            CancelledError: ``cancel`` was set.
        """
        asked = Asked(sql, clearance, limits or Limits(), cancel)
        return lookups.query(self._store, asked)

    def stream(
        self,
        sql: str,
        take: Callable[[pa.RecordBatchReader], T],
        *,
        limits: Limits | None = None,
        clearance: Tlp = Tlp.RED,
        cancel: Cancel | None = None,
    ) -> T:
        """What ``take`` makes of all rows of a query, which come batch by batch.

        It is called once more from the beginning when a damaged file is met on the way.

        Raises: as `query`.
        """
        asked = Asked(sql, clearance, limits or Limits(seconds=60.0), cancel)
        return lookups.stream(self._store, asked, take)

    def export(
        self,
        table: str,
        path: Path,
        form: str,
        wanted: Filters,
        *,
        clearance: Tlp = Tlp.RED,
        cancel: Cancel | None = None,
        progress: Callable[[int], None] | None = None,
        hide: exporting.Hide | None = None,
    ) -> int:
        """Write rows of a table to a file in one of `exporting.FORMATS`; gives their number.

        ``hide`` is put over the destinations of a telescope's rows in formats of exchange.

        Raises:
            UsageError: the table has no such form, or a filter makes no sense.
            CancelledError: ``cancel`` was set; nothing is left at ``path``.
        """
        rows_of = table_of(table)
        exporting.check_format(rows_of, form)

        def take(reader: pa.RecordBatchReader) -> int:
            return exporting.write_rows(path, table, form, reader, progress, hide=hide)

        return self.stream(
            exporting.export_statement(rows_of, wanted),
            take,
            limits=Limits(seconds=_A_DAY),
            clearance=clearance,
            cancel=cancel,
        )

    def digest(
        self,
        sql: str,
        *,
        clearance: Tlp = Tlp.RED,
        sample: int = 5,
        limits: Limits | None = None,
        cancel: Cancel | None = None,
    ) -> Digest:
        """Digest of the whole result of a query; rows are not limited, time is (a minute).

        Raises: as `query`.
        """
        asked = Asked(sql, clearance, limits or Limits(seconds=60.0), cancel)
        return lookups.digest(self._store, asked, sample=sample)

    @contextlib.contextmanager
    def within(
        self, since: int, until: int, tables: Iterable[str], *, clearance: Tlp = Tlp.RED
    ) -> Iterator[Excerpt]:
        """Rows of ``since <= ts < until`` for many small queries; valid inside the context.

        They are those of the moment it is opened.
        """
        with lookups.excerpt(self._store, tables, since, until, clearance) as found:
            yield found

    def rollup(self, name: str, since: int, until: int, *, clearance: Tlp = Tlp.RED) -> pa.Table:
        """Sums over time: ``flow_1m`` (destination, protocol, service) or ``dns_1h`` (client).

        ``at`` is the begin of the minute or hour, microseconds; the first and the last one
        are whole, whatever ``since`` and ``until`` are.

        Raises:
            UsageError: there is no such roll-up.
        """
        return rollup.rollup(self._store, name, since, until, clearance)

    def pivot(
        self,
        value: str,
        *,
        subdomains: bool = False,
        since: int | None = None,
        until: int | None = None,
        tables: Iterable[str] = (),
        limit: int = 100,
        cursor: str | None = None,
        clearance: Tlp = Tlp.RED,
        seconds: float = 8.0,
        cancel: Cancel | None = None,
    ) -> Pivot:
        """Everything that mentions ``value``, over all tables (or those named).

        ``value`` is an address, a prefix, a domain (with a dot in front, or with
        ``subdomains``: and all below it), a URL, a mail address, a hash, an AS number, a
        host or an account, in plain or defanged form.

        Raises:
            UsageError: it is none of these, or the cursor is broken.
            CancelledError: ``cancel`` was set.
        """
        names = tuple(tables)
        looked_for = artifact(value, subdomains=subdomains)
        wanted = Wanted(looked_for, since, until, names, limit, cursor, clearance, seconds, cancel)
        return pivoting.pivot(self._store, wanted)

    # --- care ---

    def warm(self, days: int, tables: Iterable[str] = ("flows", "dns", "feeds")) -> WarmReport:
        """Copy the latest ``days`` of tables into the form that the engine reads fastest.

        Queries that are granted all of it use it. It takes about twice the room of the
        files, and is good until one of them is merged, replaced or removed.
        """
        return hot.warm(self._store, days, tables)

    def index(self, table: str | None = None, *, progress: Progress | None = None) -> IndexReport:
        """Look through the index beside every file, and make those anew that need it."""
        return sidecar.index(self._store, table, progress)

    def verify(self, *, progress: Progress | None = None) -> VerifyReport:
        """Read every file again; set aside what is not what was written."""
        return care.verify(self._store, progress)

    def compact(
        self, table: str | None = None, *, progress: Progress | None = None
    ) -> CompactReport:
        """Merge and sort the files of each day; afterwards only the rows decide the bytes."""
        report = care.compact(self._store, table, progress)
        self.index(table)
        self.sweep()
        return report

    def retain(self, now: int, days: Mapping[str, object] | None = None) -> RetainReport:
        """Remove whole days that are older than ``days`` of their table allow.

        A table without an entry keeps its own `Table.retention_days`, which may be for ever.
        """
        report = care.retain(self._store, now, days or {})
        self.sweep()
        return report

    def mirror(
        self,
        url: str,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> MirrorReport:
        """Copy new files to object storage at ``url`` and remove what is gone; see `mirror`."""
        return mirror(self._store, url, progress=progress, cancel=cancel)

    def sweep(self) -> None:
        """Remove what killed processes left behind, and files nobody reads any more."""
        care.sweep(self._store)

    def forecast(
        self, days: Mapping[str, object] | None = None, *, clearance: Tlp = Tlp.RED
    ) -> Forecast:
        """How the tables grow, when the disk is full, what retention removes next.

        ``days`` as for `retain`.
        """
        return forecast.forecast(self._store, days or {}, clearance)

    def deliveries(self, now: int, *, clearance: Tlp = Tlp.RED) -> list[Delivery]:
        """What each reader delivered for each sensor and table, and what was lost."""
        return deliveries.deliveries(self._store, now, clearance)

    def health(self, now: int, *, clearance: Tlp = Tlp.RED) -> Health:
        """How every sensor does, and how long the disk lasts."""
        return health.health(self._store, now, clearance)
