"""The index beside each file: which of its blocks mention what.

A sidecar is derived from its file: its name holds the same digest, its footer the whole
SHA-256. It is written with the file and renamed just before it; a file without one (an
old lake, a kill, a flipped bit) gets it the first time somebody looks for something.
"""

from __future__ import annotations

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kaname._native import Sidecar, SidecarBuilder
from kaname.lake.layout import SIDECAR
from kaname.lake.locks import shared
from kaname.lake.mentions import mentions
from kaname.lake.parquet import read_table
from kaname.lake.records import IndexReport, LakeFile
from kaname.lake.store import Store
from kaname.lake.tables import table as table_of
from kaname.lake.tables import tables
from kaname.model.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

__all__ = ["index", "open_sidecar", "sidecar_of", "sidecar_while"]

_PREFIX = ".index-"
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}


def sidecar_of(path: str | Path) -> Path:
    """Where the sidecar of a file lies."""
    return Path(path).with_suffix(SIDECAR)


class sidecar_while:  # noqa: N801 - used like a function
    """Collects the rows of a file while it is written; `put` makes the sidecar."""

    def __init__(self, table: str) -> None:
        self._builder = SidecarBuilder(mentions(table))

    def add(self, rows: pa.Table) -> None:
        """The next rows of the file."""
        for batch in rows.to_batches():
            self._builder.add(batch)

    def put(self, path: Path, sha256: str) -> None:
        """Write it. Not forced to disk: after a power cut its checksum tells what is lost."""
        path.write_bytes(self._builder.finish(bytes.fromhex(sha256)))


@contextlib.contextmanager
def open_sidecar(file: LakeFile) -> Iterator[Sidecar]:
    """The sidecar of a file, made anew when it is missing or not what was written.

    Raises:
        OSError: the file itself cannot be read.
        pyarrow.ArrowException: the file itself is damaged.
    """
    found = _intact(file)
    if found is not None:
        yield found
        return
    place = sidecar_of(file.path)
    try:
        _make(file, place)
    except OSError as error:
        if error.errno not in _READ_ONLY:
            raise
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / place.name
            _make(file, place)
            yield Sidecar(place)
        return
    yield Sidecar(place)


def _intact(file: LakeFile) -> Sidecar | None:
    try:
        found = Sidecar(sidecar_of(file.path))
    except OSError:
        return None
    whole = found.digest.hex() == file.sha256 and found.rows == file.rows
    return found if whole else None


def _make(file: LakeFile, place: Path) -> None:
    """Read a file and write its sidecar; others see the old state or the new one."""
    builder = SidecarBuilder(mentions(file.table))
    with read_table(file.path, table_of(file.table)) as stored:
        for batch in stored.iter_batches(1 << 16):
            builder.add(batch)
    whole = builder.finish(bytes.fromhex(file.sha256))
    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 - renamed below
        dir=place.parent, prefix=_PREFIX, suffix=SIDECAR, delete=False
    )
    try:
        with handle:
            handle.write(whole)
        Path(handle.name).chmod(0o644)
        Path(handle.name).rename(place)
    except BaseException:
        Path(handle.name).unlink(missing_ok=True)
        raise


def index(
    store: Store, name: str | None, progress: Callable[[int, int], None] | None
) -> IndexReport:
    """See `Lake.index`."""
    names = [table_of(name).name] if name else list(tables())
    with shared(store.layout.read_lock):
        files = [file for table in names for file in store.manifest.files(table)]
        made = 0
        for done, file in enumerate(files, 1):
            made += _renewed(file)
            if progress is not None:
                progress(done, len(files))
    size = sum(sidecar_of(f.path).stat().st_size for f in files if sidecar_of(f.path).is_file())
    return IndexReport(files=len(files), made=made, bytes=size)


def _renewed(file: LakeFile) -> bool:
    """Whether the sidecar was missing or damaged anywhere, and is whole now."""
    found = _intact(file)
    if found is not None:
        with contextlib.suppress(OSError):
            for section in range(3):
                found.find(section, 0, (1 << 128) - 1)
            return False
    try:
        _make(file, sidecar_of(file.path))
    except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
        raise StoreError("lake.error.io", path=file.path, reason=error) from error
    return True
