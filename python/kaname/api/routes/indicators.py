"""Indicators: lists, one, and taking them out in a format that others read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from typing import IO, Annotated, BinaryIO, cast

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from kaname.api import present
from kaname.api.identity import Asking, publisher, viewer
from kaname.api.parameters import Cursor, Limit, one_of
from kaname.api.services import Injected
from kaname.api.shapes import IndicatorOut, PageOut
from kaname.knowledge import IndicatorQuery
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind, Finding, Indicator
from kaname.writers.frame import EvidenceOf, unexplained
from kaname.writers.shielding import shield_of

__all__ = ["ROUTES"]

_KINDS = tuple(kind.value for kind in ArtifactKind)
_SORTS = ("-score", "-updated", "-valid_from")
_PIECE = 1 << 16
_IN_MEMORY = 8 << 20

Score = Annotated[float | None, QueryParameter(ge=0, le=100, description="this or higher, now")]
Active = Annotated[bool, QueryParameter(description="only what is valid now")]


@get("/indicators", guards=[viewer], sync_to_thread=True)
def list_indicators(
    services: Injected,
    account: Asking,
    kind: FromQuery[str | None] = None,
    label: FromQuery[str | None] = None,
    min_score: Score = None,
    active: Active = False,
    artifact: Annotated[str | None, QueryParameter(description="a value, or a prefix")] = None,
    finding: Annotated[str | None, QueryParameter(description="carried by this finding")] = None,
    q: Annotated[str | None, QueryParameter(description="text to look for", max_length=200)] = None,
    sort: FromQuery[str] = "-score",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PageOut[IndicatorOut]:
    """A page of indicators; scores are those of now."""
    at = now_us()
    page = services.knowledge.indicators(
        IndicatorQuery(
            kind=None if kind is None else ArtifactKind(one_of("kind", kind, _KINDS)),
            label=label,
            min_score=min_score,
            active_at=at if active else None,
            artifact=artifact,
            finding=finding,
            text=q,
            sort=one_of("sort", sort, _SORTS),  # type: ignore[arg-type]
            limit=limit,
            cursor=cursor,
            clearance=account.clearance,
        )
    )
    rows = [present.indicator(record, at) for record in page.items]
    return PageOut(items=rows, next=page.next_cursor, total=page.total)


@get("/indicators/{indicator:str}", guards=[viewer], sync_to_thread=True)
def show_indicator(services: Injected, account: Asking, indicator: FromPath[str]) -> IndicatorOut:
    """One indicator."""
    record = services.knowledge.indicator(indicator, clearance=account.clearance)
    return present.indicator(record, now_us())


@get("/indicators/export", guards=[publisher], sync_to_thread=True)
def export_indicators(
    services: Injected,
    account: Asking,
    written: Annotated[str, QueryParameter(name="format", description="stix, csv, jsonl...")],
    kind: FromQuery[str | None] = None,
    label: FromQuery[str | None] = None,
    min_score: Score = None,
    active: Active = True,
) -> Stream:
    """All indicators that fit, as a file; each export is in the audit log."""
    from kaname.writers import writers

    writer = writers()[one_of("format", written, tuple(writers()))]
    at = now_us()
    query = IndicatorQuery(
        kind=None if kind is None else ArtifactKind(one_of("kind", kind, _KINDS)),
        label=label,
        min_score=min_score,
        active_at=at if active else None,
        limit=1000,
        clearance=account.clearance,
    )

    def behind(key: str) -> Finding:
        return services.knowledge.finding(key, clearance=account.clearance)

    shield = shield_of(services.settings.data, services.knowledge)
    spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when sent
    out = cast("BinaryIO", spool)
    count = writer.write(
        filter(shield.passes, _all(services, query)),
        shield.finding_of(behind),
        out,
        language=account.language,
        at=at,
        evidence=_evidence(services, account.clearance),
    )
    services.knowledge.audit(
        account.name, "indicators.export", written, {"count": count, "label": label, "kind": kind}
    )
    out.seek(0)
    name = f"kaname-indicators{writer.suffix}"
    return Stream(
        _pieces(out),
        media_type=writer.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _evidence(services: Injected, clearance: Tlp) -> EvidenceOf:
    """What explains an indicator to ``clearance``; nothing where nothing is fused."""
    fusion = services.parts.get("intelligence")
    return unexplained if fusion is None else partial(fusion.explanation, clearance=clearance)


def _all(services: Injected, query: IndicatorQuery) -> Iterator[Indicator]:
    """Every page of the query."""
    while True:
        page = services.knowledge.indicators(query)
        yield from page.items
        if page.next_cursor is None:
            return
        query = msgspec.structs.replace(query, cursor=page.next_cursor)


def _pieces(out: IO[bytes]) -> Iterator[bytes]:
    with out:
        while piece := out.read(_PIECE):
            yield piece


ROUTES = (list_indicators, show_indicator, export_indicators)
