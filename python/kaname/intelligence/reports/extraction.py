"""Artifacts in a text, by the native extractor (`rust/artifacts`).

It reads all ways of defanging, full-width forms, and values between kana; it leaves out
versions, section numbers, file names, commits and other things that look like artifacts.
Its time grows with the length of the text and not faster.
"""

from __future__ import annotations

from kaname._native import extract_artifacts
from kaname.knowledge.report_records import Found
from kaname.model.records import ArtifactKind

__all__ = ["extract", "technique_ids"]

_KINDS = {kind.value: kind for kind in ArtifactKind}


def extract(text: str) -> list[Found]:
    """The artifacts, in the order of their places; a URL is followed by its host."""
    return [
        Found(
            kind=_KINDS[kind],
            value=value,
            start=start,
            end=end,
            shown=text[start:end],
            role=role,
            port=port,
        )
        for kind, value, start, end, role, port in extract_artifacts(text)
        if kind in _KINDS
    ]


def technique_ids(text: str) -> list[tuple[str, int, int]]:
    """(ATT&CK id, start, end) of the ids that are written out."""
    found = extract_artifacts(text)
    return [(value, start, end) for kind, value, start, end, _, _ in found if kind == "technique"]
