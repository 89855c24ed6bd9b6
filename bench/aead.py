"""Claim: packets are encrypted and decrypted at 300 Gbit/s a core, and at 250 from Python.

One stream of Rocca-S at 16 KiB, and batches of packets of 1,350 bytes, are measured by the
crate's own program (``cargo run --example speed``, the best path of the machine, wall time);
calls from Python as ``kaname crypto bench`` measures them: 1,024 packets a call, processor
time, peers taking turns. Peers are OpenSSL's AES-256-GCM, ChaCha20-Poly1305, AES-256-GCM-SIV and
AES-256-OCB3, and pyaegis where it can be imported (``uv run --with pyaegis python -m
bench.aead``). Wall time wants a machine that does nothing else; goals want one with VAES-512.

Run: ``python -m bench.aead``. One JSON object to stdout; 1 when a goal is missed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from kaname.cryptography.aead import RoccaS
from kaname.cryptography.aead.speeds import compare, leaders

ROOT = Path(__file__).parent.parent
STREAM, PACKETS, PYTHON = 200.0, 300.0, 250.0  # Gbit/s
PACKET, RECORD = 1350, 16_384
LINE = re.compile(
    r"(\S+) +(\S+) +(\d+) B +one: seal +([\d.]+) open +([\d.]+)"
    r" +batch: seal +([\d.]+) open +([\d.]+)"
)


def native(size: int) -> dict[str, Any]:
    """Gbit/s of the crate's program, the best path of each figure; nothing without cargo."""
    cargo = shutil.which("cargo")
    if cargo is None:
        return {}
    command = (cargo, "run", "--quiet", "--release", "-p", "kaname-aead", "--example", "speed")
    told = subprocess.run(
        [*command, "Rocca-S", str(size)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    rows = [found.groups() for line in told.splitlines() if (found := LINE.match(line.strip()))]
    names = ("one_seal", "one_open", "batch_seal", "batch_open")
    return {
        "size": size,
        "paths": {row[1]: dict(zip(names, map(float, row[3:]), strict=True)) for row in rows},
        **{name: max(float(row[3 + at]) for row in rows) for at, name in enumerate(names)},
    }


def from_python() -> dict[str, Any]:
    """What `kaname crypto bench` finds, the best path of each cipher, and the ratios to peers."""
    found = compare((64, PACKET, RECORD), seconds=20.0, all_paths=False)
    return {
        "processor": found.processor,
        "rates": {
            f"{one.cipher} ({one.path or one.by}), {one.calls}, {one.size} B": {
                "encrypt": one.encrypt,
                "encrypt_median": one.encrypt_median,
                "decrypt": one.decrypt,
                "decrypt_median": one.decrypt_median,
            }
            for one in leaders(found.speeds)
        },
        "ratios_of_rocca_s": {
            f"{one.peer} ({one.by}), {one.calls}, {one.size} B": [one.encrypt, one.decrypt]
            for one in found.ratios
            if one.cipher == RoccaS.NAME
        },
        "batch": next(
            [one.encrypt, one.decrypt]
            for one in leaders(found.speeds)
            if (one.cipher, one.calls, one.size) == (RoccaS.NAME, "batch", PACKET)
        ),
    }


def main() -> int:
    """Print the result; 1 when a goal is missed."""
    record, packets, python = native(RECORD), native(PACKET), from_python()
    least = {
        "one stream of 16 KiB": (record.get("one_seal", 0.0), STREAM),
        "packets, encrypting": (packets.get("batch_seal", 0.0), PACKETS),
        "packets, decrypting": (packets.get("batch_open", 0.0), PACKETS),
        "packets from Python, encrypting": (python["batch"][0], PYTHON),
        "packets from Python, decrypting": (python["batch"][1], PYTHON),
    }
    document = {
        "claim": "Rocca-S: 200 Gbit/s a stream, packets at 300 each way and 250 from Python",
        "paths": RoccaS.paths(),
        "native": [record, packets],
        "python": python,
        "goals": {
            name: {"measured": rate, "goal": goal, "ratio": round(rate / goal, 2)}
            for name, (rate, goal) in least.items()
        },
        "holds": all(rate >= goal for rate, goal in least.values()),
    }
    sys.stdout.write(json.dumps(document, indent=1) + "\n")
    return 0 if document["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
