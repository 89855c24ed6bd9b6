"""Devices that did what they never did before, by their power."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import quoted
from kaname.hardware.power.alarm import ALARM
from kaname.hardware.power.judging import fired, judged, learnt, span_us
from kaname.hardware.statements import bursts, rows_of
from kaname.model.instant import DAY, format_us
from kaname.model.records import Severity

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.hardware.power.profile import Profile

__all__ = ["Power"]

Row = dict[str, Any]

_LABELS = {
    "energy": "power_energy",
    "duration": "power_duration",
    "shape": "power_shape",
    "waveform": "power_shape",
    "interval": "power_rhythm",
    "sequence": "power_rhythm",
    "novel": "power_novel",
    "sleep": "power_sleep",
    "stir": "power_sleep",
    "rate": "power_rate",
    "missing": "power_rate",
}
_MOST = 20_000  # segments that are learnt from
_MOST_TODAY = 200_000  # a burst each second for a day, with sleep between
_NAMED = 200  # segments that the evidence of a finding names
_COLUMNS = (
    "device", "fleet", "mode", "duration_us", "energy_uj", "mean_mw", "peak_mw", "base_mw",
    "level_mw", "shape", "whole",
)  # fmt: skip

_DOC = AnalysisDoc(
    en=(
        "Learns the normal behaviour of each device from the days before and judges the bursts "
        "of the day against it: energy, duration, shape, rhythm, bursts of no known application, "
        "sleep that draws more or less, more or fewer bursts than usual. A finding for each "
        "device and kind, when there are more odd segments, or odder ones, than chance gives."
    ),
    ja=(
        "機器ごとに前日までの正常な動作を学習し、その日の動作区間を、エネルギー・継続時間・波形・"
        "周期・未知の動作・スリープ時の電力・回数について判定します。偶然で説明できる数や程度を"
        "超えたとき、機器と種類ごとに 1 件を報告します。"
    ),
    references=(
        "K. Takasaki, R. Kida, N. Togawa, IEICE Trans. Fundamentals E104-A(11), 2021, 1555-1565",
        "K. Hisafuru, K. Takasaki, N. Togawa, IEICE Trans. Fundamentals E107-A(1), 2024, 75-86",
    ),
    limitations_en=(
        "Twenty bursts are needed to learn from; a day after days with fewer is judged by itself.",
        "A day that is judged by itself takes what fills it for normal.",
        "What went on all through the lookback is normal too: see `hardware.fleet`.",
        "At most the latest 20,000 segments before the day are learnt from.",
    ),
    limitations_ja=(
        "学習には 20 回の動作が必要です。前日までに足りなければ、その日自身から学習します。",
        "その日自身から学習した場合、1 日中続く異常は正常とみなされます。",
        "学習期間を通して続く異常は分かりません。`hardware.fleet` で他の機器と比較してください。",
        "学習に使うのは、その日より前の最新 20,000 区間までです。",
    ),
)


class _Odd(NamedTuple):
    """A segment or a stretch that is odd: when, why, how unlikely."""

    first: int
    last: int
    kind: str
    p: float
    burst: bool = False


class Power:
    """See `_DOC`. One finding for each device and kind of anomaly."""

    name: ClassVar[str] = "hardware.power"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("power_segments",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 7 * DAY
    techniques: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[tuple[str, ...]] = tuple(dict.fromkeys(_LABELS.values()))
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "alarm",
            ALARM,
            0.000001,
            0.1,
            "",
            "probability of an alarm on a normal burst",
            "正常な動作を異常とみなす確率",
        ),
        Parameter(
            "chance",
            0.001,
            0.000000001,
            0.5,
            "",
            "how probable, by chance, the anomalies of a finding may be at most",
            "検知結果とする異常が偶然に生じる確率の上限",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the devices of one sensor in one day."""
        rows = _timed(context.tables["power_segments"])
        start = context.window.start
        active = rows.filter(rows.ts >= start).select("device").distinct()
        # A device at a time: its rows hold shapes, and those of a fleet would fill the memory.
        for device in sorted(map(str, active.to_pyarrow()["device"].to_pylist())):
            own = rows.filter(rows.device == device)
            today = _given(own.filter(own.ts >= start), _MOST_TODAY)
            before = _given(own.filter(own.ts < start), _MOST)
            yield from self._device(context, device, before, today)

    def _device(
        self, context: Context, device: str, before: list[Row], today: list[Row]
    ) -> Iterator[Draft]:
        alarm = float(context.params["alarm"])
        profile = learnt(before, device, alarm)
        known = profile is not None
        if profile is None:
            profile = learnt(today, device, alarm)
        if profile is None:
            return
        count, odd = _odd(today, profile)
        limit = float(context.params["chance"])
        by_label = sorted(odd, key=lambda one: (_LABELS[one.kind], one.first))
        for label, some in itertools.groupby(by_label, key=lambda one: _LABELS[one.kind]):
            found = list(some)
            chance = _chance(found, count, alarm)
            if chance <= limit:
                yield _draft(context, (device, today[-1]["fleet"]), label, found, chance, known)


