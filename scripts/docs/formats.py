"""Pages of the readers and of the writers, from what each says of itself."""

from __future__ import annotations

from kaname.readers.frame import ReaderDoc
from kaname.readers.ingest import readers
from kaname.writers import writers
from scripts.docs.markdown import bullets, code, head, table
from scripts.words import language, say

__all__ = ["readers_page", "writers_page"]


def readers_page() -> str:
    """Every reader: what it reads, into which tables, and what it cannot."""
    parts = [head("readers")]
    for name, reader in readers().items():
        doc = reader.doc
        facts = (
            f"{say('docs.formats')}: {', '.join(doc.formats)}",
            f"{say('docs.tables')}: {', '.join(f'[`{t}`](tables.md#{t})' for t in reader.tables)}",
            f"{say('docs.version')}: {reader.version}",
        )
        parts += [f"## {name}\n\n{_spoken(doc)}\n\n", bullets(facts)]
        parts += [f"### {say('docs.limitations')}\n\n", bullets(_limits(doc))]
        parts += [f"### {say('docs.references')}\n\n", bullets(doc.references)]
    return "".join(parts)


def _spoken(doc: ReaderDoc) -> str:
    return doc.ja if language() == "ja" else doc.en


def _limits(doc: ReaderDoc) -> tuple[str, ...]:
    return doc.limitations_ja if language() == "ja" else doc.limitations_en


def writers_page() -> str:
    """Every writer: the name to export by, its media type, and what is in it."""
    rows = (
        (
            code(name),
            code(writer.media_type),
            code(writer.suffix),
            writer.doc.ja if language() == "ja" else writer.doc.en,
        )
        for name, writer in writers().items()
    )
    return head("writers") + table(("name", "media_type", "suffix", "about"), rows)
