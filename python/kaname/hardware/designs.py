"""Designs as the lake has them: the list, one design, its nets, and one net.

Of a design that was judged more than once the latest verdict counts. Rows that an account
may not see are as if they were not there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from kaname.analysis.selection import quoted
from kaname.hardware.findings import findings_about
from kaname.hardware.reasons import KeptReason, reason_text
from kaname.hardware.routes.shapes import (
    Circuit,
    Density,
    DesignDetail,
    DesignOut,
    DesignPage,
    DesignProblem,
    NetDetail,
    NetOut,
    NetPage,
    Reason,
    Region,
)
from kaname.lake.records import Limits
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.page import Page

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.model.marking import Tlp

__all__ = ["MOST", "Chosen", "design", "designs", "net", "nets"]

MOST = 1000
_ANALYSES = ("hardware.trojans",)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-f]{8,63}")
_WHY = 2  # reasons of a net in a list
_LIMITS = Limits(rows=20_000, seconds=30.0)
_COLUMNS = (
    "epoch_us(ts) AS ts, sensor, tlp, batch, digest, name, format, cells, nets, problems, "
    "suspicious, probability, threshold, top, flagged, regions, model, model_digest"
)
_SORTABLE = ("ts", "name", "cells", "probability", "flagged")
_LATEST = "QUALIFY row_number() OVER (PARTITION BY digest ORDER BY ts DESC, batch DESC) = 1"

Row = dict[str, Any]


class Chosen(NamedTuple):
    """Which designs, in which order: a column, with ``-`` the greatest first."""

    verdict: str | None = None
    text: str | None = None
    sort: str = "-ts"

    @property
    def condition(self) -> str:
        """The condition of SQL."""
        parts = []
        if self.verdict is not None:
            parts.append("suspicious" if self.verdict == "suspicious" else "NOT suspicious")
        if self.text:
            text = quoted(self.text.lower())
            parts.append(f"(contains(lower(name), {text}) OR starts_with(digest, {text}))")
        return " AND ".join(parts) or "true"

    @property
    def order(self) -> str:
        """The order of SQL; the latest first among equals.

        Raises:
            UsageError: there is no such column.
        """
        column = self.sort.removeprefix("-")
        if column not in _SORTABLE:
            raise UsageError("hardware.error.order", found=column)
        named = "lower(name)" if column == "name" else column
        return f"{named} {'DESC' if self.sort.startswith('-') else 'ASC'}, ts DESC, digest"


class Kept(msgspec.Struct, frozen=True):
    """The column ``account`` of ``netlists``."""

    families: dict[str, int]
    histogram: list[int]
    density: Density
    problems: list[DesignProblem]


_reasons = msgspec.json.Decoder(list[KeptReason])
_circuit = msgspec.json.Decoder(Circuit)
_regions = msgspec.json.Decoder(list[Region])
_kept = msgspec.json.Decoder(Kept)


def designs(lake: Lake, page: Page, clearance: Tlp, chosen: Chosen | None = None) -> DesignPage:
    """Designs, the latest first unless another order is chosen."""
    chosen = chosen or Chosen()
    latest = f"SELECT {_COLUMNS} FROM netlists {_LATEST}"  # noqa: S608
    rows = _rows(
        lake,
        f"SELECT *, count(*) OVER () AS total FROM ({latest}) "  # noqa: S608
        f"WHERE {chosen.condition} ORDER BY {chosen.order} LIMIT {page.limit} OFFSET {page.offset}",
        clearance,
    )
    total = rows[0]["total"] if rows else 0
    return DesignPage([_design(lake, row) for row in rows], total, page.following(total))


def design(lake: Lake, knowledge: Knowledge, digest: str, clearance: Tlp) -> DesignDetail:
    """One design by its digest, or by the first eight digits of it or more.

    Raises:
        NotFoundError: there is none, or more than one begins so.
    """
    row = _found(lake, digest, clearance, ", components, picture, account")
    kept = _kept.decode(row["account"])
    return DesignDetail(
        design=_design(lake, row),
        regions=_regions.decode(row["components"]),
        map=_circuit.decode(row["picture"]),
        histogram=kept.histogram,
        families=kept.families,
        problems=kept.problems,
        findings=findings_about(knowledge, clearance, _ANALYSES, digest=row["digest"]),
        density=kept.density,
    )


def nets(
    lake: Lake,
    digest: str,
    page: Page,
    clearance: Tlp,
    *,
    least: float = 0.0,
    region: int | None = None,
) -> NetPage:
    """The nets of a design that were kept, the most suspicious first."""
    row = _found(lake, digest, clearance)
    where = [_of(row), f"probability >= {float(least)!r}"]
    where += [] if region is None else [f"region = {int(region)}"]
    found = _rows(
        lake,
        "SELECT place, rank, net, instance, cell, family, probability, flagged, region, role, "  # noqa: S608
        f"reasons, count(*) OVER () AS total FROM suspect_nets WHERE {' AND '.join(where)} "
        f"ORDER BY rank LIMIT {page.limit} OFFSET {page.offset}",
        clearance,
    )
    total = found[0]["total"] if found else 0
    return NetPage([_net(one) for one in found], total, page.following(total))


def net(lake: Lake, digest: str, place: int, clearance: Tlp) -> NetDetail:
    """Why a net is suspicious, and what is around it.

    Raises:
        NotFoundError: the net is none of those that were kept.
    """
    row = _found(lake, digest, clearance)
    found = _rows(
        lake,
        "SELECT place, rank, net, instance, cell, family, probability, flagged, region, role, "  # noqa: S608
        f"reasons, around FROM suspect_nets WHERE {_of(row)} AND place = {int(place)}",
        clearance,
    )
    if not found:
        raise NotFoundError("hardware.error.no_net", place=place)
    one = found[0]
    reasons = [
        Reason(each.feature, each.value, each.inside, each.clean, each.weight, reason_text(each))
        for each in _reasons.decode(one["reasons"])
    ]
    return NetDetail(_design(lake, row), _net(one), reasons, _circuit.decode(one["around"]))


def _of(row: Row) -> str:
    return f"digest = {quoted(row['digest'])} AND batch = {row['batch']}"


def _found(lake: Lake, digest: str, clearance: Tlp, more: str = "") -> Row:
    """The design of a digest, of the first digits of one, or of a name that only one has."""
    if _DIGEST.fullmatch(digest.lower()):
        own = f"digest = {quoted(digest.lower())}"
    elif _SHORT.fullmatch(digest.lower()):
        own = f"starts_with(digest, {quoted(digest.lower())})"
    else:
        own = f"name = {quoted(digest)}"
    rows = _rows(
        lake,
        f"SELECT {_COLUMNS}{more} FROM netlists WHERE {own} {_LATEST} LIMIT 2",  # noqa: S608
        clearance,
    )
    if not rows:
        raise NotFoundError("hardware.error.no_design", digest=digest)
    if len(rows) > 1:
        raise NotFoundError("hardware.error.many_designs", digest=digest)
    return rows[0]


def _rows(lake: Lake, sql: str, clearance: Tlp) -> list[Row]:
    found: list[Row] = lake.query(sql, limits=_LIMITS, clearance=clearance).table.to_pylist()
    return found


def _design(lake: Lake, row: Row) -> DesignOut:
    return DesignOut(
        digest=row["digest"],
        name=row["name"],
        format=row["format"],
        ts=row["ts"],
        sensor=row["sensor"],
        tlp=row["tlp"],
        batch=row["batch"],
        path=lake.source(row["batch"]).path,
        cells=row["cells"],
        nets=row["nets"],
        verdict="suspicious" if row["suspicious"] else "clean",
        probability=row["probability"],
        threshold=row["threshold"],
        flagged=row["flagged"],
        regions=row["regions"],
        top=row["top"],
        problems=row["problems"],
        model=row["model"],
        model_digest=row["model_digest"],
    )


def _net(row: Row) -> NetOut:
    return NetOut(
        place=row["place"],
        rank=row["rank"],
        net=row["net"],
        instance=row["instance"],
        cell=row["cell"],
        family=row["family"],
        probability=row["probability"],
        flagged=row["flagged"],
        region=row["region"],
        role=row["role"],
        why=[reason_text(one) for one in _reasons.decode(row["reasons"])[:_WHY]],
    )
