"""How good the analyses of hardware are, as `kaname analyses evaluate` tells it.

What is measured on netlists and traces is measured by the modules that the commands
`kaname hardware netlist evaluate` and `power evaluate` use; a fleet is simulated here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kaname.analysis.evaluation import Evaluation, Scores
from kaname.analysis.frame import ALL, Context, Window, settle
from kaname.hardware.analyses.fleet import Fleet, unlike
from kaname.hardware.power.peers import Sums
from kaname.model.instant import DAY, HOUR

__all__ = ["fleet", "power", "trojans"]

_SEED = 20_260_101
_DESIGNS = 24
_SECONDS = 1200.0
_FLEETS, _DEVICES = 60, 12
_ALTERED = (
    ("sleep draws 10 % more", {"sleep_uj": 1.10}),
    ("sleep draws 25 % more", {"sleep_uj": 1.25}),
    ("bursts take 20 % more energy", {"active_uj": 1.20}),
    ("bursts take 50 % more energy", {"active_uj": 1.50}),
    ("wakes 1.5 times as often", {"bursts": 1.5, "active_us": 1.5, "active_uj": 1.5}),
    ("wakes twice as often", {"bursts": 2.0, "active_us": 2.0, "active_uj": 2.0}),
)


def trojans(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """The model that ships, on labelled netlists or, without any, on designs of our own."""
    del params
    from kaname.hardware.netlist.evaluating import of_model
    from kaname.hardware.netlist.examples import given, synthetic
    from kaname.hardware.netlist.model import Model

    examples = list(given(paths) if paths else synthetic(_DESIGNS, _SEED))
    found = of_model(Model.load(), examples)
    return msgspec.structs.replace(found, analysis="hardware.trojans")


def power(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Segments and scores of labelled traces or, without any, of simulated devices."""
    del params
    from kaname.hardware.power.evaluating import evaluate, labelled, pooled

    with tempfile.TemporaryDirectory() as made:
        folders = list(paths) or [_simulated(Path(made))]
        pairs = [pair for folder in folders for pair in labelled(folder)]
        results, scored = zip(*(evaluate(*pair) for pair in pairs), strict=True)
    areas = pooled(list(scored))
    rows = tuple((one.trace, one.events, round(one.f1, 4)) for one in results)
    known = {f"auc_{kind}": round(area, 4) for kind, area in areas.items() if area is not None}
    return Evaluation(
        analysis="hardware.power",
        measures={"f1_least": round(min(one.f1 for one in results), 4), **known},
        tables=(Scores("segments", ("trace", "bursts", "F1"), rows),),
        notes=(
            "F1 of bursts that overlap by 80 % of their union or more.",
            "AUC of anomalies against normal bursts; each trace is judged by itself.",
        ),
    )


def _simulated(folder: Path) -> Path:
    from kaname.hardware.power.devices import KINDS
    from kaname.hardware.power.simulator import simulate, write

    for seed, kind in enumerate(KINDS.values()):
        made = simulate(kind, seed=_SEED + seed, seconds=_SECONDS, fs=250.0, periods=False)
        write(replace(made, device=kind.name), folder)
    return folder


def fleet(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """How often an altered device stands out, and how often one that is not does.

    ``paths`` are not used: fleets of twelve are simulated. Devices differ in what they draw
    asleep and awake by 3 %, and wake by chance.
    """
    del paths
    rng = np.random.default_rng(_SEED)
    settled = settle(Fleet.name, Fleet.parameters, params)
    context = Context({}, Window(0, DAY), ALL, settled)
    rows = []
    false = 0
    for name, change in _ALTERED:
        found = 0
        for members in _fleets(rng):
            altered = [_altered(members[0], change), *members[1:]]
            said = {str(draft.values["device"]) for draft in unlike(context, altered)}
            found += members[0].device in said
            false += len(said - {members[0].device})
        rows.append((name, round(found / _FLEETS, 3)))
    normal = _FLEETS * len(_ALTERED) * (_DEVICES - 1)
    return Evaluation(
        analysis="hardware.fleet",
        measures={
            "tpr_mean": round(float(np.mean([share for _, share in rows])), 3),
            "false_alarms_per_device_day": round(false / normal, 6),
        },
        tables=(Scores("altered devices that are found", ("altered", "share"), tuple(rows)),),
        notes=(f"{_FLEETS} fleets of {_DEVICES} devices, a day each, for each alteration",),
    )


def _fleets(rng: np.random.Generator) -> Iterator[list[Sums]]:
    for _ in range(_FLEETS):
        yield [_device(rng, f"device{number}") for number in range(_DEVICES)]


def _device(rng: np.random.Generator, name: str) -> Sums:
    """A day of a node that sleeps at 2 mW and wakes every ten seconds or so."""
    bursts = int(rng.poisson(8_640))
    active = round(bursts * 0.8e6 * float(np.exp(rng.normal(0, 0.005))))
    watts = 0.12 * float(np.exp(rng.normal(0, 0.03)))
    asleep = 0.002 * float(np.exp(rng.normal(0, 0.03)))
    return Sums(
        device=name,
        fleet="simulated",
        bursts=bursts,
        active_us=active,
        active_uj=round(active * watts),
        sleep_us=DAY - active,
        sleep_uj=round((DAY - active) * asleep),
        peak_mw=200.0 * float(np.exp(rng.normal(0, 0.03))),
        first=0,
        last=DAY - HOUR,
        segments=2 * bursts,
    )


def _altered(one: Sums, change: Mapping[str, float]) -> Sums:
    made: dict[str, Any] = {
        name: round(getattr(one, name) * factor) for name, factor in change.items()
    }
    return msgspec.structs.replace(one, **made)
