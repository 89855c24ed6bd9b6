"""External dynamic lists: plain text, one entry a line, for firewalls and proxies."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from kaname.model.records import ArtifactKind, Indicator
from kaname.writers.blocking import blockable, host_of, network, one_line
from kaname.writers.frame import EvidenceOf, FindingOf, Sink, WriterDoc, unexplained

__all__ = ["EdlDomainWriter", "EdlHashWriter", "EdlIpWriter", "EdlUrlWriter", "EdlWriter"]

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}")


def _doc(what_en: str, what_ja: str) -> WriterDoc:
    return WriterDoc(
        en=f"A list of {what_en} for firewalls and proxies: plain text, one a line.",
        ja=f"ファイアウォールやプロキシ向けの{what_ja}の一覧。1 行に 1 件のテキストです。",
        references=(
            "https://docs.paloaltonetworks.com/ (External Dynamic List)",
            "https://docs.fortinet.com/ (External block list)",
        ),
        limitations_en=(
            "It has neither scores nor reasons; fetch it often, because what ended leaves it.",
            "An entry that would block whole networks or smuggle in a second one is left out.",
        ),
        limitations_ja=(
            "スコアも理由も含みません。期限切れは一覧から消えるので、こまめに取得してください。",
            "広すぎるネットワークや、別の項目を紛れ込ませる値は書き出しません。",
        ),
    )


class EdlWriter(ABC):
    """One kind of entries; a subclass says which. Each entry comes once."""

    media_type: ClassVar[str] = "text/plain; charset=utf-8"
    suffix: ClassVar[str] = ".txt"

    def write(
        self,
        indicators: Iterable[Indicator],
        findings: FindingOf,  # noqa: ARG002 - a list has no room for reasons
        out: Sink,
        *,
        language: str,  # noqa: ARG002
        at: int,
        evidence: EvidenceOf = unexplained,  # noqa: ARG002
    ) -> int:
        """See `kaname.writers.frame.Writer`."""
        seen: set[str] = set()
        for indicator in blockable(indicators, at):
            entry = self.entry(indicator)
            if entry is not None and one_line(entry) and entry not in seen:
                seen.add(entry)
                out.write(entry.encode() + b"\n")
        return len(seen)

    @abstractmethod
    def entry(self, indicator: Indicator) -> str | None:
        """The line for ``indicator``; None when it is of another kind, or unfit."""


class EdlIpWriter(EdlWriter):
    """Addresses and prefixes."""

    name: ClassVar[str] = "edl-ip"
    doc: ClassVar[WriterDoc] = _doc("addresses and prefixes", "アドレスとプレフィックス")

    def entry(self, indicator: Indicator) -> str | None:
        """An address, or a prefix in CIDR notation."""
        found = network(indicator)
        if found is None:
            return None
        return str(found) if found.prefixlen < found.max_prefixlen else str(found[0])


class EdlDomainWriter(EdlWriter):
    """Domain names."""

    name: ClassVar[str] = "edl-domain"
    doc: ClassVar[WriterDoc] = _doc("domain names (A-labels)", "ドメイン名(A ラベル)")

    def entry(self, indicator: Indicator) -> str | None:
        """A name without the dot at its end."""
        return host_of(indicator)


class EdlUrlWriter(EdlWriter):
    """URLs without their scheme, as PAN-OS asks."""

    name: ClassVar[str] = "edl-url"
    doc: ClassVar[WriterDoc] = _doc("URLs without their scheme", "スキームを除いた URL")

    def entry(self, indicator: Indicator) -> str | None:
        """Host, port and path."""
        if indicator.artifact.kind is not ArtifactKind.URL:
            return None
        return _SCHEME.sub("", indicator.artifact.value, count=1)


class EdlHashWriter(EdlWriter):
    """Hashes of files."""

    name: ClassVar[str] = "edl-hash"
    doc: ClassVar[WriterDoc] = _doc("hashes of files", "ファイルのハッシュ値")

    def entry(self, indicator: Indicator) -> str | None:
        """Hex digits in lower case: MD5, SHA-1, SHA-256 or SHA-512 by their number."""
        value = indicator.artifact.value
        fits = indicator.artifact.kind is ArtifactKind.HASH and _HASH.fullmatch(value)
        return value if fits else None
