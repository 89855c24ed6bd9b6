"""The frame of writers: what a writer is given, what it gives back.

A writer knows indicators and the findings that carry them, never rows of the lake. The
same indicators, language and instant give the same bytes. What is known to be harmless
is passed on as a note, never as an indicator of anything malicious.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from kaname.model.records import Finding, Indicator

__all__ = ["EvidenceOf", "FindingOf", "Sink", "Writer", "WriterDoc", "unexplained"]

FindingOf = Callable[[str], Finding]
"""The finding of an id; raises `NotFoundError` for one that the receiver may not see."""

EvidenceOf = Callable[[Indicator, int], dict[str, Any] | None]
"""The explanation of an indicator at an instant, with the evidence of its score."""


def unexplained(_indicator: Indicator, _at: int) -> None:
    """No explanation: where there is nothing to derive it from."""


class Sink(Protocol):
    """Where bytes go: a file, standard output, a spooled answer."""

    def write(self, data: bytes, /) -> object:
        """Take ``data``."""
        ...


@dataclass(frozen=True, slots=True)
class WriterDoc:
    """What a writer's page in the manual says; the pages are generated from it."""

    en: str
    ja: str
    references: tuple[str, ...]
    limitations_en: tuple[str, ...]
    limitations_ja: tuple[str, ...]


@runtime_checkable
class Writer(Protocol):
    """One format. Announced by an entry point of the group ``kaname.writers``."""

    name: ClassVar[str]
    media_type: ClassVar[str]
    suffix: ClassVar[str]
    doc: ClassVar[WriterDoc]

    def write(
        self,
        indicators: Iterable[Indicator],
        findings: FindingOf,
        out: Sink,
        *,
        language: str,
        at: int,
        evidence: EvidenceOf = unexplained,
    ) -> int:
        """Write ``indicators`` to ``out`` and return how many were written.

        Args:
            indicators: what to pass on; already limited to what the receiver may see.
            findings: gives the findings that carry them.
            out: where the bytes go; left open.
            language: "en" or "ja", of the texts that exist once.
            at: the instant (microseconds, UTC) that scores are taken at.
            evidence: gives the explanation that goes with each, for formats that hold it.
        """
        ...
