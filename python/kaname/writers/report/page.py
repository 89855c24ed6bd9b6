"""A report as one page of HTML that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import functools
import html
from collections.abc import Iterable, Iterator
from importlib import resources

from kaname.writers.report.document import (
    Block,
    Chart,
    Document,
    Fact,
    Facts,
    Figure,
    Graph,
    Grid,
    Text,
    cell_text,
)
from kaname.writers.report.pictures import figure
from kaname.writers.report.svg import svg

__all__ = ["page"]


def page(document: Document) -> bytes:
    """The whole page, UTF-8."""
    return "".join(_parts(document)).encode()


@functools.cache
def _style() -> str:
    return (resources.files(__package__) / "page.css").read_text(encoding="utf-8")


def _e(text: str) -> str:
    return html.escape(text, quote=True)


def _parts(document: Document) -> Iterator[str]:
    words = document.words
    tlp = document.tlp
    yield f'<!doctype html>\n<html lang="{document.language}"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    # Nothing may be fetched, whatever a text in the lake says.
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield f"<title>{_e(document.title)}</title><style>{_style()}</style></head><body><main>"
    yield f'<p class="tlp tlp-{_e(tlp.lower().replace("+", "-"))}">TLP:{_e(tlp.upper())}</p>'
    yield f'<h1>{_e(document.title)}</h1><p class="soft">{_e(document.subtitle)}</p>'
    rows = "".join(f"<dt>{_e(name)}</dt><dd>{_e(value)}</dd>" for name, value in document.facts)
    yield f'<dl class="head">{rows}</dl>'
    yield f'<nav aria-label="{_e(words["contents"])}"><h2>{_e(words["contents"])}</h2><ol>'
    for chapter in document.chapters:
        yield f'<li><a href="#{chapter.key}">{_e(chapter.title)}</a></li>'
    yield f'<li><a href="#queries">{_e(words["queries"])}</a></li></ol></nav>'
    for number, chapter in enumerate(document.chapters, 1):
        yield f'<section id="{chapter.key}"><h2>{number}. {_e(chapter.title)}</h2>'
        for block in chapter.blocks:
            yield from _block(block, words)
        yield "</section>"
    yield from _queries(document)
    yield f'<p class="tlp tlp-{_e(tlp.lower().replace("+", "-"))}">TLP:{_e(tlp.upper())}</p>'
    yield "</main></body></html>\n"


def _queries(document: Document) -> Iterator[str]:
    number = len(document.chapters) + 1
    words = document.words
    yield f'<section id="queries"><h2>{number}. {_e(words["queries"])}</h2>'
    yield f"<p>{_e(words['queries_text'])}</p>"
    for query in document.queries:
        yield f'<h3 id="{query.key}">{query.key}: {_e(query.about)}</h3>'
        yield f"<pre>{_e(query.sql)}</pre>"
    yield "</section>"


def _block(block: Block, words: dict[str, str]) -> Iterator[str]:
    match block:
        case Text(text, quiet):
            yield f'<p class="soft">{_e(text)}</p>' if quiet else f"<p>{_e(text)}</p>"
        case Facts(facts, before):
            yield '<div class="facts">'
            yield from (_fact(one, before, words) for one in facts)
            yield "</div>"
        case Grid():
            yield _grid(block)
        case _:
            yield _figure(block)


def _refs(queries: Iterable[str]) -> str:
    links = "".join(f'<a href="#{key}">{key}</a>' for key in queries)
    return f"<sup>{links}</sup>" if links else ""


def _fact(fact: Fact, before: str, words: dict[str, str]) -> str:
    told = ""
    if before and fact.before is not None:
        told = words["before"].format(name=before, value=cell_text(fact.before, fact.kind))
        if isinstance(fact.value, int | float) and isinstance(fact.before, int | float):
            told += _change(fact.value, fact.before)
    return (
        f"<div><span>{_e(fact.name)}{_refs(fact.queries)}</span>"
        f"<b>{_e(cell_text(fact.value, fact.kind))}</b><span>{_e(told)}</span></div>"
    )


def _change(value: float, before: float) -> str:
    return f" ({cell_text(value / before - 1, 'change')})" if before else ""


def _grid(grid: Grid) -> str:
    if not grid.rows:
        return f'<h3>{_e(grid.title)}{_refs(grid.queries)}</h3><p class="soft">{_e(grid.empty)}</p>'
    classes = [{"text": "", "code": "code"}.get(one.kind, "num") for one in grid.columns]
    head = "".join(
        f'<th scope="col"{_class(kind)}>{_e(one.title)}</th>'
        for one, kind in zip(grid.columns, classes, strict=True)
    )
    body = "".join(f"<tr>{_row(row, grid, classes)}</tr>" for row in grid.rows)
    return (
        f'<div class="scroll"><table><caption>{_e(grid.title)}{_refs(grid.queries)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: tuple[object, ...], grid: Grid, classes: list[str]) -> str:
    cells = []
    for place, (value, column, kind) in enumerate(zip(row, grid.columns, classes, strict=True)):
        text = _e(cell_text(value, column.kind))  # type: ignore[arg-type]  # a Value, see Grid
        tag = 'th scope="row"' if place == 0 else "td"
        cells.append(f"<{tag}{_class(kind)}>{text}</{tag[:2]}>")
    return "".join(cells)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _figure(block: Figure) -> str:
    if isinstance(block, Chart):
        sums = (f"{one.name}: {cell_text(sum(one.values), 'count')}" for one in block.series)
        told = "; ".join(sums)
    else:
        told = block.told
    unit = "" if isinstance(block, Graph) or not block.unit else f" ({_e(block.unit)})"
    drawn = svg(figure(block), block.title, told)
    caption = f"<figcaption>{_e(block.title)}{unit}{_refs(block.queries)}</figcaption>"
    return f"<figure>{caption}{drawn}</figure>"
