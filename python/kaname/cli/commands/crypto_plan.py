"""`kaname crypto plan`: which functions and parameters a service should use, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import msgspec

from kaname.cli.commands.crypto_judge import FILE, FOLDER
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from kaname.cryptography.planning.choice import Answer, Because

__all__ = ["plan"]

_NONE_FITS = 1
Device = Literal["server", "handset", "constrained"]


@command("crypto plan")
@click.argument("service", required=False, metavar="[SERVICE]")
@option("--profile", metavar="NAME", default="cryptrec", key="plan_profile")
@option("--year", type=int, key="plan_year")
@option("--lifetime", type=click.IntRange(0, 100), default=10, key="plan_lifetime")
@option("--confidentiality", type=click.IntRange(0, 100), default=10, key="plan_confidentiality")
@option("--quantum-year", type=click.IntRange(2026, 2100), default=2035, key="crypto_quantum_year")
@option(
    "--device", type=click.Choice(("server", "handset", "constrained")), default="server",
    key="plan_device",
)  # fmt: skip
@option("--latency", "latency_ms", type=float, metavar="MS", key="plan_latency")
@option("--mtu", type=int, metavar="BYTES", key="plan_mtu")
@option("--bandwidth", "bandwidth_kbps", type=float, metavar="KBPS", key="plan_bandwidth")
@option("--costs", "costs_file", type=FILE, metavar="FILE", key="plan_costs")
@option(
    "--measure", "measured", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    key="plan_measure",
)  # fmt: skip
@option("--rules", "rules_file", type=FILE, metavar="FILE", key="plan_rules")
@option("--policy", "folder", type=FOLDER, metavar="FOLDER", key="crypto_policy")
@option("--limit", type=click.IntRange(1, 1000), default=5, key="limit")
def plan(
    session: Session,
    service: str | None,
    *,
    costs_file: Path | None,
    measured: Path | None,
    rules_file: Path | None,
    folder: Path | None,
    limit: int,
    **asked: object,
) -> int:
    """Choose functions for SERVICE: embb, urllc, mmtc, management or archive."""
    from kaname.cryptography.planning import costs, rules
    from kaname.cryptography.planning.choice import Request, choose
    from kaname.cryptography.policy.tables import load

    if measured is not None:
        _measure(session, measured, str(asked["device"]))
        costs_file = costs_file or measured
    if service is None:
        if measured is None:
            raise UsageError("cryptography.error.no_service")
        return 0
    known = costs.load(costs_file) if costs_file is not None else None
    asked["year"] = asked["year"] if asked["year"] is not None else _this_year()
    request = msgspec.convert({"service": service, **asked}, Request)
    answer = choose(rules.load(rules_file), load(folder), request, known)
    if session.as_json:
        put_json(msgspec.to_builtins(answer))
    else:
        _show(answer, limit)
    return 0 if answer.ranked else _NONE_FITS


def _this_year() -> int:
    import datetime as dt

    return dt.datetime.now(dt.UTC).year


def _measure(session: Session, place: Path, device: str) -> None:
    import datetime as dt

    from kaname.cryptography.planning.costs import measure
    from kaname.lake.faults import clear_errors

    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    found = measure(msgspec.convert(device, Device), now)
    part = place.with_name(f".{place.name}.part")
    with clear_errors(place.parent):
        try:
            part.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
    if not session.as_json:
        note(say("cli.crypto.plan.measured", functions=len(found.microseconds), path=place))


def _show(answer: Answer, limit: int) -> None:
    put_table(
        (
            say("cli.head.plan_suite"), say("cli.head.plan_bytes"), say("cli.head.plan_ms"),
            say("cli.head.plan_strength"), say("cli.head.crypto_why"),
        ),
        (
            (
                f"{one.kem} + {one.signature} + {one.aead}", one.octets,
                f"{one.milliseconds:.2f}", f"{one.strength}/{one.quantum}",
                " ".join(map(_told, one.because)),
            )
            for one in answer.ranked[:limit]
        ),
        empty=say("cli.empty.crypto_plan"),
    )  # fmt: skip
    for one in answer.because:
        note(_told(one))
    kinds: dict[str, list[str]] = {}
    for refused in answer.refused:
        kinds.setdefault(_told(refused.because), []).append(refused.name)
    for why, names in list(kinds.items())[:12]:
        more = f" +{len(names) - 4}" if len(names) > 4 else ""
        note(say("cli.crypto.plan.refused", names=f"{', '.join(names[:4])}{more}", why=why))
    note(say("cli.crypto.plan.digest", digest=answer.digest))


def _told(because: Because) -> str:
    from kaname.cli.speech import language
    from kaname.model.messages import text

    return text(f"cryptography.because.{because.key}", language(), **because.values)
