"""Items, verdicts and steps in words of both languages, as the routes answer them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kaname.cryptography.policy.cells import cells_of
from kaname.cryptography.policy.told import word_told
from kaname.cryptography.routes.shapes import Both, ItemOut, ReasonOut, StepOut, VerdictOut
from kaname.model.messages import text

if TYPE_CHECKING:
    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Purpose, Verdict
    from kaname.cryptography.policy.migration import Step
    from kaname.cryptography.policy.tables import Policy

__all__ = ["both", "item_out", "step_out"]

_PLACES = 20


def both(key: str, **values: object) -> Both:
    """A message in both languages."""
    return {language: text(key, language, **values) for language in ("en", "ja")}


def item_out(
    item: Item, row: Mapping[str, Any], verdict: Verdict, policy: Policy, year: int, use: Purpose,
    *, risk: bool,
) -> ItemOut:  # fmt: skip
    """An item of the lake with its verdict and the cells behind it."""
    return ItemOut(
        id=item.id, kind=item.kind, location=item.location, line=item.line, offset=item.offset,
        place=item.place, host=row["host"], port=row["port"], algorithm=item.algorithm,
        parameter=item.parameter, use=item.use, strength=item.strength,
        not_before=item.not_before, not_after=item.not_after, details=item.details,
        evidence=item.evidence, verdict=_verdict(verdict), at_risk=risk,
        cells=cells_of(policy, item, year, use),
    )  # fmt: skip


def _verdict(verdict: Verdict) -> VerdictOut:
    return VerdictOut(
        word=verdict.word, until=verdict.until, tier=verdict.tier, strength=verdict.strength,
        verified=verdict.verified, tls_types=verdict.tls_types, quantum=verdict.quantum,
        text={language: word_told(verdict, language) for language in ("en", "ja")},
        reasons=[
            ReasonOut(one.key, one.values, both(f"cryptography.reason.{one.key}", **one.values))
            for one in verdict.reasons
        ],
    )  # fmt: skip


def step_out(step: Step) -> StepOut:
    """A step of the plan with its reasons."""
    return StepOut(
        priority=step.priority, by=step.by, word=step.word, algorithm=step.algorithm,
        parameter=step.parameter, items=len(step.items), places=step.places[:_PLACES],
        places_total=len(step.places), exposure=step.exposure, lifetime=step.lifetime,
        effort=step.effort, harvest_now=step.harvest_now, target=step.target,
        target_text=both(f"cryptography.target.{step.target}"), why=_why(step),
        config=step.config, owner=step.owner,
    )  # fmt: skip


def _why(step: Step) -> list[Both]:
    """What the priority of a step is made of."""
    told = [both(f"cryptography.why.word.{step.word}", year=step.by)]
    if step.harvest_now:
        told.append(both("cryptography.why.harvest", years=step.lifetime))
    told.append(both(f"cryptography.why.exposure.{step.exposure}"))
    told.append(both("cryptography.why.lifetime", years=step.lifetime))
    told.append(both(f"cryptography.why.effort.{step.effort}"))
    return told
