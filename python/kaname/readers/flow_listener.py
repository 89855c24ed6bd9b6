"""NetFlow, IPFIX and sFlow as they arrive: listeners of flow exports.

Both take all of these protocols, since a collector's port is often shared; they differ in
the port they are usually found at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from kaname._native import FlowDecoder
from kaname.readers.flow_export import FlowExportReader
from kaname.readers.flow_files import BAD
from kaname.readers.frame import Problem, ReaderDoc
from kaname.readers.sflow import SflowReader

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname._native import Stream
    from kaname.readers.frame import ReadJob
    from kaname.readers.listening import Datagram

__all__ = ["FlowLiveDecoder", "NetflowListener", "SflowListener"]

ROWS = 1 << 18


class FlowLiveDecoder:
    """Datagrams of one socket; templates are remembered as long as it lives."""

    def __init__(self) -> None:
        self._native = FlowDecoder(ext=True, rows=ROWS)
        self._strange = 0

    def push(self, datagrams: Sequence[Datagram]) -> None:
        """Decode; what is no flow export is counted (``other``)."""
        self._strange += len(datagrams) - self._native.push(datagrams)

    @property
    def held(self) -> int:
        """Rows that are ready."""
        return len(self._native)

    def take(self, job: ReadJob, *, last: bool) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Rows since the last time. ``last``: sets whose template did not come are given up."""
        import pyarrow as pa

        if last:
            self._native.finish()
        batch = self._native.rows(sensor=job.sensor, tlp=str(job.tlp), batch=job.batch)
        self._account(job)
        if batch is not None:
            yield "flows", pa.record_batch(batch)

    def streams(self) -> list[Stream]:
        """What each exporter and observation domain sent since the socket was opened."""
        return self._native.streams()

    def snapshot(self) -> bytes:
        """Templates and samplers, so that a restart needs not wait for new ones."""
        return self._native.snapshot()

    def restore(self, snapshot: bytes) -> None:
        """Remember what a snapshot does.

        Raises:
            NativeError: it is none of this version.
        """
        self._native.restore(snapshot)

    def _account(self, job: ReadJob) -> None:
        account, strange = self._native.take_report(), self._strange
        self._strange = 0
        report = job.report
        for name, count in account["counters"].items():
            report.count(name, count)
        if strange:
            report.count("other", strange)
        report.bad_records += sum(account["counters"].get(name, 0) for name in BAD)
        for name, count in account["notes"].items():
            report.notes[name] = report.notes.get(name, 0) + count
        report.damaged = report.damaged or account["damaged"]
        report.problems += [Problem(at, why, data.hex()) for at, why, data in account["problems"]]
        report.rows += account["counters"].get("flows", 0)
        report.first_us, report.last_us = account["first_us"], account["last_us"]


class NetflowListener:
    """NetFlow v5, v7, v9 and IPFIX over UDP."""

    name: ClassVar[str] = "netflow"
    version: ClassVar[int] = 1
    transports: ClassVar[tuple[str, ...]] = ("udp",)
    default_port: ClassVar[int] = 2055
    doc: ClassVar[ReaderDoc] = FlowExportReader.doc

    def decoder(self) -> FlowLiveDecoder:
        """A decoder for one socket."""
        return FlowLiveDecoder()


class SflowListener:
    """sFlow v5 over UDP."""

    name: ClassVar[str] = "sflow"
    version: ClassVar[int] = 1
    transports: ClassVar[tuple[str, ...]] = ("udp",)
    default_port: ClassVar[int] = 6343
    doc: ClassVar[ReaderDoc] = SflowReader.doc

    def decoder(self) -> FlowLiveDecoder:
        """A decoder for one socket."""
        return FlowLiveDecoder()
