"""`kaname crypto lab channel`: a key from a fading radio channel, simulated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kaname.cli.commands.crypto_lab import begin, drawn, put_laboratory
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.cryptography.laboratory.channel.agreement import Outcome

__all__ = ["channel"]

_NO_KEY = 1
_DOUBTFUL = 0.001  # of a test of randomness


@command("crypto lab channel")
@option("--probes", type=click.IntRange(1000, 5_000_000), default=50_000, key="lab_probes")
@option("--snr", type=click.FloatRange(-20, 80), default=20.0, metavar="DB", key="lab_snr")
@option("--correlation", type=click.FloatRange(0, 1), default=0.999, metavar="R",
        key="lab_correlation")  # fmt: skip
@option("--bits", type=click.IntRange(1, 2), default=1, key="lab_bits")
@option("--guard", type=click.FloatRange(0, 2), default=0.0, metavar="SIGMA", key="lab_guard")
@option("--distance", type=click.FloatRange(0, 1000), default=0.5, metavar="WAVELENGTHS",
        key="lab_distance")  # fmt: skip
@option("--spacing", type=click.FloatRange(0.001, 100), metavar="WAVELENGTHS", key="lab_spacing")
@option("--block", type=click.IntRange(100, 1_000_000), default=10_000, key="lab_block")
@option("--rate", type=click.FloatRange(0, min_open=True), metavar="HZ", key="lab_rate")
@option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, key="lab_seed")
@option("--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", key="lab_svg")
def channel(session: Session, *, rate: float | None, svg: Path | None, **asked: Any) -> int:
    """Simulate a key agreement over a fading channel with a listener near one end."""
    import msgspec

    from kaname.cryptography.laboratory.channel.agreement import Setting, simulate

    begin(session, svg)
    with progress_bar("cli.progress.crypto_lab") as show:
        found = simulate(Setting(**asked), lambda done, of: show("", done, of))
    if svg is not None:
        drawn(svg, _picture(found, session.language), quiet=session.as_json)
    if session.as_json:
        put_laboratory({
            **msgspec.to_builtins(found),
            "key_bits_per_second": None if rate is None else found.finite * rate,
        })  # fmt: skip
    else:
        _show(found, rate)
    return 0 if found.key_bits and found.key_equal else _NO_KEY


def _show(found: Outcome, rate: float | None) -> None:
    rows: list[tuple[str, str]] = [
        (say("cli.crypto.lab.channel.kept"), f"{100 * found.kept:.1f} %"),
        (say("cli.crypto.lab.channel.before"), f"{found.disagreement:.4f}"),
        (say("cli.crypto.lab.channel.expected"), _or_dash(found.expected, ".4f")),
        (say("cli.crypto.lab.channel.eve"), f"{found.eve_disagreement:.4f}"),
        (say("cli.crypto.lab.channel.unknown"), f"{found.unknown:.3f} / {found.setting.bits}"),
        (say("cli.crypto.lab.channel.told"), f"{found.told}"),
        (say("cli.crypto.lab.channel.efficiency"), _or_dash(found.efficiency, ".2f")),
        (say("cli.crypto.lab.channel.after"), f"{found.disagreement_after:.2g}"),
        (say("cli.crypto.lab.channel.blocks"), f"{found.verified} / {found.blocks}"),
        (say("cli.crypto.lab.channel.bound"), f"{found.bound:.3f}"),
        (say("cli.crypto.lab.channel.asymptotic"), f"{found.asymptotic:.3f}"),
        (say("cli.crypto.lab.channel.finite"), f"{found.finite:.3f}"),
        (say("cli.crypto.lab.channel.key"), f"{found.key_bits}"),
        (say("cli.crypto.lab.channel.known"), _or_dash(found.key_known, ".3f")),
    ]
    if rate is not None:
        rows.append((say("cli.crypto.lab.channel.rate"), f"{found.finite * rate:.4g}"))
    put_table((say("cli.head.lab_what"), say("cli.head.lab_value")), rows, empty="")
    if found.raw_randomness:
        note(say("cli.crypto.lab.channel.random_raw", tests=_tests(found.raw_randomness)))
    if found.key_randomness:
        note(say("cli.crypto.lab.channel.random_key", tests=_tests(found.key_randomness)))
    if any(value < _DOUBTFUL for value in found.raw_randomness.values()):
        note(say("cli.crypto.lab.channel.doubtful"))
    if not found.key_bits:
        note(say("cli.crypto.lab.channel.no_key"))


def _tests(found: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in found.items())


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _picture(found: Outcome, language: str) -> str:
    from kaname.cryptography.laboratory.channel.agreement import by_distance
    from kaname.cryptography.laboratory.plot import Series, chart
    from kaname.model.messages import text

    setting, efficiency = found.setting, found.efficiency or 1.0
    lines = [
        Series(
            text("cryptography.lab.plot.bits", language, bits=bits),
            by_distance(setting, bits, efficiency),
        )
        for bits in (1, 2)
    ]
    here = (min(1.0, setting.distance), found.asymptotic)
    label = text("cryptography.lab.plot.simulated", language)
    return chart(
        (*lines, Series(label, (here,), joined=False, labels=(label,))),
        title=text("cryptography.lab.plot.channel", language, snr=f"{setting.snr:g}"),
        language=language,
        axes=(
            text("cryptography.lab.plot.distance", language),
            text("cryptography.lab.plot.secret", language),
        ),
    )  # fmt: skip
