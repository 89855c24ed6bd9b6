"""`kaname crypto plan`: which functions and parameters a service should use, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import msgspec
from click.core import ParameterSource

from kaname.cli.commands.crypto_judge import FILE, FOLDER
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from kaname.cryptography.planning.answer import Answer, Because

__all__ = ["plan"]

_NONE_FITS = 1
_DIFFERS = 1
_COMMON = ("data", "lang", "debug", "as_json")
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
@option("--rtt", "rtt_ms", type=float, metavar="MS", key="plan_rtt")
@option("--slowdown", type=float, default=1.0, metavar="FACTOR", key="plan_slowdown")
@option("--kemtls", is_flag=True, key="plan_kemtls")
@option("--replay", "saved", type=FILE, metavar="FILE", key="plan_replay")
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
    saved: Path | None,
    rules_file: Path | None,
    folder: Path | None,
    limit: int,
    **asked: object,
) -> int:
    """Choose functions for SERVICE: embb, urllc, mmtc, management or archive."""
    from kaname.cryptography.planning import costs, rules
    from kaname.cryptography.planning.answer import Request
    from kaname.cryptography.planning.choice import choose
    from kaname.cryptography.policy.tables import load

    if saved is not None:
        _alone()
        return _replay(session, saved, costs_file, rules_file, folder, limit)
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


def _alone() -> None:
    """Refuse to change the request of a saved answer while it is made again."""
    context = click.get_current_context()
    beside = {"saved", "costs_file", "rules_file", "folder", "limit", *_COMMON}
    given = [
        param
        for param in context.command.params
        if param.name not in beside
        and context.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
    ]
    if given:
        names = ", ".join(param.opts[0] for param in given)
        raise UsageError("cryptography.error.replay_alone", names=names)


def _replay(
    session: Session, saved: Path, costs_file: Path | None, rules_file: Path | None,
    folder: Path | None, limit: int,
) -> int:  # fmt: skip
    """Make a saved answer again, and say whether it is the same."""
    from kaname.cryptography.planning import costs, replay, rules
    from kaname.cryptography.policy.tables import load

    known = costs.load(costs_file) if costs_file is not None else None
    found = replay.replay(replay.load(saved), rules.load(rules_file), load(folder), known)
    if session.as_json:
        put_json(msgspec.to_builtins(found))
        return 0 if found.same else _DIFFERS
    _show(found.answer, limit)
    if found.same:
        note(say("cli.crypto.plan.same", digest=found.digest_now))
        return 0
    words = {
        "rules": say("cli.crypto.plan.changed_rules"),
        "policy": say("cli.crypto.plan.changed_policy"),
        "costs": say("cli.crypto.plan.changed_costs"),
        "program": say("cli.crypto.plan.changed_program"),
    }
    told = ", ".join(words[name] for name in found.changed)
    note(say("cli.crypto.plan.differs", changed=told, before=found.best_before or "-",
             now=found.best_now or "-"))  # fmt: skip
    return _DIFFERS


def _show(answer: Answer, limit: int) -> None:
    shown = answer.ranked[:limit]
    put_table(
        (
            say("cli.head.plan_suite"), say("cli.head.plan_bytes"), say("cli.head.plan_packets"),
            say("cli.head.plan_ms"), say("cli.head.plan_strength"), say("cli.head.plan_until"),
            say("cli.head.plan_score"),
        ),
        (
            (
                one.name, one.octets, one.packets, f"{one.milliseconds:.2f}",
                f"{one.strength}/{one.quantum}", one.until or "-", f"{one.score:.3f}",
            )
            for one in shown
        ),
        empty=say("cli.empty.crypto_plan"),
    )  # fmt: skip
    for one in answer.by_kem[:limit]:
        note(say("cli.crypto.plan.by_kem", kem=one.kem, holder=one.holder, issuer=one.issuer,
                 bytes=one.octets, saved=one.saved, ms=f"{one.milliseconds:.2f}"))  # fmt: skip
    caveats = {
        _told(reason): None
        for suite in shown
        for reason in suite.because
        if reason.key in {"hybrid", "unseen", "trips"}
    }
    for line in [*map(_told, answer.because), *caveats]:
        note(line)
    _refused(answer)
    note(say("cli.crypto.plan.digest", digest=answer.digest))


def _refused(answer: Answer) -> None:
    """What was ruled out, gathered by reason; what is too slow with the time of each handshake."""
    kinds: dict[str, dict[str, None]] = {}
    for refused in answer.refused:
        name, because = refused.name, refused.because
        why = _told(because)
        if because.key == "too-slow":
            handshake = name.rpartition(" + ")[0]
            name = f"{handshake} ({because.values['took']} ms)"
            why = say("cli.crypto.plan.over", budget=because.values["budget"])
        kinds.setdefault(why, {})[name] = None
    for why, found in kinds.items():
        names = list(found)
        more = f" +{len(names) - 4}" if len(names) > 4 else ""
        note(say("cli.crypto.plan.refused", names=f"{', '.join(names[:4])}{more}", why=why))


def _told(because: Because) -> str:
    from kaname.cli.speech import language
    from kaname.model.messages import text

    return text(f"cryptography.because.{because.key}", language(), **because.values)
