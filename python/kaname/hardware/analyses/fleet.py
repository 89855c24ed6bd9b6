"""Devices that work otherwise than their peers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import quoted
from kaname.hardware.power.peers import MEASURES, Place, Sums, against, confidence, summed, values
from kaname.hardware.statements import rows_of, sums
from kaname.model.instant import DAY
from kaname.model.records import Severity

__all__ = ["Fleet", "unlike"]

_FAR = 3.0  # times the limit: of high severity

_DOC = AnalysisDoc(
    en=(
        "Compares devices of one kind (a fleet) by their power: bursts per hour, mean duration "
        "and energy of bursts, share of time awake, power asleep, highest power. A device that "
        "lies outside all of its peers, and far from their median, is reported, also when it "
        "was so from the first day on."
    ),
    ja=(
        "同種の機器の群を電力で比較します。1 時間あたりの動作回数、動作の平均継続時間と平均"
        "エネルギー、動作時間の割合、スリープ時の電力、最大電力を比べ、他のすべての機器の範囲を"
        "外れ、中央値から大きく離れた機器を報告します。最初から異常だった機器も対象です。"
    ),
    references=(
        "F. R. Hampel, The Influence Curve and its Role in Robust Estimation, JASA 69, 1974",
        "K. Takasaki, R. Kida, N. Togawa, IEICE Trans. Fundamentals E104-A(11), 2021, 1555-1565",
    ),
    limitations_en=(
        "Devices are peers when their traces name the same group (option `group`).",
        "When half of a fleet is altered in the same way, the other half stands out.",
        "A device with another task than its peers is reported; say so by another group.",
    ),
    limitations_ja=(
        "同じ群(オプション `group`)の名前を持つ機器どうしを比較します。",
        "群の半分が同じように改変されていると、残りの半分が異常に見えます。",
        "役割の違う機器も報告されます。別の群に分けてください。",
    ),
)


class Fleet:
    """See `_DOC`. One finding for each device that stands out."""

    name: ClassVar[str] = "hardware.fleet"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("power_segments",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    across: ClassVar[bool] = True
    techniques: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[tuple[str, ...]] = ("odd_device",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "peers",
            5,
            3,
            1000,
            "devices",
            "peers that a device must have to be compared",
            "比較に必要な他の機器の数",
        ),
        Parameter(
            "distance",
            6.0,
            3.0,
            1000.0,
            "",
            "robust standard deviations from the median of the peers from which on it stands out",
            "異常とみなす中央値からの距離(頑健な標準偏差の倍数)",
        ),
        Parameter(
            "seconds",
            600,
            10,
            86_400,
            "s",
            "seconds of the day that must have been measured",
            "その日に必要な測定時間",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about all devices in one day."""
        least = context.number("seconds")
        devices = [one for one in summed(context.tables["power_segments"]) if one.fleet]
        measured = [one for one in devices if one.seconds >= least]
        for _, fleet in itertools.groupby(measured, key=lambda one: one.fleet):
            members = list(fleet)
            if len(members) > context.number("peers"):
                yield from unlike(context, members)


def unlike(context: Context, members: list[Sums]) -> Iterable[Draft]:
    """What there is to say of the devices of one fleet."""
    numbers = [values(one) for one in members]
    limit = float(context.params["distance"])
    for at, one in enumerate(members):
        others = [each for place, each in enumerate(numbers) if place != at]
        places: dict[str, Place] = {}
        for name in MEASURES:
            value = numbers[at][name]
            peers = [each[name] for each in others]
            known = [peer for peer in peers if peer is not None]
            if value is not None and len(known) >= context.number("peers"):
                places[name] = against(value, known)
        odd = {name: place for name, place in places.items() if _stands_out(place, limit)}
        if odd:
            yield _draft(context, one, numbers[at], odd, peers=len(others))


def _stands_out(place: Place, limit: float) -> bool:
    return abs(place.distance) >= limit and place.percentile in {0.0, 100.0}


def _draft(
    context: Context,
    one: Sums,
    numbers: dict[str, float | None],
    odd: dict[str, Place],
    *,
    peers: int,
) -> Draft:
    name, farthest = max(odd.items(), key=lambda pair: (abs(pair[1].distance), pair[0]))
    far = abs(farthest.distance) >= _FAR * float(context.params["distance"])
    return Draft(
        label="odd_device",
        subject=(one.fleet, one.device),
        first_seen=one.first,
        last_seen=one.last,
        severity=Severity.HIGH if far and len(odd) > 1 else Severity.MEDIUM,
        confidence=confidence({key: place.distance for key, place in odd.items()}),
        artifacts=(),
        message="hardware.odd_device",
        values={
            "device": one.device,
            "group": one.fleet,
            "measure": name,
            "value": round(float(numbers[name] or 0.0), 4),
            "median": round(farthest.median, 4),
            "distance": round(farthest.distance, 1),
            "peers": peers,
            "n": len(odd),
        },
        reasons=tuple(
            (
                "hardware.reason.measure",
                {
                    "measure": key,
                    "value": round(float(numbers[key] or 0.0), 4),
                    "median": round(place.median, 4),
                    "distance": round(place.distance, 1),
                },
            )
            for key, place in sorted(odd.items())
        ),
        evidence=sums(rows_of(context, f"fleet = {quoted(one.fleet)}")),
    )
