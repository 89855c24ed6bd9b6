"""`kaname simulate power`: labelled power traces of a fleet of devices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json
from kaname.cli.speech import say

__all__ = ["power"]

_KINDS = ("board", "node", "gateway", "controller", "varied")


@command("simulate power")
@click.argument("output", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False))
@option("--seed", type=click.IntRange(0), default=1, key="seed")
@option("--devices", type=click.IntRange(1, 1000), default=3, show_default=True,
        key="simulate_devices")  # fmt: skip
@option("--kind", type=click.Choice(_KINDS), default="board", show_default=True,
        key="simulate_device_kind")  # fmt: skip
@option("--minutes", type=click.FloatRange(0.5, 60 * 24 * 7), default=20.0, show_default=True,
        key="minutes")  # fmt: skip
@option("--fs", type=click.FloatRange(20, 1e6), default=1000.0, show_default=True,
        metavar="HZ", key="simulate_fs")  # fmt: skip
@option("--noise", type=click.FloatRange(0, 100), default=1.0, show_default=True,
        key="simulate_noise")  # fmt: skip
@option("--anomalies", type=click.FloatRange(0, 0.5), default=0.06, show_default=True,
        key="simulate_anomalies")  # fmt: skip
@option("--gaps", type=click.IntRange(0, 1000), default=2, show_default=True, key="simulate_gaps")
@option("--periods/--no-periods", default=True, key="simulate_periods")
@option("--format", "form", type=click.Choice(("npz", "csv")), default="npz", show_default=True,
        key="simulate_power_format")  # fmt: skip
def power(
    session: Session,
    output: Path,
    *,
    seed: int,
    devices: int,
    kind: str,
    minutes: float,
    fs: float,
    noise: float,
    anomalies: float,
    gaps: int,
    periods: bool,
    form: str,
) -> None:
    """Write traces and labels of a fleet into FOLDER; the same seed gives the same traces."""
    from kaname.hardware.power.devices import KINDS, varied
    from kaname.hardware.power.simulator import simulate, write

    written: list[dict[str, Any]] = []
    with progress_bar("cli.progress.power") as show:
        for at in range(devices):
            like = varied(seed) if kind == "varied" else KINDS[kind]
            name = f"{like.name}-{at + 1:02}"
            show(name, at, devices)
            # In a fleet, errors are the exception: one device in three errs.
            made = simulate(
                like, seed=seed * 1000 + at, seconds=minutes * 60, fs=fs, device=name,
                anomalies=anomalies if at % 3 == 0 else anomalies / 10,
                periods=periods and at % 3 == 0, noise=noise, gaps=gaps,
            )  # fmt: skip
            path = write(made, output, form)
            odd = sum(event["kind"] != "normal" for event in made.events)
            written.append(
                {"trace": str(path), "device": name, "bursts": len(made.events), "anomalies": odd,
                 "periods": len(made.periods)}
            )  # fmt: skip
    if session.as_json:
        put_json({"seed": seed, "kind": kind, "fs": fs, "traces": written})
        return
    bursts = sum(one["bursts"] for one in written)
    note(say("cli.simulate.power", path=output, devices=devices, bursts=bursts))
