"""What the routes on inventories answer.

All instants are microseconds, UTC. Texts that people read are given in both languages,
``{"en": ..., "ja": ...}``. What is not known is null. The console has the same shapes in
``ui/src/api/cryptography.ts``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kaname.cryptography.changes import Change
from kaname.cryptography.policy.cells import Cell
from kaname.cryptography.policy.judge import Quantum
from kaname.cryptography.policy.migration import Assumptions
from kaname.cryptography.policy.tables import Version
from kaname.cryptography.policy.timeline import Course

__all__ = [
    "Both", "Changes", "FindingOut", "InventoryDetail", "InventoryOut", "InventoryPage", "ItemOut",
    "PlaceOut", "PlanOut", "Point", "ReasonOut", "Series", "StepOut", "TrendOut", "VerdictOut",
]  # fmt: skip

Both = dict[str, str]
"""A text in each language."""


class InventoryOut(msgspec.Struct, frozen=True, kw_only=True):
    """An inventory in a list, with its verdicts counted.

    ``id`` is the SHA-256 of the document. ``latest``: of its sensor and name; ``before`` is the
    one before it. ``unread`` things, damaged or locked, are among the ``items``.
    """

    id: str
    name: str
    sensor: str
    tlp: str
    path: str
    tool: str
    format: str
    ts: int
    latest: bool
    before: str | None
    items: int
    places: int
    unread: int
    counts: dict[str, int]
    vulnerable: int
    outlives: int
    expired: int
    unverified: int


class InventoryPage(msgspec.Struct, frozen=True):
    """Inventories, the latest first; ``next`` is the ``after`` of the page that follows."""

    items: list[InventoryOut]
    total: int
    next: str | None
    year: int
    use: str


class ReasonOut(msgspec.Struct, frozen=True):
    """A reason of a verdict, as a key with values and in words."""

    key: str
    values: dict[str, str | int]
    text: Both


class VerdictOut(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict in words; see ``Verdict`` of the policy."""

    word: str
    until: int | None
    tier: str | None
    strength: int | None
    verified: bool
    tls_types: tuple[str, ...]
    quantum: Quantum
    text: Both
    reasons: list[ReasonOut]


class ItemOut(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that was found, its verdict, and the cells that the verdict stands on.

    ``at_risk``: what is sent under it today can be read once there is a quantum computer, and
    has to stay secret longer than until then.
    """

    id: str
    kind: str
    location: str
    line: int | None
    offset: int | None
    place: str
    host: str | None
    port: int | None
    algorithm: str
    parameter: str | None
    use: str | None
    strength: int | None
    not_before: int | None
    not_after: int | None
    details: dict[str, Any]
    evidence: str
    verdict: VerdictOut
    at_risk: bool
    cells: tuple[Cell, ...]


class PlaceOut(msgspec.Struct, frozen=True):
    """A location with the verdicts on what is there."""

    location: str
    items: int
    worst: str
    counts: dict[str, int]


class FindingOut(msgspec.Struct, frozen=True):
    """A finding that is about the inventory; ``place``: the one location that it is about."""

    id: str
    analysis: str
    label: str
    severity: str
    confidence: float
    last_seen: int
    title: Both
    place: str | None


class InventoryDetail(msgspec.Struct, frozen=True, kw_only=True):
    """An inventory with a page of its items, the worst first.

    ``facets`` count all items, ``total`` those that were asked for.
    """

    inventory: InventoryOut
    year: int
    use: str
    confidential_until: int
    lists: tuple[Version, ...]
    items: list[ItemOut]
    total: int
    next: str | None
    facets: dict[str, dict[str, int]]
    places: list[PlaceOut]
    years: tuple[int, int]
    timeline: tuple[Course, ...]
    findings: list[FindingOut]


class StepOut(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the plan: what to change, to what, by when, and why it has its place."""

    priority: int
    by: int
    word: str
    algorithm: str
    parameter: str | None
    items: int
    places: tuple[str, ...]
    places_total: int
    exposure: str
    lifetime: int
    effort: str
    harvest_now: bool
    target: str
    target_text: Both
    why: list[Both]
    config: dict[str, tuple[str, ...]]
    owner: str


class PlanOut(msgspec.Struct, frozen=True, kw_only=True):
    """The migration plan, the most urgent step first."""

    inventory: InventoryOut
    year: int
    use: str
    assumptions: Assumptions
    steps: list[StepOut]


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What changed between two inventories; ``totals`` count also what is not listed."""

    before: str | None
    after: str
    year: int
    use: str
    totals: dict[str, int]
    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    worse: tuple[Change, ...]
    better: tuple[Change, ...]


class Point(msgspec.Struct, frozen=True):
    """An inventory of a trend."""

    id: str
    ts: int
    items: int
    counts: dict[str, int]
    vulnerable: int
    unread: int


class Series(msgspec.Struct, frozen=True):
    """The inventories of one sensor and name, the oldest first."""

    sensor: str
    name: str
    points: list[Point]


class TrendOut(msgspec.Struct, frozen=True):
    """Trends, the one with the newest inventory first."""

    year: int
    use: str
    series: list[Series]
