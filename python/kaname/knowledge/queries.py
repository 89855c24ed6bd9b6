"""What can be asked of the store, and the form of its answers."""

from __future__ import annotations

import enum
from typing import Any, Generic, Literal, NamedTuple, Self, TypeVar

import msgspec

from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind, Finding, Indicator, Severity

__all__ = [
    "MAX_LIMIT",
    "Change",
    "FindingQuery",
    "FindingSort",
    "FindingStatus",
    "FindingTime",
    "IndicatorQuery",
    "IndicatorSort",
    "Page",
    "StoredFinding",
    "View",
]

MAX_LIMIT = 1000

FindingSort = Literal["-last_seen", "-severity", "-created", "-confidence"]
FindingTime = Literal["last_seen", "created"]
IndicatorSort = Literal["-score", "-updated", "-valid_from"]

T = TypeVar("T")


class FindingStatus(enum.StrEnum):
    """Whether the analysis still says it."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"  # said once; a later run over the same window did not


class StoredFinding(Finding, frozen=True, kw_only=True):
    """A finding with what the store knows of it.

    ``created`` is when the present statement was first made; ``changed`` is when its
    content or status last changed.
    """

    status: FindingStatus = FindingStatus.ACTIVE
    changed: int = 0


class Change(msgspec.Struct, frozen=True):
    """Ids that a replacement touched. What stayed the same is in no list."""

    added: list[str]
    changed: list[str]
    withdrawn: list[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.withdrawn)

    def summary(self, most: int = 200) -> dict[str, Any]:
        """How many there are of each, and the first ids: small enough for a message."""
        lists = {"added": self.added, "changed": self.changed, "withdrawn": self.withdrawn}
        return {
            "counts": {name: len(ids) for name, ids in lists.items()},
            **{name: ids[:most] for name, ids in lists.items()},
        }


class View(NamedTuple):
    """An indicator as those see it whose clearance is ``low`` to ``high`` (ranks)."""

    indicator: Indicator
    low: int
    high: int = Tlp.RED.rank

    @classmethod
    def of(cls, indicator: Indicator) -> Self:
        """The view of everybody who may see all that it is derived from."""
        return cls(indicator, indicator.tlp.rank)


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of an answer: ``next_cursor`` is None at the end, ``total`` counts all pages."""

    items: list[T]
    next_cursor: str | None
    total: int


class FindingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings; every filter that is None lets all pass.

    ``since <= time < until`` is tested on ``last_seen``, or on ``created`` with
    ``time="created"``. ``artifact`` is an exact value, or a prefix that holds the
    address. ``text`` is looked for in artifacts, label, analysis, sensor and id, in
    either case. ``changed_since`` keeps what was added, changed or withdrawn from that
    instant on. A ``cursor`` goes with the ``sort`` it was given for.
    """

    since: int | None = None
    until: int | None = None
    time: FindingTime = "last_seen"
    severity_min: Severity | None = None
    label: str | None = None
    analysis: str | None = None
    artifact: str | None = None
    text: str | None = None
    sensor: str | None = None
    changed_since: int | None = None
    status: Literal["active", "withdrawn", "all"] = "active"
    sort: FindingSort = "-last_seen"
    limit: int = 100
    cursor: str | None = None
    clearance: Tlp = Tlp.RED

    def __post_init__(self) -> None:
        check_limit(self.limit)
        check_choice("sort", self.sort, FindingSort.__args__)  # type: ignore[attr-defined]
        check_choice("time", self.time, FindingTime.__args__)  # type: ignore[attr-defined]
        check_choice("status", self.status, ("active", "withdrawn", "all"))


class IndicatorQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which indicators; every filter that is None lets all pass.

    ``active_at`` keeps what is valid and not revoked then. Scores decay; ``min_score`` and
    the order by score are those of now. ``finding`` keeps the indicators that this finding
    carries. Everybody sees indicators as derived from what ``clearance`` may see.
    """

    kind: ArtifactKind | None = None
    label: str | None = None
    min_score: float | None = None
    active_at: int | None = None
    artifact: str | None = None
    finding: str | None = None
    text: str | None = None
    sort: IndicatorSort = "-score"
    limit: int = 100
    cursor: str | None = None
    clearance: Tlp = Tlp.RED

    def __post_init__(self) -> None:
        check_limit(self.limit)
        check_choice("sort", self.sort, IndicatorSort.__args__)  # type: ignore[attr-defined]


def check_limit(limit: int) -> None:
    """Refuse a page size outside 1 to `MAX_LIMIT`."""
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError("knowledge.error.limit", found=limit, most=MAX_LIMIT)


def check_choice(name: str, found: str, known: tuple[str, ...]) -> None:
    """Refuse a word that is none of ``known``."""
    if found not in known:
        raise UsageError("knowledge.error.choice", name=name, found=found, known=", ".join(known))
