"""From a compressed capture to labels, campaigns, floods and alerts, stage by stage.

    python bench/telescope.py [--packets N]

Workload D of `flowtuples`, compressed with gzip, goes through `kaname telescope bench` in a
process of its own; nfpcapd and tshark read its beginning right after, and do much less. The
storm is one million sources that send one SYN-ACK each to a few addresses, beside the same
capture without them: what counts is how much more memory it takes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import _workload_d as workload
from flowtuples import peers, row

RESULTS = Path(__file__).parent / "results" / "telescope.json"
AVERAGE = 15_800  # packets a second: NICTER in 2020 (500.1e9 in the year)
GOAL = 5.8e6
STORM = 1_000_000
SMALL = 200_000


def measured(capture: Path) -> dict[str, Any]:
    """What `kaname telescope bench` says of a capture."""
    argv = [sys.executable, "-c", "from kaname.cli.main import run; run()",
            "telescope", "bench", str(capture), "--json"]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def storm(calm: Path, target: Path) -> None:
    """``calm`` with a million answering sources before it, one packet each."""
    data = calm.read_bytes()
    second = int.from_bytes(data[24:28], "little")
    ethernet = bytes(12) + b"\x08\x00"
    with target.open("wb") as out:
        out.write(data[:24])
        for number in range(STORM):
            source = struct.pack(">I", 0x0B000000 + number * 97)
            dst = struct.pack(">I", workload.NETWORK + number % 20)
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 40, number & 0xFFFF, 0, 55, 6, 0)
            tcp = struct.pack(">HHIIBBHHH", 443, 40000, number, 1, 0x50, 0x12, 65160, 0, 0)
            frame = ethernet + ip + source + dst + tcp
            out.write(struct.pack("<IIII", second, number // 2, len(frame), len(frame)) + frame)
        out.write(data[24:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=workload.PACKETS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kaname-bench-") as place:
        folder = Path(place)
        plain, packed = folder / "d.pcap", folder / "d.pcap.gz"
        workload.write(plain, options.packets)
        with plain.open("rb") as source, gzip.open(packed, "wb", compresslevel=6) as zipped:
            shutil.copyfileobj(source, zipped, 1 << 20)
        found = measured(packed)
        others = peers(plain, folder)
        calm, stormy = folder / "calm.pcap", folder / "storm.pcap"
        workload.write(calm, SMALL)
        storm(calm, stormy)
        more = measured(stormy)["peak_mib"] - measured(calm)["peak_mib"]
    whole = found["whole"]
    rows = [
        row(stage["name"], stage["packets_per_cpu_s"] / 1e6, "M packets/s/core")
        for stage in found["stages"]
    ]
    ingest = found["stages"][0]
    rows += [
        row("pcap.gz to the lake", ingest["packets_per_wall_s"] / 1e6, "M packets/s on 2 cores"),
        row("all stages", whole["packets_per_wall_s"] / 1e6, "M packets/s on 2 cores", ">= 5.8"),
        row("times real time of NICTER 2020", whole["packets_per_wall_s"] / AVERAGE, "x", ">= 365"),
        row("peak memory", found["peak_mib"], "MiB", "< 4096"),
        row("a million one-packet sources more", more, "MiB", "< 1024"),
        row("stored", found["bytes_per_packet"], "B/packet", "<= 9"),
    ]
    rows += [row(name, rate, "M packets/s/core") for name, rate in others.items()]
    document = {
        "claim": "a year of NICTER 2020 in a day on 2 cores, in less than 4 GiB",
        "packets": found["packets"],
        "findings": found["findings"],
        "rows": rows,
        "holds": whole["packets_per_wall_s"] >= GOAL and found["peak_mib"] < 4096 and more < 1024,
    }
    RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(document) + "\n")


if __name__ == "__main__":
    main()
