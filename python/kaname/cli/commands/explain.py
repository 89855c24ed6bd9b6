"""`kaname explain`: show why a finding or an indicator says what it says, and prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.commands.explain_indicator import explanation_of, print_explanation
from kaname.cli.commands.findings import document
from kaname.cli.frame import Session, command, option
from kaname.cli.output import moment, put_json
from kaname.cli.speech import say
from kaname.model.instant import now_us
from kaname.model.messages import text
from kaname.model.score import decayed

if TYPE_CHECKING:
    from kaname.analysis.evidence import Rerun
    from kaname.intelligence.score.explanation import Explanation
    from kaname.model.records import Finding, Indicator

__all__ = ["explain"]


@command("explain")
@click.argument("ident", metavar="ID")
@option("--rerun", is_flag=True, key="rerun")
def explain(session: Session, ident: str, *, rerun: bool) -> int:
    """Explain the finding or indicator ID."""
    from kaname.analysis.evidence import rerun as prove

    found: list[Finding] = []
    indicator: Indicator | None = None
    shown: Explanation | None = None
    if ident.startswith("indicator"):
        indicator = session.knowledge.indicator(ident)
        shown = explanation_of(session, indicator, now_us())
        ids = indicator.findings
        found = [session.knowledge.finding(i) for i in ids]
    else:
        found = [session.knowledge.finding(ident)]
    proofs = [prove(session.lake, f) for f in found] if rerun else []
    if session.as_json:
        put_json(_document(found, indicator, shown, proofs))
    else:
        if shown is not None:
            print_explanation(session, shown)
        elif indicator is not None:
            _print_indicator(session, indicator)
        for position, finding in enumerate(found):
            _print(session, finding)
            if rerun:
                _print_proof(proofs[position])
    return 0 if all(proof.status == "holds" for proof in proofs) else 1


def _document(
    found: list[Finding],
    indicator: Indicator | None,
    shown: Explanation | None,
    proofs: list[Rerun],
) -> dict[str, Any]:
    items = [document(finding) for finding in found]
    for item, proof in zip(items, proofs, strict=False):
        item["rerun"] = msgspec.to_builtins(proof)
    if indicator is None:
        return items[0]
    score = indicator.score(now_us())
    return {
        "indicator": msgspec.to_builtins(indicator) | {"score": score},
        "explanation": msgspec.to_builtins(shown),
        "findings": items,
    }


def _print_indicator(session: Session, indicator: Indicator) -> None:
    zone = session.settings.shows
    click.echo(click.style(f"{indicator.artifact.value}  {indicator.label}", bold=True))
    click.echo(
        say(
            "cli.explain.score",
            score=indicator.score(now_us()),
            start=moment(indicator.valid_from, zone),
            end=moment(indicator.valid_until, zone),
        )
    )
    for term in indicator.terms:
        said = text(term.name, session.language, **term.values)
        click.echo(f"  {decayed(term, now_us()):+6.2f}  {said}")
    click.echo()


def _print(session: Session, finding: Finding) -> None:
    zone, speaks = session.settings.shows, session.language
    click.echo(click.style(finding.title(speaks), bold=True))
    click.echo(finding.explain(speaks))
    click.echo()
    click.echo(
        say(
            "cli.explain.facts",
            severity=finding.severity.value,
            confidence=finding.confidence,
            first=moment(finding.first_seen, zone),
            last=moment(finding.last_seen, zone),
            sensor=finding.sensor,
            tlp=finding.tlp.label,
            techniques=", ".join(finding.techniques) or "-",
        )
    )
    click.echo(say("cli.explain.artifacts"))
    for artifact in finding.artifacts:
        click.echo(f"  {artifact.kind.value}  {artifact.value}  ({artifact.role.value})")
    click.echo(say("cli.explain.reasons"))
    for line in finding.because(speaks):
        click.echo(f"  - {line}")
    evidence = finding.evidence
    click.echo(say("cli.explain.evidence", rows=evidence.rows, digest=evidence.digest))
    click.echo("  " + evidence.query.replace("\n", "\n  "))
    for row in evidence.sample:
        click.echo("  " + "  ".join(f"{name}={value}" for name, value in row.items()))
    for source in evidence.sources:
        click.echo(say("cli.explain.source", path=source.path, offset=source.offset))
    click.echo()


def _print_proof(proof: Rerun) -> None:
    colour = "green" if proof.status == "holds" else "red"
    line = say(f"cli.explain.{proof.status}", **msgspec.to_builtins(proof))
    click.echo(click.style(line, fg=colour, bold=True))
    click.echo()
