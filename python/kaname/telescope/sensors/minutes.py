"""What a sensor of a telescope delivers: closed minutes, and a few packets as evidence."""

from __future__ import annotations

from kaname.model.packets import PTYPES
from kaname.readers.deliveries.form import Form

__all__ = ["MINUTES"]

MINUTES = Form(
    name="minutes",
    kind="pcap",
    reader="capture",
    version=1,
    door="telescope/sensors/{sensor}/minutes",
    tables=("flowtuples", "packets", "rsdos"),
    labels={"ptype": tuple(PTYPES)},
    bounds={
        "packets": (1, 1 << 31),
        "octets": (0, 1 << 62),
        "port": (0, 65_535),
        "proto": (0, 255),
        "first_s": (0, 59),
        "ttl_mode": (0, 255),
        "row_in_src": (0, 1 << 62),
    },
    own_bounds={
        "flowtuples": {"uniq_dst": (1, 256)},
        "rsdos": {"uniq_dst": (1, 1 << 32), "duration_us": (0, 1 << 60)},
    },
)
