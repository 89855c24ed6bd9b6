"""A report as bytes: HTML, PDF or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from kaname.writers.report.document import Document

__all__ = ["FORMS", "write"]

FORMS = ("html", "pdf", "json")


def write(document: Document, form: str) -> bytes:
    """The bytes of ``document`` in one of `FORMS`.

    Raises:
        UnavailableError: PDF is asked for and ReportLab is not installed.
    """
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
    if form == "pdf":
        from kaname.writers.report.paper import paper

        return paper(document)
    from kaname.writers.report.page import page

    return page(document)
