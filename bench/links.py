"""What sealing costs a delivery: time at both ends and bytes, beside the same without it.

The delivery is a minute of ``--rows`` flowtuples, packed as a sensor packs them. Times are
medians of CPU time over ``--runs``; "without" is what packing and unpacking cost anyway.
Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

import pyarrow as pa

from kaname.lake.tables import table
from kaname.readers.deliveries.package import Header, decode, encode
from kaname.readers.deliveries.sealed import purpose
from kaname.sealing.hybrid import KEMS, Kem
from kaname.sealing.link_keys import LinkKey
from kaname.sealing.message import open_message, seal_message
from kaname.telescope.sensors.minutes import MINUTES

_AT = 1_700_000_040_000_000


def flowtuples(count: int) -> pa.RecordBatch:
    """Rows as a telescope sees them: many sources, few ports, one minute."""
    fixed = {
        "ts": _AT, "ptype": "tcp_syn", "packets": 1, "octets": 40, "uniq_dst": 1, "first_s": 3,
        "proto": 6, "ttl_mode": 50, "port": 23,
    }  # fmt: skip
    schema = table("flowtuples").arrow_schema()
    columns, fields = [], []
    for field in schema:
        if field.name in {"sensor", "kind", "tlp", "batch", "ext"}:
            continue
        if field.name in fixed:
            values = [fixed[field.name]] * count
            kind = pa.string() if field.name == "ptype" else field.type
        elif pa.types.is_integer(field.type):
            bits = 7 if field.type.bit_width == 8 else 15 if field.type.bit_width == 16 else 31
            values, kind = [(row * 2_654_435_761) % (1 << bits) for row in range(count)], field.type
        else:
            values, kind = [None] * count, field.type
        columns.append(pa.array(values, kind))
        fields.append(pa.field(field.name, kind))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def microseconds(work: Callable[[], object], runs: int) -> float:
    """Median CPU time."""
    found = []
    for _ in range(runs):
        start = time.process_time_ns()
        work()
        found.append((time.process_time_ns() - start) / 1e3)
    return round(statistics.median(found), 1)


def sealed(kem: Kem, body: bytes, runs: int) -> dict[str, float]:
    """What sealing for a nexus with this kind of key costs."""
    nexus, sensor, said = LinkKey.drawn(kem), LinkKey.drawn(), purpose(MINUTES, "bench")
    raw = seal_message(body, nexus.public, sensor, said)
    return {
        "bytes_more": len(raw) - len(body),
        "seal_us": microseconds(lambda: seal_message(body, nexus.public, sensor, said), runs),
        "open_us": microseconds(lambda: open_message(raw, [nexus], [sensor.public], said), runs),
        "receipt_us": microseconds(lambda: nexus.receipt(raw, b"{}"), runs),
    }


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=200)
    asked = parser.parse_args()
    rows = [("flowtuples", flowtuples(asked.rows))]
    header = Header(sensor="bench", spool="0" * 32, sequence=1, identity="0" * 64)
    body = encode(MINUTES, header, rows)
    told: dict[str, object] = {
        "rows": asked.rows,
        "bytes": len(body),
        "pack_us": microseconds(lambda: encode(MINUTES, header, rows), asked.runs),
        "unpack_us": microseconds(lambda: decode(MINUTES, body), asked.runs),
    }
    told |= {name: sealed(kem, body, asked.runs) for name, kem in KEMS.items()}
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
