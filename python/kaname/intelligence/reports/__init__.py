"""Reports in Japanese and English: text, artifacts, entities, techniques, relations.

`read` makes a `Document` of the bytes of a file, `analyse` finds what is in it. Nothing
becomes an indicator from a report alone: what is found is one observation of the kind
"report", and waits for other evidence or for an analyst.
"""

from __future__ import annotations

from kaname.intelligence.reports.document import Document, Sentence, of_text, read
from kaname.intelligence.reports.extraction import extract
from kaname.intelligence.reports.reading import analyse
from kaname.knowledge.report_records import Found, Reading

__all__ = ["Document", "Found", "Reading", "Sentence", "analyse", "extract", "of_text", "read"]
