"""A copy of the lake's files on object storage or another file system, for a cluster.

Files of the lake never change, so a copy is made of what is not there yet, and removed
what the lake no longer holds. The manifest stays here: it says which files are read, so
that a copy which is being renewed never shows a half state to anybody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from kaname.lake.locks import shared
from kaname.lake.records import Cancel
from kaname.lake.store import Store
from kaname.lake.tables import tables
from kaname.model.errors import CancelledError, StoreAccessError, UsageError

if TYPE_CHECKING:
    import pyarrow.fs as pafs

__all__ = ["MirrorReport", "mirror"]

Progress = Callable[[int, int], None]
_BLOCK = 8 << 20


class MirrorReport(msgspec.Struct, frozen=True):
    """What a mirror needed: files copied with their bytes, removed, and there before."""

    copied: int
    bytes: int
    removed: int
    kept: int


def mirror(
    store: Store,
    url: str,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    threads: int = 4,
) -> MirrorReport:
    """Make the folder at ``url`` hold the files of the lake, and no other of its tables.

    ``url`` is what Arrow reads: ``s3://bucket/lake``, ``gs://…``, ``hdfs://…``,
    ``file:///mnt/lake``; ``s3a`` stands for ``s3``.

    Raises:
        UsageError: ``url`` is none of these.
        StoreAccessError: what is there cannot be read or written.
        CancelledError: ``cancel`` was set; what was copied stays.
    """
    target = _Target.of(url)
    with shared(store.layout.read_lock), target.told():
        wanted = dict(store.manifest.select("SELECT path, bytes FROM files"))
        waiting = {path for (path,) in store.manifest.select("SELECT path FROM removed")}
        there = target.listed(tables())
        missing = sorted(path for path in wanted if there.get(path) != wanted[path])
        _copy(store, target, missing, threads, _Watch(progress, cancel, len(missing)))
        # What is still read here may still be read there.
        gone = sorted(there.keys() - wanted.keys() - waiting)
        for path in gone:
            target.remove(path)
    return MirrorReport(
        copied=len(missing),
        bytes=sum(wanted[path] for path in missing),
        removed=len(gone),
        kept=len(wanted) - len(missing),
    )


@dataclass(frozen=True, slots=True)
class _Watch:
    """Who is told of progress, and who may stop it."""

    progress: Progress | None
    cancel: Cancel | None
    total: int

    def tell(self, done: int) -> None:
        if self.progress is not None:
            self.progress(done, self.total)
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError("lake.error.cancelled")


def _copy(store: Store, target: _Target, paths: list[str], threads: int, watch: _Watch) -> None:
    with ThreadPoolExecutor(threads, thread_name_prefix="mirror") as pool:
        jobs = [pool.submit(target.put, store.layout.root, path) for path in paths]
        try:
            for done, job in enumerate(as_completed(jobs), 1):
                job.result()
                watch.tell(done)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


class _Target:
    """A folder on a file system of Arrow."""

    def __init__(self, url: str, system: pafs.FileSystem, folder: str) -> None:
        self._url = url
        self._system = system
        self._folder = folder.rstrip("/")

    @classmethod
    def of(cls, url: str) -> _Target:
        import pyarrow as pa
        import pyarrow.fs as pafs

        try:
            system, folder = pafs.FileSystem.from_uri(url.replace("s3a://", "s3://", 1))
        except (pa.ArrowInvalid, ValueError) as error:
            raise UsageError("lake.error.mirror_url", url=url, reason=error) from None
        return cls(url, system, folder)

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Tell faults of the file system as ours."""
        try:
            yield
        except OSError as error:
            reason = str(error).splitlines()[0]
            raise StoreAccessError("lake.error.mirror", url=self._url, reason=reason) from error

    def listed(self, names: Iterable[str]) -> dict[str, int]:
        """Sizes of the Parquet files of the tables ``names``, by path below the folder."""
        return {path: size for name in names for path, size in self._below(name)}

    def _below(self, table: str) -> Iterator[tuple[str, int]]:
        import pyarrow.fs as pafs

        selector = pafs.FileSelector(
            f"{self._folder}/{table}", recursive=True, allow_not_found=True
        )
        for info in self._system.get_file_info(selector):
            if info.is_file and info.path.endswith(".parquet"):
                yield str(PurePosixPath(info.path).relative_to(self._folder)), info.size

    def put(self, root: Path, path: str) -> None:
        """Copy one file; under its own name it is only ever seen whole."""
        place = f"{self._folder}/{path}"
        part = place if self._system.type_name in {"s3", "gcs", "abfs"} else f"{place}.part"
        self._system.create_dir(place.rpartition("/")[0], recursive=True)
        with (root / path).open("rb") as source, self._system.open_output_stream(part) as sink:
            while piece := source.read(_BLOCK):
                sink.write(piece)
        if part != place:
            self._system.move(part, place)

    def remove(self, path: str) -> None:
        self._system.delete_file(f"{self._folder}/{path}")
