"""Page of the analyses, from what each says of itself."""

from __future__ import annotations

from kaname.analysis.frame import Analysis, Parameter, analyses
from kaname.model.instant import HOUR
from scripts.docs.markdown import bullets, cell, code, head, table
from scripts.words import language, say

__all__ = ["analyses_page"]


def analyses_page() -> str:
    """Every analysis: its question, inputs, labels, parameters, limits and sources."""
    return head("analyses") + "".join(_section(each) for each in analyses().values())


def _section(each: Analysis) -> str:
    japanese = language() == "ja"
    doc = each.doc
    facts = (
        f"{say('docs.version')}: {each.version}",
        f"{say('docs.tables')}: {', '.join(f'[`{t}`](tables.md#{t})' for t in each.tables)}",
        f"{say('docs.period')}: {say('docs.hours', hours=each.period // HOUR)}",
        f"{say('docs.labels')}: {', '.join(code(label) for label in each.labels)}",
        f"{say('docs.techniques')}: {', '.join(each.techniques) or '–'}",
    )
    limits = doc.limitations_ja if japanese else doc.limitations_en
    parts = [f"## {each.name}\n\n{doc.ja if japanese else doc.en}\n\n", bullets(facts)]
    if each.parameters:
        parts.append(f"### {say('docs.parameters')}\n\n")
        parts.append(table(("name", "default", "range", "about"), map(_row, each.parameters)))
    parts += [f"### {say('docs.limitations')}\n\n", bullets(limits)]
    parts += [f"### {say('docs.references')}\n\n", bullets(doc.references)]
    return "".join(parts)


def _row(parameter: Parameter) -> tuple[str, ...]:
    about = parameter.ja if language() == "ja" else parameter.en
    return (
        code(parameter.name),
        code(parameter.default),
        cell(parameter.expected),
        cell(about),
    )
