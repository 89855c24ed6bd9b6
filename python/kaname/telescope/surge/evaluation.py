"""How well campaigns are found: on port counts with known onsets, and in captures.

``paths`` are tables of port counts (Parquet or CSV, see `kaname.telescope.surge.files`) with
their truth beside them as ``NAME.truth.json``, or the truth itself; or the truth of a
capture, whose campaigns are then looked for by their members. Without any, ten months of
port counts are simulated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kaname.analysis.evaluation import Evaluation, Measure, Scores
from kaname.model.errors import InputError
from kaname.model.instant import SECOND
from kaname.telescope.calibration import calibration_error
from kaname.telescope.surge.confidence import confidence
from kaname.telescope.surge.detection import Rise, rises
from kaname.telescope.surge.files import read_counts
from kaname.telescope.surge.grid import Grid
from kaname.telescope.surge.judging import Verdict, credited, cusum, judge

__all__ = ["Counted", "alarmed", "evaluate", "simulated"]

SEEDS = range(201, 211)
_HOURS = (1, 24, 72)
_HEADER = ("set", "detector", "campaigns", "1 h", "24 h", "72 h", "median h", "false/day")
_NOTES = (
    "Found: an alarm on the port of a campaign within 72 h of its onset. False: all others.",
    "CUSUM is the reference's: sources per port, with the common mode removed.",
)


@dataclass(frozen=True)
class Counted:
    """Port counts with their truth."""

    name: str
    grid: Grid
    truth: Mapping[str, Any]


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Campaigns found in ``paths``, and the alarms that were none, beside a plain CUSUM."""
    a_day = float(params.get("false_a_day", 0.0))
    captures = [path for path in paths if _of_capture(path)]
    counted = [path for path in paths if path not in captures]
    if captures:
        return _captured(captures)
    given = [_given(path) for path in counted if not path.name.endswith(".csv.gz")]
    sets = iter(given) if given else (simulated(seed) for seed in SEEDS)
    return _counted(sets, a_day)


def simulated(seed: int) -> Counted:
    """A simulated month."""
    from kaname.telescope.simulator.port_counts import make_port_counts

    made = make_port_counts(seed)
    columns = (made.sources, made.networks, made.packets)
    floats = (column.astype(np.float64) for column in columns)
    grid = Grid(made.truth["t0"] * SECOND, ("tcp_syn",) * len(made.ports), made.ports, *floats)
    return Counted(f"simulated {seed}", grid, made.truth)


def alarmed(grid: Grid, a_day: float = 0.0) -> list[tuple[int, int]]:
    """The alarms of our detector: bin and port."""
    return [_alarm(grid, rise) for rise in _rises(grid, a_day)]


def _rises(grid: Grid, a_day: float) -> list[Rise]:
    return rises(grid, a_day=a_day) if a_day else rises(grid)


def _alarm(grid: Grid, rise: Rise) -> tuple[int, int]:
    return rise.at, int(grid.ports[rise.series])


def _given(path: Path) -> Counted:
    beside = path.name.endswith(".truth.json")
    stem = path.name.removesuffix(".truth.json") if beside else path.stem
    truth = _truth(path if beside else path.with_name(f"{stem}.truth.json"))
    table = path
    if beside:
        ends = (".parquet", ".csv")
        there = [found for end in ends if (found := path.with_name(stem + end)).is_file()]
        table = there[0] if there else path.with_name(f"{stem}.parquet")
    grid = read_counts(table, int(truth.get("t0", 0)) * SECOND)
    return Counted(stem, grid, truth)


def _truth(path: Path) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise InputError("telescope.error.counts_read", path=path, reason=error) from None
    if not isinstance(found, dict) or not {"bins", "campaigns"} <= found.keys():
        raise InputError("telescope.error.counts_columns", path=path, missing="bins, campaigns")
    return found


def _of_capture(path: Path) -> bool:
    """Whether ``path`` is the truth of a capture, and not of port counts."""
    name = path.name
    if name.endswith((".source_truth.csv", ".source_truth.csv.gz")):
        return True
    if not name.endswith(".truth.json"):
        return False
    try:
        return b'"bins"' not in path.read_bytes()
    except OSError as error:
        raise InputError("telescope.error.counts_read", path=path, reason=error) from None


