"""The part of `kaname explain` that shows why an indicator scores what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kaname.cli.output import moment
from kaname.cli.speech import say
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.cli.frame import Session
    from kaname.intelligence.score.explanation import Explanation
    from kaname.model.records import Indicator

__all__ = ["explanation_of", "print_explanation"]


def explanation_of(session: Session, indicator: Indicator, at: int) -> Explanation | None:
    """The explanation, derived anew; None where the evidence is not in the fusion's store."""
    from kaname.intelligence.service import Intelligence
    from kaname.intelligence.telling import tell

    with Intelligence(session.settings.data, session.knowledge, read_only=True) as fusion:
        found = tell(fusion, indicator.artifact, Tlp.RED, at)
        return found.explanation(at, session.language) if found else None


def print_explanation(session: Session, shown: Explanation) -> None:
    """Terms with what is left of them, why not higher, what if, the fewest that carry it."""
    click.echo(shown.text)
    for term in shown.terms:
        click.echo(f"  {term.now:+6.2f}  {term.text}")
    for heading, lines in (
        ("against", shown.against),
        ("otherwise", [one.text for one in shown.counterfactuals]),
        ("minimal", shown.minimal_evidence),
    ):
        if lines:
            click.echo(say(f"cli.explain.{heading}"))
            for line in lines:
                click.echo(f"  - {line}")
    marking = shown.marking_basis.effective.label
    when = moment(shown.as_of, session.settings.shows)
    click.echo(
        say("cli.explain.model", model=shown.model, digest=shown.model_sha256[:16], at=when,
            tlp=marking)
    )  # fmt: skip
    click.echo()
