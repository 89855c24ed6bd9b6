"""Where things lie in the data folder, and which days stand for suspect times."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kaname.model.instant import DAY, day_of

__all__ = [
    "AFTER",
    "BEFORE",
    "EARLIEST",
    "ROLLUP",
    "SIDECAR",
    "Layout",
    "partition_of",
    "sync_folder",
]

EARLIEST = 946_684_800_000_000  # 2000-01-01: no sensor of ours is older
# Rows whose time cannot be true go into one of two fixed partitions, so that the same
# source always makes the same files and no window in between seems to hold them.
BEFORE = "1970-01-01"
AFTER = "9999-12-31"

ROLLUP = ".roll"  # sums of a file, beside it; see `kaname.lake.rollup`
SIDECAR = ".kix"  # what a file mentions, beside it; see `kaname.lake.sidecar`

_OURS = re.compile(r"^(?:[0-9a-f]{16}-\d{4}|c)-[0-9a-f]{16}\.parquet$")


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths under ``root``, which is ``<data>/lake``."""

    root: Path

    @property
    def manifest(self) -> Path:
        """The SQLite file that says which files are the lake."""
        return self.root / "manifest.sqlite"

    @property
    def staging(self) -> Path:
        """Files that are being written."""
        return self.root / ".staging"

    @property
    def hot(self) -> Path:
        """A native copy of the latest days; see `kaname.lake.hot`."""
        return self.root / ".hot"

    @property
    def quarantine(self) -> Path:
        """Files that are not what was written."""
        return self.root / "quarantine"

    @property
    def commit_lock(self) -> Path:
        """Held by the one process that changes the manifest."""
        return self.root / ".commit.lock"

    @property
    def read_lock(self) -> Path:
        """Shared by all that read Parquet files."""
        return self.root / ".read.lock"

    def make(self) -> None:
        """Create the folders and locks that are missing.

        Raises:
            OSError: they cannot be made.
        """
        for folder in (self.root, self.staging, self.quarantine):
            folder.mkdir(parents=True, exist_ok=True)
        for lock in (self.commit_lock, self.read_lock):
            lock.touch(exist_ok=True)

    def partition(self, table: str, dt: str) -> Path:
        """Folder of a table's day."""
        return self.root / table / f"dt={dt}"

    def written_files(self) -> set[str]:
        """All files in place with a name that the lake gives, relative to the root."""
        return {
            str(path.relative_to(self.root))
            for path in self.root.glob("*/dt=*/*.parquet")
            if _OURS.match(path.name)
        }

    def sidecars(self) -> Iterator[tuple[Path, str]]:
        """All sidecars in place, and the file that each is of, relative to the root."""
        for suffix in (SIDECAR, ROLLUP):
            for path in self.root.glob(f"*/dt=*/*{suffix}*"):
                file = path.with_name(path.name.lstrip(".").partition(".")[0] + ".parquet")
                yield path, str(file.relative_to(self.root))


def partition_of(day: int, latest: int) -> str:
    """The partition of a day (number since the epoch); ``latest`` is an instant."""
    if day * DAY < EARLIEST:
        return BEFORE
    return AFTER if day * DAY > latest else day_of(day * DAY)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
