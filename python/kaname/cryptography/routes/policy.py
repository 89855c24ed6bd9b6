"""The policy tables with every cell's standing, and verdicts on items that a caller sends.

Nothing is stored: what is judged stays the caller's, and the same items give the same verdicts.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from kaname.cryptography.inventory.item import Item
from kaname.cryptography.policy.judge import Judged, judge
from kaname.cryptography.policy.migration import Assumptions, Context, Step, plan
from kaname.cryptography.policy.tables import (
    ListTable,
    Policy,
    QuantumTable,
    StrengthTable,
    TlsTable,
    Version,
    load,
)
from kaname.cryptography.policy.timeline import Course, timeline

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_FIRST_YEAR = 2026


class PolicyOut(msgspec.Struct, frozen=True, kw_only=True):
    """All tables; ``versions`` say which editions and how many cells were verified."""

    versions: tuple[Version, ...]
    lists: ListTable
    strengths: StrengthTable
    tls: TlsTable
    quantum: QuantumTable


class JudgeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items to judge; ``year`` None: this year."""

    items: list[Item]
    year: int | None = None
    use: Literal["new", "processing"] = "processing"
    assumptions: Assumptions = Assumptions()
    contexts: tuple[Context, ...] = ()


class JudgeOut(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts, in the order of the items, the plan, and the time line by ``years``."""

    judged: Judged
    plan: tuple[Step, ...]
    years: tuple[int, int]
    timeline: tuple[Course, ...]


@get("/crypto/policy", sync_to_thread=True)
def crypto_policy(services: _Services) -> PolicyOut:
    """The policy tables, each cell with source, date and standing."""
    policy = _policy(services)
    return PolicyOut(
        versions=policy.versions, lists=policy.lists, strengths=policy.strengths,
        tls=policy.tls, quantum=policy.quantum,
    )  # fmt: skip


@post("/crypto/judge", sync_to_thread=True, status_code=200)
def crypto_judge(services: _Services, data: JSONBody[JudgeIn]) -> JudgeOut:
    """Judge items by the CRYPTREC lists for a year and a use."""
    policy = _policy(services)
    year = data.year if data.year is not None else dt.datetime.now(dt.UTC).year
    judged = judge(data.items, policy, year, data.use)
    years = (max(_FIRST_YEAR, policy.years[0]), policy.years[1])
    return JudgeOut(
        judged=judged,
        plan=plan(data.items, judged, data.assumptions, data.contexts),
        years=years,
        timeline=timeline(data.items, policy, data.use, range(years[0], years[1] + 1)),
    )


def _policy(services: Any) -> Policy:
    """The tables that the settings name for the analysis; else those that come with kaname."""
    named = services.settings.analyses.get("cryptography.policy", {}).get("tables")
    return load(Path(named).expanduser() if named else None)


ROUTES = (crypto_policy, crypto_judge)
