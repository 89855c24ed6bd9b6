"""One visit of a page: what it loaded, from where, and what was made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kaname.readers.urls import distinct, host_of

__all__ = ["Resource", "Visit", "columns", "mapping", "mappings", "text"]

MOST_RESOURCES = 5000
LONGEST_URL = 8192


@dataclass(slots=True)
class Resource:
    """Something that the page loaded; archives may leave out even its URL."""

    url: str | None
    ip: str | None = None
    mime: str | None = None
    status: int | None = None
    len: int | None = None
    sha256: str | None = None


@dataclass(slots=True)
class Visit:
    """A page and all that came with it. ``ts`` is microseconds UTC."""

    ts: int
    page_url: str
    engine: str | None
    final_url: str | None = None
    title: str | None = None
    status: int | None = None
    address: str | None = None
    redirects: list[str] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    verdict: str | None = None
    ext: dict[str, Any] = field(default_factory=dict)


def columns(visit: Visit) -> dict[str, Any]:
    """Columns of `crawl`."""
    kept = visit.resources[:MOST_RESOURCES]
    urls = distinct(each.url for each in kept if each.url)
    pages = (visit.page_url, visit.final_url or "", *visit.redirects)
    hosts = distinct(host for host in map(host_of, (*pages, *urls)) if host)
    shown = [
        {name: value for name in Resource.__slots__ if (value := getattr(each, name)) is not None}
        for each in kept
    ]
    return {
        "ts": visit.ts,
        "src": visit.address.strip("[]") if visit.address else None,
        "page_url": visit.page_url,
        "final_url": visit.final_url,
        "title": visit.title,
        "status": visit.status,
        "redirects": visit.redirects or None,
        "resources": msgspec.json.encode(shown).decode() if shown else None,
        "resource_urls": urls or None,
        "domains": hosts or None,
        "sha256s": distinct(each.sha256 for each in kept if each.sha256) or None,
        "verdict": visit.verdict,
        "engine": visit.engine,
        "ext": {name: value for name, value in visit.ext.items() if value not in (None, "", [])},
    }


def mapping(value: object, *path: str) -> dict[str, Any]:
    """The object at ``path`` inside ``value``; an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Iterable[dict[str, Any]]:
    """The objects in a list, if it is one."""
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def text(value: object) -> str | None:
    """A text that is not empty, or a number as text; URLs are cut to a sane length."""
    if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
        return str(value)[:LONGEST_URL]
    return None
