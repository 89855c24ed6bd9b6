"""``python -m scripts.networks``: compile the packages of network tables into kaname.

The packages are dev dependencies of the console (`ui/package.json`), so that the lock that
pins everything from that registry pins them too. What is made is a build output like the
console: not in the repository, in the wheel.
"""

from __future__ import annotations

import sys

from kaname.lake.network_build import gather, write
from kaname.lake.networks import BUILT_IN
from kaname.model.errors import KanameError
from scripts.words import ROOT

PACKAGES = ROOT / "ui" / "node_modules" / "@ip-location-db"


def main() -> int:
    """Compile; 0, or 1 with the reason in one line."""
    try:
        write(BUILT_IN, gather(sorted(PACKAGES.iterdir())).encode())
    except (KanameError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
