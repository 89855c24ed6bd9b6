"""Designs that look as if they held a Trojan: a finding for each suspicious region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import quoted
from kaname.hardware.statements import rows_of, suspects, verdicts
from kaname.model.instant import DAY
from kaname.model.records import Artifact, ArtifactKind, Role, Severity

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Trojans"]

Row = dict[str, Any]


class _Region(msgspec.Struct, frozen=True):
    """What is asked of a region in the column ``components``."""

    number: int
    role: str


_told = msgspec.json.Decoder(list[_Region]).decode
_SURE = 0.9  # a region of at least this probability is of high severity
_NAMED = 5  # nets that a finding names

_DOC = AnalysisDoc(
    en=(
        "Reports gate-level designs that a model judges to hold a hardware Trojan, region by "
        "region: cells that are suspicious and hang together. The judgement was made when the "
        "netlist was read; here it becomes a finding whose evidence are the ranked nets."
    ),
    ja=(
        "モデルがハードウェアトロイを含むと判定したゲートレベル設計を、疑わしいセルがつながる"
        "領域ごとに報告します。判定はネットリストの読み込み時に行われ、順位付けされたネットを"
        "根拠とする検知結果になります。"
    ),
    references=(
        "K. Hasegawa, M. Yanagisawa, N. Togawa, IEICE Trans. Fundamentals E100-A(12), 2017",
        "H. Lashen et al., TrojanSAINT, IEEE ISCAS 2023",
    ),
    limitations_en=(
        "A model knows Trojans like those it learnt from; a clean verdict is no proof.",
        "The confidence of a region is what the verdict would be if it were all there was.",
        "Whoever changed a design, and when, a netlist does not say.",
    ),
    limitations_ja=(
        "モデルが検出できるのは学習したものに似たトロイです。クリーンの判定は証明ではありません。",
        "領域の確信度は、その領域だけがあった場合の設計の判定確率です。",
        "誰がいつ設計を変更したかは、ネットリストからは分かりません。",
    ),
)


class Trojans:
    """See `_DOC`."""

    name: ClassVar[str] = "hardware.trojans"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("netlists", "suspect_nets")
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = ("T1195.003",)  # compromise of the hardware supply
    labels: ClassVar[tuple[str, ...]] = ("trojan_region", "trojan_design", "suspect_nets")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "probability",
            0.5,
            0.0,
            1.0,
            "",
            "probability from which on a region of a suspicious design is reported",
            "疑わしい設計の領域を報告する確率の下限",
        ),
        Parameter(
            "regions",
            20,
            1,
            1000,
            "regions",
            "regions of a design that get a finding of their own, the surest first",
            "1 つの設計について個別に報告する領域の数(確率の高い順)",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the designs that one sensor brought in one day."""
        for design in _designs(context.tables["netlists"]):
            if design["suspicious"]:
                yield from self._suspicious(context, design)
            elif design["flagged"]:
                yield _nets_only(context, design)

    def _suspicious(self, context: Context, design: Row) -> Iterator[Draft]:
        least = float(context.params["probability"])
        found = _regions(context.tables["suspect_nets"], design)
        told = [region for region in found if region[0]["region_probability"] >= least]
        for nets in told[: context.number("regions")]:
            yield _region(context, design, nets)
        if not told:
            yield _design(context, design)


def _designs(rows: ir.Table) -> list[Row]:
    """The verdicts, one a design: the latest where it was judged more than once."""
    wanted = rows.select(
        "batch", "digest", "name", "cells", "flagged", "suspicious", "probability", "threshold",
        "model", "components", ts=_us(rows),
    )  # fmt: skip
    latest: dict[str, Row] = {}
    for row in sorted(wanted.to_pyarrow().to_pylist(), key=lambda row: (row["ts"], row["batch"])):
        latest[row["digest"]] = row
    return [latest[digest] for digest in sorted(latest)]


def _us(rows: ir.Table) -> Any:
    import ibis

    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    return rows.ts.delta(epoch, unit="microsecond").cast("int64")


def _regions(rows: ir.Table, design: Row) -> list[list[Row]]:
    """The nets of each region, the surest first; regions by their number."""
    own = (rows.digest == design["digest"]) & (rows.batch == design["batch"]) & (rows.region > 0)
    wanted = rows.filter(own).select(
        "region", "rank", "net", "probability", "region_cells",
        "region_probability",
    )  # fmt: skip
    found: dict[int, list[Row]] = {}
    ordered = sorted(wanted.to_pyarrow().to_pylist(), key=lambda r: (r["region"], r["rank"]))
    for row in ordered:
        found.setdefault(row["region"], []).append(row)
    return list(found.values())


def _artifacts(design: Row) -> tuple[Artifact, ...]:
    """The file. What it is, not what it does: a digest of a design blocks nothing."""
    return (Artifact(ArtifactKind.HASH, design["digest"], Role.UNKNOWN),)


def _region(context: Context, design: Row, nets: list[Row]) -> Draft:
    first = nets[0]
    sure = first["region_probability"]
    names = ", ".join(row["net"] for row in nets[:_NAMED])
    return Draft(
        label="trojan_region",
        subject=(design["digest"], first["region"]),
        first_seen=design["ts"],
        last_seen=design["ts"],
        severity=Severity.HIGH if sure >= _SURE else Severity.MEDIUM,
        confidence=round(min(sure, design["probability"]), 4),
        artifacts=_artifacts(design),
        techniques=Trojans.techniques,
        message="hardware.trojan_region",
        values={
            "design": design["name"],
            "digest": design["digest"],
            "region": first["region"],
            "cells": first["region_cells"],
            "role": _roles(design).get(first["region"], "other"),
            "nets": names,
            "percent": round(100 * sure, 1),
        },
        reasons=(
            (
                "hardware.reason.verdict",
                {
                    "percent": round(100 * design["probability"], 1),
                    "flagged": design["flagged"],
                    "cells": design["cells"],
                },
            ),
            (
                "hardware.reason.threshold",
                {"threshold": round(design["threshold"], 3), "model": design["model"]},
            ),
        ),
        evidence=suspects(
            rows_of(context, f"digest = {quoted(design['digest'])}", f"region = {first['region']}")
        ),
    )


def _roles(design: Row) -> dict[int, str]:
    """What each region looks like, as the verdict has it."""
    return {one.number: one.role for one in _told(design["components"])}


def _values(design: Row) -> Row:
    return {
        "design": design["name"],
        "digest": design["digest"],
        "cells": design["cells"],
        "flagged": design["flagged"],
        "percent": round(100 * design["probability"], 1),
    }


def _design(context: Context, design: Row) -> Draft:
    return Draft(
        label="trojan_design",
        subject=(design["digest"],),
        first_seen=design["ts"],
        last_seen=design["ts"],
        severity=Severity.MEDIUM,
        confidence=round(design["probability"], 4),
        artifacts=_artifacts(design),
        techniques=Trojans.techniques,
        message="hardware.trojan_design",
        values=_values(design),
        evidence=verdicts(rows_of(context, f"digest = {quoted(design['digest'])}")),
    )


def _nets_only(context: Context, design: Row) -> Draft:
    return Draft(
        label="suspect_nets",
        subject=(design["digest"],),
        first_seen=design["ts"],
        last_seen=design["ts"],
        severity=Severity.LOW,
        confidence=round(design["probability"], 4),
        artifacts=_artifacts(design),
        message="hardware.suspect_nets",
        values=_values(design),
        evidence=suspects(rows_of(context, f"digest = {quoted(design['digest'])}", "flagged")),
    )
