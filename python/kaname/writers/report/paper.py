"""A report as PDF: the same document, laid out by ReportLab for A4.

Japanese is set in the fonts that every PDF reader knows by name (Adobe-Japan1), so that no
font has to be shipped or found. Nothing in the file depends on when it was made.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from kaname.model.errors import UnavailableError
from kaname.writers.report.document import (
    Block,
    Column,
    Document,
    Fact,
    Facts,
    Figure,
    Graph,
    Grid,
    Text,
    Value,
    cell_text,
)

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle

__all__ = ["paper"]

_GOTHIC, _MINCHO = "HeiseiKakuGo-W5", "HeiseiMin-W3"
_LATIN, _BOLD, _CODE = "Helvetica", "Helvetica-Bold", "Courier"
_MARGIN = 51.0  # points: 18 mm
_INK, _SOFT, _LINE, _FILL, _ACCENT = "#1b2733", "#5a6b7b", "#d4dce4", "#f3f6f9", "#1f5fa8"
_TLP = {"clear": "#ffffff", "green": "#33ff00", "amber": "#ffc000", "red": "#ff2b2b"}
# Points that must be left on a page for a heading to stand on it.
_BEFORE_CHAPTER, _BEFORE_CHART, _BEFORE_TABLE = 130.0, 250.0, 70.0
_SHORT = 80.0  # points of a column of words that need not be broken
_LONGEST = 6_000  # characters of a query on paper; the JSON has the whole of it


def paper(document: Document) -> bytes:
    """The file.

    Raises:
        UnavailableError: ReportLab is not installed.
    """
    try:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    except ImportError:
        raise UnavailableError("writers.error.report_pdf") from None
    for name in (_GOTHIC, _MINCHO):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    out = io.BytesIO()
    _Paper(document).build(out)
    return out.getvalue()


class _Paper:
    """Builds one file; ReportLab is imported when it is made."""

    def __init__(self, document: Document) -> None:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import ParagraphStyle

        self._document = document
        self._japanese = document.language == "ja"
        self._size = A4
        self._width = A4[0] - 2 * _MARGIN
        base = ParagraphStyle(
            "base", fontName=self._font(), fontSize=9, leading=13.5, textColor=_INK, spaceBefore=5,
            wordWrap="CJK" if self._japanese else None,
        )  # fmt: skip
        self._styles: dict[str, ParagraphStyle] = {"base": base}
        for name, changes in (
            ("title", {"fontSize": 20, "leading": 26, "fontName": self._font(bold=True)}),
            ("soft", {"textColor": _SOFT}),
            ("chapter", {"fontSize": 14, "leading": 19, "spaceBefore": 16, "spaceAfter": 6,
                         "fontName": self._font(bold=True)}),
            ("caption", {"spaceBefore": 10, "spaceAfter": 4, "fontName": self._font(bold=True)}),
            ("cell", {"fontSize": 8, "leading": 10.5, "spaceBefore": 0}),
            ("code", {"fontSize": 7, "leading": 9, "fontName": _CODE, "wordWrap": "CJK",
                      "spaceBefore": 0}),
            ("entry", {"leading": 17, "spaceBefore": 0}),
        ):  # fmt: skip
            self._styles[name] = ParagraphStyle(name, parent=base, **changes)

    def build(self, out: io.BytesIO) -> None:
        """Lay out twice: the table of contents needs the pages of the first time."""
        from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

        document = self._document
        height = self._size[1]
        template = _template(BaseDocTemplate)(
            out, pagesize=self._size, title=document.title, author="kaname",
            subject=document.subtitle, creator="kaname", keywords=f"TLP:{document.tlp.upper()}",
            lang=document.language, invariant=1, leftMargin=_MARGIN, rightMargin=_MARGIN,
            topMargin=_MARGIN, bottomMargin=_MARGIN,
        )  # fmt: skip
        frame = Frame(_MARGIN, _MARGIN, self._width, height - 2 * _MARGIN, 0, 0, 0, 0)
        template.addPageTemplates([PageTemplate("page", [frame], onPage=self._edges)])
        template.multiBuild(list(self._story()))

    def _font(self, text: str = "", *, bold: bool = False) -> str:
        """The font of a text: one for Japanese where it is, or may be, Japanese."""
        if self._japanese or not text.isascii():
            return _GOTHIC
        return _BOLD if bold else _LATIN

    def _edges(self, canvas: Any, template: Any) -> None:
        """Marking and number of a page."""
        width, height = self._size
        tlp = self._document.tlp
        label = f"TLP:{tlp.upper()}"
        canvas.saveState()
        canvas.setFillColor("#000000")
        canvas.rect(width - _MARGIN - 84, height - 36, 84, 15, stroke=0, fill=1)
        canvas.setFillColor(_TLP.get(tlp.lower().partition("+")[0], "#ffffff"))
        canvas.setFont(_BOLD, 8)
        canvas.drawCentredString(width - _MARGIN - 42, height - 31.5, label)
        canvas.setFillColor(_SOFT)
        canvas.setFont(self._font(self._document.title), 8)
        canvas.drawString(_MARGIN, 28, self._document.title)
        canvas.setFont(_LATIN, 8)
        canvas.drawRightString(width - _MARGIN, 28, str(template.page))
        canvas.restoreState()

    def _paragraph(self, text: str, style: str = "base", tail: str = "") -> Any:
        from reportlab.platypus import Paragraph

        chosen = self._styles[style]
        marked = escape(text)
        if not self._japanese and not text.isascii():
            marked = "".join(_spans(text))
        return Paragraph(marked + tail, chosen)

    def _story(self) -> Iterator[Any]:
        from reportlab.platypus import CondPageBreak, PageBreak, Spacer
        from reportlab.platypus.tableofcontents import TableOfContents

        document, words = self._document, self._document.words
        yield Spacer(1, 40)
        yield self._paragraph(document.title, "title")
        yield self._paragraph(document.subtitle, "soft")
        yield Spacer(1, 12)
        yield self._plain_table([*document.facts])
        yield Spacer(1, 18)
        yield self._paragraph(words["contents"], "caption")
        contents = TableOfContents(dotsMinLevel=0, levelStyles=[self._styles["entry"]])
        yield contents
        yield PageBreak()
        for number, chapter in enumerate(document.chapters, 1):
            pictured = bool(chapter.blocks) and isinstance(chapter.blocks[0], Figure)
            yield CondPageBreak(_BEFORE_CHART if pictured else _BEFORE_CHAPTER)
            yield self._heading(f"{number}. {chapter.title}", chapter.key)
            for block in chapter.blocks:
                yield from self._block(block)
        yield from self._queries()

    def _heading(self, text: str, key: str) -> Any:
        found = self._paragraph(text, "chapter")
        found.kaname_entry = (text, key)
        return found

    def _queries(self) -> Iterator[Any]:
        from reportlab.platypus import CondPageBreak

        document, words = self._document, self._document.words
        yield CondPageBreak(_BEFORE_CHAPTER)
        yield self._heading(f"{len(document.chapters) + 1}. {words['queries']}", "queries")
        yield self._paragraph(words["queries_text"])
        for query in document.queries:
            yield self._paragraph(f"{query.key}: {query.about}", "caption",
                                  f'<a name="{query.key}"/>')  # fmt: skip
            sql = query.sql
            if len(sql) > _LONGEST:
                sql = f"{sql[:_LONGEST]}\n{words['cut']}"
            for line in sql.splitlines():
                yield self._line(line)

    def _line(self, text: str) -> Any:
        from reportlab.platypus import Paragraph

        style = self._styles["code"]
        if not text.isascii():
            return Paragraph(escape(text), self._styles["cell"])
        indent = len(text) - len(text.lstrip())
        return Paragraph("&nbsp;" * indent + escape(text.lstrip()), style)

    def _block(self, block: Block) -> Iterator[Any]:
        match block:
            case Text(text, quiet):
                yield self._paragraph(text, "soft" if quiet else "base")
            case Facts(facts, before):
                yield self._facts(facts, before)
            case Grid():
                yield from self._grid(block)
            case _:
                yield from self._figure(block)

    def _refs(self, queries: Iterable[str]) -> str:
        links = " ".join(
            f'<a href="#{key}" color="{_ACCENT}" fontName="{_LATIN}">{key}</a>' for key in queries
        )
        return f' <font size="6.5">[{links}]</font>' if links else ""

    def _facts(self, facts: tuple[Fact, ...], before: str) -> Any:
        words = self._document.words
        head = [words["fact"], words["value"], before, words["change"]]
        rows = [[self._paragraph(one, "cell") for one in head]]
        for fact in facts:
            change = None
            if isinstance(fact.value, int | float) and isinstance(fact.before, int | float):
                change = fact.value / fact.before - 1 if fact.before else None
            rows.append([
                self._paragraph(fact.name, "cell", self._refs(fact.queries)),
                self._number(cell_text(fact.value, fact.kind), big=True),
                self._number(cell_text(fact.before, fact.kind)),
                self._number(cell_text(change, "change")),
            ])  # fmt: skip
        shares: tuple[float, ...] = (0.46, 0.2, 0.2, 0.14)
        if not before:  # there is nothing to compare with
            rows, shares = [row[:2] for row in rows], (0.7, 0.3)
        return self._table(rows, [share * self._width for share in shares])

    def _number(self, text: str, *, big: bool = False) -> Any:
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.platypus import Paragraph

        font = _BOLD if big else _LATIN
        wide = not text.isascii() and text != "–"
        if wide:
            font = _GOTHIC
        style = ParagraphStyle(
            "number",
            parent=self._styles["cell"],
            alignment=2,
            fontName=font,
            wordWrap="CJK" if wide else None,
        )
        return Paragraph(escape(text).replace(" %", "&nbsp;%"), style)

    def _grid(self, grid: Grid) -> Iterator[Any]:
        from reportlab.platypus import CondPageBreak

        yield CondPageBreak(_BEFORE_TABLE)
        yield self._paragraph(grid.title, "caption", self._refs(grid.queries))
        if not grid.rows:
            yield self._paragraph(grid.empty, "soft")
            return
        head = [
            self._number(c.title) if _is_number(c) else self._paragraph(c.title, "cell")
            for c in grid.columns
        ]
        rows = ([self._cell(*pair) for pair in zip(row, grid.columns, strict=True)]
                for row in grid.rows)  # fmt: skip
        yield self._table([head, *rows], self._widths(grid))

    def _cell(self, value: Value, column: Column) -> Any:
        text = cell_text(value, column.kind)
        return self._number(text) if _is_number(column) else self._paragraph(text, "cell")

    def _widths(self, grid: Grid) -> list[float]:
        """Numbers get what they need, words share the rest."""
        from kaname.writers.report.drawing import width_of

        needs, numbers = [], []
        for place, column in enumerate(grid.columns):
            cells = [cell_text(row[place], column.kind) for row in grid.rows]
            words = _pieces(column.title) if _is_number(column) else [column.title]
            short = _is_number(column) or column.kind == "code"
            # A head may be broken between words, a number never.
            texts = [*cells, *words] if short else [*cells, column.title]
            needs.append(max(width_of(text, 8.4) for text in texts) + 11)
            numbers.append(short or needs[-1] < _SHORT)
        total = sum(needs)
        if total <= self._width:
            spare = (self._width - total) / len(needs)
            return [need + spare for need in needs]
        fixed = sum(need for need, number in zip(needs, numbers, strict=True) if number)
        if fixed >= self._width * 0.8 or fixed == total:
            return _fair(needs, self._width)
        factor = (self._width - fixed) / (total - fixed)
        return [
            need if number else need * factor for need, number in zip(needs, numbers, strict=True)
        ]

    def _table(self, rows: list[list[Any]], widths: list[float]) -> Any:
        from reportlab.platypus import LongTable, TableStyle

        style = TableStyle([
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("LINEBELOW", (0, 0), (-1, 0), 1, _LINE),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), ["#ffffff", _FILL]),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ])  # fmt: skip
        return LongTable(rows, colWidths=widths, style=style, repeatRows=1, hAlign="LEFT")

    def _plain_table(self, rows: list[tuple[str, str]]) -> Any:
        from reportlab.platypus import Table, TableStyle

        cells = [[self._paragraph(a, "soft"), self._paragraph(b)] for a, b in rows]
        style = TableStyle(
            [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)]
        )
        return Table(cells, colWidths=[110, self._width - 110], style=style, hAlign="LEFT")

    def _figure(self, block: Figure) -> Iterator[Any]:
        from reportlab.platypus import KeepTogether

        from kaname.writers.report.paper_drawing import figure

        unit = "" if isinstance(block, Graph) else block.unit
        title = f"{block.title} ({unit})" if unit else block.title
        caption = self._paragraph(title, "caption", self._refs(block.queries))
        yield KeepTogether([caption, figure(block, self._width, self._font)])


def _pieces(title: str) -> list[str]:
    """What a head may be broken into: at spaces, or anywhere where there are none."""
    return title.split() if title.isascii() else [title[: len(title) // 3 + 2]]


def _is_number(column: Column) -> bool:
    return column.kind not in ("text", "code")


def _spans(text: str) -> Iterator[str]:
    """Words that Helvetica has no glyphs for are set in the Japanese font."""
    for word in text.split(" "):
        marked = escape(word)
        plain = word.isascii() or word in "–—"
        yield (marked if plain else f'<font name="{_GOTHIC}">{marked}</font>') + " "


def _template(base: type[Any]) -> type[Any]:
    """A document that enters its headings into the contents and the outline."""

    class Template(base):  # type: ignore[misc]
        def afterFlowable(self, flowable: Any) -> None:  # noqa: N802 - ReportLab's name
            entry = getattr(flowable, "kaname_entry", None)
            if entry is None:
                return
            text, key = entry
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key, 0)
            self.notify("TOCEntry", (0, escape(text), self.page, key))

    return Template


def _fair(needs: list[float], width: float) -> list[float]:
    """Of ``width`` points each what it needs, but none more than its share of what is left."""
    given = [0.0] * len(needs)
    left = width
    order = sorted(range(len(needs)), key=needs.__getitem__)
    for done, place in enumerate(order):
        given[place] = min(needs[place], left / (len(needs) - done))
        left -= given[place]
    return given
