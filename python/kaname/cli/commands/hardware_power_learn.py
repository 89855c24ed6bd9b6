"""`kaname hardware power learn`: what a device normally does, from traces of its power."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kaname.cli.commands.hardware_power_scan import places, readings
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.hardware.power.profile import Profile
    from kaname.hardware.power.source import Source

__all__ = ["learn"]

_PARTIAL = 3
_HEADS = ("power_application", "power_bursts", "power_duration", "power_energy", "power_interval")


@command("hardware power learn")
@click.argument("traces", nargs=-1, required=True, metavar="TRACE...",
                type=click.Path(path_type=Path, exists=True))  # fmt: skip
@option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True,
        metavar="FILE", key="power_output")  # fmt: skip
@option("--alarm", type=click.FloatRange(0, 1, min_open=True, max_open=True), key="power_alarm",
        metavar="SHARE", default=0.005, show_default=True)  # fmt: skip
@option("--rarest", type=click.FloatRange(0, 1, min_open=True, max_open=True), metavar="SHARE",
        key="power_rarest", default=0.06, show_default=True)  # fmt: skip
@option("--windows", type=click.IntRange(2, 1_000_000), metavar="READINGS", key="power_windows")
@readings
def learn(
    session: Session,
    traces: tuple[Path, ...],
    *,
    output: Path,
    alarm: float,
    rarest: float,
    windows: int | None,
    **reading: Any,
) -> int:
    """Write the profile of normal behaviour that TRACEs show."""
    from kaname.hardware.power.joining import Joined
    from kaname.hardware.power.profile import Profile
    from kaname.hardware.power.readings import Wanted, open_trace
    from kaname.hardware.power.sweep import segments_of

    joined, wanted = Joined(), Wanted(**reading)
    problems = 0
    todo = places(traces)
    if windows is not None:
        return _slow(session, [open_trace(path, wanted) for path in todo], output, windows, alarm)
    with progress_bar("cli.progress.power") as show:
        for at, path in enumerate(todo):
            show(path.name, at, len(todo))
            source = open_trace(path, wanted)
            joined.add(segments_of(source))
            problems += sum(one.count for one in source.problems)
    profile = Profile.learn(
        joined.segments, device=wanted.device or todo[0].name.split(".")[0], alarm=alarm,
        rarest=rarest,
    )  # fmt: skip
    profile.save(output)
    if session.as_json:
        put_json(profile.summary() | {"profile": str(output), "problems": problems})
    else:
        _put(profile)
        note(say("cli.power.learned", path=output, bursts=profile.bursts,
                 applications=len(profile.applications)))  # fmt: skip
    return _PARTIAL if problems else 0


def _slow(
    session: Session, found: list[Source], output: Path, windows: int, alarm: float
) -> int:  # fmt: skip
    """Learn windows of a slow meter."""
    from kaname.hardware.power.slow import SlowProfile

    profile = SlowProfile.learn(found, windows, alarm=alarm)
    profile.save(output)
    learnt = len(profile.model.learnt)
    if session.as_json:
        put_json({"device": profile.device, "windows": learnt, "readings": windows,
                  "fs": profile.fs, "profile": str(output)})  # fmt: skip
    else:
        note(say("cli.power.learned_windows", path=output, windows=learnt, readings=windows))
    return _PARTIAL if any(source.problems for source in found) else 0


def _put(profile: Profile) -> None:
    put_table(
        tuple(say(f"cli.head.{head}") for head in _HEADS),
        (
            (
                one["name"],
                one["bursts"],
                f"{one['duration_s']:.3f}",
                f"{one['energy_j']:.4g}",
                f"{one['interval_s']:.1f}",
            )
            for one in profile.summary()["applications"]
        ),
        empty=say("cli.empty.power_applications"),
    )
