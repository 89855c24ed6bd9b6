"""``dns.log`` -> table ``dns``: query and response are joined by Zeek already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.readers.zeek.frame import Columns, LogFrame

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TABLE", "columns"]

TABLE = "dns"
# Bits of the flags word (RFC 1035, 4.1.1) by the field that tells them.
_QR = 0x8000
_BITS = {"AA": 0x0400, "TC": 0x0200, "RD": 0x0100, "RA": 0x0080}


def columns(frame: LogFrame) -> Columns:
    """Rows of ``dns``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from kaname.readers.domains import registered_all

    qname = _names(frame)
    rcode = frame.integer("rcode", pa.int16())
    answers = frame.texts("answers")
    return {
        **frame.ends(),
        "sport": frame.count("id.orig_p", pa.int32()),
        "dport": frame.count("id.resp_p", pa.int32()),
        "transport": pc.fill_null(frame.text("proto"), "unknown"),
        "dns_id": frame.count("trans_id", pa.int32()),
        "qname": qname,
        "regdom": registered_all(qname),
        "qtype": frame.count("qtype", pa.int32()),
        "qclass": frame.count("qclass", pa.int32()),
        "rcode": rcode,
        "state": pc.if_else(pc.is_valid(rcode), "both", "query"),
        "rtt_us": frame.interval("rtt"),
        "head_bits": _head_bits(frame, rcode),
        "an_count": pc.list_value_length(answers),
        "answers": answers,
        "min_ttl": _min_ttl(frame),
    }


def _names(frame: LogFrame) -> pa.Array:
    import pyarrow.compute as pc

    lower = pc.utf8_lower(pc.fill_null(frame.text("query"), ""))
    return pc.replace_substring_regex(lower, r"(.)\.$", r"\1")


def _head_bits(frame: LogFrame, rcode: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    word = pc.if_else(pc.is_valid(rcode), pa.scalar(_QR, pa.int32()), pa.scalar(0, pa.int32()))
    for name, bit in _BITS.items():
        there = pc.fill_null(frame.flag(name), False)
        word = pc.bit_wise_or(word, pc.multiply(there.cast(pa.int32()), bit))
    zero = pc.shift_left(pc.bit_wise_and(frame.count("Z", pa.int32()), 7), 4)
    low = pc.bit_wise_and(pc.fill_null(rcode, 0).cast(pa.int32()), 15)
    return pc.bit_wise_or(pc.bit_wise_or(word, zero), low).cast(pa.int32())


def _min_ttl(frame: LogFrame) -> pa.Array:
    """The least of the TTLs, whole seconds."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = frame.texts("TTLs")
    flat = pc.list_flatten(lists)
    try:
        numbers = flat.cast(pa.float64())
    except pa.ArrowInvalid:
        numbers = pa.array([_real(text) for text in flat.to_pylist()], pa.float64())
        frame.note("bad_value", numbers.null_count - flat.null_count)
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    filled = np.flatnonzero(lengths)
    least = np.full(frame.rows, np.nan)
    if len(filled):
        starts = np.cumsum(lengths)[filled] - lengths[filled]
        values = pc.fill_null(numbers, np.inf).to_numpy(zero_copy_only=False)
        least[filled] = np.floor(np.minimum.reduceat(values, starts))
    return pa.array(least, pa.float64(), mask=~np.isfinite(least)).cast(pa.int64(), safe=False)


def _real(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
