"""HTTP archives (HAR 1.2): entries put together to the pages that loaded them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Any

from kaname.readers.crawl.visit import Resource, Visit, mapping, mappings, text
from kaname.readers.moments import iso_us

__all__ = ["is_har", "visits"]

_REDIRECTS = range(300, 400)


def is_har(document: dict[str, Any]) -> bool:
    """Whether a document is an archive."""
    return isinstance(mapping(document, "log").get("entries"), list)


def visits(document: dict[str, Any]) -> Iterator[Visit]:
    """A visit per page, in the order of the archive.

    Entries without ``pageref`` are of the page that began last before them; an archive
    without pages is one visit, of the first entry's URL.
    """
    log = mapping(document, "log")
    pages = {str(page.get("id")): page for page in mappings(log.get("pages"))}
    groups: dict[str | None, list[dict[str, Any]]] = {name: [] for name in pages}
    last: str | None = next(iter(pages), None)
    for entry in mappings(log.get("entries")):
        named = text(entry.get("pageref"))
        # A reference to a page that is not there is a page all the same.
        last = named if named is not None else last
        groups.setdefault(last, []).append(entry)
    engine = _engine(log)
    for name, entries in groups.items():
        page = pages.get(name, {}) if name is not None else {}
        visit = _visit(page, entries, engine)
        if visit is not None:
            yield visit


def _engine(log: dict[str, Any]) -> str | None:
    for part in ("browser", "creator"):
        name = text(mapping(log, part).get("name"))
        if name:
            return name
    return "har"


def _visit(page: dict[str, Any], entries: list[dict[str, Any]], engine: str | None) -> Visit | None:
    title = text(page.get("title"))
    resources = [_resource(entry) for entry in entries]
    if not resources and title is None:
        return None
    way, landed = _way(entries)
    started = iso_us(page.get("startedDateTime"))
    first = next((us for each in entries if (us := iso_us(each.get("startedDateTime")))), None)
    titled = title if title and "://" in title else None
    return Visit(
        ts=started or first or 0,
        page_url=(resources[0].url if resources else titled) or title or "",
        engine=engine,
        final_url=landed.url if landed else None,
        title=title,
        status=landed.status if landed else None,
        address=landed.ip if landed else None,
        redirects=way,
        resources=resources,
    )


def _resource(entry: dict[str, Any]) -> Resource:
    response = mapping(entry, "response")
    content = mapping(response, "content")
    status, size = response.get("status"), content.get("size")
    return Resource(
        url=text(mapping(entry, "request").get("url")),
        ip=(text(entry.get("serverIPAddress")) or "").strip("[]") or None,
        mime=text(content.get("mimeType")),
        status=status if isinstance(status, int) else None,
        len=size if isinstance(size, int) and size >= 0 else None,
        sha256=_digest(content),
    )


def _digest(content: dict[str, Any]) -> str | None:
    """SHA-256 of the body, where the archive has it."""
    body = content.get("text")
    if not isinstance(body, str) or not body:
        return None
    data = body.encode("utf-8", "surrogatepass")
    if content.get("encoding") == "base64":
        try:
            data = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            return None
    return hashlib.sha256(data).hexdigest()


def _way(entries: list[dict[str, Any]]) -> tuple[list[str], Resource | None]:
    """(URLs passed through, where it ended): redirections from the first entry on."""
    passed: list[str] = []
    landed = None
    for entry in entries:
        landed = _resource(entry)
        if landed.status not in _REDIRECTS:
            break
        if landed.url:
            passed.append(landed.url)
    return passed, landed
