"""`kaname hardware power scan`: cut power traces into segments and say what is odd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import InputError, StoreAccessError, UsageError

if TYPE_CHECKING:
    from kaname.hardware.power.scanning import Scanned
    from kaname.hardware.power.slow import SlowProfile
    from kaname.hardware.power.source import Wanted

__all__ = ["places", "readings", "scan"]

_BESIDE = {".json", ".svg", ".md"}
_PARTIAL = 3
_SLOW_HEADS = ("power_trace", "power_second", "power_mean", "power_p")
_HEADS = ("power_second", "power_lasts", "power_what", "power_application", "power_p")


def readings(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say of a file what it does not say itself."""
    for decorate in (
        option("--device", metavar="NAME", default="", key="power_device"),
        option("--fs", type=click.FloatRange(0, 1e9, min_open=True), metavar="HZ", key="power_fs"),
        option("--unit", metavar="UNIT", default="", key="power_unit"),
        option("--volts", type=click.FloatRange(0, min_open=True), metavar="V", key="power_volts"),
        option("--column", metavar="NAME", default="", key="power_column"),
        option("--full-scale", type=click.FloatRange(0, min_open=True), metavar="W", default=1.0,
               key="power_full_scale"),
    ):  # fmt: skip
        function = decorate(function)
    return function


def places(traces: tuple[Path, ...]) -> list[Path]:
    """The traces; those of folders in order of name, without what only says something of them."""
    found: list[Path] = []
    for path in traces:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [
            one
            for one in sorted(path.iterdir())
            if one.is_file() and not one.name.startswith(".") and one.suffix not in _BESIDE
        ]
        if not inside:
            raise InputError("hardware.power.error.empty", path=path)
        found += inside
    return found


@command("hardware power scan")
@click.argument("traces", nargs=-1, required=True, metavar="TRACE...",
                type=click.Path(path_type=Path, exists=True))  # fmt: skip
@option("--profile", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
        key="power_profile")  # fmt: skip
@option("--plot", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", key="power_plot")
@option("--csv", "as_csv", is_flag=True, key="power_csv")
@option("--fail-on-anomaly", is_flag=True, key="power_fail")
@readings
def scan(
    session: Session,
    traces: tuple[Path, ...],
    *,
    profile: Path | None,
    plot: Path | None,
    as_csv: bool,
    fail_on_anomaly: bool,
    **reading: Any,
) -> int:
    """Cut TRACEs into sleep and active segments, and say which are not normal."""
    from kaname.hardware.power.profile import Profile
    from kaname.hardware.power.readings import Wanted, open_trace
    from kaname.hardware.power.scanning import scanned
    from kaname.hardware.power.slow import SlowProfile

    wanted = Wanted(**reading)
    slow = SlowProfile.found(profile) if profile else None
    if slow is not None:
        return _slow(session, slow, traces, wanted, fail_on_anomaly=fail_on_anomaly)
    judge = Profile.load(profile) if profile else None
    found: list[Scanned] = []
    failed = 0
    todo = places(traces)
    with progress_bar("cli.progress.power") as show:
        for at, path in enumerate(todo):
            show(path.name, at, len(todo))
            try:
                found.append(scanned(open_trace(path, wanted), judge))
            except InputError as error:
                if len(todo) == 1:
                    raise
                failed += 1
                note(error.render(session.language))
    if plot is not None:
        _draw(found, plot, session.language)
    _put(session, found, as_csv=as_csv)
    if not found or (fail_on_anomaly and any(one.odd for one in found)):
        return 1
    return _PARTIAL if failed or any(one.problems for one in found) else 0


def _slow(
    session: Session, profile: SlowProfile, traces: tuple[Path, ...], wanted: Wanted, *,
    fail_on_anomaly: bool,
) -> int:  # fmt: skip
    """Judge windows of slow meters."""
    import msgspec

    from kaname.hardware.power.readings import open_trace

    found = {source.device: profile.score(source) for source in
             (open_trace(path, wanted) for path in places(traces))}  # fmt: skip
    odd = [(device, one) for device, rows in found.items() for one in rows if one.alarm]
    if session.as_json:
        put_json({"traces": [
            {"device": device, "windows": msgspec.to_builtins(rows)}
            for device, rows in found.items()
        ]})  # fmt: skip
    else:
        put_table(
            tuple(say(f"cli.head.{head}") for head in _SLOW_HEADS),
            (
                (device, f"{one.start:.1f}", f"{one.mean:.4g}", f"{one.p:.2g}")
                for device, one in odd
            ),
            empty=say("cli.empty.power_odd"),
        )
    return int(fail_on_anomaly and bool(odd))


def _draw(found: list[Scanned], path: Path, language: str) -> None:
    """One picture for one trace; for several, one each with the device in its name."""
    if path.suffix != ".svg":
        raise UsageError("hardware.power.error.plot", path=path)
    for one in found:
        place = path if len(found) == 1 else path.with_stem(f"{path.stem}-{one.device}")
        try:
            place.write_text(one.drawn(language), encoding="utf-8")
        except OSError as error:
            raise StoreAccessError(
                "hardware.power.error.write", path=place, reason=error.strerror
            ) from None


def _put(session: Session, found: list[Scanned], *, as_csv: bool) -> None:
    if session.as_json:
        put_json({"traces": [one.as_json() for one in found]})
        return
    if as_csv:
        import csv
        import io

        made = io.StringIO()
        rows = [row for one in found for row in one.rows()]
        writer = csv.DictWriter(made, rows[0] if rows else ["device"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        click.echo(made.getvalue(), nl=False)
        return
    for one in found:
        _tell(one)


def _tell(one: Scanned) -> None:
    for problem in one.problems:
        lines = ", ".join(map(str, problem.lines))
        note(say("cli.power.problem", kind=problem.kind, n=problem.count, lines=lines))
    put_table(
        tuple(say(f"cli.head.{head}") for head in _HEADS),
        (
            (
                f"{odd.start:.3f}",
                f"{odd.end - odd.start:.3f}",
                odd.kind,
                odd.application or "-",
                f"{odd.p:.2g}",
            )
            for odd in one.odd
        ),
        empty=say("cli.empty.power_odd"),
    )
    note(say("cli.power.scanned", device=one.device, seconds=round(one.seconds, 1),
             bursts=one.bursts, odd=len(one.odd)))  # fmt: skip
