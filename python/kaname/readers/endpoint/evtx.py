"""Windows event logs in their binary form (EVTX) to `endpoint`.

The records are parsed by the library `evtx`; here their places are found, damaged chunks
are counted, and events become rows.
"""

from __future__ import annotations

import re
import struct
import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.readers.endpoint.evtx_events import event_of
from kaname.readers.endpoint.windows import columns
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.lines import pieces
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EvtxReader", "places"]

_FILE = b"ElfFile\0"
_CHUNK = b"ElfChnk\0"
_CHUNK_SIZE = 65_536
_FILE_HEADER = 4096
_CHUNK_HEADER = 512
_RECORD = b"**\0\0"
_LEAST_RECORD = 24
_NUMBERED = re.compile(r"chunk number (\d+)")


class EvtxReader(Reader):
    """Binary Windows event logs."""

    name: ClassVar[str] = "evtx"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("endpoint",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Event logs of Windows as they lie on its disk: Security, Sysmon, PowerShell, System "
            "and every other channel. Processes, connections, files, registry keys, logons, "
            "services and DNS queries get their columns; all other values stay in `ext`. A "
            "damaged chunk costs its own records only."
        ),
        ja=(
            "Windows のイベントログをディスク上の形式のまま読みます。Security・Sysmon・"
            "PowerShell・System ほか全チャネルに対応し、プロセス・通信・ファイル・レジストリー・"
            "ログオン・サービス・DNS 問い合わせを列に、その他の値を `ext` に入れます。"
            "壊れたチャンクで失われるのはその中のレコードだけです。"
        ),
        formats=("EVTX",),
        references=(
            "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-even6",
            "https://github.com/omerbenamram/evtx",
            "https://learn.microsoft.com/en-us/sysinternals/downloads/sysmon",
        ),
        limitations_en=(
            "Texts of messages are not in the file: codes such as %%1793 stay as they are.",
            "Times of the events, not of the file, are taken.",
            "Addresses of an incoming connection are turned so that the host comes first.",
            "How many records a damaged chunk held cannot be told: it counts as one.",
        ),
        limitations_ja=(
            "メッセージ本文はファイルにないため、%%1793 などのコードはそのまま残します。",
            "時刻はファイルではなくイベントのものです。",
            "受信接続では、ホスト側が送信元になるようアドレスを入れ替えます。",
            "壊れたチャンク内のレコード数は分からないため 1 件と数えます。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Certain by magic number."""
        return 95 if head.startswith(_FILE) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row an event.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows = Rows("endpoint", self.name, job)
        with tempfile.TemporaryFile() as plain:
            _unpack(job, plain)
            offsets = dict(places(plain))
            for record in _records(job, plain):
                _take(rows, job, record, offsets)
                if rows.full:
                    yield rows.take()
        yield from rows.rest()


def _unpack(job: ReadJob, plain: IO[bytes]) -> None:
    """The library reads backwards and forwards, so all bytes are laid down first."""
    for piece in pieces(job):
        plain.write(piece)
    plain.flush()


def places(plain: IO[bytes]) -> Iterator[tuple[int, int]]:
    """(number, offset) of every record that a chunk with a sound beginning holds."""
    start = _FILE_HEADER
    plain.seek(start)
    while chunk := plain.read(_CHUNK_SIZE):
        if chunk.startswith(_CHUNK):
            yield from _in_chunk(chunk, start)
        start += _CHUNK_SIZE


def _in_chunk(chunk: bytes, start: int) -> Iterator[tuple[int, int]]:
    at = _CHUNK_HEADER
    while at + _LEAST_RECORD <= len(chunk) and chunk[at : at + 4] == _RECORD:
        size, number = struct.unpack_from("<IQ", chunk, at + 4)
        yield number, start + at
        if size < _LEAST_RECORD:
            return
        at += size


def _records(job: ReadJob, plain: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Records that can be read; an error of the library is one damaged piece."""
    from evtx import PyEvtxParser

    plain.seek(0)
    try:
        source = PyEvtxParser(plain, number_of_threads=1).records_json()
    except (RuntimeError, OSError) as error:
        job.report.bad(0, "malformed", str(error))
        return
    while True:
        job.check()
        try:
            record = next(source, None)
        except (RuntimeError, OSError) as error:
            job.report.bad(_place_of(str(error)), "damaged_chunk", str(error)[:200])
            continue
        if record is None:
            return
        yield record


def _place_of(error: str) -> int:
    """Offset of the chunk that the library names."""
    found = _NUMBERED.search(error)
    return _FILE_HEADER + int(found.group(1)) * _CHUNK_SIZE if found else 0


def _take(rows: Rows, job: ReadJob, record: dict[str, Any], offsets: dict[int, int]) -> None:
    number = record["event_record_id"]
    offset = offsets.get(number, 0)
    try:
        document = msgspec.json.decode(record["data"], type=dict[str, Any])
    except msgspec.DecodeError as error:
        job.report.bad(offset, "malformed", str(error))
        return
    event = event_of(document, record["timestamp"], number)
    if event is None:
        job.report.bad(offset, "malformed", "no event in it", record["data"].encode())
        return
    job.report.count("event")
    rows.add(row_in_src=offset, **columns(event))
