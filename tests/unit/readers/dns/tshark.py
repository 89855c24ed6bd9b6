"""A second opinion: DNS messages of a capture as tshark sees them."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import NamedTuple

FIELDS = (
    "frame.time_epoch",
    "dns.id",
    "dns.flags.response",
    "dns.qry.name",
    "dns.qry.type",
    "dns.flags.rcode",
    "dns.count.answers",
)
HAVE_TSHARK = shutil.which("tshark") is not None


class Message(NamedTuple):
    """One message."""

    dns_id: int
    response: bool
    name: str
    qtype: int
    rcode: int | None
    answers: int


def messages(capture: Path) -> Counter[Message]:
    """All messages that tshark finds; several of one segment are told apart."""
    argv = ["tshark", "-n", "-r", str(capture), "-Y", "dns", "-T", "fields", "-E", "separator=|"]
    argv += ["-E", "occurrence=a", "-E", "aggregator=;"]
    argv += [word for field in FIELDS for word in ("-e", field)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    found: Counter[Message] = Counter()
    for line in done.stdout.splitlines():
        _, ids, flags, names, types, rcodes, counts = line.split("|")
        split = [values.split(";") for values in (ids, flags, names, types, counts)]
        codes = rcodes.split(";") if rcodes else []
        for dns_id, response, name, qtype, count in zip(*split, strict=True):
            told = response in {"1", "True"}
            rcode = int(codes.pop(0)) if told else None
            plain = "" if name == "<Root>" else name.lower()
            found[Message(int(dns_id, 0), told, plain, int(qtype), rcode, int(count))] += 1
    return found
