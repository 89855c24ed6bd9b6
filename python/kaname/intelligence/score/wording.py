"""Terms in words, in both languages, from the same numbers."""

from __future__ import annotations

from kaname.model.instant import format_us
from kaname.model.messages import text
from kaname.model.records import Indicator
from kaname.model.score import NEVER, Term, decayed

__all__ = ["counterfactual_text", "summary", "term_text", "why_not"]

_PREFIX = "intelligence.term."
_FULL = 8  # observations at which a source is as sure as it can be


def term_text(term: Term, language: str) -> str:
    """The term in words; its name where its catalogue is not installed."""
    try:
        return text(term.name, language, **term.values)
    except (KeyError, ModuleNotFoundError, FileNotFoundError):
        return term.name


def counterfactual_text(
    term: Term | None, score: int, language: str, *, until: int | None = None
) -> str:
    """What the score would be without ``term``, or at ``until``."""
    if term is None or until is not None:
        moment = _moment(until or 0)
        return text("intelligence.explain.until", language, until=moment, score=score)
    said = term_text(term, language)
    return text("intelligence.explain.without", language, term=said, score=score)


def summary(indicator: Indicator, score: int, at: int, language: str) -> str:
    """A paragraph: the score, what carries it most, and until when."""
    ranked = sorted(indicator.terms, key=lambda term: (-decayed(term, at), term.name))
    carrying = [term_text(term, language) for term in ranked if decayed(term, at) > 0][:3]
    because = text("intelligence.explain.join", language).join(carrying)
    ended = "ended" if indicator.valid_until <= at else "stands"
    if indicator.valid_until >= NEVER:
        ended = "open"
    key = f"intelligence.explain.summary.{ended}"
    return text(
        key,
        language,
        artifact=indicator.artifact.value,
        score=score,
        because=because or text("intelligence.explain.nothing", language),
        until=_moment(min(indicator.valid_until, NEVER - 1)),
    )


def why_not(indicator: Indicator, at: int, language: str) -> tuple[str, ...]:
    """Why the score is not higher: what speaks against it, what fades, what is thin."""
    lines = []
    for term in indicator.terms:
        if term.value < 0:
            lines.append(
                text("intelligence.explain.against", language, term=term_text(term, language))
            )
        elif term.value > 0 and decayed(term, at) < 0.5 * term.value:
            lines.append(
                text("intelligence.explain.faded", language, term=term_text(term, language))
            )
    clusters = [term for term in indicator.terms if term.name == f"{_PREFIX}cluster"]
    if len(clusters) == 1:
        sources = clusters[0].values["sources"]
        lines.append(text("intelligence.explain.one_source", language, sources=sources))
    lines += [
        text("intelligence.explain.few", language, n=term.count, sources=term.values["sources"])
        for term in clusters
        if term.count < _FULL
    ]
    return tuple(lines)


def _moment(at: int) -> str:
    return format_us(at)[:16].replace("T", " ") + "Z"