def _timed(table: ir.Table) -> ir.Table:
    """The columns that are looked at, ``ts`` in microseconds."""
    import ibis

    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    return table.select(*_COLUMNS, ts=table.ts.delta(epoch, unit="microsecond").cast("int64"))


def _given(rows: ir.Table, most: int) -> list[Row]:
    """The latest rows, in order of time."""
    import ibis

    order = [ibis.desc(name) for name in ("ts", "mode", "duration_us", "energy_uj")]
    found: list[Row] = rows.order_by(order).limit(most).to_pyarrow().to_pylist()
    return found[::-1]


def _odd(rows: Sequence[Row], profile: Profile) -> tuple[int, list[_Odd]]:
    """How many bursts were judged, and what was odd."""
    verdicts, stretches = judged(rows, profile)
    found = [
        _Odd(rows[at]["ts"], rows[at]["ts"] + rows[at]["duration_us"], fired(one), one.p, True)
        for at, one in verdicts.items()
        if one.alarm
    ]
    found += [
        _Odd(*span_us(stretch, rows[0]["ts"]), stretch.kind, stretch.p) for stretch in stretches
    ]
    return len(verdicts), [one for one in found if one.kind in _LABELS]


def _chance(found: Sequence[_Odd], count: int, alarm: float) -> float:
    """How probable it is that normal behaviour looks so odd: by number, or by the oddest.

    The number of alarms on normal bursts is a Poisson variable; the oddest of ``count`` is
    held against as many tries. The better of the two tries is taken, so it counts double.
    """
    tries = max(1, count)
    oddest = min(1.0, min(one.p for one in found) * tries)
    many = _poisson_tail(len(found), tries * alarm)
    return min(1.0, 2 * min(oddest, many))


def _poisson_tail(count: int, mean: float) -> float:
    """P(X >= count) of a Poisson variable."""
    term, below = math.exp(-mean), 0.0
    for k in range(count):
        below += term
        term *= mean / (k + 1)
    return max(0.0, 1.0 - below) if below < 1 - 1e-9 else min(1.0, 2 * term)


def _draft(
    context: Context,
    whose: tuple[str, str],
    label: str,
    found: Sequence[_Odd],
    chance: float,
    known: bool,
) -> Draft:
    device, fleet = whose
    oddest = min(found, key=lambda one: (one.p, one.first))
    return Draft(
        label=label,
        subject=(device,),
        first_seen=found[0].first,
        last_seen=max(one.last for one in found),
        severity=Severity.HIGH if chance < 1e-9 and known else Severity.MEDIUM,
        confidence=round(min(0.99, 1 - chance) * (1.0 if known else 0.8), 4),
        artifacts=(),
        message=f"hardware.{label}",
        values={
            "device": device,
            "group": fleet,
            "n": len(found),
            "kind": oddest.kind,
            "at": format_us(oddest.first),
        },
        reasons=(
            ("hardware.reason.chance", {"chance": f"{chance:.1e}", "p": f"{oddest.p:.1e}"}),
            ("hardware.reason.lookback", {}) if known else ("hardware.reason.own_day", {}),
        ),
        evidence=bursts(_condition(context, device, found)),
    )


def _condition(context: Context, device: str, found: Sequence[_Odd]) -> str:
    each = " OR ".join(sorted({_span(one) for one in found[:_NAMED]}))
    return rows_of(context, f"device = {quoted(device)}", f"({each})")


def _span(one: _Odd) -> str:
    """The segments that an anomaly is about: the burst, or all that lie in the stretch."""
    if one.burst:
        return f"(epoch_us(ts) = {one.first} AND mode = 'active')"
    return f"(epoch_us(ts) < {one.last} AND epoch_us(ts) + duration_us > {one.first})"
