"""dnstap as it arrives: name servers connect to a socket and copy their messages out.

The usual place is a Unix socket, at which the name server's configuration points; TCP
does as well. Each sender is answered as the handshake of Frame Streams wants it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname._native import DnstapDecoder, NativeError
from kaname.model.instant import now_us
from kaname.readers.dns.dnstap import BAD, DnstapReader
from kaname.readers.dns.ledger import Ledger
from kaname.readers.frame import ReaderDoc

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.readers.frame import ReadJob
    from kaname.readers.listening import Connection

__all__ = ["DnstapListener", "DnstapLiveDecoder"]

OPEN_US = 1_000_000
"""Rows are given out in portions of about this time."""


class DnstapLiveDecoder:
    """The senders of one socket: queries of one meet responses of another."""

    def __init__(self) -> None:
        self._native = DnstapDecoder(open_us=OPEN_US)
        self._ledger = Ledger(BAD)
        self._numbers = itertools.count()
        self._received_us = now_us()

    def connect(self, sender_hi: int, sender_lo: int, sender_port: int) -> Connection:  # noqa: ARG002
        """Each stream tells the identity of its server itself."""
        return _Sender(self, next(self._numbers))

    @property
    def held(self) -> int:
        """Rows that no response can change any more."""
        return len(self._native)

    def take(self, job: ReadJob, *, last: bool) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Rows whose responses have come, or do not come any more."""
        import pyarrow as pa

        self._native.idle(max(0, now_us() - self._received_us))
        batches = self._native.take(
            sensor=job.sensor, kind=DnstapReader.name, tlp=str(job.tlp), batch=job.batch, last=last
        )
        self._ledger.enter(self._native.report(), job.report)
        number = 0
        for batch in batches:
            rows = _numbered(pa.record_batch(batch), number)
            number += rows.num_rows
            job.report.rows += rows.num_rows
            yield "dns", rows

    def received(self, stream: int, data: bytes, received_us: int) -> bytes:
        """Bytes of a sender.

        Raises:
            ValueError: the sender speaks something else.
        """
        self._received_us = received_us
        try:
            return self._native.push(stream, data)
        except NativeError as error:
            raise ValueError(str(error)) from None

    def gone(self, stream: int) -> None:
        """A sender hung up."""
        self._native.close(stream)


class _Sender:
    """One stream."""

    def __init__(self, decoder: DnstapLiveDecoder, number: int) -> None:
        self._decoder = decoder
        self._number = number

    def push(self, data: bytes, received_us: int) -> bytes:
        return self._decoder.received(self._number, data, received_us)

    def close(self) -> None:
        self._decoder.gone(self._number)


def _numbered(batch: pa.RecordBatch, first: int) -> pa.RecordBatch:
    """Rows of a live batch stand at their number, since there is no file to stand in."""
    import numpy as np
    import pyarrow as pa

    numbers = pa.array(np.arange(first, first + batch.num_rows, dtype=np.int64))
    place = batch.schema.get_field_index("row_in_src")
    return batch.set_column(place, batch.schema.field(place), numbers)


class DnstapListener:
    """dnstap over a Unix socket or TCP."""

    name: ClassVar[str] = "dnstap"
    version: ClassVar[int] = 1
    transports: ClassVar[tuple[str, ...]] = ("unix", "tcp")
    default_port: ClassVar[int] = 6000
    doc: ClassVar[ReaderDoc] = DnstapReader.doc

    def decoder(self) -> DnstapLiveDecoder:
        """A decoder for one socket."""
        return DnstapLiveDecoder()
