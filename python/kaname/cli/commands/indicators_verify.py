"""`kaname indicators verify`: derive the scores in a bundle again, from it alone."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

__all__ = ["verify"]


@command("indicators verify")
@click.argument(
    "bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)
)
@option("--key", metavar="BASE64", default="", key="public_key")
def verify(session: Session, bundle: Path, *, key: str) -> int:
    """Check the evidence and the signatures in BUNDLE (STIX or JSON lines; - is stdin)."""
    from kaname.intelligence.score.bundle import MOST_BYTES
    from kaname.intelligence.score.bundle import verify as check

    if str(bundle) == "-":
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
    elif bundle.stat().st_size > MOST_BYTES:
        raise UsageError("cli.error.bundle_size", path=bundle, most=MOST_BYTES >> 20)
    else:
        data = bundle.read_bytes()
    verdicts = check(data, key)
    good = sum(verdict.good for verdict in verdicts)
    if session.as_json:
        put_json({"verdicts": msgspec.to_builtins(verdicts), "good": good, "of": len(verdicts)})
    else:
        put_table(
            tuple(say(f"cli.head.{h}") for h in ("id", "score", "verdict")),
            (
                (
                    one.indicator or "-",
                    "-" if one.score is None else one.score,
                    say(f"cli.verdict.{one.outcome.value}", detail=one.detail),
                )
                for one in verdicts
            ),
            empty="",
        )
        note(say("cli.indicators.verified", good=good, of=len(verdicts)))
    return 0 if good == len(verdicts) else 1
