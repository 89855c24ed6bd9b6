"""Small files of network tables, whole and without their head.

python rust/places/fuzz/seeds.py
"""

from __future__ import annotations

from pathlib import Path

from kaname.lake.network_build import Tables
from kaname.lake.network_sources import Row
from kaname.lake.networks import Source
from kaname.model.address import IPv4_LOW

FOLDER = Path(__file__).parent / "seeds" / "networks"
DOC4 = IPv4_LOW | 0xC000_0200  # 192.0.2.0/24
DOC6 = 0x2001_0DB8 << 96


def main() -> None:
    """Write the seeds."""
    tables = Tables()
    rows = [
        Row(DOC4, DOC4 | 0xFF, "JP", 64496, "Example", 120),
        Row(DOC6, DOC6 | (1 << 96) - 1, "US", 64497, "Other", 32),
    ]
    tables.add(rows, Source(name="x", version="1"))
    whole = tables.encode()
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "file").write_bytes(whole)
    (FOLDER / "body").write_bytes(whole[12:])
    (FOLDER / "empty").write_bytes(bytes(5))


if __name__ == "__main__":
    main()
