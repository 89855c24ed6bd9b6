"""What this installation knows: the labels of findings in words, the formats it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get

from kaname.api.identity import viewer
from kaname.api.labels import in_words, of_indicators, package_of
from kaname.api.shapes import LabelOut, ReaderOut, Text

if TYPE_CHECKING:
    from kaname.readers.frame import Reader

__all__ = ["ROUTES"]


@get("/labels", guards=[viewer], sync_to_thread=True)
def list_labels() -> list[LabelOut]:
    """Every label that an analysis or an indicator may have, in words."""
    from kaname.analysis.frame import analyses

    found = [
        LabelOut(
            label=label, analysis=name, text=in_words(label, [package_of(type(each).__module__)])
        )
        for name, each in analyses().items()
        for label in each.labels
    ]
    further = of_indicators()
    return found + [LabelOut(one, package, in_words(one, [package])) for one, package in further]


@get("/readers", guards=[viewer], sync_to_thread=True)
def list_readers() -> list[ReaderOut]:
    """Every format that can be brought in, by name."""
    from kaname.readers.ingest import readers

    return [_reader(each) for _, each in sorted(readers().items())]


def _reader(each: Reader) -> ReaderOut:
    limits = zip(each.doc.limitations_en, each.doc.limitations_ja, strict=True)
    return ReaderOut(
        name=each.name,
        text=Text(en=each.doc.en, ja=each.doc.ja),
        formats=list(each.doc.formats),
        tables=list(each.tables),
        references=list(each.doc.references),
        limitations=[Text(en=en, ja=ja) for en, ja in limits],
    )


ROUTES = (list_labels, list_readers)
