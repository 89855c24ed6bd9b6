"""Files of flow exports, packets or IPFIX messages, read by the native core into `flows`.

What the readers of these share: the steps of ``kaname._native.FlowFile`` as record
batches, and its account as the report. Lost sequence numbers are notes, an exporter at a
time in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kaname._native import FlowFile, NativeError
from kaname.model.errors import InputError
from kaname.readers.frame import Problem, ReadJob, ReadReport

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname._native import Account

__all__ = ["BAD", "flows_of"]

ROWS = 1 << 18
"""Rows from which on a batch is given out: small enough to stay in the cache."""

BAD = ("malformed", "malformed_record")
"""Outcomes of exports that were lost to damage."""

# A packet from the wire may be malformed in a sound capture.
_BAD_PACKETS = ("malformed_record",)

_OFF = {"false", "no", "off", "0"}
_log = logging.getLogger("kaname.read")


def flows_of(
    job: ReadJob, content: Literal["exports", "packets", "messages"]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Rows of the source of ``job``, which holds ``content``.

    Raises:
        InputError: the source is not what it should be at all, or cannot be read.
        CancelledError: somebody asked to stop.
    """
    import pyarrow as pa

    path = job.path or Path(f"/dev/fd/{job.fd or 0}")
    try:
        source = FlowFile(
            path,
            content,
            sensor=job.sensor,
            tlp=str(job.tlp),
            batch=job.batch,
            rows=ROWS,
            ext=str(job.options.get("ext", True)).lower() not in _OFF,
        )
        while not source.has_ended():
            job.check()
            batch = source.step()
            account = source.report()
            job.report.bytes_read = account["bytes_read"]
            _take_over(job.report, account, _BAD_PACKETS if content == "packets" else BAD)
            if batch is not None:
                job.report.rows += batch.num_rows
                yield "flows", pa.record_batch(batch)
    except NativeError as error:
        code, found = error.args
        raise InputError(f"readers.error.pcap.{code}", path=job.path or "-", found=found) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError("readers.error.open", path=job.path or "-", reason=reason) from None
    for stream in source.streams():
        if stream["lost"] or stream["samples_lost"]:
            _log.info("lost on the way", extra={"source": str(job.path), **stream})


def _take_over(report: ReadReport, account: Account, bad: Collection[str] = BAD) -> None:
    """Let ``report`` say what the native account says; ``bad`` names outcomes of damage."""
    report.records = account["records"]
    report.counters = account["counters"]
    report.notes = account["notes"]
    report.damaged = account["damaged"]
    report.bad_records = sum(account["counters"].get(name, 0) for name in bad)
    report.first_us = account["first_us"]
    report.last_us = account["last_us"]
    report.problems = [Problem(at, reason, data.hex()) for at, reason, data in account["problems"]]
