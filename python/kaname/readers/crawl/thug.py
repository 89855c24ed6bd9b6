"""Reports of the low-interaction client honeypot Thug (its JSON log)."""

from __future__ import annotations

from typing import Any

from kaname.readers.crawl.visit import Resource, Visit, mapping, mappings, text
from kaname.readers.moments import iso_us, plain_number

__all__ = ["is_thug", "visit"]

_MARKS = {"url", "timestamp", "behavior", "connections"}
_REDIRECTIONS = ("redirection", "http-redirect", "meta", "location")


def is_thug(document: dict[str, Any]) -> bool:
    """Whether a document is a report."""
    return document.keys() >= _MARKS and ("thug" in document or "locations" in document)


def visit(document: dict[str, Any]) -> Visit:
    """The visit. Findings of its own make it malicious, other than that nothing is said."""
    url = text(document.get("url")) or ""
    exploits = list(mappings(document.get("exploits")))
    samples = {text(each.get("url")): each for each in mappings(document.get("files"))}
    resources = [
        found
        for each in mappings(document.get("locations"))
        if (found := _resource(each, samples)) is not None
    ]
    way = [
        target
        for each in mappings(document.get("connections"))
        if _redirects(each) and (target := text(each.get("destination"))) is not None
    ]
    passed = [url, *way][:-1] if way else []
    landed = way[-1] if way else url
    return Visit(
        ts=iso_us(text(document.get("timestamp"))) or 0,
        page_url=url,
        engine="thug",
        final_url=landed,
        status=next((each.status for each in resources if each.url == landed), None),
        redirects=passed,
        resources=resources,
        verdict="malicious" if exploits else None,
        ext={
            "exploits": [
                {name: each.get(name) for name in ("module", "description", "cve", "url")}
                for each in exploits
            ],
            "behavior": [text(each.get("description")) for each in _behavior(document)][:100],
            "useragent": mapping(document, "thug", "personality").get("useragent"),
            "version": mapping(document, "thug").get("version"),
        },
    )


def _behavior(document: dict[str, Any]) -> list[dict[str, Any]]:
    return list(mappings(document.get("behavior")))


def _redirects(connection: dict[str, Any]) -> bool:
    method = str(connection.get("method", "")).lower()
    return any(word in method for word in _REDIRECTIONS)


def _resource(each: dict[str, Any], samples: dict[str | None, dict[str, Any]]) -> Resource | None:
    url = text(each.get("url"))
    if url is None:
        return None
    sample = samples.get(url, {})
    status, size = plain_number(each.get("status")), plain_number(each.get("size"))
    return Resource(
        url=url,
        mime=text(each.get("content-type")),
        status=int(status) if status is not None else None,
        len=int(size) if size is not None else None,
        sha256=text(each.get("sha256")) or text(sample.get("sha256")),
    )
