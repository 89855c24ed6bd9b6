"""Files of nfcapd, printed by the program ``nfdump`` when it is installed.

The binary layout belongs to nfdump and changes with it, so nfdump itself reads it, told
that it is in UTC. (Its seconds since 1970 cannot be used: nfdump 1.7.1 prints a wrong
fraction in ``%ter``.)
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.model.errors import InputError
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.moments import iso_us
from kaname.readers.nfdump_csv import flow_of
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["NfdumpReader"]

_MAGIC = 0xA50C
_BLOCKS_AT = {1: 8, 2: 36}  # where the number of blocks stands, by version of the layout
_CELLS = (
    *("ts", "te", "sa", "da", "sp", "dp", "pr", "flg", "ipkt", "ibyt", "opkt", "obyt"),
    *("in", "out", "sas", "das", "dir", "svln", "ra"),
)
_FORMAT = "fmt:" + "|".join(f"%{cell}" for cell in _CELLS)
_DIRECTIONS = {"I": "0", "E": "1"}


class NfdumpReader(Reader):
    """Flow files of nfcapd, nfpcapd and sfcapd."""

    name: ClassVar[str] = "nfdump"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flows",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Files that `nfcapd`, `nfpcapd` and `sfcapd` write, in any version and compression "
            "that the installed `nfdump` reads. Times have milliseconds and no time zone. A "
            "file that its collector has not closed yet is refused, since nfdump prints "
            "nothing of it."
        ),
        ja=(
            "`nfcapd`・`nfpcapd`・`sfcapd` が書くファイルを、インストール済みの `nfdump` が読める"
            "版と圧縮形式で読みます。時刻はミリ秒単位で、タイムゾーンの影響を受けません。コレクターが"
            "まだ閉じていないファイルは、nfdump が何も出力しないため、エラーにします。"
        ),
        formats=("nfcapd",),
        references=("https://github.com/phaag/nfdump",),
        limitations_en=(
            "The program `nfdump` must be installed.",
            "nfdump has multiplied the counters with the sampling already: `sampling` is 1.",
            "`row_in_src` is the number of the record.",
        ),
        limitations_ja=(
            "プログラム `nfdump` が必要です。",
            "カウンターには nfdump がサンプリング補正を済ませているため、`sampling` は 1 です。",
            "`row_in_src` はレコードの番号です。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Certain by the magic number."""
        return 95 if _version(head) is not None else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield flows.

        Raises:
            InputError: nfdump is not installed or fails, or the file was not closed.
            CancelledError: somebody asked to stop.
        """
        if job.path is None:
            raise InputError("readers.error.nfdump.stream")
        _check_closed(job)
        rows = Rows("flows", self.name, job)
        for number, line in enumerate(_printed(job)):
            cells = [cell.strip() for cell in line.split("|")]
            record = dict(zip(_CELLS, cells, strict=False))
            start, end = iso_us(record.get("ts", "")), iso_us(record.get("te", ""))
            if len(cells) != len(_CELLS) or start is None or end is None:
                job.report.bad(number, "malformed", "record", line.encode()[:64])
                continue
            job.report.count("flows")
            record["dir"] = _DIRECTIONS.get(record["dir"], record["dir"])
            columns = {**flow_of(record), "dur_us": max(0, end - start)}
            rows.add(ts=start, row_in_src=number, **columns)
            if rows.full:
                yield rows.take()
        yield from rows.rest()
        job.report.bytes_read = job.path.stat().st_size


def _version(head: bytes) -> int | None:
    """Version of the layout; None for what is no such file."""
    if len(head) < 140:
        return None
    magic, version = struct.unpack_from("<HH", head)
    return version if magic == _MAGIC and version in _BLOCKS_AT else None


def _check_closed(job: ReadJob) -> None:
    """A collector fills in the number of blocks when it closes a file."""
    from kaname.readers.containers import head

    if job.path is None:
        return
    start = head(job.path)
    version = _version(start)
    if version is None:
        raise InputError("readers.error.nfdump.magic", path=job.path)
    (blocks,) = struct.unpack_from("<I", start, _BLOCKS_AT[version])
    if blocks == 0 and job.path.stat().st_size > 512:
        raise InputError("readers.error.nfdump.unclosed", path=job.path)


def _printed(job: ReadJob) -> Iterator[str]:
    """Lines that nfdump prints; the program is ended when nobody wants more."""
    program = shutil.which("nfdump")
    if program is None:
        raise InputError("readers.error.nfdump.missing", path=job.path)
    argv = [program, "-r", str(job.path), "-q", "-6", "-N", "-o", _FORMAT]
    with subprocess.Popen(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env={**os.environ, "TZ": "UTC"},
    ) as process:
        try:
            for line in process.stdout or ():
                job.check()
                if line.strip():
                    yield line.rstrip("\n")
            if process.wait() != 0:
                reason = f"exit status {process.returncode}"
                raise InputError("readers.error.nfdump.failed", path=job.path, reason=reason)
        finally:
            process.kill()
