"""Live capture: packets per second without loss, through a pair of interfaces.

Goal: the 2020 average of NICTER, 15.8 kpps, with a factor to spare. The pair lies in a
network namespace that is made here; the sender is a thread of another process that sends
SYNs as fast as it can, or at a rate. Measured on one machine, so the sender takes its share
of the processors.

    python -m bench.capture --seconds 10 [--rate 100000]
"""

from __future__ import annotations

import argparse
import ctypes
import json
import multiprocessing
import os
import resource
import socket
import struct
import subprocess
import tempfile
import threading
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

NICTER_2020 = 15_800  # packets per second, average (reference)
BATCH = 64
_NEW_NETWORK = 0x40000000


def frames(count: int) -> list[bytes]:
    """SYNs from many sources to a /16."""
    found = []
    for number in range(count):
        src = struct.pack(">I", 0xCB007100 + number * 2654435761 % (1 << 24))
        dst = struct.pack(">I", 0xC6120000 + number * 40503 % 65536)
        tcp = struct.pack(">HHIIBBHHH", number % 65536, 23, number, 0, 0x50, 2, 1024, 0, 0)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 40, number % 65536, 0, 64, 6, 0) + src + dst
        found.append(b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + ip + tcp)
    return found


def send(interface: str, seconds: float, rate: int, sent: Synchronized[int]) -> None:
    """Send for so long; ``rate`` 0: as fast as it goes."""
    made = frames(1 << 14)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((interface, 0))
        begin, count = time.monotonic(), 0
        while (now := time.monotonic()) < begin + seconds:
            if rate and count > (now - begin) * rate:
                time.sleep(0.0005)
                continue
            for _ in range(BATCH):
                sender.send(made[count % len(made)])
                count += 1
        sent.value = count


def measure(seconds: float, rate: int, result: dict[str, object]) -> None:
    """One run, in a namespace of its own."""
    from kaname.lake import Lake
    from kaname.model.marking import Tlp
    from kaname.readers.live import Intake, place

    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace")
    for command in ("link add kb0 type veth peer name kb1", "link set kb0 up", "link set kb1 up"):
        subprocess.run(["ip", *command.split()], check=True)
    sent = multiprocessing.Value("q", 0)
    with tempfile.TemporaryDirectory() as folder, Lake.open(Path(folder)) as lake:
        intake = Intake(
            lake,
            place("capture=kb1?prefix=198.18.0.0/16"),
            sensor="bench",
            tlp=Tlp.GREEN,
            every_s=10,
        )
        intake.start()
        context = multiprocessing.get_context("fork")
        sender = context.Process(target=send, args=("kb0", seconds, rate, sent))
        cpu, begin = time.process_time(), time.monotonic()
        sender.start()
        sender.join()
        took = time.monotonic() - begin
        intake.stop(120)
        cpu = time.process_time() - cpu
        standing = intake.standing()
        lost = sum(standing.lost.values())
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    result.update(
        sent=sent.value, captured=standing.records, lost=lost, seconds=round(took, 2),
        accounted=standing.records + lost == sent.value,
        sent_pps=round(sent.value / took), lost_share=round(lost / max(1, sent.value), 6),
        cpu_us_per_packet=round(1e6 * cpu / max(1, standing.records), 3), rss_mib=rss,
    )  # fmt: skip


def main() -> None:
    """Print the result as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=0)
    asked = parser.parse_args()
    result: dict[str, object] = {"bench": "capture", "cpus": os.cpu_count(), "rate": asked.rate}
    thread = threading.Thread(target=measure, args=(asked.seconds, asked.rate, result))
    thread.start()
    thread.join()
    pps = result.get("sent_pps")
    result["ratio_to_nicter_2020"] = round(pps / NICTER_2020, 1) if isinstance(pps, int) else None
    print(json.dumps(result))


if __name__ == "__main__":
    main()