def _counted(sets: Iterator[Counted], a_day: float) -> Evaluation:
    ours: list[Verdict] = []
    rows: list[tuple[Measure, ...]] = []
    missed: list[tuple[Measure, ...]] = []
    sure: list[float] = []
    true: list[bool] = []
    for each in sets:
        found_here = _rises(each.grid, a_day)
        alarms = [_alarm(each.grid, rise) for rise in found_here]
        verdict = judge(each.truth, alarms)
        ours.append(verdict)
        sure += [confidence([rise]) for rise in found_here]
        true += [credited(each.truth, alarm) for alarm in alarms]
        rows.append(_row(each.name, "kaname", verdict))
        peer = judge(each.truth, cusum(each.grid, 1.0, 12.0))
        rows.append(_row(each.name, "CUSUM k=1 h=12", peer))
        missed += _missed(each, verdict)
    delays = [delay for verdict in ours for delay in verdict.delays]
    known = [delay for delay in delays if delay is not None]
    measures: dict[str, Measure] = {"campaigns": len(delays)}
    for hours in _HOURS:
        found = sum(verdict.found(hours) for verdict in ours)
        measures[f"recall_{hours}h"] = round(found / max(1, len(delays)), 4)
    measures["median_delay_h"] = round(float(np.median(known)), 2) if known else -1.0
    days = sum(verdict.days for verdict in ours)
    measures["false_a_day"] = round(sum(verdict.false for verdict in ours) / max(1.0, days), 3)
    measures["calibration_error"] = round(
        calibration_error(np.array(sure), np.array(true, np.bool_)), 4
    )
    return Evaluation(
        analysis="telescope.campaigns",
        measures=measures,
        tables=(
            Scores("campaigns on port counts", _HEADER, tuple(rows)),
            Scores("campaigns not found", ("set", "kind", "port", "peak", "before"), tuple(missed)),
        ),
        notes=_NOTES,
    )


def _row(name: str, detector: str, verdict: Verdict) -> tuple[Measure, ...]:
    found = tuple(verdict.found(hours) for hours in _HOURS)
    false = round(verdict.false / verdict.days, 3)
    return name, detector, len(verdict.delays), *found, verdict.median, false


def _missed(each: Counted, verdict: Verdict) -> list[tuple[Measure, ...]]:
    return [
        (
            each.name,
            str(campaign.get("kind", "")),
            int(campaign["port"]),
            float(campaign.get("peak_src_per_bin", 0)),
            float(campaign.get("bg_src_per_bin", 0)),
        )
        for campaign, delay in zip(each.truth["campaigns"], verdict.delays, strict=True)
        if delay is None
    ]


def _captured(paths: Sequence[Path]) -> Evaluation:
    rows = [row for path in paths for row in _identities(path)]
    found = [row for row in rows if int(row[3]) > 0]
    recall = round(len(found) / max(1, len(rows)), 4)
    split = sum(int(row[3]) > 1 for row in rows)
    merged = sum(int(row[5]) for row in rows)
    header = ("set", "campaign", "members", "objects", "members found", "merged with others")
    return Evaluation(
        analysis="telescope.campaigns",
        measures={"campaigns": len(rows), "recall": recall, "split": split, "merged": merged},
        tables=(Scores("campaigns by their members", header, tuple(rows)),),
        notes=("A campaign is found by an object most of whose members are its own.",),
    )


def _identities(path: Path) -> list[tuple[Measure, ...]]:
    """Of each campaign of a capture: which objects were made of it."""
    from kaname.model.address import to_text
    from kaname.telescope.campaigns import campaigns, members
    from kaname.telescope.evaluation.captures import pictured
    from kaname.telescope.evaluation.truths import read

    labelled = read(path)
    event = {s: name for (s, label), name in labelled.events.items() if label == "campaign"}
    size = Counter(event.values())
    objects: Counter[str] = Counter()
    seen: dict[str, set[str]] = {name: set() for name in size}
    merged: Counter[str] = Counter()
    with pictured(labelled.capture) as picture:
        start = picture.window.start // SECOND
        for each in campaigns(picture.rest, start, 15):
            own = [to_text(m["src_hi"], m["src_lo"]) for m in members(picture.rest, each, start)]
            shares = Counter(event[source] for source in own if source in event)
            if shares and shares.most_common(1)[0][1] > len(own) / 2:
                name = shares.most_common(1)[0][0]
                objects[name] += 1
                seen[name].update(source for source in own if event.get(source) == name)
                merged[name] += sum(n >= 5 for other, n in shares.items() if other != name)
    return [
        (labelled.name, name, size[name], objects[name], len(seen[name]), merged[name])
        for name in sorted(size)
    ]
