"""The registered domain of a name, by the Public Suffix List."""

from __future__ import annotations

from typing import Any

from kaname._native import registered_domain
from kaname.intelligence.fusion.links import host_of
from kaname.model.instant import DAY
from kaname.model.records import ArtifactKind

__all__ = ["DomainEnricher"]


class DomainEnricher:
    """Says under which registration a domain, a URL or a mail address lies."""

    source = "enricher.suffixes"
    predicate = "registered-domain"
    kinds = frozenset({ArtifactKind.DOMAIN, ArtifactKind.URL, ArtifactKind.MAIL})
    ttl = 365 * DAY
    budget: int | None = None

    def enrich(self, kind: ArtifactKind, value: str, /) -> Any:
        """The registered domain, where it is another name."""
        name = _name(kind, value)
        found = registered_domain(name) if name else None
        return found if found and found != value else None


def _name(kind: ArtifactKind, value: str) -> str:
    if kind is ArtifactKind.MAIL:
        return value.rpartition("@")[2]
    if kind is ArtifactKind.URL:
        host = host_of(value)
        return host.value if host is not None and host.kind is ArtifactKind.DOMAIN else ""
    return value
