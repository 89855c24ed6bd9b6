"""Whether a step must run again: stamps over the content of what goes into it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.words import ROOT

__all__ = ["STAMPS", "Stamp"]

STAMPS = ROOT / ".tools" / "stamps"
_SKIPPED = {"node_modules", "target", "__pycache__", "corpus", "artifacts"}


@dataclass(frozen=True)
class Stamp:
    """Inputs (globs from the root, plus words such as versions) and outputs of a step."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    words: tuple[str, ...] = ()

    def fresh(self) -> bool:
        """Whether the outputs are there and were made from what the inputs are now."""
        path = STAMPS / self.name
        there = all(any(ROOT.glob(output)) for output in self.outputs)
        return there and path.is_file() and path.read_text(encoding="ascii") == self._digest()

    def set(self) -> None:
        """Remember that the outputs were made from what the inputs are now."""
        STAMPS.mkdir(parents=True, exist_ok=True)
        (STAMPS / self.name).write_text(self._digest(), encoding="ascii")

    def _digest(self) -> str:
        total = hashlib.sha256("\0".join(self.words).encode())
        for path in _files(self.inputs):
            total.update(f"{path.relative_to(ROOT)}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()


def _files(globs: Iterable[str]) -> Iterator[Path]:
    found = {path for glob in globs for path in ROOT.glob(glob) if path.is_file()}
    return (path for path in sorted(found) if not _SKIPPED.intersection(path.parts))
