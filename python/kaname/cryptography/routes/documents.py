"""Verdicts on a document that a person hands in: an inventory or a CBOM, looked at and forgotten.

Nothing is stored: whoever wants trends, findings and reports ingests the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from litestar import post
from litestar.params import JSONBody

from kaname.cryptography.policy.tables import Version
from kaname.cryptography.policy.timeline import Course
from kaname.cryptography.routes.shapes import ItemOut, StepOut

if TYPE_CHECKING:
    from kaname.cryptography.inventories import Question
    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Judged

__all__ = ["ROUTES"]

_FIRST_YEAR = 2026
_MOST_ITEMS = 1000
_MOST_COURSES = 200
_MOST_STEPS = 200
_BODY_BYTES = 32 << 20


class DocumentIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ``document``: a CBOM, ``{"items": [...]}`` or a list of items; ``year`` None: this year.

    ``confidential_until`` is the year until which data must stay secret.
    """

    document: Any
    year: int | None = None
    use: Literal["new", "processing"] = "processing"
    confidential_until: int | None = None


class DocumentOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the lists say of a document. ``items``: the worst first, a thousand at most."""

    year: int
    use: str
    lists: tuple[Version, ...]
    items: list[ItemOut]
    total: int
    counts: dict[str, int]
    unread: int
    vulnerable: int
    outlives: int
    unverified: int
    years: tuple[int, int]
    timeline: tuple[Course, ...]
    steps: list[StepOut]


@post(
    "/crypto/judge/document",
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=_BODY_BYTES,
)
def crypto_judge_document(data: JSONBody[DocumentIn]) -> DocumentOut:
    """Judge an inventory or a CBOM without storing it."""
    from kaname.cryptography.inventories import Question
    from kaname.cryptography.policy.inventories import items_in
    from kaname.cryptography.policy.judge import judge

    asked = Question.of(data.year, data.use, data.confidential_until)
    items = items_in(data.document)
    return _told(items, judge(items, asked.policy, asked.year, asked.use), asked)


def _told(items: list[Item], judged: Judged, asked: Question) -> DocumentOut:
    from kaname.cryptography.policy.migration import Assumptions, plan
    from kaname.cryptography.policy.timeline import timeline
    from kaname.cryptography.wording import step_out

    policy = asked.policy
    years = (max(_FIRST_YEAR, policy.years[0]), policy.years[1])
    assumed = Assumptions(
        quantum_year=policy.target_year,
        confidentiality=max(0, asked.confidential_until - asked.year),
    )
    quantum = [verdict.quantum for verdict in judged.verdicts]
    return DocumentOut(
        year=asked.year,
        use=asked.use,
        lists=policy.versions,
        items=_worst(items, judged, asked),
        total=len(items),
        counts=judged.counts,
        unread=sum(item.kind in {"malformed", "opaque"} for item in items),
        vulnerable=sum(one.vulnerable for one in quantum),
        outlives=sum(one.outlives for one in quantum),
        unverified=sum(not verdict.verified for verdict in judged.verdicts),
        years=years,
        timeline=timeline(items, policy, asked.use, range(years[0], years[1] + 1))[:_MOST_COURSES],
        steps=[step_out(step) for step in plan(items, judged, assumed)[:_MOST_STEPS]],
    )


def _worst(items: list[Item], judged: Judged, asked: Question) -> list[ItemOut]:
    from kaname.cryptography.assets import endpoint_of
    from kaname.cryptography.concerns import hybrid_places
    from kaname.cryptography.policy.judge import ORDER
    from kaname.cryptography.wording import item_out

    safe = hybrid_places(items)
    pairs = sorted(
        zip(items, judged.verdicts, strict=True),
        key=lambda pair: (-ORDER.index(pair[1].word), pair[0].place),
    )
    told = []
    for item, verdict in pairs[:_MOST_ITEMS]:
        host, port = endpoint_of(item.location) or (None, None)
        risk = asked.asked.late and verdict.quantum.harvest and item.location not in safe
        row = {"host": host, "port": port}
        told.append(item_out(item, row, verdict, asked.policy, asked.year, asked.use, risk=risk))
    return told


ROUTES = (crypto_judge_document,)
