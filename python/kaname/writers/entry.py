"""An indicator as all writers see it: scored, with the findings that may go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kaname.model.errors import NotFoundError
from kaname.model.instant import format_us
from kaname.model.messages import text
from kaname.model.records import Finding, Indicator, Role
from kaname.writers.frame import FindingOf

__all__ = ["Entry", "entries"]


@dataclass(frozen=True, slots=True)
class Entry:
    """``findings`` are those that the receiver may see, the best first; ``score`` is at ``at``."""

    indicator: Indicator
    findings: tuple[Finding, ...]
    at: int
    score: int

    @property
    def harmless(self) -> bool:
        """Whether it is a note about something known and harmless, or misconfigured."""
        return self.indicator.artifact.role is not Role.ATTACKER

    @property
    def kind(self) -> str:
        """What to call it: indicator, or note for what must not be blocked."""
        return "note" if self.harmless else "indicator"

    def title(self, language: str) -> str:
        """One line: what it is and what it did."""
        key = f"writers.text.{self.kind}"
        artifact = self.indicator.artifact
        return text(key, language, label=self.indicator.label, value=artifact.value)

    def explain(self, language: str) -> str:
        """Why: score, and a paragraph with the reasons for each finding."""
        key = "writers.text.harmless" if self.harmless else "writers.text.score"
        until = format_us(self.indicator.valid_until)
        lines = [text(key, language, score=self.score, until=until)]
        for finding in self.findings:
            lines += ["", finding.title(language), finding.explain(language)]
            lines += [f"- {reason}" for reason in finding.because(language)]
        return "\n".join(lines)


def entries(
    indicators: Iterable[Indicator], findings: FindingOf, at: Callable[[Indicator], int]
) -> Iterator[Entry]:
    """``indicators`` in their order, each with its findings and its score at its instant."""
    for indicator in indicators:
        visible = tuple(_visible(indicator, findings))
        instant = at(indicator)
        yield Entry(indicator, visible, instant, indicator.score(instant))


def _visible(indicator: Indicator, findings: FindingOf) -> Iterator[Finding]:
    """Its findings, but none that is marked above the indicator: the marking goes for all."""
    for key in indicator.findings:
        try:
            finding = findings(key)
        except NotFoundError:
            continue
        if finding.tlp.visible_to(indicator.tlp):
            yield finding
