"""The step from staged files to files of the lake.

Order: files are on disk before they are renamed, renames are on disk before the manifest
names them, and the manifest changes in one transaction. A process killed in between
leaves files that nobody sees, and `kaname.lake.sweeping` removes them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from kaname.lake.faults import clear_errors
from kaname.lake.layout import Layout, sync_folder
from kaname.lake.locks import exclusive
from kaname.lake.records import LakeFile, Source
from kaname.lake.sidecar import sidecar_of
from kaname.lake.staging import Staging
from kaname.lake.store import Store
from kaname.model.instant import now_us

__all__ = ["commit_source", "committing", "publish"]

WAIT_S = 120.0


@contextlib.contextmanager
def committing(layout: Layout) -> Iterator[None]:
    """Be the one process that changes what the lake consists of.

    Raises:
        ConflictError: another one did not finish within two minutes.
    """
    with clear_errors(layout.root), exclusive(layout.commit_lock, seconds=WAIT_S):
        yield


def commit_source(
    store: Store,
    source: Source,
    staged: Sequence[LakeFile],
    staging: Staging,
    *,
    replace: bool,
) -> Source:
    """Make staged files and their source part of the lake, in place of an older reading."""
    from kaname.lake.replacing import without_batch

    with committing(store.layout):
        known = store.manifest.source_of(source.identity)
        if known is not None and not replace:
            return known
        old = [file for file in store.manifest.files() if known and source.batch in file.batches]
        rest = without_batch(old, source.batch, staging)
        files = publish(store.layout, [*staged, *rest])
        with store.manifest.change() as change:
            change.remove_files(old, now=now_us())
            change.add_files(files)
            change.add_source(source)
            change.heal(source.batch)
    return source


def publish(layout: Layout, staged: Sequence[LakeFile]) -> list[LakeFile]:
    """Rename staged files to their place; still invisible. Under the commit lock only."""
    files = [_move(layout, file) for file in staged]
    for folder in {Path(file.path).parent for file in files}:
        sync_folder(folder)
    return files


def _move(layout: Layout, file: LakeFile) -> LakeFile:
    folder = layout.partition(file.table, file.dt)
    if not folder.is_dir():
        folder.mkdir(parents=True)
        sync_folder(folder.parent)
        sync_folder(layout.root)
    beside = sidecar_of(file.path)
    with contextlib.suppress(FileNotFoundError):
        beside.rename(folder / beside.name)
    place = Path(file.path).rename(folder / Path(file.path).name)
    return msgspec.structs.replace(file, path=str(place))
