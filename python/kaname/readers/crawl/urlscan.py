"""Results of urlscan (its API's result document)."""

from __future__ import annotations

from typing import Any

from kaname.readers.crawl.visit import Resource, Visit, mapping, mappings, text
from kaname.readers.moments import iso_us

__all__ = ["is_urlscan", "visit"]

_SUSPICIOUS, _MALICIOUS = 1, 50  # of the score from -100 to 100


def is_urlscan(document: dict[str, Any]) -> bool:
    """Whether a document is a result."""
    requests = mapping(document, "data").get("requests")
    return isinstance(document.get("task"), dict) and isinstance(requests, list)


def visit(document: dict[str, Any]) -> Visit:
    """The scan."""
    task, page = mapping(document, "task"), mapping(document, "page")
    requests = list(mappings(mapping(document, "data").get("requests")))
    url = text(task.get("url")) or text(page.get("url")) or ""
    status = text(page.get("status"))
    return Visit(
        ts=iso_us(task.get("time")) or 0,
        page_url=url,
        engine="urlscan",
        final_url=text(page.get("url")),
        title=text(page.get("title")),
        status=int(status) if status and status.isdigit() else None,
        address=text(page.get("ip")),
        redirects=_redirects(requests),
        resources=[found for each in requests if (found := _resource(each)) is not None],
        verdict=_verdict(document),
        ext={
            "uuid": task.get("uuid"),
            "asn": page.get("asn"),
            "country": page.get("country"),
            "server": page.get("server"),
            "brands": [each.get("name") for each in mappings(_overall(document).get("brands"))],
            "submitter": task.get("source"),
        },
    )


def _overall(document: dict[str, Any]) -> dict[str, Any]:
    return mapping(document, "verdicts", "overall")


def _verdict(document: dict[str, Any]) -> str | None:
    overall = _overall(document)
    score = overall.get("score")
    if overall.get("malicious") is True or (isinstance(score, int) and score >= _MALICIOUS):
        return "malicious"
    if isinstance(score, int) and score >= _SUSPICIOUS:
        return "suspicious"
    return "benign" if isinstance(score, int) and score < 0 else None


def _redirects(requests: list[dict[str, Any]]) -> list[str]:
    """URLs that the first request was sent on from."""
    first = requests[0] if requests else {}
    chain = [*mappings(first.get("requests")), mapping(first, "request")]
    found = (text(mapping(each, "redirectResponse").get("url")) for each in chain)
    return list(dict.fromkeys(url for url in found if url))


def _resource(each: dict[str, Any]) -> Resource | None:
    url = text(mapping(each, "request", "request").get("url"))
    if url is None:
        return None
    answer = mapping(each, "response")
    response = mapping(answer, "response")
    status, size = response.get("status"), answer.get("size") or answer.get("dataLength")
    return Resource(
        url=url,
        ip=(text(response.get("remoteIPAddress")) or "").strip("[]") or None,
        mime=text(response.get("mimeType")),
        status=status if isinstance(status, int) else None,
        len=size if isinstance(size, int) else None,
        sha256=text(answer.get("hash")),
    )
