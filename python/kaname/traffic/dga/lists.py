"""Lists of names in files: benign ones a line each, generated ones as CSV with families."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kaname.model.errors import UsageError
from kaname.readers.domains import registered

__all__ = ["Lists", "held_out", "read_lists"]


@dataclass
class Lists:
    """What was read: registered domains, benign and by family."""

    benign: list[str] = field(default_factory=list)
    families: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def read_lists(paths: Iterable[Path]) -> Lists:
    """Read lists, gzip'd or not; one with a header ``domain,family`` is of families.

    Raises:
        UsageError: a file cannot be read as text.
    """
    lists = Lists()
    for path in paths:
        lines = _lines(path)
        if lines and lines[0].replace(" ", "").lower() == "domain,family":
            for row in csv.DictReader(lines):
                lists.families[row["family"]].append(row["domain"].lower().rstrip("."))
        else:
            names = (registered(line) for line in lines if line and not line.startswith("#"))
            lists.benign += dict.fromkeys(name for name in names if name is not None)
    return lists


def _lines(path: Path) -> list[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as stream:
            return [line.strip() for line in stream]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("traffic.error.list", path=path, reason=error) from None


def held_out(names: Sequence[str], *, part: bool) -> list[str]:
    """The third of ``names`` that the model is tested on, or the two thirds it may learn.

    Which is which depends on the name alone, so no name is ever in both.
    """
    return [name for name in names if (zlib.crc32(name.encode()) % 3 == 0) == part]
