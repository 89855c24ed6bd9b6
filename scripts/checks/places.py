"""No committed file names a place that exists on one machine only."""

from __future__ import annotations

import re
import sys

from scripts.checks.sizes import tracked
from scripts.words import ROOT, say

# A home folder of somebody (not of `a`, who lives in tests), a scratch folder by its
# absolute name, a drive letter.
_PLACE = re.compile(
    r"(?<![\w.~-])(/(?:work|home/(?!kaname\b)\w+|root|Users)/[\w.-]+|[A-Z]:\\Users(?!\\a\\))"
)
_BINARY = (".png", ".woff2", ".parquet", ".pcap", ".gz", ".zst", ".xz", ".ico", ".lock")


def problems() -> list[str]:
    """A line for every place that is named."""
    found = []
    for path in tracked():
        if path.endswith(_BINARY):
            continue
        text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if named := _PLACE.search(line):
                found.append(say("check.places", path=path, line=number, place=named[0]))
    return found


if __name__ == "__main__":
    wrong = problems()
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    sys.exit(1 if wrong else 0)
