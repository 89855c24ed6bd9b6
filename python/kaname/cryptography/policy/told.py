"""Verdicts in the words of a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.model.messages import text

if TYPE_CHECKING:
    from kaname.cryptography.policy.judge import Verdict

__all__ = ["reasons_told", "word_told"]


def word_told(verdict: Verdict, language: str) -> str:
    """The verdict's word: "allowed until 2040"."""
    return text(f"cryptography.verdict.{verdict.word}", language, year=verdict.until or "")


def reasons_told(verdict: Verdict, language: str) -> tuple[str, ...]:
    """The verdict's reasons, each a sentence."""
    return tuple(
        text(f"cryptography.reason.{reason.key}", language, **reason.values)
        for reason in verdict.reasons
    )
